# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_tag: what Azure would refuse is refused before it is asked."""

from __future__ import annotations

import pytest

from scripted_azure.resources import GROUP, IMAGE_ID, image

TASK = {"image": "golden", "resource_group": "images"}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"a?b": "x"}, "tag_name_not_valid"),
        ({"team": None}, "tag_without_value"),
        ({"team": {"a": 1}}, "tag_value_not_text"),
        ({"team": "x" * 257}, "tag_value_too_long"),
        ({"Team": "a", "team": "b"}, "tag_named_twice"),
    ],
)
def test_what_azure_takes_in_no_tag_is_refused_before_anything_is_read(wire, run, check, tags, code):
    result = run("vm_image_tag", check, **TASK, tags=tags)
    assert (result["rc"], result["error"]["code"]) == (1, code)


@pytest.mark.parametrize("check", [False, True])
def test_tags_are_counted_with_those_that_are_there(wire, run, check):
    # With the tag of its source it has 49.
    present = image(tags={f"tag-{each}": "x" for each in range(48)})
    wire.expect("GET", IMAGE_ID, body=present)
    result = run("vm_image_tag", check, **TASK, tags={"one": "1", "two": "2", "TAG-1": "x"})
    assert result["rc"] == 1
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["too_many_tags"]


def test_as_many_as_azure_takes_are_taken(wire, run):
    present = image(tags={f"tag-{each}": "x" for each in range(48)})
    wire.expect("GET", IMAGE_ID, body=present)
    wire.expect("GET", f"{GROUP}/providers/Microsoft.Authorization/locks", body={"value": []})
    wire.expect("GET", IMAGE_ID, body=present)
    result = run("vm_image_tag", check=True, **TASK, tags={"one": "1", "TAG-1": "x"})
    assert (result["rc"], result["changed"]) == (0, True)
