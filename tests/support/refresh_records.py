# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of images as the role golden_image writes them, for tests of what is made of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

BEGIN = datetime(2026, 11, 21, 5, 0, tzinfo=timezone.utc)
#: Seconds of each stage of an image that takes its time.
STAGES = {
    "decide": 3,
    "build": 95,
    "customise": 240,
    "prepare": 41,
    "capture": 150,
    "verify": 130,
    "promote": 8,
    "prune": 12,
    "clean": 6,
}
#: A moment as people are shown it.
SHOWN_BEGIN = "2026-11-21 05:00:00 UTC"
_SOURCE = "virtual machine 'build-web' in resource group 'build-web'"
STEPS = {
    "build": [
        ("create the resource group 'build-web' in westeurope, for this instance only", 2.1),
        (f"create the {_SOURCE} in westeurope: Standard_D2s_v5, security type TrustedLaunch", 61.0),
        (f"wait until the VM agent of {_SOURCE} is ready, at most 600 s", 11.4),
    ],
    "capture": [
        (f"wait for the guest of {_SOURCE} to shut down, at most 300 s", 12.0),
        (f"deallocate the {_SOURCE}", 31.5),
        (f"mark the {_SOURCE} as generalized (irreversible)", 0.6),
        (
            "create the image version 'golden/web/1.0.7' in resource group 'images' from all disks, replicated to westeurope x1",
            101.0,
        ),
    ],
    "promote": [("offer it as latest: the image version 'golden/web/1.0.7' in resource group 'images'", 1.2)],
}
PLAN = {
    "title": f"Capture of {_SOURCE} into image definition 'golden/web', version next",
    "blockers": [],
    "warnings": [
        {
            "code": "several_disks",
            "message": "its snapshots are taken one after the other, and may not fit to each other",
        }
    ],
    "steps": [
        {"action": "prepare", "description": f"prepare the guest of {_SOURCE} and shut it down from within the guest"},
        {"action": "deallocate", "description": f"deallocate {_SOURCE}"},
        {"action": "generalize", "description": f"mark the {_SOURCE} as generalized (irreversible)"},
    ],
}


def why(code: str, text: str, *parts: str) -> dict[str, Any]:
    """The reason of a record."""
    return {"reason": text, "reason_code": code, "reason_parts": list(parts)}


CHANGED = why("inputs_changed", "changed: role web", "role web")
UNCHANGED = why("unchanged", "nothing has changed")
NO_IMAGE = why("no_verified_image", "it has no verified image")
NO_REASON = why("", "")


def moment(seconds: float) -> str:
    """A moment, so many seconds after the run's begin."""
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def record(name: str, result: str = "promoted", begin: float = 0, ends_in: str = "", **more: Any) -> dict[str, Any]:
    """A record.

    :param begin: seconds after the run's begin.
    :param ends_in: the stage that failed; otherwise all stages are gone through, or those only that look where nothing is made.
    """
    stages, now = [], begin
    for stage in _gone_through(result, ends_in):
        steps = [{"description": text.replace("web", name), "seconds": taken} for text, taken in STEPS.get(stage, [])]
        begun = {"name": stage, "started": moment(now), "seconds": STAGES[stage], "steps": steps}
        stages.append({**begun, "result": "failed" if stage == ends_in else "done"})
        now += STAGES[stage]
    made = result in ("promoted", "verified")
    image = version(name, "1.0.7")
    return {
        "name": name,
        "host": name,
        "result": result,
        **(UNCHANGED if result == "skipped" else CHANGED),
        "started": moment(begin),
        "finished": moment(now),
        "failure": {},
        "todo": [] if result == "skipped" else [stage for stage in STAGES if stage not in ("decide", "clean")],
        "stages": stages,
        "plan": json.loads(json.dumps(PLAN).replace("web", name)) if made else {},
        "warnings": [],
        "facts": {
            "base": "Debian:debian-13:13-gen2:0.20261101.2283",
            "roles": "baseline, web",
            "inputs": "base=bdbd7b61a7d9 definition=3b914514f6eb role:baseline=3670ef3d8c95 role:web=30c667bd02b0",
        },
        "images": [image] if made else [],
        "verification": verification(image["id"], name) if made else {},
        "pruned": [
            {
                "id": version(name, "1.0.3")["id"],
                "result": "removed",
                "reason": f"91 days old, not among the 3 newest of '{name}'",
                "reason_code": "not_retained",
            }
        ]
        if made
        else [],
        "leftovers": [],
        **more,
    }


def verification(image: str, name: str) -> dict[str, Any]:
    """The verification of an image, as the filter refresh_verification makes it of the role's result."""
    source = {
        "machine_id": "6c1f0c2fd6a04a0d9a2b4a0a8d4c3a11",
        "hostname": f"build-{name}",
        "boot_id": "0b5d3c2e-57c4-4d0e-8b1e-5f1f0b9f6a01",
        "host_keys": ["5f2b9d0c" * 8, "77aa01fe" * 8],
    }
    clone = {
        "machine_id": "f3a9e7b1c2d34e5f8a6b7c8d9e0f1a2b",
        "hostname": f"verify-{name}-1",
        "boot_id": "c1a6f4de-0d3b-4b6e-9a55-2f8e7d6c5b4a",
        "host_keys": ["90c4e11b" * 8, "ab12cd34" * 8],
    }
    return {
        "outcome": "verified",
        "reason": "",
        "checks": [
            {
                "image": image,
                "name": "boot",
                "result": "passed",
                "detail": "1 virtual machine of the image booted, and the VM agent responded",
            },
            {
                "image": image,
                "name": "identity",
                "result": "passed",
                "detail": "compared with the source virtual machine",
            },
            {"image": image, "name": "task file", "result": "passed", "detail": "web_answers.yml"},
        ],
        "identities": [
            {"image": image, "name": f"build-{name}", "is_source": True, **source},
            {"image": image, "name": f"verify-{name}-1", "is_source": False, **clone},
        ],
        "warnings": [],
    }


def version(definition: str, number: str) -> dict[str, Any]:
    """An image version as a record has it."""
    return {
        "id": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
        f"/galleries/golden/images/{definition}/versions/{number}",
        "name": number,
        "source": "gallery",
        "location": "westeurope",
        "regions": ["West Europe", "North Europe"],
        "size_gb": 30,
        "data_disks_gb": [64, 128],
        "tags": {"team": "web", "golden.azure.verified": "true", "golden.azure.verified_at": "2026-11-21T05:00:00Z"},
    }


def _gone_through(result: str, ends_in: str) -> list[str]:
    if result == "planned":
        return ["decide"]
    if result == "skipped":
        return ["decide", "clean"]
    stages = list(STAGES)
    return [*stages[: stages.index(ends_in) + 1], *(["clean"] if ends_in != "clean" else [])] if ends_in else stages


def failed(name: str, stage: str, message: str, begin: float = 0, **more: Any) -> dict[str, Any]:
    """A record of an image whose refresh failed."""
    failure = {"stage": stage, "task": "web : Install the package", "message": message}
    return record(name, "failed", begin, stage, **{**NO_IMAGE, "failure": failure, **more})
