# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of all kinds of runs, for whatever is made of them to be looked at."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import build_report
from refresh_records import NO_REASON, STAGES, failed, moment, record, version, why

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
LONG_ERROR = "fatal: the package 'golden-app' could not be installed.\n" + "dpkg: error processing archive; " * 60
_LONG_NAME = "a-very-long-name-of-an-image-that-somebody-was-allowed-to-give-because-Azure-takes-80"
_STRANGE_TAGS = {
    HOSTILE: HOSTILE,
    "שם": "תמונה של שרת 1.0.7",
    "team \U0001f468\u200d\U0001f469\u200d\U0001f467": "\U0001f680 \u0641\u0631\u064a\u0642 \u202egnirts",
    "key" * 60: "value" * 60,
}


def _broken(stage: str, **more: Any) -> dict[str, Any]:
    message = f"The stage {stage} ended otherwise than it was to, with code OperationNotAllowed."
    return failed(f"broken-in-{stage}", stage, message, **more)


def _many(count: int) -> list[dict[str, Any]]:
    return [
        failed(f"image-{number:02}", "capture", "Azure has no capacity for the size Standard_D2s_v5.", number * 20)
        if number % 17 == 3
        else record(f"image-{number:02}", begin=number * 20)
        for number in range(count)
    ]


def _with_steps(count: int) -> dict[str, Any]:
    image = record("steps")
    prune = next(stage for stage in image["stages"] if stage["name"] == "prune")
    names = [
        f"remove the image version 'golden/steps/1.0.{number}' in resource group 'images'" for number in range(count)
    ]
    prune["steps"] = [{"description": name, "seconds": 3.7} for name in names]
    image["pruned"] = [
        {
            "id": version("steps", f"1.0.{number}")["id"],
            "result": "removed",
            "reason": "91 days old",
            "reason_code": "not_retained",
        }
        for number in range(count)
    ]
    return image


def _long() -> list[dict[str, Any]]:
    long = failed(_LONG_NAME, "verify", LONG_ERROR, warnings=["it has two data disks " * 20])
    long["stages"][1]["steps"][0]["description"] += " " + "unbreakable" * 30
    return [long, record(f"{_LONG_NAME}-2", **why("too_old", "it is older than 30 days", "30"))]


_LOST = {"stage": "customise", "task": "", "message": "The machine could not be reached any more in the middle of it."}
_REFUSED = {"stage": "begin", "task": "", "message": "argument golden_image_os_type is 'Solaris'."}
_KEPT = [
    version("kept", "1.0.7")["id"],
    "/subscriptions/0/resourceGroups/build-kept/providers/Microsoft.Compute/virtualMachines/build-kept",
]
_SIX = [*(record(name, begin=number * 25) for number, name in enumerate(("web", "app", "database", "shop", "search")))]
_RECORDS: dict[str, list[dict[str, Any]]] = {
    "one": [record("web")],
    "six": [*_SIX, failed("broken", "customise", "non-zero return code dpkg: error: cannot access archive 'app.deb'")],
    "forty": _many(40),
    "failed_everywhere": [_broken(stage) for stage in STAGES],
    "all_failed_alike": [failed(f"image-{number}", "build", LONG_ERROR) for number in range(6)],
    "lost": [
        record("web"),
        record("unreachable", "failed", ends_in="customise", failure=_LOST),
        record("refused", "failed", failure=_REFUSED, stages=[], finished=moment(1), **NO_REASON),
        failed("kept", "verify", "The check found port 80 closed.", leftovers=_KEPT),
    ],
    "skipped": [record(name, "skipped") for name in ("web", "app")],
    "check_mode": [record("web", "planned"), record("app", "planned", begin=2), record("old", "skipped")],
    "verified": [record("web", "verified"), record("app", "verified", begin=40)],
    "jobs_apart": [record("web"), record("app", begin=7 * 3600), record("database", begin=30 * 3600)],
    "long_names": _long(),
    "many_steps": [_with_steps(300), record("web")],
    "strange_text": [
        record("strange", images=[{**version("strange", "1.0.7"), "tags": _STRANGE_TAGS}], warnings=[HOSTILE]),
        failed("חדש", "customise", HOSTILE),
    ],
    "nothing": [],
}
#: Images that a run was to have, beside those with a record.
_EXPECTED = {"lost": ["web", "without-record"]}
#: The reports, by what is special about them.
STATES = {name: build_report(records, "2026-11-21", _EXPECTED.get(name, [])) for name, records in _RECORDS.items()}
