# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check, and on request repair, a guest from outside Azure whose disk is to be uploaded.

The role passes these modules to the guest in the same way as those of deprovision_main. Commands:

    inspect  return the findings, the changes that the named repairs would make, and what could not be checked; reads only
    repair   make these changes, and inspect the guest again

The result is one line of JSON on standard output. The configuration is the second argument, as JSON.
"""

from __future__ import annotations

import json
import os
import sys

from deprovision_busy import wait_while_busy
from deprovision_guest import Guest
from upload_change import RepairFailed
from upload_facts import upload_facts
from upload_findings import upload_blockers, upload_warnings
from upload_repairs import repairs

#: Repairs that can follow from others.
ROUNDS = 2


def inspect(guest: Guest) -> dict:
    """Return the findings and the planned changes."""
    options = guest.config["upload"]
    facts = upload_facts(guest)
    findings = list(upload_blockers(facts, options))
    repairable = {each["code"] for each in findings if each.get("repair")}
    named = repairable & set(options["repairs"])
    return {
        "findings": [
            {"code": each["code"], "message": each["message"]} for each in findings if not is_named(each, named)
        ],
        "repairable": [
            {"code": each["code"], "message": each["message"]} for each in findings if is_named(each, named)
        ],
        "changes": [change.line for change in repairs(guest, facts, named)],
        "warnings": list(upload_warnings(facts)),
        "generation": facts["generation"],
    }


def is_named(finding: dict, named: set[str]) -> bool:
    """Return whether a finding is to be repaired."""
    return bool(finding.get("repair")) and finding["code"] in named


def repair(guest: Guest) -> dict:
    """Make the changes for the named repairs, and inspect the guest again."""
    wait_while_busy(guest, guest.config["busy_seconds"])
    done: list[str] = []
    failure = {}
    # What was installed can have findings of its own, such as the default configuration of the agent.
    for _dummy in range(ROUNDS):
        guest.forget()
        facts = upload_facts(guest)
        findings = upload_blockers(facts, guest.config["upload"])
        named = {each["code"] for each in findings if each.get("repair")} & set(guest.config["upload"]["repairs"])
        changes = [change for change in repairs(guest, facts, named) if change.line not in done]
        if not changes:
            break
        try:
            for change in changes:
                change.apply()
                done.append(change.line)
        except (RepairFailed, OSError) as error:
            failure = {"failure": str(error)}
            break
    os.sync()
    guest.forget()
    return {**inspect(guest), "done": done, **failure}


def main(arguments: list[str]) -> int:
    """Run one command."""
    guest = Guest(json.loads(arguments[1]))
    result = {"inspect": inspect, "repair": repair}[arguments[0]](guest)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0
