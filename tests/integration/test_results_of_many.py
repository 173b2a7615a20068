# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each of many captures returns is what the documentation promises for one, whatever becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.modules import vm_image_capture as module
from driven import driven_azure, run_code

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

RETURN: Json = yaml.safe_load(module.RETURN)
#: What Ansible adds, or is the task's alone.
OF_TASKS = {"diff", "warnings", "changed", "failed", "name", "msg"}
OF_THE_TASK = ("tag_name_not_valid",)
CAPTURE: Json = {"source_vm": "web", "generalize": True, "run_id": "7"}
GALLERY: Json = {
    "gallery_versions": [
        {
            "gallery": "golden",
            "definition": "web",
            "create_definition": {"publisher": "Example", "offer": "web", "sku": "debian-13"},
        }
    ]
}
#: What is captured, how the machine is, and in which ways Azure fails.
KINDS: dict[str, tuple[Json, Json, list[Json]]] = {
    "managed": ({"image": "golden"}, {}, []),
    "gallery": (GALLERY, {}, []),
    "both, with backups": ({"image": "golden", **GALLERY, "snapshot_disks": True}, {}, []),
    "pending": (
        {"image": "golden", **GALLERY, "guest_prepared": False, "snapshot_disks": True},
        {"power": "running"},
        [],
    ),
    "blocked": ({"image": "golden", "generalize": False}, {}, []),
    "absent": ({"image": "golden", "source_vm": "nobody"}, {}, []),
    "refused before anything is read": ({"image": "golden", "tags": {"a<b": "c"}}, {}, []),
    "refused by Azure": (
        {"image": "golden"},
        {},
        [{"method": "POST", "path": "{group}/.*/generalize", "status": 409, "code": "Conflict"}],
    ),
    "failing after a definition was made": (
        GALLERY,
        {},
        [{"method": "POST", "path": "{group}/.*/generalize", "status": 409, "code": "Conflict"}],
    ),
    "not readable": (
        {"image": "golden"},
        {},
        [{"method": "GET", "path": "{group}/.*/images", "status": 403, "times": 0, "code": "AuthorizationFailed"}],
    ),
}
#: Timestamps, identities, digests, and the group that each has for itself.
_VOLATILE = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.+]+Z?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|(?<=-backup-)[0-9a-f]{8}|(one|many)[-_]\d+",
    re.IGNORECASE,
)


def promised(outcome: Json) -> set[str]:
    """The keys that the documentation promises for one capture with such an outcome."""
    keys = set()
    blockers = (outcome.get("plan") or {}).get("blockers") or []
    # Of what no task can mean, nothing is read.
    blocked = any(each["code"] not in OF_THE_TASK for each in blockers)
    for name, entry in RETURN.items():
        returned = entry["returned"]
        if returned.startswith("when O(captures)"):
            continue
        if not outcome.get("failed"):
            wanted = returned.startswith(("success", "always"))
        else:
            wanted = (returned.startswith("always") and "plan" in outcome) or ("blocked" in returned and blocked)
        if wanted:
            keys.add(name)
    return keys


def comparable(value: Any) -> Any:
    """A result without what differs between any two runs."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if key not in ("seconds", "request_id")}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return _VOLATILE.sub("*", value.partition("request id")[0]) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


def outcomes(azure: EmbeddedAzure, kind: str, many: bool) -> list[Json]:
    """What a capture comes to in check mode, done, done again, and in check mode again."""
    options, machine, faults = KINDS[kind]
    group = f"{'many' if many else 'one'}-{list(KINDS).index(kind)}"
    # A subscription has one gallery of a name.
    name = f"golden_{group.replace('-', '_')}"
    if "gallery_versions" in options:
        options = {**options, "gallery_versions": [{**each, "gallery": name} for each in options["gallery_versions"]]}
    gallery = f"/subscriptions/{azure.settings.subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{name}"
    azure.seed(
        {
            "groups": {group: "westeurope"},
            "resources": [{"id": gallery, "location": "westeurope"}],
            "virtual_machines": [{"name": "web", "group": group, "power": "stopped", **machine}],
        }
    )
    for fault in faults:
        azure.faults.add(**{**fault, "path": fault["path"].format(group=group)})
    one = {**CAPTURE, "resource_group": group, **options}
    found = []
    for check in (True, False, False, True):
        try:
            given = {"captures": [one]} if many else one
            result = run_code(azure, capture.execute, capture_options.OPTIONS, check, **given)
        except Failure as failure:
            result = {"failed": True, **failure.as_result()}
        found.append(result["results"][0] if many and "results" in result else result)
    azure.faults.clear()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_many_return_what_one_does(azure: EmbeddedAzure, kind: str) -> None:
    for single, item in zip(outcomes(azure, kind, many=False), outcomes(azure, kind, many=True)):
        assert promised(single) - set(single) == set(), "of one"
        assert promised(item) - set(item) == set(), "of many"
        kept = set(single) - OF_TASKS
        assert kept - set(item) == set()
        for name in sorted(kept):
            assert comparable(item[name]) == comparable(single[name]), name
        assert bool(item["failed"]) is bool(single.get("failed"))
        assert item["changed"] is single.get("changed", False)
        assert set(item) - OF_TASKS <= set(RETURN)
