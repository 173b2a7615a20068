# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find hosts of one run without a target, or with the same source or target; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse


@dataclass(frozen=True)
class Claim:
    """A resource that a host needs exclusively.

    :param code: of the finding if another host needs it, too.
    :param what: its label.
    :param subscription: empty for the default one, which is unknown.
    :param key: its remaining identity, in lower case.
    """

    code: str
    what: str
    subscription: str
    key: tuple[str, ...]


def conflicts(machines: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """A finding for each resource that several hosts need, and one for the hosts without a target.

    :param machines: for each host, host and, if set, name, source_vm, copy, image, resource_group and gallery_versions.
    """
    listed = list(machines)
    wanted: dict[tuple[str, tuple[str, ...]], list[tuple[str, Claim]]] = {}
    for machine in listed:
        for claim in claims_of(machine):
            wanted.setdefault((claim.code, claim.key), []).append((str(machine.get("host")), claim))
    found = [finding for claims in wanted.values() for finding in _conflict(claims)]
    return [*_without_target(listed), *found]


def _without_target(machines: list[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """A finding if only some hosts have no target: the others would be captured without them.

    If none has one, the plan of each lists the possible targets.
    """
    captured = [machine for machine in machines if "image" in machine]
    hosts = [
        str(machine.get("host"))
        for machine in captured
        if not _text(machine["image"]) and not machine.get("gallery_versions")
    ]
    if hosts and len(hosts) < len(captured):
        yield _finding(
            "image_not_named",
            f"No target is specified for {', '.join(hosts)}, and nothing was changed: set 'capture_image_name', or "
            "'capture_gallery' and 'capture_definition', for each host.",
        )


def claims_of(machine: Mapping[str, Any]) -> Iterator[Claim]:
    """The resources that a host needs exclusively, each once."""
    group = _text(machine.get("resource_group"))
    found = []
    name = _text(machine.get("name"))
    if name:
        found.append(Claim("same_golden_image", f"golden image '{name}'", "", (name.lower(),)))
    source = _text(machine.get("source_vm"))
    if source:
        found.append(_located("same_source_vm", "virtual machine", source, group))
        # Targets are created in the resource group of the source by default.
        group = group or _group_of(source)
    copy = _text(machine.get("copy"))
    if copy:
        found.append(Claim("same_copy", f"copy '{copy}'", "", (copy.lower(),)))
    image = _text(machine.get("image"))
    if image:
        found.append(_located("same_image", "image", image, group))
    versions = machine.get("gallery_versions")
    for version in versions if isinstance(versions, (list, tuple)) else ():
        found.append(_version(version, group))
    yield from {(claim.code, claim.key): claim for claim in found}.values()


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _group_of(text: str) -> str:
    found = parse(text)
    return found.resource_group if found else ""


def _located(code: str, kind: str, text: str, group: str) -> Claim:
    found = parse(text)
    if found:
        key = (found.resource_group.lower(), *(name.lower() for name in found.names))
        return Claim(code, f"{kind} '{found.name}'", found.subscription_id.lower(), key)
    return Claim(code, f"{kind} '{text}'", "", (group.lower(), text.lower()))


def _version(version: Mapping[str, Any], group: str) -> Claim:
    gallery = parse(_text(version.get("gallery")))
    place = (gallery.resource_group, gallery.name) if gallery else (group, _text(version.get("gallery")))
    definition, number = _text(version.get("definition")), _text(version.get("version") or "next")
    return Claim(
        "same_gallery_version",
        f"version {number} of image definition '{definition}' in gallery '{place[1]}'",
        gallery.subscription_id.lower() if gallery else "",
        tuple(part.lower() for part in (*place, definition, number)),
    )


def _conflict(claims: list[tuple[str, Claim]]) -> Iterator[dict[str, str]]:
    """A finding if several hosts need the same resource; an unknown subscription matches any."""
    named = {claim.subscription for _host, claim in claims if claim.subscription}
    groups = [
        [(host, claim) for host, claim in claims if claim.subscription in ("", subscription)]
        for subscription in sorted(named) or [""]
    ]
    for group in groups:
        hosts = list(dict.fromkeys(host for host, _claim in group))
        if len(hosts) > 1:
            claim = group[0][1]
            yield {
                "code": claim.code,
                "message": (
                    f"The hosts {', '.join(hosts)} all specify the {claim.what}, nothing was changed: specify another one for each host."
                ),
            }


def _finding(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
