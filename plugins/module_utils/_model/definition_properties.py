# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The properties of image definitions: one row for each.

A row defines a property completely: its option, its path in Azure, its spelling there, its comparison, and whether it can be changed
later. Options, facts, request bodies, differences and the steps that change them are derived from the rows.

Sources: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#updating-resources and the schema of
azurerm_shared_image in hashicorp/terraform-provider-azurerm (what can be changed),
https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions (features and their values).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import normalize_timestamp, parse_timestamp

Json = dict[str, Any]

#: The name of the feature with the security type.
SECURITY_TYPE = "SecurityType"
#: A definition without the feature is for virtual machines without a security type.
STANDARD = "Standard"


def _same(value: Any) -> Any:
    return value


def _folded(value: Any) -> str:
    return str(value).lower()


def _folded_set(values: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(value).lower() for value in values)


@dataclass(frozen=True)
class DefinitionProperty:
    """A property of image definitions."""

    #: The option, and its specification.
    option: str
    specification: Json
    #: Its path below the properties of a definition; for a feature, its name.
    path: tuple[str, ...] = ()
    feature: str | None = None
    #: What it is called in messages; by default its option, with spaces.
    label: str = ""
    #: Whether Azure allows changing it after creation.
    changeable: bool = False
    #: The value that Azure uses if none is set, in the option's spelling.
    missing: Any = None
    #: From the option's value to Azure's, and the reverse.
    written: Callable[[Any], Any] = _same
    shown: Callable[[Any], Any] = _same
    #: The form in which two values of the option are compared.
    comparable: Callable[[Any], Any] = _folded
    #: Whether the option's value differs from that of a definition; by default, if their comparable forms do.
    unequal: Callable[[Any, Any], bool] | None = None
    #: The name of its fact; by default its option.
    fact_name: str = ""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.label or self.option.replace("_", " ")

    @property
    def fact(self) -> str:
        """The name of its fact."""
        return self.fact_name or self.option

    def present(self, definition: Mapping[str, Any]) -> Any:
        """The value of a definition, in the option's spelling; None if it has none."""
        found: Any = definition.get("properties") or {}
        if self.feature is not None:
            found = features_of(definition).get(self.feature.lower(), {}).get("value")
        for name in self.path:
            found = (found or {}).get(name)
        return self.missing if found in (None, {}, []) else self.shown(found)

    def write(self, properties: Json, value: Any) -> None:
        """Set it in the properties of a definition that is written; features are written together."""
        if self.feature is not None:
            return
        *sections, last = self.path
        for name in sections:
            properties[name] = dict(properties.get(name) or {})
            properties = properties[name]
        written = self.written(value)
        # Of a group of values, those that the task does not set are kept.
        properties[last] = _merged(properties.get(last), written)

    def differs(self, value: Any, definition: Mapping[str, Any]) -> bool:
        """Whether a definition has another value than the option; an option that is not set does not differ."""
        if value is None:
            return False
        present = self.present(definition)
        if present is None:
            return True
        if self.unequal is not None:
            return self.unequal(value, present)
        return bool(self.comparable(value) != self.comparable(present))


def _merged(present: Any, written: Any) -> Any:
    if not isinstance(present, dict) or not isinstance(written, dict):
        return written
    return {**present, **{name: _merged(present.get(name), value) for name, value in written.items()}}


def features_of(definition: Mapping[str, Any]) -> dict[str, Json]:
    """The features of a definition, by their names in lower case."""
    listed = (definition.get("properties") or {}).get("features") or []
    return {str(feature.get("name")).lower(): feature for feature in listed}


def _choices(*choices: str) -> Json:
    return {"type": "str", "choices": list(choices)}


def _plan_words(plan: Mapping[str, Any]) -> Json:
    return {word: plan.get(word) for word in ("publisher", "product", "name")}


def _written_ranges(ranges: Mapping[str, Any]) -> Json:
    """The limits that are set."""
    limits = {
        azure: {word: limit for word, limit in (ranges.get(name) or {}).items() if limit is not None}
        for name, azure in _RECOMMENDATIONS.items()
    }
    return {azure: each for azure, each in limits.items() if each}


def _shown_ranges(ranges: Mapping[str, Any]) -> Json:
    return {
        name: {word: (ranges.get(azure) or {}).get(word) for word in ("min", "max")}
        for name, azure in _RECOMMENDATIONS.items()
    }


def _controllers(value: Any) -> list[str]:
    return [word.strip() for word in str(value).split(",") if word.strip()]


def _truth(value: Any) -> bool:
    return str(value).lower() == "true"


TEXT: Json = {"type": "str"}
#: Disk types of https://learn.microsoft.com/rest/api/compute/disks/create-or-update#diskstorageaccounttypes
DISK_TYPES = (
    "Standard_LRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
    "Premium_LRS",
    "Premium_ZRS",
    "PremiumV2_LRS",
    "UltraSSD_LRS",
)
SECURITY_TYPES = (
    STANDARD,
    "TrustedLaunchSupported",
    "TrustedLaunch",
    "ConfidentialVMSupported",
    "ConfidentialVM",
    "TrustedLaunchAndConfidentialVmSupported",
)
#: Option -> Azure's property.
_RECOMMENDATIONS = {"vcpus": "vCPUs", "memory_gb": "memory"}
_RANGE: Json = {"type": "dict", "options": {"min": {"type": "int"}, "max": {"type": "int"}}}
_RECOMMENDED: Json = {"type": "dict", "options": dict.fromkeys(_RECOMMENDATIONS, _RANGE)}
_PURCHASE_PLAN: Json = {
    "type": "dict",
    "options": {word: {"type": "str", "required": True} for word in ("publisher", "product", "name")},
}

DEFINITION_PROPERTIES = (
    DefinitionProperty(
        option="os_type",
        specification=_choices("linux", "windows"),
        path=("osType",),
        label="operating system",
        written=str.capitalize,
        shown=_folded,
    ),
    DefinitionProperty(
        option="os_state",
        specification=_choices("generalized", "specialized"),
        path=("osState",),
        label="operating system state",
        written=str.capitalize,
        shown=_folded,
    ),
    DefinitionProperty(
        option="hyper_v_generation",
        specification=_choices("V1", "V2"),
        path=("hyperVGeneration",),
        label="Hyper-V generation",
        missing="V1",
    ),
    DefinitionProperty(
        option="architecture",
        specification=_choices("x64", "Arm64"),
        path=("architecture",),
        missing="x64",
    ),
    DefinitionProperty(option="publisher", specification=TEXT, path=("identifier", "publisher")),
    DefinitionProperty(option="offer", specification=TEXT, path=("identifier", "offer")),
    DefinitionProperty(option="sku", specification=TEXT, path=("identifier", "sku"), label="SKU"),
    DefinitionProperty(
        option="security_type", specification=_choices(*SECURITY_TYPES), feature=SECURITY_TYPE, missing=STANDARD
    ),
    DefinitionProperty(
        option="disk_controller_types",
        specification={"type": "list", "elements": "str", "choices": ["SCSI", "NVMe"]},
        feature="DiskControllerTypes",
        missing=["SCSI"],
        written=", ".join,
        shown=_controllers,
        comparable=_folded_set,
    ),
    DefinitionProperty(
        option="accelerated_networking",
        specification={"type": "bool"},
        feature="IsAcceleratedNetworkSupported",
        missing=False,
        written=str,
        shown=_truth,
    ),
    DefinitionProperty(
        option="hibernation",
        specification={"type": "bool"},
        feature="IsHibernateSupported",
        missing=False,
        written=str,
        shown=_truth,
    ),
    DefinitionProperty(
        option="purchase_plan",
        specification=_PURCHASE_PLAN,
        path=("purchasePlan",),
        written=_plan_words,
        shown=_plan_words,
        comparable=lambda plan: {word: _folded(value) for word, value in _plan_words(plan).items()},
    ),
    DefinitionProperty(
        option="description", specification=TEXT, path=("description",), changeable=True, comparable=str
    ),
    DefinitionProperty(option="eula", specification=TEXT, path=("eula",), label="EULA", comparable=str),
    DefinitionProperty(
        option="privacy_statement_uri",
        specification=TEXT,
        path=("privacyStatementUri",),
        label="privacy statement URI",
        comparable=str,
    ),
    DefinitionProperty(
        option="release_note_uri",
        specification=TEXT,
        path=("releaseNoteUri",),
        label="release note URI",
        changeable=True,
        comparable=str,
    ),
    DefinitionProperty(
        option="end_of_life_date",
        specification={**TEXT, "aliases": ["end_of_life"]},
        fact_name="end_of_life",
        path=("endOfLifeDate",),
        label="end of life",
        changeable=True,
        written=normalize_timestamp,
        comparable=lambda value: parse_timestamp(value) or str(value),
    ),
    DefinitionProperty(
        option="recommended",
        specification=_RECOMMENDED,
        path=("recommended",),
        label="recommended sizes",
        changeable=True,
        missing={name: {"min": None, "max": None} for name in _RECOMMENDATIONS},
        written=_written_ranges,
        shown=_shown_ranges,
        unequal=lambda wanted, has: any(
            limit is not None and limit != has[name][word]
            for name, limits in wanted.items()
            for word, limit in (limits or {}).items()
        ),
    ),
    DefinitionProperty(
        option="disallowed_disk_types",
        specification={"type": "list", "elements": "str", "choices": list(DISK_TYPES)},
        path=("disallowed", "diskTypes"),
        changeable=True,
        missing=[],
        comparable=_folded_set,
    ),
)
FEATURES = tuple(each for each in DEFINITION_PROPERTIES if each.feature is not None)


def changed_features(definition: Mapping[str, Any], settings: Mapping[str, Any]) -> list[DefinitionProperty]:
    """The features that differ from the options."""
    return [each for each in FEATURES if each.differs(settings.get(each.option), definition)]


def feature_list(features: Mapping[str, str]) -> list[Json]:
    """Features as Azure's list, from their names and values."""
    return [{"name": name, "value": value} for name, value in features.items()]
