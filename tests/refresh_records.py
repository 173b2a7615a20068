# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of images as the role golden_image writes them, for tests of what is made of them."""

from __future__ import annotations

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
}
_STEPS = {
    "build": [
        ("create the resource group 'web-build'", 2.1),
        ("create the virtual machine 'web' from Debian 12", 61.0),
    ],
    "capture": [
        ("wait for the guest to shut down", 12.0),
        ("deallocate the virtual machine 'web'", 31.5),
        ("mark the virtual machine 'web' as generalized", 0.6),
        ("capture it into version 1.0.7 of image definition 'web'", 101.0),
    ],
}
PLAN = """\
Capture virtual machine 'web' into version 1.0.7 of image definition 'web'
   1. wait for the guest of virtual machine 'web' to shut down
   2. deallocate virtual machine 'web'
   3. mark virtual machine 'web' as generalized, after which it can never be started again
"""


def moment(seconds: float) -> str:
    """A moment, so many seconds after the run's begin."""
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(name: str, result: str = "promoted", begin: float = 0, ends_in: str = "", **more: Any) -> dict[str, Any]:
    """A record.

    :param begin: seconds after the run's begin.
    :param ends_in: the stage that failed; otherwise all stages are gone through, or the first only where it is skipped.
    """
    stages, now = [], begin
    for stage, seconds in STAGES.items():
        failed = stage == ends_in
        steps = [{"description": text, "seconds": taken} for text, taken in _STEPS.get(stage, [])]
        begun = {"name": stage, "started": moment(now), "seconds": seconds, "steps": steps}
        stages.append({**begun, "result": "failed" if failed else "done"})
        now += seconds
        if failed or result == "skipped":
            break
    made = {
        "id": f"/subscriptions/0/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/{name}/versions/1.0.7",
        "name": "1.0.7",
        "source": "gallery",
        "location": "westeurope",
        "regions": ["westeurope", "northeurope"],
        "size_gb": 30,
        "tags": {"team": "web", "golden.azure.verified": "passed"},
    }
    return {
        "name": name,
        "result": result,
        "reason": "roles have changed" if result == "promoted" else "nothing has changed since 1.0.6",
        "started": moment(begin),
        "finished": moment(now),
        "stages": stages,
        "plan": PLAN if result != "skipped" else "",
        "warnings": [],
        "facts": {"base": "Debian:debian-12:12-gen2:0.20261101.2283", "roles": "baseline, web"},
        "images": [made] if result == "promoted" else [],
        "verification": {"result": "passed", "checks": "12"} if result == "promoted" else {},
        "pruned": [{"id": made["id"].replace("1.0.7", "1.0.3"), "result": "removed", "reason": "older than 90 days"}]
        if result == "promoted"
        else [],
        **more,
    }


def failed(name: str, stage: str, message: str, begin: float = 0, **more: Any) -> dict[str, Any]:
    """A record of an image whose refresh failed."""
    failure = {"stage": stage, "task": "web : Install the package", "message": message}
    return record(name, "failed", begin, stage, reason="the image is new", failure=failure, images=[], **more)
