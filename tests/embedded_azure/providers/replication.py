# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replication of gallery versions: how far each region is, and regions to which it fails.

What fails, in which words, and what helps then: Azure/azure-cli#15539. That regions cannot be taken away unless the version allows
it: hashicorp/terraform-provider-azurerm#21999.
"""

from __future__ import annotations

from typing import Any

from .. import locations
from ..errors import error
from ..model import Body, Call, Transition
from ..store import Resource

#: The api-version that introduced the safety profile.
_SAFETY = "2022-03-03"
_DETAIL = "Failed with internal server error."


def regions(version: Resource) -> list[str]:
    """The target regions of a version."""
    return [locations.canonical(target["name"]) for target in version.properties["publishingProfile"]["targetRegions"]]


def usable_regions(version: Resource) -> list[str]:
    """The regions in which machines can be made of a version: all but those to which its replication has failed."""
    return [region for region in version.private["regions"] if region not in version.private.get("uncopied", {})]


def check_removal(call: Call, version: Resource, before: Body, after: Body, safety: Body) -> None:
    """A version stays where it is unless it may be taken away from there."""
    kept = {locations.canonical(target["name"]) for target in after["targetRegions"]}
    gone = [target["name"] for target in before["targetRegions"] if locations.canonical(target["name"]) not in kept]
    if gone and call.api_version >= _SAFETY and not safety.get("allowDeletionOfReplicatedLocations"):
        raise error("locations_kept", name=version.name)


def replicating(call: Call, version: Resource, transition: Transition) -> Transition:
    """A write that replicates a version to regions which have not had it, or not so many times; it may fail there."""
    copied: dict[str, int] = version.private.setdefault("copied", {})
    uncopied: dict[str, str] = version.private.setdefault("uncopied", {})
    wanted = _counts(version)
    version.private["regions"] = list(wanted)
    for known in (copied, uncopied):
        for region in [region for region in known if region not in wanted]:
            del known[region]
    begun = [region for region, count in wanted.items() if copied.get(region, 0) < count]
    copied.update({region: count for region, count in wanted.items() if region not in begun})
    version.private["copying"] = begun
    rule_finish, rule_fail = transition.finish, transition.fail

    def finish(result: Any) -> None:
        if rule_finish:
            rule_finish(result)
        _end(call, version, wanted)

    def fail(reason: Any) -> None:
        text = getattr(reason, "message", "") or "Replication failed."
        uncopied.update(dict.fromkeys(version.private["copying"], text))
        version.private["copying"] = []
        if rule_fail:
            rule_fail(reason)

    transition.finish, transition.fail = finish, fail
    return transition


def _end(call: Call, version: Resource, wanted: dict[str, int]) -> None:
    """Each region has the version, or has failed."""
    begun, failed = version.private["copying"], []
    version.private["copying"] = []
    for region in begun:
        version.private["uncopied"].pop(region, None)
        if call.cloud.settings.fails_to_replicate(region):
            version.private["uncopied"][region] = _DETAIL
            version.private["copied"].pop(region, None)
            failed.append(region)
        else:
            version.private["copied"][region] = wanted[region]
    if failed:
        details = ", ".join(f"{{region:{region}, detail:{_DETAIL}}}" for region in failed)
        raise error("replication_failed", details=details)


def _counts(version: Resource) -> dict[str, int]:
    targets = version.properties["publishingProfile"]["targetRegions"]
    return {locations.canonical(target["name"]): target["regionalReplicaCount"] for target in targets}


def status(call: Call, version: Resource) -> Body:
    """The replication of a version now: each region goes from Replicating to Completed or Failed as time passes."""
    running = call.cloud.operations.running(version.id)
    copying, uncopied = version.private.get("copying", []), version.private.get("uncopied", {})
    share = 1.0
    if running:
        whole = max((running[-1].due - running[-1].started).total_seconds(), 0.001)
        share = min((call.now - running[-1].started).total_seconds() / whole, 0.99)
    summary = []
    for region in version.private["regions"]:
        item: Body = {"region": region, "state": "Completed", "progress": 100}
        if region in copying:
            item.update(state="Replicating", progress=int(share * 100))
        elif region in uncopied:
            item.update(state="Failed", progress=0, details=uncopied[region])
        summary.append(item)
    states = [item["state"] for item in summary]
    aggregated = "InProgress" if "Replicating" in states else "Failed" if "Failed" in states else "Completed"
    return {"aggregatedState": aggregated, "summary": summary}
