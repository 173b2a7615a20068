# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no option of any module may be: refused with a code, before anything is read."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.option_checks import LIMITS
from ansible_collections.golden.azure.plugins.module_utils._removal.plan import blockers, warnings
from ansible_collections.golden.azure.plugins.module_utils._removal.request import removal_request
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import (
    Candidate,
    Code,
    Decision,
    Reason,
    RetentionAction,
)

CAPTURE = {"resource_group": "g", "source_vm": "v", "image": "i"}
REGION = {"name": "westeurope", "regional_replica_count": None}
VERSION = {"gallery": "g", "definition": "d"}
RULES = {"older_than_days": 90}
GALLERY = {"gallery": "g", "resource_group": "g", "soft_delete": True}
DEFINITION = {"definition": "d", "gallery": "g", "resource_group": "g"}
#: Of each number, a task with it in its place.
TASKS: dict[str, tuple[str, Any]] = {
    "agent_timeout": ("vm_image_instance", lambda n: {"name": "n", "state": "absent", "agent_timeout": n}),
    "backups_older_than_days": ("vm_image_cleanup", lambda n: {"backups_older_than_days": n}),
    "concurrent_deployments": ("vm_image_capture", lambda n: {**CAPTURE, "concurrent_deployments": n}),
    "deployments_per_replica": ("vm_image_capture", lambda n: {**CAPTURE, "deployments_per_replica": n}),
    "grace_days": ("vm_image_remove", lambda n: {"rules": RULES, "grace_days": n}),
    "grace_period_in_days": ("vm_image_gallery", lambda n: {**GALLERY, "grace_period_in_days": n}),
    "keep_newest": ("vm_image_remove", lambda n: {"rules": {"keep_newest": n}}),
    "lun": ("vm_image_capture", lambda n: {**CAPTURE, "data_disks": [{"lun": n}]}),
    "max": ("vm_image_definition", lambda n: {**DEFINITION, "recommended": {"vcpus": {"max": n}}}),
    "max_concurrency": ("vm_image_remove", lambda n: {"rules": RULES, "max_concurrency": n}),
    "max_removals": ("vm_image_remove", lambda n: {"rules": RULES, "max_removals": n}),
    "max_requests": ("vm_image_info", lambda n: {"max_requests": n}),
    "min": ("vm_image_definition", lambda n: {**DEFINITION, "recommended": {"memory_gb": {"min": n}}}),
    "newest_per_family": ("vm_image_info", lambda n: {"newest_per_family": n}),
    "older_than_days": ("vm_image_remove", lambda n: {"rules": {"older_than_days": n}}),
    "older_than_hours": ("vm_image_cleanup", lambda n: {"older_than_hours": n}),
    "page": ("vm_image_info", lambda n: {"page_size": 1, "page": n}),
    "page_size": ("vm_image_info", lambda n: {"page_size": n}),
    "previous_version_grace_days": (
        "vm_image_promote",
        lambda n: {"gallery_version": "v", "previous_version_grace_days": n},
    ),
    "regional_replica_count": (
        "vm_image_capture",
        lambda n: {
            **CAPTURE,
            "gallery_versions": [{**VERSION, "target_regions": [{**REGION, "regional_replica_count": n}]}],
        },
    ),
    "retention_period_in_days": ("vm_image_gallery", lambda n: {**GALLERY, "retention_period_in_days": n}),
    "script_timeout": ("vm_run_command", lambda n: {"vm_name": "v", "script": "s", "script_timeout": n}),
    "shutdown_timeout": ("vm_image_capture", lambda n: {**CAPTURE, "shutdown_timeout": n}),
    "stale_after_hours": (
        "vm_image_lease",
        lambda n: {"name": "n", "image": "i", "run": "r", "holder": "h", "location": "l", "stale_after_hours": n},
    ),
    "timeout": ("vm_image_tag", lambda n: {"image": "i", "resource_group": "g", "tags": {"a": "b"}, "timeout": n}),
}


def test_every_number_is_tried() -> None:
    assert set(TASKS) == set(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_out_of_range(wire: Any, run: Any, name: str) -> None:
    module, task = TASKS[name]
    least, greatest = LIMITS[name]
    for number in (least - 1, greatest + 1, -(10**30), 10**30):
        result = run(module, **task(number))
        assert result["rc"] == 1
        assert result["error"]["code"] == "number_out_of_range", result["msg"]
        assert f"'{name}'" in result["msg"] or f".{name}'" in result["msg"]
    assert wire.asked == []


@pytest.mark.parametrize(
    ("module", "options", "code"),
    [
        ("vm_image_remove", {"rules": RULES, "resource_group": ""}, "empty_option"),
        ("vm_image_remove", {"rules": {**RULES, "family_tag": " "}}, "empty_option"),
        ("vm_image_remove", {"rules": {**RULES, "name_pattern": ""}}, "empty_option"),
        ("vm_image_remove", {"rules": RULES, "subscriptions": [""]}, "empty_option"),
        ("vm_image_remove", {"rules": {"older_than_days": True}}, "not_a_number"),
        ("vm_image_remove", {"rules": {**RULES, "single_family": True, "family_tag": "f"}}, "families_contradict"),
        ("vm_image_capture", {**CAPTURE, "location": "west\neurope"}, "control_character"),
        ("vm_image_capture", {"captures": [{**CAPTURE, "image": None}]}, "missing_option"),
        (
            "vm_image_capture",
            {
                "resource_group": "g",
                "source_disk": "web",
                "os_state": "generalized",
                "gallery_versions": [],
            },
            "no_target",
        ),
        (
            "vm_image_capture",
            {**CAPTURE, "gallery_versions": [{"gallery": "g", "definition": d} for d in ("web", "Web")]},
            "same_version",
        ),
        ("vm_image_capture", {**CAPTURE, "source_vm": None}, "missing_option"),
        ("vm_image_capture", {"captures": [{**CAPTURE, "source_vm": None}]}, "missing_option"),
        ("vm_image_info", {"tenant": "two\nlines"}, "control_character"),
    ],
)
def test_what_cannot_be_meant(wire: Any, run: Any, module: str, options: dict[str, Any], code: str) -> None:
    for check in (False, True):
        result = run(module, check=check, **options)
        assert result["rc"] == 1
        assert result["error"]["code"] == code, result["msg"]
    assert wire.asked == []


# -- one family -------------------------------------------------------------------------------------------------------


def request(rules: dict[str, Any], **more: Any) -> Any:
    given = dict.fromkeys(("family", "family_tag", "tags", "name_pattern", "keep_newest"))
    options = {
        **dict.fromkeys(
            ("name", "names", "whole", "resource_group", "subscriptions", "gallery", "definition", "grace_days")
        ),
        **{"source": "managed", "deprecate": False, "protected_tag": "p", "max_removals": 10, "force": False},
        **{
            "remove_leftovers": True,
            "remove_empty_definitions": False,
            "bypass_soft_delete": False,
            "max_concurrency": 32,
        },
        "rules": {**given, "older_than_days": 90, "include_untagged": False, "single_family": False, **rules},
    }
    return removal_request({**options, **more}, "s")


def decisions(*actions_taken: RetentionAction) -> list[Decision]:
    created, why = datetime(2020, 1, 1, tzinfo=timezone.utc), Reason(Code.NAMED, "")
    return [Decision(Candidate(f"image-{n}", (), created), action, why) for n, action in enumerate(actions_taken)]


GOING = (RetentionAction.REMOVE, RetentionAction.KEEP)


@pytest.mark.parametrize(
    ("rules", "more", "actions_taken", "warned", "blocked"),
    [
        ({}, {}, GOING, True, True),
        ({}, {"subscriptions": ["s", "t"]}, GOING, True, True),
        ({}, {"deprecate": True}, (RetentionAction.DEPRECATE, RetentionAction.KEEP), True, True),
        ({"tags": {"team": ""}}, {}, GOING, True, True),
        ({}, {}, (RetentionAction.KEEP, RetentionAction.KEEP), True, False),
        ({"single_family": True}, {}, GOING, True, False),
        ({"name_pattern": "web-*"}, {}, GOING, True, False),
        ({"tags": {"team": "web"}}, {}, GOING, True, False),
        ({}, {"resource_group": "g"}, GOING, True, False),
        ({"family_tag": "family"}, {}, GOING, False, False),
        ({}, {"source": "gallery"}, GOING, False, False),
        ({}, {}, (RetentionAction.KEEP,), False, False),
    ],
)
def test_all_managed_images_as_one_family(
    rules: dict[str, Any], more: dict[str, Any], actions_taken: tuple[RetentionAction, ...], warned: bool, blocked: bool
) -> None:
    asked = request(rules, **more)
    found = decisions(*actions_taken)
    assert [one.code for one in warnings(found, asked)] == ["single_family"] * warned
    assert [one.code for one in blockers(found, asked)] == ["single_family_not_confirmed"] * blocked
