# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verification has checked, for the record of an image; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

PASSED, FAILED, NOT_REACHED = "passed", "failed", "not reached"
_VERIFIED = "verified"
#: The task of the role image_verify that runs the script.
_SCRIPT_TASK = "Run the user's script"
#: The properties of an identity that a record contains. Names of users and of agents are not part of it.
_IDENTITY = ("machine_id", "machine_sid", "machine_guid", "hostname", "boot_id", "host_keys", "winrm_keys")


def verification_of(results: Sequence[Mapping[str, Any]]) -> Json:
    """The verification of the images of a run: outcome, reason, checks, identities and warnings; empty without results.

    :param results: of the role image_verify, one for each image.
    """
    if not results:
        return {}
    worst = next((result for result in results if result.get("outcome") != _VERIFIED), results[-1])
    return {
        "outcome": str(worst.get("outcome")),
        "reason": str(worst.get("reason") or ""),
        "checks": [check for result in results for check in _checks(result)],
        "identities": [identity for result in results for identity in _identities(result)],
        "warnings": [str(warning.get("message")) for result in results for warning in result.get("warnings") or []],
    }


def _checks(result: Mapping[str, Any]) -> Iterator[Json]:
    image, machines = str(result.get("image")), list(result.get("instances") or [])
    count = f"{len(machines)} virtual machine{'s' if len(machines) != 1 else ''}"
    reached = bool(machines)

    def check(name: str, state: str, detail: str) -> Json:
        return {"image": image, "name": name, "result": state, "detail": detail}

    yield check(
        "boot",
        PASSED if reached else FAILED,
        f"{count} of the image booted, and the VM agent responded" if reached else "",
    )
    if result.get("compares"):
        read = len(result.get("identities") or []) == len(machines)
        passed = reached and read and not result.get("findings")
        state = NOT_REACHED if not reached else PASSED if passed else FAILED
        others = "the source virtual machine" if result.get("source") else "each other"
        yield check("identity", state, " ".join(result.get("findings") or []) or f"compared with {others}")
        reached = passed
    own = [(name, str(result[name])) for name in ("tasks", "script") if result.get(name)]
    for name, detail in own:
        state = _state_of_own(name, result, reached)
        yield check("task file" if name == "tasks" else "script", state, detail)
        reached = state == PASSED


def _state_of_own(name: str, result: Mapping[str, Any], reached: bool) -> str:
    """The state of a check of the user, of which the task file is run before the script."""
    if result.get("outcome") == _VERIFIED:
        return PASSED
    in_script = result.get("failed_task") == _SCRIPT_TASK
    if not reached:
        return NOT_REACHED
    return PASSED if name == "tasks" and in_script else FAILED


def _identities(result: Mapping[str, Any]) -> Iterator[Json]:
    source = result.get("source")
    for identity in [*([source] if source else []), *(result.get("identities") or [])]:
        known = {name: identity[name] for name in _IDENTITY if identity.get(name)}
        yield {
            "image": str(result.get("image")),
            "name": str(identity.get("name")),
            "is_source": identity is source,
            **known,
        }
