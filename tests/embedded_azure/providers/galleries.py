# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/galleries and their image definitions."""

from __future__ import annotations

import copy
import re
from typing import Any

from .. import api_versions
from ..errors import error
from ..model import Action, Body, Call, ResourceType, Style, Transition, picked, removal
from ..store import Resource
from . import gallery_rules, identities

GALLERY = "Microsoft.Compute/galleries"
DEFINITION = "Microsoft.Compute/galleries/images"
TRUSTED_LAUNCH_BY_DEFAULT = "2025-03-03"

_UPDATED_AT_ONCE = "2019-12-01"

_CREATED = Style(201, body=True, family="capsOperations")
_UPDATED = Style(200, body=True, family="capsOperations")
_DELETED = Style(202, location=True, family="capsOperations")
_LONGEST = {"publisher": 128, "offer": 64, "sku": 64}
_ASSET_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9_-]")


def build_gallery(call: Call) -> Transition:
    """A gallery; its unique name is subscription and name in capitals."""
    desired = call.desired
    gallery = call.existing or Resource(call.path.id, GALLERY, call.path.name, {})
    before = gallery.body.get("properties", {})
    wanted = copy.deepcopy(desired.get("properties") or {})
    if call.existing is None:
        gallery_rules.check_new_gallery(call)
    gallery_rules.check_sharing(before if call.existing else None, wanted)
    gallery_rules.check_soft_delete(call, before, wanted)
    identity = identities.requested(call.cloud, desired.get("identity"), gallery.body.get("identity"))
    gallery.body = copy.deepcopy(picked(desired, "location", "tags"))
    if identity:
        gallery.body["identity"] = identity
    unique = f"{call.path.subscription}-{call.path.name.upper()}"
    gallery.body["properties"] = {**wanted, "identifier": before.get("identifier") or {"uniqueName": unique}}
    if "sharingProfile" in before and "sharingProfile" not in wanted:
        gallery.properties["sharingProfile"] = before["sharingProfile"]
    profile = gallery.properties.get("sharingProfile") or {}
    if profile.get("permissions") == "Community":
        information = profile.setdefault("communityGalleryInfo", {})
        prefix = information.get("publicNamePrefix", gallery.name)
        known = ((before.get("sharingProfile") or {}).get("communityGalleryInfo") or {}).get("publicNames")
        information.setdefault("communityGalleryEnabled", bool(gallery.private.get("community")))
        information.setdefault("publicNames", known or [f"{prefix}-{call.cloud.new_id()}"])
    return Transition(gallery, finish=lambda _result: identities.settle(call.cloud, gallery.body.get("identity")))


def gallery_view(call: Call, gallery: Resource) -> Body:
    """A gallery; `$select=Permissions` or `$expand=SharingProfile/Groups` adds whom it is shared with."""
    body = gallery.document()
    groups = gallery.private.get("groups")
    asked = (call.query.get("$select", "").lower(), call.query.get("$expand", "").lower())
    if groups and ("permissions" in asked or "sharingprofile/groups" in asked):
        body["properties"].setdefault("sharingProfile", {})["groups"] = copy.deepcopy(groups)
    return body


def acknowledge_gallery(call: Call, gallery: Resource) -> Body:
    """Old versions answer that an update has Succeeded (recorded), though an operation is announced; newer ones Updating."""
    body = gallery_view(call, gallery)
    if body["properties"]["provisioningState"] == "Updating" and call.api_version <= _UPDATED_AT_ONCE:
        body["properties"]["provisioningState"] = "Succeeded"
    return body


def share(call: Call) -> Transition:
    """Share with subscriptions and tenants, with the community, or with nobody any more."""
    gallery, body = call.existing, call.body or {}
    operation = body.get("operationType")
    profile = gallery.properties.setdefault("sharingProfile", {"permissions": "Private"})
    if operation in ("Add", "Remove") and profile.get("permissions") != "Groups":
        raise error(
            "bad_request",
            reason=f"The gallery {gallery.name} is not shared with groups: its permissions must be Groups.",
        )
    if operation == "EnableCommunity" and profile.get("permissions") != "Community":
        raise error(
            "bad_request",
            reason=f"The gallery {gallery.name} is not a community gallery: its permissions must be Community.",
        )

    if operation == "Add":
        known = {item["type"]: set(item["ids"]) for item in gallery.private.get("groups") or []}
        for group in body.get("groups") or []:
            gallery_rules.check_groups(
                group["type"], len(known.get(group["type"], set()) | set(group.get("ids") or []))
            )

    def finish(_result: Any) -> None:
        if operation == "Add":
            _change_groups(gallery, body.get("groups") or [], add=True)
        elif operation == "Remove":
            _change_groups(gallery, body.get("groups") or [], add=False)
        elif operation == "EnableCommunity":
            gallery.private["community"] = True
            profile["communityGalleryInfo"]["communityGalleryEnabled"] = True
        elif operation == "Reset":
            gallery.private.pop("groups", None)
            gallery.private.pop("community", None)
            profile.pop("communityGalleryInfo", None)
            profile["permissions"] = "Private"

    return Transition(gallery, finish=finish)


def _change_groups(gallery: Resource, groups: list[Body], *, add: bool) -> None:
    known: list[Body] = gallery.private.setdefault("groups", [])
    for group in groups:
        entry = next((item for item in known if item["type"] == group["type"]), None)
        if entry is None and add:
            known.append({"type": group["type"], "ids": list(group.get("ids") or [])})
        elif entry is not None:
            named = set(group.get("ids") or [])
            rest = [id for id in entry["ids"] if id not in named]
            entry["ids"] = rest + sorted(named) if add else rest


def remove_gallery(call: Call) -> Transition:
    """A gallery goes once it is not public any more."""
    gallery_rules.check_gallery_removal(call.existing)
    return removal(call)


def remove_definition(call: Call) -> Transition:
    """A definition goes with nothing in it, soft-deleted or not."""
    gallery_rules.check_definition_removal(call)
    return removal(call)


def build_definition(call: Call) -> Transition:
    """An image definition; what its images are cannot change afterwards."""
    desired = call.desired
    wanted = copy.deepcopy(desired.get("properties") or {})
    definition = call.existing or Resource(call.path.id, DEFINITION, call.path.name, {})
    before = definition.body.get("properties", {})
    for key in ("osType", "osState", "identifier"):
        if wanted.get(key) is None and key not in before:
            raise error(
                "invalid_parameter", reason=f"Required parameter 'galleryImage.properties.{key}' is missing (null)."
            )
    gallery_rules.check_definition(call, call.cloud.store.get(call.path.parent.id), before, wanted)
    wanted.pop("allowUpdateImage", None)
    if wanted.get("features"):
        wanted["features"] = gallery_rules.spelled_features(wanted["features"])
    if not before:
        _check_identifier(call, wanted["identifier"])
    modern = call.api_version >= TRUSTED_LAUNCH_BY_DEFAULT
    defaults: Body = {"hyperVGeneration": "V2" if modern else "V1", "architecture": "x64"}
    if modern and not before and "features" not in wanted and wanted.get("hyperVGeneration", "V2") == "V2":
        defaults["features"] = [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]
    kept = {key: before[key] for key in (*gallery_rules.FIXED, "features") if key in before}
    definition.body = copy.deepcopy(picked(desired, "location", "tags"))
    definition.body["properties"] = {
        **defaults,
        **kept,
        **{key: value for key, value in wanted.items() if value not in ({}, None)},
    }
    return Transition(definition)


def _check_identifier(call: Call, identifier: Body) -> None:
    for key, longest in _LONGEST.items():
        if not _ASSET_NAME.fullmatch(str(identifier.get(key) or "")) or len(identifier[key]) > longest:
            raise error(
                "invalid_parameter",
                reason=f"Asset name galleryImage.properties.identifier.{key} is not valid. It cannot be empty. Allowed characters "
                "are uppercase or lowercase letters, digits, hyphen(-), period (.), underscore (_). Names are not allowed to end "
                f"with period(.). The length of the name cannot exceed {longest} characters.",
            )
    gallery = call.path.parent
    for other in call.cloud.store.of_type(DEFINITION, gallery.id if gallery else ""):
        theirs = {key: str(value).lower() for key, value in other.properties["identifier"].items()}
        if theirs == {key: str(value).lower() for key, value in identifier.items()}:
            # troubleshooting-shared-images on Microsoft Learn
            raise error(
                "not_allowed",
                reason=f"Gallery image: {other.name} identified by (publisher:{identifier.get('publisher')}, "
                f"offer:{identifier.get('offer')}, sku:{identifier.get('sku')}) already exists. Choose a different publisher, "
                "offer, sku combination.",
            )


GALLERY_TYPE = ResourceType(
    name=GALLERY,
    build=build_gallery,
    remove=remove_gallery,
    view=gallery_view,
    acknowledgement=acknowledge_gallery,
    api_versions=api_versions.GALLERIES,
    created=_CREATED,
    updated=_UPDATED,
    deleted=_DELETED,
    actions={"share": Action(share, _DELETED)},
    nested_blocks_deletion=True,
    policies={"get": "GetGallery", "write": "CreateUpdateGallery"},
    shouting_lists=True,
)
DEFINITION_TYPE = ResourceType(
    name=DEFINITION,
    build=build_definition,
    remove=remove_definition,
    api_versions=api_versions.GALLERIES,
    created=_CREATED,
    updated=_UPDATED,
    deleted=_DELETED,
    nested_blocks_deletion=True,
    since={
        "properties.hyperVGeneration": "2019-03-01",
        "properties.architecture": "2021-07-01",
        "properties.features.startsAtVersion": "2024-03-03",
    },
    policies={"get": "GetGalleryImage", "write": "CreateUpdateGalleryImage"},
)
