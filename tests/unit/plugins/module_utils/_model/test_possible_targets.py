# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine can be captured into: where nothing is named, and where Azure makes no managed image of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import IMAGE, VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.possible_targets import (
    gallery_instead_blockers,
    gallery_option,
    no_target_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
WEB = ResourceId(SUBSCRIPTION, "images", VIRTUAL_MACHINE, ("web",))
GOLDEN = ResourceId(SUBSCRIPTION, "images", IMAGE, ("golden-web",))
STANDARD = Source(WEB, "vm-id", "westeurope", "Linux", specialized=False, generation="V2")
GALLERY = {"gallery": "golden_images", "definition": "web", "create_gallery": True}


def choices(source: Source) -> list[dict[str, object]]:
    [blocker] = no_target_blockers(WEB, source)
    return blocker.details["choices"]


@pytest.mark.parametrize(
    ("property_", "value", "code"),
    [
        ("security_type", "TrustedLaunch", "security_type_not_supported"),
        ("security_type", "ConfidentialVM", "security_type_not_supported"),
        ("architecture", "Arm64", "architecture_not_supported"),
        ("specialized", True, "specialized_image"),
    ],
)
def test_a_machine_of_which_azure_makes_no_managed_image(property_: str, value: object, code: str) -> None:
    source = replace(STANDARD, **{property_: value})
    [blocker] = gallery_instead_blockers(WEB.label, source, GOLDEN, has_gallery=False)
    assert blocker.code == code
    assert blocker.details["instead"] == gallery_option("golden-web")
    [beside] = gallery_instead_blockers(WEB.label, source, GOLDEN, has_gallery=True)
    assert (beside.code, beside.details) == (code, {})
    [nothing] = no_target_blockers(WEB, source)
    assert nothing.details == {
        "choices": [
            {"option": "image", "possible": False, "reason_codes": [code]},
            {"option": "gallery_versions", "possible": True, "reason_codes": []},
        ],
        "instead": {"gallery_versions": [GALLERY]},
    }


def test_both_are_possible() -> None:
    assert not list(gallery_instead_blockers(WEB.label, STANDARD, GOLDEN, has_gallery=False))
    assert [choice["possible"] for choice in choices(STANDARD)] == [True, True]


def test_unmanaged_disks_have_no_gallery_version() -> None:
    source = replace(STANDARD, disks=(SourceDisk(Blob("https://store.blob.core.windows.net/vhds/web.vhd")),))
    found = choices(source)
    assert [choice["possible"] for choice in found] == [True, False]
    assert found[1]["reason_codes"] == ["unmanaged_disks"]


def test_a_machine_that_does_not_exist() -> None:
    [blocker] = no_target_blockers(WEB, None)
    assert blocker.details == {"choices": []}
