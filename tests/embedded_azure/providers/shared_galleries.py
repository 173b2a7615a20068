# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galleries as others see them: shared with subscriptions and tenants, or with the community."""

from __future__ import annotations

from typing import Any

from .. import locations
from ..errors import error
from ..model import Body, Call, Response, Route, picked
from ..store import Resource
from .community_metadata import metadata
from .gallery_sources import gallery_by_unique_name, shared_with
from .replication import usable_regions

_PLACE = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}"
_DISCLAIMER = "https://aka.ms/community-gallery-disclaimer"


class Sharing:
    """One of the two ways to share: the words of its URLs and what its answers add."""

    def __init__(self, word: str, title: str, *, community: bool) -> None:
        self.word = word
        self.title = title
        self.community = community

    def _gallery(self, call: Call) -> Resource:
        return gallery_by_unique_name(call, call.parameters["gallery"], community=self.community)

    def _definition(self, call: Call) -> Resource:
        found = call.cloud.store.get(f"{self._gallery(call).id}/images/{call.parameters['image']}")
        if found is None:
            raise error("not_here")
        return found

    def _document(self, call: Call, gallery: str, name: str, tail: str, properties: Body) -> Body:
        disclaimer = {"disclaimer": _DISCLAIMER} if self.community else {}
        return {
            "properties": {**disclaimer, **properties},
            "location": locations.canonical(call.parameters["location"]),
            "name": name,
            "identifier": {"uniqueId": f"/{self.title}/{gallery}{tail}"},
        }

    def _image(self, call: Call, definition: Resource) -> Body:
        keys = (
            "osType",
            "osState",
            "hyperVGeneration",
            "architecture",
            "identifier",
            "features",
            "purchasePlan",
            "eula",
            "privacyStatementUri",
            "disallowed",
            "endOfLifeDate",
        )
        shown = picked(definition.properties, *keys)
        shown["recommended"] = definition.properties.get("recommended", {})
        return self._document(call, call.parameters["gallery"], definition.name, f"/Images/{definition.name}", shown)

    def _version(self, call: Call, version: Resource) -> Body:
        profile, storage = version.properties["publishingProfile"], version.properties["storageProfile"]
        shown: Body = picked(profile, "publishedDate", "endOfLifeDate", "excludeFromLatest")
        shown["storageProfile"] = {"osDiskImage": _disk(storage["osDiskImage"])}
        disks = [{"lun": disk["lun"], **_disk(disk)} for disk in storage.get("dataDiskImages") or []]
        if disks:
            shown["storageProfile"]["dataDiskImages"] = disks
        tail = f"/Images/{call.parameters['image']}/Versions/{version.name}"
        return self._document(call, call.parameters["gallery"], version.name, tail, shown)

    def get_gallery(self, call: Call) -> Response:
        """The gallery."""
        gallery = self._gallery(call)
        name = call.parameters["gallery"]
        facts = {"communityMetadata": metadata(gallery)} if self.community else {}
        return Response(200, self._document(call, name, name, "", facts))

    def list_galleries(self, call: Call) -> Response:
        """All galleries shared with the subscription, or with its tenant if that is asked for."""
        shown = []
        for gallery in call.cloud.store.of_type("Microsoft.Compute/galleries"):
            if shared_with(call, gallery, _reach(call)):
                name = gallery.properties["identifier"]["uniqueName"]
                shown.append(self._document(call, name, name, "", {}))
        return Response(200, {"value": shown})

    def _listed(self, call: Call) -> Resource:
        """The gallery of a listing, which is for what is shared with the subscription, or with its tenant."""
        gallery = self._gallery(call)
        if not self.community and not shared_with(call, gallery, _reach(call)):
            raise error("not_here")
        return gallery

    def list_images(self, call: Call) -> Response:
        """Its definitions."""
        found = call.cloud.store.of_type("Microsoft.Compute/galleries/images", self._listed(call).id)
        return Response(200, {"value": [self._image(call, definition) for definition in found]})

    def get_image(self, call: Call) -> Response:
        """A definition."""
        return Response(200, self._image(call, self._definition(call)))

    def _offered(self, call: Call) -> list[Resource]:
        here = locations.canonical(call.parameters["location"])
        found = call.cloud.store.of_type("Microsoft.Compute/galleries/images/versions", self._definition(call).id)
        return [version for version in found if here in usable_regions(version)]

    def list_versions(self, call: Call) -> Response:
        """The versions that are in this region."""
        self._listed(call)
        return Response(200, {"value": [self._version(call, version) for version in self._offered(call)]})

    def get_version(self, call: Call) -> Response:
        """A version."""
        for version in self._offered(call):
            if version.name == call.parameters["version"]:
                return Response(200, self._version(call, version))
        raise error("not_here")

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        base = f"{_PLACE}/{self.word}"
        image = f"{base}/{{gallery}}/images/{{image}}"
        found: list[tuple[str, Any]] = [
            (f"{base}/{{gallery}}", self.get_gallery),
            (f"{base}/{{gallery}}/images", self.list_images),
            (image, self.get_image),
            (f"{image}/versions", self.list_versions),
            (f"{image}/versions/{{version}}", self.get_version),
        ]
        if not self.community:
            found.append((base, self.list_galleries))
        return tuple(Route("GET", template, handler) for template, handler in found)


def _reach(call: Call) -> str:
    return "aadtenants" if call.query.get("sharedTo", "").lower() == "tenant" else "subscriptions"


def _disk(disk: Body) -> Body:
    return {"diskSizeGB": disk.get("sizeInGB", 30), "hostCaching": disk.get("hostCaching", "None")}


ROUTES = (
    *Sharing("sharedGalleries", "SharedGalleries", community=False).routes(),
    *Sharing("communityGalleries", "CommunityGalleries", community=True).routes(),
)
