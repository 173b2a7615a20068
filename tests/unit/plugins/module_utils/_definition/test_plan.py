# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image definitions that are on their way, and their properties; the usual cases are those of the integration target."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_DEFINITION, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._definition.plan import plan_definition, plan_removal
from ansible_collections.golden.azure.plugins.module_utils._definition.request import (
    DefinitionRequest,
    DefinitionState,
)
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import DEFINITION_PROPERTIES
from ansible_collections.golden.azure.plugins.module_utils._model.effects import applied

ID = ResourceId("s", "g", GALLERY_DEFINITION, ("golden", "web"))
GALLERY = {"location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
NOW = datetime(2026, 11, 30, tzinfo=timezone.utc)
NEW = {"os_type": "linux", "security_type": "Standard"}


def definition(state: str = "Succeeded", **properties: Any) -> dict[str, Any]:
    given = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "architecture": "x64"}
    identifier = {"publisher": "golden", "offer": "web", "sku": "web"}
    return {
        "id": str(ID),
        "name": "web",
        "location": "westeurope",
        "properties": {**given, "identifier": identifier, "provisioningState": state, **properties},
    }


def plan_of(present: Any, gallery: Any = ..., **settings: Any) -> Plan:
    gallery = GALLERY if gallery is ... else gallery
    more = {name: settings.pop(name) for name in ("allow_update_image", "starts_at_version") if name in settings}
    given = {**dict.fromkeys((each.option for each in DEFINITION_PROPERTIES), None), **settings}
    return plan_definition(DefinitionRequest(ID, settings=given, **more), DefinitionState(present, gallery), NOW)


def codes(plan: Plan) -> list[str]:
    return [blocker.code for blocker in plan.blockers]


def actions(plan: Plan) -> list[str]:
    return [step.action.name for step in plan.steps]


@pytest.mark.parametrize("present", [None, definition("Failed")])
def test_one_that_is_not_there_or_has_failed_is_created_with_all_that_azure_would_choose_itself(present: Any) -> None:
    plan = plan_of(present, **NEW)
    assert (codes(plan), actions(plan)) == ([], ["create_definition"])
    assert plan.steps[0].body == {
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "identifier": {"publisher": "golden", "offer": "web", "sku": "web"},
            "features": [{"name": "SecurityType", "value": "Standard"}],
        },
    }


def test_generation_1_has_no_security_type_to_choose() -> None:
    plan = plan_of(None, os_type="linux", hyper_v_generation="V1")
    assert codes(plan) == []
    assert plan.steps[0].body["properties"]["features"] == [{"name": "SecurityType", "value": "Standard"}]


def test_features_are_written_as_azure_spells_them() -> None:
    features = {"disk_controller_types": ["SCSI", "NVMe"], "accelerated_networking": True, "hibernation": False}
    plan = plan_of(None, **NEW, **features)
    assert {each["name"]: each["value"] for each in plan.steps[0].body["properties"]["features"]} == {
        "SecurityType": "Standard",
        "DiskControllerTypes": "SCSI, NVMe",
        "IsAcceleratedNetworkSupported": "True",
        "IsHibernateSupported": "False",
    }
    assert "hibernation" not in plan.steps[0].description


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_one_that_another_works_on_is_waited_for(state: str) -> None:
    plan = plan_of(definition(state))
    assert (actions(plan), plan.changed) == (["wait_for_definition"], False)


def test_one_that_is_being_deleted_is_not_changed() -> None:
    assert codes(plan_of(definition("Deleting"), os_type="windows")) == ["definition_being_deleted"]
    removal = plan_removal(DefinitionRequest(ID, absent=True), DefinitionState(definition("Deleting"), GALLERY))
    assert (actions(removal), removal.changed) == (["wait_for_removal"], False)


def test_a_gallery_that_is_being_deleted_takes_none() -> None:
    gallery = {**GALLERY, "properties": {"provisioningState": "Deleting"}}
    assert codes(plan_of(None, gallery, **NEW)) == ["gallery_being_deleted"]


@pytest.mark.parametrize(
    ("present", "settings"),
    [
        ({}, {"publisher": "GOLDEN", "os_type": "linux", "security_type": "Standard", "hibernation": False}),
        ({"architecture": None}, {"architecture": "x64"}),
        ({"hyperVGeneration": None}, {"hyper_v_generation": "V1"}),
        ({"endOfLifeDate": "2020-01-01T00:00:00+00:00"}, {"end_of_life_date": "2020-01-01"}),
        ({"recommended": {"vCPUs": {"min": 1, "max": 8}}}, {"recommended": {"vcpus": {"max": 8, "min": None}}}),
        ({"disallowed": {"diskTypes": ["A", "B"]}}, {"disallowed_disk_types": ["B", "A"]}),
        ({}, {"disallowed_disk_types": []}),
        (
            {"features": [{"name": "diskcontrollertypes", "value": "NVMe,SCSI"}]},
            {"disk_controller_types": ["SCSI", "NVMe"]},
        ),
        (
            {"purchasePlan": {"publisher": "P", "product": "o", "name": "n"}},
            {"purchase_plan": {"publisher": "p", "product": "o", "name": "N"}},
        ),
    ],
)
def test_what_is_the_same_is_not_changed(present: dict[str, Any], settings: dict[str, Any]) -> None:
    plan = plan_of(definition(**present), **settings)
    assert (codes(plan), actions(plan)) == ([], [])


def test_of_a_range_only_what_is_set_is_changed() -> None:
    present = definition(recommended={"vCPUs": {"min": 1, "max": 8}, "memory": {"min": 2}})
    plan = plan_of(present, recommended={"vcpus": {"max": 16}, "memory_gb": None})
    written = plan.steps[0].body["properties"]["recommended"]
    assert written == {"vCPUs": {"min": 1, "max": 16}, "memory": {"min": 2}}
    assert present["properties"]["recommended"]["vCPUs"]["max"] == 8


def test_other_features_and_their_versions_are_kept() -> None:
    kept = {"name": "IsHibernateSupported", "value": "True", "startsAtVersion": "1.5.0"}
    present = definition(features=[{"name": "SecurityType", "value": "Standard"}, kept])
    more = {"allow_update_image": True, "starts_at_version": "2.0.0"}
    plan = plan_of(present, security_type="TrustedLaunch", **more)
    assert codes(plan) == []
    properties = plan.steps[0].body["properties"]
    assert properties["features"] == [
        {"name": "SecurityType", "value": "TrustedLaunch", "startsAtVersion": "2.0.0"},
        kept,
    ]
    assert properties["allowUpdateImage"] is True
    assert "provisioningState" not in properties


def test_each_property_is_in_one_place() -> None:
    places = [each.path or each.feature for each in DEFINITION_PROPERTIES]
    assert len(set(places)) == len(places)
    assert all(bool(each.path) is not bool(each.feature) for each in DEFINITION_PROPERTIES)


@pytest.mark.parametrize(
    ("wanted", "effect"),
    [
        ({"description": "d"}, Effect.DONE),
        ({"description": "other"}, Effect.ABSENT),
        ({"description": "d", "allowUpdateImage": True}, Effect.DONE),
        ({"endOfLifeDate": "2037-01-01T00:00:00Z"}, Effect.DONE),
        ({"features": [{"name": "SecurityType", "value": "Standard"}]}, Effect.DONE),
        ({"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}, Effect.ABSENT),
        ({"recommended": {"vCPUs": {"min": 2}}}, Effect.ABSENT),
    ],
)
def test_whether_a_change_whose_answer_was_lost_has_worked(wanted: dict[str, Any], effect: Effect) -> None:
    features = [{"name": "SecurityType", "value": "Standard"}]
    present = definition(description="d", endOfLifeDate="2037-01-01T00:00:00+00:00", features=features)
    assert applied({"location": "westeurope", "tags": {"a": "b"}, "properties": wanted}, present)[0] is effect
    assert applied({"properties": wanted}, None)[0] is Effect.FAILED
