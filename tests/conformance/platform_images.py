# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The marketplace that a recording saw, as a seed: names and facts, from which our server computes its answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from embedded_azure.catalogue import DEFAULTS

from .traffic import Recorded

_URL = re.compile(
    r"/publishers(/(?P<publisher>[^/?]+)/artifacttypes/vmimage/offers(/(?P<offer>[^/?]+)"
    r"(/skus(/(?P<sku>[^/?]+)(/versions(/(?P<version>[^/?]+))?)?)?)?)?)?(\?|$)",
    re.IGNORECASE,
)
# Where a recording names no version there is one all the same.
_ANY = ""
_SOME_VERSION = "1.0.0"
_GIBIBYTE = 1024**3
_WORDS = ("publisher", "offer", "sku", "version")


def seeds(scenario: list[Recorded]) -> list[dict[str, Any]]:
    """One item for each image a scenario names."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for exchange in scenario:
        for item in [*_from_url(exchange), *_from_bodies(exchange.body, ""), *_from_bodies(exchange.answer, "")]:
            key = tuple(str(item[word]).lower() for word in _WORDS)
            found[key] = {**found.get(key, {}), **item}
    facts = {tuple(key[:3]): item for key, item in found.items() if "os_type" in item}
    for key, item in found.items():
        for name, value in facts.get(tuple(key[:3]), {}).items():
            item.setdefault(name, value)
    for item in found.values():
        for name, value in _known(item).items():
            item.setdefault(name, value)
    named = {tuple(key[:3]) for key in found if key[3] != _ANY}
    return [
        {**item, "version": key[3] or _SOME_VERSION}
        for key, item in found.items()
        if key[3] != _ANY or tuple(key[:3]) not in named
    ]


def _known(item: dict[str, Any]) -> dict[str, Any]:
    """What the marketplace of the embedded Azure knows of a SKU, for what a recording does not say."""
    for image in DEFAULTS:
        if all(str(getattr(image, word)).lower() == str(item[word]).lower() for word in ("publisher", "offer", "sku")):
            facts = {
                name: getattr(image, name) for name in ("os_type", "hyper_v_generation", "architecture", "os_disk_size")
            }
            return {**facts, "features": dict(image.features)}
    return {}


def _from_url(exchange: Recorded) -> Iterator[dict[str, Any]]:
    match = _URL.search(exchange.url)
    if not match or not exchange.succeeded or "/edgezones/" in exchange.url.lower():
        return
    words = {word: match[word] for word in _WORDS}
    missing = [word for word in _WORDS if words[word] is None]
    if not missing:
        yield {**words, **_facts(exchange.answer)}
        return
    items = exchange.answer if isinstance(exchange.answer, list) else []
    filler = {"offer": "offer", "sku": "sku", "version": _ANY}
    for item in items or [{"name": filler[missing[0]]}]:
        yield {
            **words,
            **{word: filler.get(word) for word in missing},
            missing[0]: item["name"],
            **(_facts(item) if "properties" in item else {}),
        }


def _facts(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        return {}
    properties = body["properties"]
    facts: dict[str, Any] = {"os_type": properties.get("osDiskImage", {}).get("operatingSystem", "Linux")}
    disk = properties.get("osDiskImage", {})
    if disk.get("sizeInGb"):
        in_bytes = disk.get("sizeInBytes")
        facts["os_disk_size"] = in_bytes // _GIBIBYTE if in_bytes else disk["sizeInGb"]
    if properties.get("hyperVGeneration"):
        facts["hyper_v_generation"] = properties["hyperVGeneration"]
    if properties.get("architecture"):
        facts["architecture"] = properties["architecture"]
    if properties.get("goLiveDate"):
        facts["go_live_date"] = properties["goLiveDate"]
    if (properties.get("automaticOSUpgradeProperties") or {}).get("automaticOSUpgradeSupported"):
        facts["automatic_upgrades"] = True
    if properties.get("plan"):
        facts["plan"] = True
    facts["features"] = {item["name"]: item["value"] for item in properties.get("features") or []}
    data_disks = properties.get("dataDiskImages") or []
    facts["data_disk_luns"] = [item["lun"] for item in data_disks]
    if data_disks and data_disks[0].get("sizeInGb"):
        facts["data_disk_size"] = data_disks[0]["sizeInGb"]
    if properties.get("imageDeprecationStatus"):
        facts["deprecation"] = properties["imageDeprecationStatus"]
    return facts


def _from_bodies(node: Any, os_type: str) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _from_bodies(item, os_type)
        return
    if not isinstance(node, dict):
        return
    disk = node.get("osDisk")
    if isinstance(disk, dict) and disk.get("osType"):
        os_type = disk["osType"]
    reference = node.get("imageReference")
    if isinstance(reference, dict) and reference.get("publisher"):
        version = reference.get("exactVersion") or reference.get("version") or "latest"
        facts = {"os_type": os_type} if os_type else {}
        yield {
            **{word: reference.get(word) for word in ("publisher", "offer", "sku")},
            "version": _ANY if version == "latest" else version,
            **facts,
        }
    for value in node.values():
        yield from _from_bodies(value, os_type)
