# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families of images, over all sources: who is the newest, and what "latest" means."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._model.families import latest_of_definitions, newest


def managed(name, created, **tags):
    return {"id": f"/{name}", "name": name, "source": "managed", "created_at": created, "tags": tags}


def version(number, created, definition="web", excluded=False, state="Succeeded", **tags):
    return {
        "id": f"/Golden/{definition}/versions/{number}",
        "name": number,
        "source": "gallery",
        "gallery": "golden",
        "definition": definition,
        "version": number,
        "created_at": created,
        "exclude_from_latest": excluded,
        "provisioning_state": state,
        "tags": tags,
    }


def offered(number):
    words = {"publisher": "Debian", "offer": "debian-13", "sku": "13"}
    return {"id": None, "name": number, "source": "marketplace", "version": number, "created_at": None, **words}


def names(images):
    return [image["name"] for image in images]


def test_versions_of_a_definition_are_compared_by_their_numbers():
    hotfix = [version("2.0.0", "2026-01-01"), version("1.0.1", "2026-02-01"), version("10.0.0", "2025-01-01")]
    assert names(newest(hotfix, 2, None)) == ["10.0.0", "2.0.0"]
    assert names(newest([offered("9.1"), offered("10.1")], 1, None)) == ["10.1"]


def test_a_tag_brings_sources_together_and_age_decides():
    family = [
        managed("image", "2026-02-01", family="web"),
        version("9.0.0", "2026-01-01", family="web"),
        version("1.0.0", "2026-03-01", "other", family="web"),
        managed("elsewhere", "2020-01-01", family="None"),
        managed("nowhere", "2020-01-01"),
    ]
    assert names(newest(family, 2, "family")) == ["1.0.0", "image", "elsewhere", "nowhere"]


def test_definitions_of_one_name_are_families_of_their_own_where_their_groups_differ():
    images = [{**version("1.0.0", "2026-01-01"), "resource_group": group} for group in ("a", "A", "b")]
    assert len(newest(images, 1, None)) == 2


def test_the_latest_is_whole_and_offered():
    images = [
        version("1.0.0", "2026-03-01"),
        version("2.0.0", "2026-01-01"),
        version("3.0.0", "2026-01-01", excluded=True),
        version("4.0.0", "2026-01-01", state="Failed"),
        version("1.0.0", "2026-01-01", "other"),
        managed("image", "2026-01-01"),
    ]
    assert latest_of_definitions(images) == {"/golden/web/versions/2.0.0", "/golden/other/versions/1.0.0"}
