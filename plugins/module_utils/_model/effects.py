# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Detect the effect of each write in its resource, for repeated runs and lost responses."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect, Observation
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import disk_encryption as encryption
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.claim import read_claim
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import (
    GALLERY_PROPERTIES,
    GalleryProperty,
)
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import agent_is_ready

Json = dict[str, Any]

_AT_REST = ("stopping", "stopped", "deallocating", "deallocated")
_BY_PROVISIONING_STATE = {"succeeded": Effect.DONE, "failed": Effect.FAILED, "canceled": Effect.FAILED}


def stopped(vm: Json | None) -> Observation:
    """The guest has shut down, or the virtual machine was stopped."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    state = machine.power_state(vm)
    return (Effect.DONE if state in ("stopped", "deallocating", "deallocated") else Effect.IN_PROGRESS), state


def deallocated(vm: Json | None) -> Observation:
    """The virtual machine is deallocated, and no operation is in progress."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    state = machine.power_state(vm)
    if state == "deallocated":
        return (Effect.IN_PROGRESS if machine.provisioning_state(vm) == "Updating" else Effect.DONE), state
    return (Effect.IN_PROGRESS if state == "deallocating" else Effect.ABSENT), state


def generalized(vm: Json | None) -> Observation:
    """The virtual machine is marked as generalized."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    return (Effect.DONE, "generalized") if machine.is_generalized(vm) else (Effect.ABSENT, "not generalized")


def created(resource: Json | None) -> Observation:
    """The resource exists and is complete."""
    if resource is None:
        return Effect.ABSENT, "NotFound"
    state = machine.provisioning_state(resource)
    return _BY_PROVISIONING_STATE.get(state.lower(), Effect.IN_PROGRESS), state


def settings_applied(settings: dict[str, str], extension: Json | None) -> Observation:
    """The extension has applied these settings."""
    present = machine.properties(extension).get("settings") or {}
    if any(present.get(name) != value for name, value in settings.items()):
        return Effect.ABSENT, "settings not applied yet"
    return created(extension)


def decrypted(vm: Json | None) -> Observation:
    """All disks of the virtual machine are decrypted."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    states = encryption.disk_states(vm)
    shown = ", ".join(f"{name} {state}" for name, state in sorted(states.items()))
    return (Effect.IN_PROGRESS, shown) if states else (Effect.DONE, "notEncrypted")


def revoked(disk: Json | None) -> Observation:
    """The disk has no active SAS, and none is being granted."""
    if disk is None:
        return Effect.FAILED, "NotFound"
    state = str(machine.properties(disk).get("diskState") or "")
    return (Effect.ABSENT if state in ("ReadyToUpload", "ActiveUpload", "ActiveSAS") else Effect.DONE), state


def closed(wanted: dict[str, str], resource: Json | None) -> Observation:
    """Export access of the disk or snapshot is disabled as requested, and it is complete."""
    if resource is None:
        return Effect.FAILED, "NotFound"
    present = machine.properties(resource)
    if any(present.get(name) != value for name, value in wanted.items()):
        return Effect.ABSENT, machine.provisioning_state(resource)
    return created(resource)


def deleted(resource: Json | None) -> Observation:
    """The resource does not exist."""
    if resource is None:
        return Effect.DONE, "NotFound"
    state = machine.provisioning_state(resource)
    return (Effect.IN_PROGRESS if state == "Deleting" else Effect.ABSENT), state


def delete_options_set(vm: Json | None) -> Observation:
    """The delete options are set."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    state = machine.provisioning_state(vm)
    if state == "Updating":
        return Effect.IN_PROGRESS, state
    # Shared disks and disks that are not captured are kept, so that only the interfaces show it.
    marked = all(
        (card.get("properties") or {}).get("deleteOption") == "Delete" for card in machine.interface_references(vm)
    )
    return (Effect.DONE if marked else Effect.ABSENT), state


def tagged(tags: dict[str, str], resource: Json | None) -> Observation:
    """The resource has these tags."""
    if resource is None:
        return Effect.FAILED, "NotFound"
    matches = all(tag_value(resource.get("tags"), name) == value for name, value in tags.items())
    return (Effect.DONE if matches else Effect.ABSENT), machine.provisioning_state(resource)


def unclaimed(vm: Json | None) -> Observation:
    """The virtual machine has no claim."""
    if vm is None:
        return Effect.DONE, "NotFound"
    return (Effect.DONE if read_claim(vm) is None else Effect.ABSENT), machine.provisioning_state(vm)


def deprecated(version: Json | None) -> Observation:
    """The gallery version is excluded from latest, and complete."""
    if version is None:
        return Effect.FAILED, "NotFound"
    profile = (version.get("properties") or {}).get("publishingProfile") or {}
    if not (profile.get("excludeFromLatest") and profile.get("endOfLifeDate")):
        return Effect.ABSENT, machine.provisioning_state(version)
    return created(version)


def agent_ready(vm: Json | None) -> Observation:
    """The guest's agent reports that it is ready."""
    if vm is None:
        return Effect.FAILED, "NotFound"
    if agent_is_ready(vm):
        return Effect.DONE, "Ready"
    power, provisioning = machine.power_state(vm), machine.provisioning_state(vm)
    if provisioning in ("Failed", "Canceled", "Deleting"):
        return Effect.FAILED, provisioning
    # A stopped guest does not report its status.
    return (Effect.FAILED if power in _AT_REST else Effect.IN_PROGRESS), f"agent not ready, virtual machine {power}"


def published(wanted: Json, version: Json | None) -> Observation:
    """The gallery version is published as requested, and complete.

    :param wanted: the properties that were written.
    """
    if version is None:
        return Effect.FAILED, "NotFound"
    asked, present = ({"properties": each or {}} for each in (wanted, version.get("properties")))
    same = all(_is_as_asked(each, each.present(asked), each.present(present)) for each in GALLERY_PROPERTIES)
    if not same or _regions(_profile(present)) != _regions(_profile(asked)):
        return Effect.ABSENT, machine.provisioning_state(version)
    return created(version)


def _is_as_asked(each: GalleryProperty, asked: Any, has: Any) -> bool:
    return asked is None or asked == has or each.difference(asked, has) is None


def _profile(version: Json) -> Json:
    return version["properties"].get("publishingProfile") or {}


def _regions(profile: Json) -> dict[str, tuple[int, bool]]:
    """The number of replicas in each region, and whether the version is excluded from latest there."""
    return {
        normalized_location(str(region.get("name"))): (
            int(region.get("regionalReplicaCount") or 1),
            bool(region.get("excludeFromLatest")),
        )
        for region in profile.get("targetRegions") or []
    }


#: What a request contains to allow a change, and the resource does not show.
_ONLY_SENT = ("allowUpdateImage",)


def applied(wanted: Json, resource: Json | None) -> Observation:
    """The gallery or image definition has what was written, and is complete.

    :param wanted: the body that was written.
    """
    if resource is None:
        return Effect.FAILED, "NotFound"
    asked = {name: value for name, value in wanted.items() if name in ("identity", "properties")}
    return created(resource) if _contains(resource, asked) else (Effect.ABSENT, machine.provisioning_state(resource))


def _contains(present: Any, asked: Any) -> bool:
    """Whether a part of a resource has what was asked for, besides whatever Azure adds."""
    if isinstance(asked, dict):
        has: Json = present if isinstance(present, dict) else {}
        return all(_contains(has.get(name), value) for name, value in asked.items() if name not in _ONLY_SENT)
    if isinstance(asked, list):
        items: list[Any] = present if isinstance(present, list) else []
        return len(items) == len(asked) and all(any(_contains(item, value) for item in items) for value in asked)
    if asked is None or present == asked:
        return True
    moment = parse_timestamp(asked)
    return moment is not None and moment == parse_timestamp(present)


def shared(operation: Json, gallery: Json | None) -> Observation:
    """The gallery is shared as requested.

    :param operation: the body of the request.
    :param gallery: with the groups that it is shared with.
    """
    if gallery is None:
        return Effect.FAILED, "NotFound"
    profile = machine.properties(gallery).get("sharingProfile") or {}
    kind = operation["operationType"]
    if kind == "Reset":
        done = str(profile.get("permissions") or "Private") == "Private"
    elif kind == "EnableCommunity":
        done = bool((profile.get("communityGalleryInfo") or {}).get("communityGalleryEnabled"))
    else:
        has = group_members(gallery)
        asked = {(str(group["type"]), str(one).lower()) for group in operation["groups"] for one in group["ids"]}
        done = asked <= has if kind == "Add" else not asked & has
    return (Effect.DONE if done else Effect.ABSENT), str(profile.get("permissions"))


def group_members(gallery: Json) -> set[tuple[str, str]]:
    """The subscriptions and tenants that a gallery is shared with: type, and id in lower case."""
    profile = machine.properties(gallery).get("sharingProfile") or {}
    return {
        (str(group.get("type")), str(one).lower())
        for group in profile.get("groups") or []
        for one in group.get("ids") or []
    }
