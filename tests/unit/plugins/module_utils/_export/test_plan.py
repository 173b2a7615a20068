# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is planned for an export, by what there is already: the file, the disk of an earlier run, and its access."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, GALLERY_VERSION, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import EXPORT_OF, MADE_FOR, image_mark
from ansible_collections.golden.azure.plugins.module_utils._export.plan import ExportState, TargetState, plan_export
from ansible_collections.golden.azure.plugins.module_utils._export.request import ExportRequest
from ansible_collections.golden.azure.plugins.module_utils._export.source import describe
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run

Json = dict[str, Any]

VERSION = ResourceId("s", "images", GALLERY_VERSION, ("golden", "web", "1.0.0"))
REQUEST = ExportRequest(VERSION, "/exports/web.vhd", ResourceId("s", "images", DISK, ("web-export",)))
DEFINITION: Json = {"properties": {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2"}}
RESOURCE: Json = {
    "location": "westeurope",
    "systemData": {"createdAt": "2026-01-01T00:00:00Z"},
    "properties": {
        "provisioningState": "Succeeded",
        "publishingProfile": {"targetRegions": [{"name": "West Europe"}, {"name": "North Europe"}]},
        "storageProfile": {},
    },
}
SOURCE = describe(REQUEST, RESOURCE, DEFINITION)
assert SOURCE is not None
RECORD = {"source": str(VERSION), "lun": None, "content": SOURCE.content}
NO_FILE = TargetState()
REST = ["export_disk", "revoke_access", "verify_file", "delete_disk"]


def disk(state: str = "Unattached", provisioning: str = "Succeeded", content: str = "") -> Json:
    tags = {MADE_FOR: image_mark(str(VERSION)), EXPORT_OF: content or SOURCE.content}
    return {"tags": tags, "properties": {"provisioningState": provisioning, "diskState": state}}


def planned(*found: Json | None, disk: Json | None = None, file: TargetState = NO_FILE, **more: Any) -> Any:
    request = replace(REQUEST, **more)
    (resource,) = found or (RESOURCE,)
    source = describe(request, resource, DEFINITION)
    return plan_export(request, ExportState(resource, source, disk, file), Run("2026-12-01T00:00:00+00:00", "run"))


def actions(plan: Any) -> list[str]:
    return [step.action.name for step in plan.steps]


@pytest.mark.parametrize(
    ("found", "first"),
    [
        (None, ["create_disk"]),
        (disk(), []),
        (disk("ActiveSAS"), ["end_access"]),
        (disk(provisioning="Updating"), ["wait_for_disk"]),
        (disk(provisioning="Failed"), ["create_disk"]),
        (disk(content="other"), ["delete_disk", "create_disk"]),
        (disk("ActiveSAS", content="other"), ["end_access", "delete_disk", "create_disk"]),
    ],
)
def test_what_an_earlier_run_has_left_is_used_or_removed(found: Json | None, first: list[str]) -> None:
    plan = planned(disk=found)
    assert plan.blockers == [] and actions(plan) == [*first, *REST]
    assert plan.changed


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (None, []),
        (disk(), ["delete_disk"]),
        (disk("ActiveSAS"), ["end_access", "delete_disk"]),
        ({"tags": {}, "properties": {}}, []),
    ],
)
@pytest.mark.parametrize("resource", [RESOURCE, None])
def test_a_complete_file_is_kept_and_the_rest_removed(
    found: Json | None, steps: list[str], resource: Json | None
) -> None:
    plan = planned(resource, disk=found, file=TargetState(exists=True, record=RECORD, intact=True))
    assert plan.blockers == [] and actions(plan) == steps


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (TargetState(exists=True), "is not recorded as an export"),
        (
            TargetState(exists=True, record={**RECORD, "source": "other", "content": "other"}),
            "is not recorded as an export",
        ),
        (TargetState(exists=True, record={**RECORD, "lun": 1, "content": "other"}), "is not recorded as an export"),
        (TargetState(exists=True, record={**RECORD, "content": "older"}), "before the content of the"),
        (TargetState(exists=True, record=RECORD), "was modified after its export"),
    ],
)
def test_a_file_that_is_not_the_export_is_a_blocker(file: TargetState, reason: str) -> None:
    plan = planned(file=file)
    assert [each.code for each in plan.blockers] == ["export_file_exists"] and plan.steps == []
    assert reason in plan.blockers[0].message
    forced = planned(file=file, force=True)
    assert [each.code for each in forced.warnings] == ["export_file_replaced"]
    assert actions(forced) == ["create_disk", *REST]


def test_the_disk_is_created_where_the_version_is() -> None:
    status = [{"region": "West Europe", "state": "Failed"}, {"region": "North Europe", "state": "Completed"}]
    elsewhere = {**RESOURCE, "properties": {**RESOURCE["properties"], "replicationStatus": {"summary": status}}}
    for resource, location in ((RESOURCE, "westeurope"), (elsewhere, "northeurope")):
        body = planned(resource).steps[0].body
        assert body["location"] == location
        assert body["properties"] == {
            "creationData": {"createOption": "FromImage", "galleryImageReference": {"id": str(VERSION)}}
        }


def test_a_data_disk_of_a_version() -> None:
    resource = {
        **RESOURCE,
        "properties": {**RESOURCE["properties"], "storageProfile": {"dataDiskImages": [{"lun": 2}]}},
    }
    assert [each.code for each in planned(resource).warnings] == ["export_without_data_disks"]
    plan = planned(resource, lun=2)
    assert plan.warnings == []
    assert plan.steps[0].body["properties"]["creationData"]["galleryImageReference"]["lun"] == 2
    assert [each.code for each in planned(resource, lun=0).blockers] == ["data_disk_not_found"]


def test_the_key_of_a_region_is_that_of_the_disk() -> None:
    region = {
        "name": "westeurope",
        "encryption": {
            "osDiskImage": {"diskEncryptionSetId": "os"},
            "dataDiskImages": [{"lun": 0, "diskEncryptionSetId": "data"}],
        },
    }
    storage = {"dataDiskImages": [{"lun": 0}]}
    properties = {**RESOURCE["properties"], "publishingProfile": {"targetRegions": [region]}, "storageProfile": storage}
    resource = {**RESOURCE, "properties": properties}
    for lun, key in ((None, "os"), (0, "data")):
        assert planned(resource, lun=lun).steps[0].body["properties"]["encryption"]["diskEncryptionSetId"] == key


def test_a_specialized_version_for_trusted_launch_has_a_guest_state() -> None:
    features = [{"name": "SecurityType", "value": "TrustedLaunch"}]
    for state, has in (("Specialized", True), ("Generalized", False)):
        definition = {"properties": {**DEFINITION["properties"], "osState": state, "features": features}}
        found = describe(REQUEST, RESOURCE, definition)
        assert found is not None and found.has_guest_state is has


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"tags": {}, "properties": {}}, "disk_of_something_else"),
        (disk("Reserved"), "export_disk_in_use"),
    ],
)
def test_a_disk_that_cannot_be_used_is_a_blocker(found: Json, code: str) -> None:
    assert [each.code for each in planned(disk=found).blockers] == [code]


def test_what_private_endpoints_and_disk_encryption_mean() -> None:
    source = replace(REQUEST, source=ResourceId("s", "images", DISK, ("web",)))
    properties = {
        "provisioningState": "Succeeded",
        "networkAccessPolicy": "AllowPrivate",
        "diskAccessId": "/access",
        "publicNetworkAccess": "Disabled",
        "encryptionSettingsCollection": {"enabled": True},
    }
    resource = {"location": "westeurope", "properties": properties}
    state = ExportState(resource, describe(source, resource, None), None, TargetState())
    plan = plan_export(source, state, Run())
    assert [each.code for each in plan.warnings] == ["export_private", "export_encrypted"] and plan.blockers == []


# -- blobs --------------------------------------------------------------------------------------------------------

BLOB = {"target": "https://a.blob.core.windows.net/vhds/web.vhd", "is_blob": True}


@pytest.mark.parametrize(
    ("found", "first"),
    [
        (TargetState(), ["create_blob", "create_disk"]),
        (TargetState(continued=(BLOB["target"],), is_partial=True), ["create_disk"]),
        (TargetState(continued=(BLOB["target"],)), ["create_blob", "create_disk"]),
    ],
)
def test_a_blob_that_was_begun_is_continued(found: TargetState, first: list[str]) -> None:
    plan = planned(file=found, **BLOB)
    assert plan.blockers == []
    assert actions(plan) == [*first, "export_disk", "revoke_access", "verify_blob", "delete_disk"]
    assert "copy the disk" in plan.text()


def test_a_blob_that_exists_is_replaced_with_consent_only() -> None:
    existing = TargetState(exists=True, etags={BLOB["target"]: "1"})
    assert [blocker.code for blocker in planned(file=existing, **BLOB).blockers] == ["export_file_exists"]
    plan = planned(file=existing, force=True, **BLOB)
    assert plan.steps[0].description.startswith("replace the blob ")
    assert [warning.code for warning in plan.warnings] == ["export_file_replaced"]
