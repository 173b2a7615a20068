# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance is made of, by its source; pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    SECURITY_GROUP,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.body import machine_body
from ansible_collections.golden.azure.plugins.module_utils._instance.plan import plan_instance
from ansible_collections.golden.azure.plugins.module_utils._instance.request import (
    InstanceRequest,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.source import (
    latest_version,
    of_gallery_version,
    of_managed_image,
)
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from instance_plans import GROUP, MACHINE, NETWORK, SUBNET_ID, SUBSCRIPTION, codes, request, source, state

from scripted_azure.resources import DISK_ID, UNIQUE, image, vm


@pytest.mark.parametrize(
    ("kind", "feature", "options", "security_type"),
    [
        ("marketplace", "Standard", {}, None),
        ("marketplace", "TrustedLaunchSupported", {}, "TrustedLaunch"),
        ("marketplace", "TrustedLaunchSupported", {"for_managed_image": True}, "Standard"),
        ("marketplace", "Standard", {"security_type": "Standard"}, None),
        ("gallery_version_id", "TrustedLaunch", {}, "TrustedLaunch"),
        ("gallery_version_id", "TrustedLaunchSupported", {"security_type": "Standard"}, "Standard"),
        ("gallery_version_id", "TrustedLaunchSupported", {"sizes": ("Standard_D2ps_v5",)}, "TrustedLaunch"),
        ("gallery_version_id", "TrustedLaunchAndConfidentialVmSupported", {}, "TrustedLaunch"),
        ("gallery_version_id", "ConfidentialVM", {}, "ConfidentialVM"),
        ("gallery_version_id", "ConfidentialVmSupported", {}, None),
        ("gallery_version_id", "ConfidentialVmSupported", {"security_type": "ConfidentialVM"}, "ConfidentialVM"),
        ("image", "Standard", {}, None),
    ],
)
def test_standard_is_sent_only_where_azure_might_make_trusted_launch(kind, feature, options, security_type):
    arm = "Arm64" if "sizes" in options else "x64"
    security_type = None if arm == "Arm64" else security_type
    body = machine_body(request(kind, **options), state(source(security_feature=feature, architecture=arm)))
    profile = body["properties"].get("securityProfile", {})
    assert profile.get("securityType") == security_type
    assert ("uefiSettings" in profile) is (security_type not in (None, "Standard"))
    encrypted = "managedDisk" in body["properties"]["storageProfile"]["osDisk"]
    assert encrypted is (security_type == "ConfidentialVM")


@pytest.mark.parametrize(
    ("option", "profile"), [("TrustedLaunchSupported", {"securityType": "Standard"}), (None, None)]
)
def test_a_copy_of_a_standard_machine_says_so_only_where_its_disk_could_be_more(option, profile):
    disk = {"id": DISK_ID, "properties": {"supportedCapabilities": {"supportedSecurityOption": option}}}
    body = machine_body(request("source_vm"), state(copied=vm("running"), copied_disks=[disk]))
    assert body["properties"].get("securityProfile") == profile


def test_an_image_for_secure_machines_makes_no_other():
    planned = plan_instance(
        request("gallery_version_id", for_managed_image=True), state(source(security_feature="TrustedLaunch"))
    )
    assert codes(planned) == ["security_type_not_supported"]


def test_windows_has_a_password_and_a_short_name():
    wanted = request(admin_password="Secret-of-22-characters", custom_data="x")
    profile = machine_body(wanted, state(source(os_type="Windows")))["properties"]["osProfile"]
    assert re.fullmatch(r"a-machine-[0-9a-f]{5}", profile["computerName"])
    assert profile["windowsConfiguration"] == {"provisionVMAgent": True}
    assert "linuxConfiguration" not in profile
    assert profile["customData"] == "eA=="


@pytest.mark.parametrize(("password", "disabled"), [(None, True), ("Secret-of-22-characters", False)])
def test_log_ins_by_password_only_where_there_is_one(password, disabled):
    profile = machine_body(request(admin_password=password), state(source()))["properties"]["osProfile"]
    assert profile["linuxConfiguration"]["disablePasswordAuthentication"] is disabled


@pytest.mark.parametrize(
    ("kind", "feature", "asked", "code"),
    [
        ("image", "Standard", "TrustedLaunch", ["security_type_not_supported"]),
        ("gallery_version_id", "Standard", "TrustedLaunch", ["security_type_not_supported"]),
        ("gallery_version_id", "TrustedLaunchSupported", "TrustedLaunch", []),
        ("gallery_version_id", "TrustedLaunchSupported", "ConfidentialVM", ["security_type_not_supported"]),
        ("gallery_version_id", "ConfidentialVM", "TrustedLaunch", ["security_type_not_supported"]),
        ("gallery_version_id", "None", None, []),
    ],
)
def test_security_types_that_an_image_cannot_have_are_refused(kind, feature, asked, code):
    assert codes(plan_instance(request(kind, security_type=asked), state(source(security_feature=feature)))) == code


@pytest.mark.parametrize(
    ("name", "os_type", "shown"),
    [
        ("build_web", "Linux", "build-web"),
        ("build.web", "Linux", "build.web"),
        ("build.web", "Windows", "build-web"),
        ("20261121", "Windows", "vm-20261121"),
        ("20261121", "Linux", "20261121"),
        ("b\u00fcro-1", "Linux", "b-ro-1"),
    ],
)
def test_a_host_name_is_one_that_a_guest_may_have(name, os_type, shown):
    wanted = replace(request(), machine=replace(MACHINE, names=(name,)))
    profile = machine_body(wanted, state(source(os_type=os_type)))["properties"]["osProfile"]
    assert profile["computerName"] == shown


def test_long_names_that_differ_in_their_ends_have_hostnames_of_their_own():
    """Such as the two machines that image_verify compares."""
    shown = []
    for name in ("verify-5ca516a261-1", "verify-5ca516a261-2"):
        wanted = replace(request(), machine=replace(MACHINE, names=(name,)))
        shown.append(machine_body(wanted, state(source(os_type="Windows")))["properties"]["osProfile"]["computerName"])
    assert len(set(shown)) == 2
    assert all(re.fullmatch(r"verify-5c-[0-9a-f]{5}", one) for one in shown)


@pytest.mark.parametrize(
    ("os_type", "options", "code"),
    [
        ("Linux", {"admin_username": "root"}, "user_refused"),
        ("Windows", {"admin_username": "Administrator", "admin_password": "Aa1-secret"}, "user_refused"),
        ("Windows", {"admin_username": "a" * 21, "admin_password": "Aa1-secret"}, "user_refused"),
        ("Windows", {"admin_username": "me.", "admin_password": "Aa1-secret"}, "user_refused"),
        ("Linux", {"admin_username": "some one"}, "user_refused"),
        ("Windows", {"admin_password": "Aa1-sec"}, "password_refused"),
        ("Windows", {"admin_password": "secret-without-more"}, "password_refused"),
        ("Linux", {"admin_password": "Password1"}, "password_refused"),
        ("Linux", {"admin_password": "Aa1-" * 19}, "password_refused"),
    ],
)
def test_log_ins_that_azure_refuses_are_told_before(os_type, options, code):
    planned = plan_instance(request(**options), state(source(os_type=os_type)))
    assert codes(planned) == [code]
    assert not any(options.get("admin_password", "-none-") in blocker.message for blocker in planned.blockers)


def test_a_copy_is_of_its_source_s_security_type():
    copied = vm("running", securityProfile={"securityType": "TrustedLaunch"})
    refused = plan_instance(request("source_vm", security_type="Standard"), state(copied=copied))
    assert codes(refused) == ["security_type_not_supported"]
    assert codes(plan_instance(request("source_vm", security_type="TrustedLaunch"), state(copied=copied))) == []


def test_a_copy_has_what_its_source_s_guest_relies_on():
    copied = vm("running", securityProfile={"securityType": "TrustedLaunch", "encryptionAtHost": True})
    copied["properties"]["storageProfile"]["diskControllerType"] = "NVMe"
    body = machine_body(request("source_vm"), state(copied=copied))["properties"]
    assert body["storageProfile"]["diskControllerType"] == "NVMe"
    assert body["securityProfile"]["encryptionAtHost"] is True


def test_everything_goes_with_the_machine():
    wanted = request(public_ip=True)
    body = machine_body(wanted, state(source(data_disk_luns=(0, 3))))["properties"]
    disks = [body["storageProfile"]["osDisk"], *body["storageProfile"]["dataDisks"]]
    assert [disk["deleteOption"] for disk in disks] == ["Delete"] * 3
    (interface,) = body["networkProfile"]["networkInterfaceConfigurations"]
    public = interface["properties"]["ipConfigurations"][0]["properties"]["publicIPAddressConfiguration"]
    assert interface["properties"]["deleteOption"] == public["properties"]["deleteOption"] == "Delete"


def test_a_purchase_plan_comes_from_the_image_or_the_task():
    plan = {"name": "a", "product": "b", "publisher": "c"}
    assert machine_body(request(), state(source(purchase_plan=plan)))["plan"] == plan
    assert machine_body(request("image", purchase_plan=plan), state(source()))["plan"] == plan
    assert "plan" not in machine_body(request(), state(source()))


def test_a_specialized_version_is_not_provisioned():
    wanted = request("gallery_version_id", ssh_public_key=None)
    planned = plan_instance(wanted, state(source(generalized=False)))
    assert (codes(planned), [warning.code for warning in planned.warnings]) == ([], ["specialized"])
    assert "osProfile" not in planned.steps[0].body["properties"]


@pytest.mark.parametrize(
    ("traits", "code"),
    [({"regions": ("northeurope",)}, "image_not_in_region"), ({"state": "Creating"}, "image_not_ready")],
)
def test_images_that_cannot_be_used(traits, code):
    assert codes(plan_instance(request("image"), state(source(**traits)))) == [code]


def test_what_is_read_of_images():
    managed = of_managed_image(image(dataDisks=[{"lun": 7}]))
    assert (managed.os_type, managed.regions, managed.data_disk_luns) == ("Linux", ("westeurope",), (7,))
    definition = {
        "properties": {
            "osType": "Windows",
            "osState": "Specialized",
            "features": [{"name": "SecurityType", "value": "TrustedLaunch"}],
            "purchasePlan": {"name": "a", "product": "b", "publisher": "c", "more": "d"},
        }
    }
    version = of_gallery_version({"id": "/v", "name": "1.0.0"}, definition)
    assert (version.os_type, version.generalized, version.security_feature) == ("Windows", False, "TrustedLaunch")
    assert version.purchase_plan == {"name": "a", "product": "b", "publisher": "c"}


def test_latest_is_the_highest_that_is_whole_offered_and_in_the_region():
    def version(name: str, condition: str = "Succeeded", region: str = "West Europe", excluded: bool = False) -> Any:
        profile = {"targetRegions": [{"name": region}], "excludeFromLatest": excluded}
        identity = f"/galleries/golden/images/web/versions/{name}"
        return {
            "id": identity,
            "name": name,
            "properties": {"provisioningState": condition, "publishingProfile": profile},
        }

    versions = [
        version("1.9.0"),
        version("1.10.0"),
        version("1.11.0", excluded=True),
        version("1.12.0", region="North Europe"),
        version("1.13.0", condition="Failed"),
    ]
    assert latest_version(versions, "westeurope")["name"] == "1.10.0"
    assert latest_version(versions, None)["name"] == "1.12.0"
    versions[1]["properties"]["publishingProfile"]["targetRegions"][0]["excludeFromLatest"] = True
    assert latest_version(versions, "westeurope")["name"] == "1.9.0"
    assert latest_version([], None) is None


# -- what a run before has left -----------------------------------------------------------------------------------


def ours(resource: dict[str, Any], wanted: InstanceRequest) -> dict[str, Any]:
    return {**resource, "tags": wanted.all_tags}


def test_a_machine_that_failed_is_made_again():
    wanted = request()
    planned = plan_instance(wanted, state(source(), vm=ours(vm(provisioningState="Failed"), wanted)))
    assert [step.action.name for step in planned.steps] == ["delete_vm", "create_machine", "wait_for_agent"]


def test_a_machine_whose_agent_is_ready_has_not_failed():
    wanted = request()
    failed = ours(vm("running", provisioningState="Failed"), wanted)
    status = {"code": "ProvisioningState/succeeded", "displayStatus": "Ready"}
    failed["properties"]["instanceView"]["vmAgent"] = {"statuses": [status]}
    assert plan_instance(wanted, state(source(), vm=failed)).steps == []


def test_a_group_that_is_going_is_waited_for_only_if_it_is_ours():
    wanted = request(create_group=True)
    going = {**GROUP, "properties": {"provisioningState": "Deleting"}}
    own = plan_instance(wanted, state(source(), group=ours(going, wanted)))
    assert [step.action.name for step in own.steps][:3] == ["wait_for_removal", "create_group", "create_machine"]
    assert codes(plan_instance(wanted, state(source(), group=going))) == ["resource_group_being_deleted"]


def test_a_disk_of_somebody_else_is_not_overwritten():
    wanted = request()
    disk = wanted.part_id(DISK, "os")
    taken = {str(disk).lower(): {"id": str(disk)}}
    assert codes(plan_instance(wanted, state(source(), parts=taken))) == ["name_taken"]
    left = {str(disk).lower(): ours({"id": str(disk)}, wanted)}
    planned = plan_instance(wanted, state(source(), parts=left))
    assert [step.action.name for step in planned.steps][:2] == ["delete_disk", "create_machine"]


def test_data_disks_that_were_left_are_no_obstacle():
    wanted = request()
    disk = wanted.part_id(DISK, "data-3")
    left = {str(disk).lower(): ours({"id": str(disk)}, wanted)}
    planned = plan_instance(wanted, state(source(data_disk_luns=(3,)), parts=left))
    assert [step.action.name for step in planned.steps][:2] == ["delete_disk", "create_machine"]
    assert planned.steps[0].path == str(disk)


@pytest.mark.parametrize(
    ("network", "warned"),
    [
        ({"id": "/other"}, False),
        ({"id": "/source"}, True),
        ({"id": "/other", "peered": "/Source"}, True),
        ({"id": "/other", "peered": "/third"}, False),
    ],
)
def test_a_network_that_reaches_the_source_s_is_warned_of(network, warned):
    peering = {"properties": {"remoteVirtualNetwork": {"id": network.get("peered")}}}
    body = {**NETWORK, "id": network["id"]}
    body["properties"] = {**NETWORK["properties"], "virtualNetworkPeerings": [peering]}
    found = state(copied=vm("running"), network=body, copied_subnets=["/source/subnets/web"])
    warnings = [warning.code for warning in plan_instance(request("source_vm"), found).warnings]
    assert ("network_of_the_source" in warnings) is warned


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_copy_of_encrypted_disks_is_warned_of(encrypted):
    disks = [{"id": DISK_ID, "properties": {"encryptionSettingsCollection": {"enabled": encrypted}}}]
    planned = plan_instance(request("source_vm"), state(copied=vm("running"), copied_disks=disks))
    assert ("disk_encryption" in [warning.code for warning in planned.warnings]) is encrypted


def test_a_security_group_of_another_region_is_refused():
    group = ResourceId(SUBSCRIPTION, "net", SECURITY_GROUP, ("mine",))
    wanted = request(security_group=group)
    planned = plan_instance(wanted, state(source(), security_group={"location": "North Europe", "properties": {}}))
    assert codes(planned) == ["location_differs"]


def test_snapshots_of_different_moments_are_not_mixed():
    wanted = request("source_vm", disk_consistency="per_disk")
    data = {"lun": 0, "managedDisk": {"id": str(ResourceId(SUBSCRIPTION, "images", DISK, ("data",)))}}
    copied = vm("running")
    copied["properties"]["storageProfile"]["dataDisks"] = [data]
    snapshot = wanted.part_id(SNAPSHOT, "snapshot-os")
    left = ours({"id": str(snapshot), "properties": {"provisioningState": "Succeeded"}}, wanted)
    planned = plan_instance(wanted, state(copied=copied, parts={str(snapshot).lower(): left}))
    assert [step.action.name for step in planned.steps] == [
        "delete_snapshot",
        *["create_snapshot"] * 2,
        *["create_disk"] * 2,
        "create_machine",
        *["delete_snapshot"] * 2,
        "wait_for_agent",
    ]


def test_a_copy_with_a_key_of_its_own_keeps_it():
    wanted = request("source_vm")
    copied = vm("running")
    key = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": "/des"}
    source_disk = copied["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    disks = [{"id": source_disk, "sku": {"name": "Premium_LRS"}, "properties": {"encryption": key}}]
    planned = plan_instance(wanted, state(copied=copied, copied_disks=disks))
    made = [step for step in planned.steps if step.action.name in ("create_snapshot", "create_disk")]
    assert [step.body["properties"]["encryption"] for step in made] == [key, key]
    assert made[1].body["sku"] == {"name": "Premium_LRS"}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"copied": None}, "source_not_found"),
        ({"copied_subnets": [str(SUBNET_ID)]}, "subnet_not_isolated"),
        ({"copied": vm("stopped", generalized=True)}, "source_generalized"),
        ({"copied_disks": [{"name": "d", "sku": {"name": "UltraSSD_LRS"}}]}, "disk_type_not_supported"),
        ({"location": "northeurope", "network": {**NETWORK, "location": "northeurope"}}, "location_differs"),
    ],
)
def test_machines_that_cannot_be_copied(found, code):
    assert codes(plan_instance(request("source_vm"), state(**{"copied": vm("running"), **found}))) == [code]


def test_an_instance_of_a_machine_that_was_built_again_is_another():
    wanted = request("source_vm")
    made = ours(vm("running"), wanted)
    made["tags"]["golden.azure.copied_vm_id"] = "the-one-before"
    assert codes(plan_instance(wanted, state(vm=made, copied=vm("running")))) == ["instance_of_another_source"]
    # Its source may be gone: it is there all the same.
    assert codes(plan_instance(wanted, state(vm=made, copied=None))) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, []),
        ({"sizes": ("Standard_D4s_v5",)}, ["has the size Standard_D2s_v5, not Standard_D4s_v5"]),
        ({"spot": True}, ["has the priority regular"]),
        ({"public_ip": True}, ["has no public IP address"]),
        ({"subnet": replace(SUBNET_ID, names=("build", "b"))}, ["is not in the subnet 'build/b'"]),
        (
            {"security_group": ResourceId(SUBSCRIPTION, "net", SECURITY_GROUP, ("mine",))},
            ["does not use the network security group 'mine'"],
        ),
        ({"ssh_public_key": "ssh-ed25519 BBBB me@home"}, ["was created with another 'ssh_public_key'"]),
        ({"ssh_public_key": "ssh-ed25519 AAAA me@home"}, []),
        ({"for_managed_image": True}, ["has the security type TrustedLaunch, not Standard"]),
    ],
)
def test_what_is_not_as_the_task_wants_it_is_warned_of(options, says):
    wanted = replace(request(), **options)
    key = {"keyData": "ssh-ed25519 AAAA somebody@else"}
    made = vm(
        "running",
        hardwareProfile={"vmSize": "Standard_D2s_v5"},
        securityProfile={"securityType": "TrustedLaunch"},
        osProfile={"linuxConfiguration": {"ssh": {"publicKeys": [key]}}},
    )
    interface = {"properties": {"ipConfigurations": [{"properties": {"subnet": {"id": str(SUBNET_ID)}}}]}}
    planned = plan_instance(wanted, state(source(), vm=ours(made, wanted), interfaces=[interface]))
    told = [warning.message for warning in planned.warnings if warning.code == "differs"]
    assert len(told) == len(says)
    assert all(said in message for said, message in zip(says, told))


def test_a_long_name_still_has_a_mark_that_fits_a_tag():
    long = replace(request(), machine=ResourceId(SUBSCRIPTION, "g" * 90, VIRTUAL_MACHINE, ("n" * 64,)))
    assert len(long.mark) <= 256
    longer = replace(request(), machine=ResourceId("s" * 200, "g" * 90, VIRTUAL_MACHINE, ("n" * 64,)))
    assert longer.mark.startswith("sha256:")


def left_over(wanted: InstanceRequest, resource: ResourceId, of: str, vm_id: str) -> dict[str, Any]:
    """A disk or snapshot that an interrupted run has made of a machine's disk."""
    return {
        "id": str(resource),
        "tags": {**wanted.all_tags, "golden.azure.copied_vm_id": vm_id},
        "properties": {
            "provisioningState": "Succeeded",
            "timeCreated": "2026-05-01T10:00:00+00:00",
            "creationData": {"createOption": "Copy", "sourceResourceId": of},
            "networkAccessPolicy": "DenyAll",
            "publicNetworkAccess": "Disabled",
        },
    }


TAKEN_UP = ["create_disk", "create_machine", "delete_snapshot", "wait_for_agent"]
ANEW = ["delete_snapshot", "create_snapshot", *TAKEN_UP]


@pytest.mark.parametrize(
    ("traits", "actions"),
    [
        ({}, TAKEN_UP),
        ({"vm_id": "of-another-machine"}, ANEW),
        # The machine was given another disk since.
        ({"of": DISK_ID.replace("web-os", "another")}, ANEW),
    ],
)
def test_snapshots_of_another_machine_or_disk_are_not_taken_up(traits, actions):
    wanted = request("source_vm")
    snapshot = wanted.part_id(SNAPSHOT, "snapshot-os")
    left = left_over(wanted, snapshot, **{"of": DISK_ID, "vm_id": UNIQUE, **traits})
    planned = plan_instance(wanted, state(copied=vm("running"), parts={str(snapshot).lower(): left}))
    assert [step.action.name for step in planned.steps] == actions
    old = [warning.message for warning in planned.warnings if warning.code == "snapshots_of_before"]
    assert ["2026-05-01T10:00:00" in message for message in old] == ([] if traits else [True])


@pytest.mark.parametrize(
    ("vm_id", "actions"),
    [
        (UNIQUE, ["create_machine", "wait_for_agent"]),
        ("of-another-machine", ["create_snapshot", "delete_disk", *TAKEN_UP]),
    ],
)
def test_disks_of_another_machine_are_not_attached(vm_id, actions):
    wanted = request("source_vm")
    snapshot, disk = wanted.part_id(SNAPSHOT, "snapshot-os"), wanted.part_id(DISK, "os")
    left = left_over(wanted, disk, str(snapshot), vm_id)
    planned = plan_instance(wanted, state(copied=vm("running"), parts={str(disk).lower(): left}))
    assert [step.action.name for step in planned.steps] == actions


def test_controllers_are_read_from_images_and_definitions():
    assert of_managed_image(image()).disk_controllers == "SCSI"
    described = {"properties": {"features": [{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}]}}
    assert of_gallery_version({}, described).disk_controllers == "SCSI, NVMe"
    assert of_gallery_version({}, {}).disk_controllers == "SCSI"


def test_a_region_that_the_subscription_does_not_have():
    regions = Regions({"westeurope": True})
    assert codes(plan_instance(request(location="West Europe"), state(source(), regions=regions))) == []
    wanted = request(location="nowhere")
    assert codes(plan_instance(wanted, state(source(), regions=regions))) == ["region_unknown"]
    unknown = plan_instance(wanted, state(source(), unread=(Finding("regions_unknown", "Nobody knows."),)))
    assert (codes(unknown), [warning.code for warning in unknown.warnings]) == ([], ["regions_unknown"])


def test_tags_are_counted_with_those_of_the_instance():
    for count, expected in ((48, []), (49, ["too_many_tags"])):
        wanted = request(tags={f"tag-{each}": "x" for each in range(count)})
        assert codes(plan_instance(wanted, state(source()))) == expected
