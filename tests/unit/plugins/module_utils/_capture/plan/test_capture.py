# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of a capture, and what holds for all of them."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    DiskSettings,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import SOURCE_TAG
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import managed_disk_ids
from capture_states import planned
from hypothesis import given
from hypothesis import strategies as st

from scripted_azure.resources import DISK_ID, IMAGE_ID, SUBSCRIPTION, UNIQUE, VM_ID, disk, image, lock, vm

REQUEST = {"source": parse(VM_ID), "image": parse(IMAGE_ID), "generalize": True}


def codes(request, state):
    return [blocker.code for blocker in planned(request, state).blockers]


def encrypted_by_extension():
    machine = vm()
    machine["resources"] = [{"properties": {"type": "AzureDiskEncryptionForLinux"}}]
    return machine


def with_os_disk(**more):
    machine = vm()
    machine["properties"]["storageProfile"]["osDisk"].update(more)
    return machine


@pytest.mark.parametrize(
    ("machine", "disks", "code"),
    [
        (vm(securityProfile={"securityType": "TrustedLaunch"}), [disk()], "security_type_not_supported"),
        (vm(securityProfile={"securityType": "ConfidentialVM"}), [disk()], "security_type_not_supported"),
        (vm(), [disk(supportedCapabilities={"architecture": "Arm64"})], "architecture_not_supported"),
        (with_os_disk(diffDiskSettings={"option": "Local"}), [disk()], "ephemeral_os_disk"),
        (vm(), [disk(), disk(sku="UltraSSD_LRS")], "disk_type_not_supported"),
        (vm(), [disk(), disk(sku="PremiumV2_LRS")], "disk_type_not_supported"),
        (vm(), [disk(encryptionSettingsCollection={"enabled": True})], "disk_encryption"),
        (with_os_disk(encryptionSettings={"enabled": True}), [disk()], "disk_encryption"),
        (encrypted_by_extension(), [disk()], "disk_encryption"),
        (vm(provisioningState="Deleting"), [disk()], "source_in_transition"),
        (vm("running"), [disk()], "not_stopped"),
        (vm("starting"), [disk()], "not_stopped"),
        (vm("unknown"), [disk()], "not_stopped"),
    ],
)
def test_sources_that_cannot_be_captured(machine, disks, code):
    assert codes(CaptureRequest(**REQUEST), CaptureState(machine, None, disks)) == [code]


def test_a_security_type_of_standard_is_no_blocker():
    machine = vm(securityProfile={"securityType": "Standard"})
    assert codes(CaptureRequest(**REQUEST), CaptureState(machine, None, [disk()])) == []


def test_unmanaged_disks_are_fine_for_a_managed_image():
    machine = vm()
    machine["properties"]["storageProfile"]["osDisk"] = {"osType": "Linux", "vhd": {"uri": "https://a/b.vhd"}}
    assert codes(CaptureRequest(**REQUEST), CaptureState(machine, None)) == []


@pytest.mark.parametrize(
    ("level", "scope", "delete_source_vm", "blocked"),
    [
        ("ReadOnly", SUBSCRIPTION, False, True),
        ("ReadOnly", VM_ID, False, True),
        ("ReadOnly", DISK_ID, False, False),
        ("ReadOnly", VM_ID + "-other", False, False),
        ("CanNotDelete", VM_ID, False, False),
        ("CanNotDelete", VM_ID, True, True),
        ("CanNotDelete", IMAGE_ID, True, False),
    ],
)
def test_locks_block_what_they_cover(level, scope, delete_source_vm, blocked):
    request = CaptureRequest(**REQUEST, delete_source_vm=delete_source_vm)
    found = codes(request, CaptureState(vm(), None, [disk()], [lock(level, scope)]))
    assert bool(found) is blocked
    assert set(found) <= {"locked"}


@pytest.mark.parametrize("state", ["stopped", "deallocated", "starting"])
def test_a_guest_that_does_not_run_cannot_be_prepared(state):
    request = CaptureRequest(**REQUEST, guest_prepared=False)
    assert codes(request, CaptureState(vm(state), None, [disk()])) == ["not_running"]


def test_a_guest_that_shut_down_in_an_interrupted_run_can_be_captured_with_consent():
    claimed = {
        **vm("stopped"),
        "tags": {"golden.azure.claimed_by_run": "first", "golden.azure.claimed_on": "controller"},
    }
    request = CaptureRequest(**REQUEST, guest_prepared=False)
    [blocker] = planned(request, CaptureState(claimed, None, [disk()])).blockers
    assert blocker.code == "preparation_interrupted"
    assert blocker.details["run"] == "first"
    assert "'guest_prepared: true'" in blocker.message
    assert codes(CaptureRequest(**REQUEST), CaptureState(claimed, None, [disk()])) == []


CARD = f"{VM_ID.rsplit('/', 3)[0]}/Microsoft.Network/networkInterfaces/card"
ADDRESS = f"{VM_ID.rsplit('/', 3)[0]}/Microsoft.Network/publicIPAddresses/address"


def with_belongings(generalized=False):
    machine = vm("stopped", generalized)
    machine["properties"]["storageProfile"]["osDisk"]["deleteOption"] = "Detach"
    machine["properties"]["networkProfile"] = {"networkInterfaces": [{"id": CARD, "properties": {"primary": True}}]}
    return machine


def card():
    configuration = {
        "name": "first",
        "properties": {"provisioningState": "Succeeded", "publicIPAddress": {"id": ADDRESS}},
    }
    return {
        "id": CARD,
        "location": "westeurope",
        "properties": {"macAddress": "00", "ipConfigurations": [configuration], "enableIPForwarding": True},
    }


def test_what_belongs_to_the_source_is_marked_before_it_is_generalized():
    state = CaptureState(with_belongings(), None, [disk()], interfaces=[card()], addresses=[{"id": ADDRESS}])
    plan = planned(CaptureRequest(**REQUEST, delete_source_vm=True), state)
    assert plan.warnings == []
    addresses, belongings, *later = plan.steps
    assert [step.action.name for step in later] == ["deallocate", "generalize", "create_image", "delete_vm"]
    assert addresses.body == {
        "location": "westeurope",
        "properties": {
            "enableIPForwarding": True,
            "ipConfigurations": [
                {
                    "name": "first",
                    "properties": {"publicIPAddress": {"id": ADDRESS, "properties": {"deleteOption": "Delete"}}},
                }
            ],
        },
    }
    properties = belongings.body["properties"]
    assert properties["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    assert properties["networkProfile"]["networkInterfaces"] == [
        {"id": CARD, "properties": {"primary": True, "deleteOption": "Delete"}}
    ]


def test_what_is_marked_already_is_not_marked_again():
    marked = {"id": ADDRESS, "properties": {"deleteOption": "Delete"}}
    machine = with_belongings()
    machine["properties"]["storageProfile"]["osDisk"]["deleteOption"] = "Delete"
    machine["properties"]["networkProfile"]["networkInterfaces"][0]["properties"]["deleteOption"] = "Delete"
    state = CaptureState(machine, None, [disk()], interfaces=[card()], addresses=[marked])
    plan = planned(CaptureRequest(**REQUEST, delete_source_vm=True), state)
    assert [step.action.name for step in plan.steps] == ["deallocate", "generalize", "create_image", "delete_vm"]


def test_what_stays_of_a_generalized_source_is_named():
    state = CaptureState(with_belongings(generalized=True), None, [disk()])
    (warning,) = planned(CaptureRequest(**REQUEST, delete_source_vm=True), state).warnings
    assert "disk 'web-os'" in warning.message
    assert "network interface 'card'" in warning.message


@pytest.mark.parametrize(
    ("base", "code"),
    [(None, None), ("Active", None), ("Withdrawn", "base_withdrawn"), ("ScheduledForDeprecation", "base_deprecated")],
)
def test_a_base_that_is_no_longer_offered_is_a_warning(base, code):
    plan = planned(CaptureRequest(**REQUEST), CaptureState(vm(), None, [disk()], base_state=base))
    assert [warning.code for warning in plan.warnings] == ([code] if code else [])


def test_extensions_are_named():
    machine = vm()
    machine["resources"] = [{"id": f"{VM_ID}/extensions/watch", "type": "Microsoft.Compute/virtualMachines/extensions"}]
    (warning,) = planned(CaptureRequest(**REQUEST), CaptureState(machine, None, [disk()])).warnings
    assert (warning.code, "(watch)" in warning.message) == ("extensions_installed", True)


def test_a_backup_that_is_there_stays_and_one_of_another_disk_is_a_blocker():
    request = CaptureRequest(**REQUEST, snapshot_disks=True)
    plan = planned(request, CaptureState(vm(), None, [disk(uniqueId="u-1")]))
    snapshot_id, first = plan.steps[0].resource, plan.steps[0]
    assert first.body["properties"]["creationData"]["sourceResourceId"] == DISK_ID
    there = {"id": str(snapshot_id), "tags": {"golden.azure.backup_of": "u-1"}, "properties": {}}
    state = CaptureState(vm(), None, [disk(uniqueId="u-1")], backups={str(snapshot_id).lower(): there})
    assert "create_snapshot" not in [step.action.name for step in planned(request, state).steps]
    state = CaptureState(vm(), None, [disk(uniqueId="u-2")], backups={str(snapshot_id).lower(): there})
    assert codes(request, state) == ["backup_of_another_disk"]


POWER = st.sampled_from(["running", "starting", "stopping", "stopped", "deallocating", "deallocated", "unknown"])
MACHINE = st.one_of(st.none(), st.builds(vm, POWER, st.booleans()))
PRESENT = st.one_of(
    st.none(),
    st.builds(
        image,
        st.sampled_from([None, UNIQUE, "another"]),
        st.sampled_from(["Succeeded", "Creating", "Failed", "Deleting", "Updating"]),
    ),
)
ANY_REQUEST = st.builds(
    lambda **more: CaptureRequest(**{**REQUEST, **more}),
    generalize=st.booleans(),
    guest_prepared=st.booleans(),
    shutdown_timeout=st.sampled_from([0, 60]),
    delete_source_vm=st.booleans(),
    zone_resilient=st.sampled_from([None, False]),
)


@given(ANY_REQUEST, MACHINE, PRESENT)
def test_whatever_is_there(request, machine, present):
    plan = planned(request, CaptureState(machine, present, [disk()] if machine else []))
    actions = [step.action.name for step in plan.steps]
    assert not (plan.blockers and plan.steps), "a blocked plan does nothing"
    if "generalize" in actions:
        assert request.generalize, "never without consent"
        before = actions[: actions.index("generalize")]
        assert {"deallocate", "wait_for_deallocation"} & set(before) or "deallocated" in str(machine), "never running"
    if "create_image" in actions:
        assert present is None or present["properties"]["provisioningState"] == "Failed", "never over a good image"
        assert present is None or present["tags"].get(SOURCE_TAG) == UNIQUE, "never over another machine's image"
    if not plan.blockers:
        assert machine is not None or present is not None
    assert plan.changed == any(step.method for step in plan.steps)


@given(ANY_REQUEST)
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(request):
    after = CaptureState(None if request.delete_source_vm else vm("deallocated", True), image(), [disk()])
    plan = planned(request, after)
    assert (plan.blockers, plan.steps) == ([], [])


@pytest.mark.parametrize("resource", [DISK_ID, CARD, ADDRESS])
@pytest.mark.parametrize(("generalized", "delete"), [(False, True), (True, True), (False, False)])
def test_locks_on_what_goes_with_the_machine_block_its_deletion(resource, generalized, delete):
    machine = with_belongings(generalized)
    request = CaptureRequest(**REQUEST, delete_source_vm=delete)
    known = CaptureState(
        machine,
        None,
        [disk()],
        [lock("CanNotDelete", resource)],
        interfaces=[card()],
        addresses=[{"id": ADDRESS}],
    )
    # Nothing can be marked any more of a machine that is generalized: its disk and its interface stay.
    stays = generalized and resource != ADDRESS
    assert codes(request, known) == (["locked"] if delete and not stays else [])


# -- what is left out -------------------------------------------------------------------------------------------------

DATA_ID = DISK_ID.replace("web-os", "web-data")


def with_data_disk(*states: tuple[str, str], extension: bool = False):
    """A machine with a data disk at LUN 3, and what its instance view says of its disks."""
    machine = vm()
    storage = machine["properties"]["storageProfile"]
    storage["osDisk"]["name"] = "web-os"
    storage["dataDisks"] = [{"lun": 3, "name": "web-data", "managedDisk": {"id": DATA_ID}}]
    machine["properties"]["instanceView"]["disks"] = [
        {"name": name, "statuses": [{"code": f"EncryptionState/{state}"}]} for name, state in states
    ]
    if extension:
        kind = "AzureDiskEncryptionForLinux"
        machine["resources"] = [{"id": f"{VM_ID}/extensions/{kind}", "properties": {"type": kind}}]
    return machine


def data_disk(**properties):
    """The managed disk at LUN 3."""
    return {**disk(**properties), "id": DATA_ID, "name": "web-data"}


@pytest.mark.parametrize(
    ("left_out", "code"),
    [
        (data_disk(sku="UltraSSD_LRS"), "disk_type_not_supported"),
        (data_disk(sku="PremiumV2_LRS"), "disk_type_not_supported"),
        (data_disk(encryptionSettingsCollection={"enabled": True}), "disk_encryption"),
        (data_disk(sku="PremiumV2_LRS", maxShares=2), "disk_type_not_supported"),
    ],
)
def test_a_disk_that_is_left_out_blocks_nothing(left_out, code):
    known = CaptureState(with_data_disk(), None, [disk(), left_out])
    assert codes(CaptureRequest(**REQUEST), known) == [code]
    without = planned(CaptureRequest(**REQUEST, data_disks=()), known)
    assert without.blockers == []
    assert [warning.code for warning in without.warnings] == ["data_disks_excluded"]
    create = next(step for step in without.steps if step.action.name == "create_image")
    assert create.body["properties"]["storageProfile"]["dataDisks"] == []


def test_another_disk_in_the_place_of_one_that_is_left_out_is_the_one_that_counts():
    other = parse(DISK_ID.replace("web-os", "other"))
    wanted = CaptureRequest(**REQUEST, data_disks=(DiskSettings(lun=3, source=other),))
    known = CaptureState(
        with_data_disk(),
        None,
        [disk(), data_disk(sku="UltraSSD_LRS")],
        named_disks={str(other).lower(): {**disk(), "id": str(other)}},
    )
    assert codes(wanted, known) == []


@pytest.mark.parametrize(
    ("states", "blocked"),
    [
        ((("web-os", "notEncrypted"), ("web-data", "encrypted")), []),
        ((("web-os", "encrypted"), ("web-data", "encrypted")), ["disk_encryption"]),
        ((("web-os", "decryptionInProgress"), ("web-data", "notEncrypted")), ["disk_encryption"]),
        # Nobody tells: the extension speaks for it.
        ((), ["disk_encryption"]),
    ],
)
def test_an_encrypted_disk_that_is_left_out_blocks_nothing_where_azure_says_that_the_others_are_clear(states, blocked):
    known = CaptureState(with_data_disk(*states, extension=True), None, [disk(), data_disk()])
    assert codes(CaptureRequest(**REQUEST, data_disks=()), known) == blocked
    assert codes(CaptureRequest(**REQUEST), known) == ["disk_encryption"]


def test_unmanaged_disks_that_are_left_out_are_no_matter_to_a_gallery():
    machine = with_data_disk()
    machine["properties"]["storageProfile"]["dataDisks"] = [{"lun": 3, "vhd": {"uri": "https://a.blob/b.vhd"}}]
    target = GalleryTarget(definition=parse(f"{DISK_ID.rsplit('/', 2)[0]}/galleries/g/images/web"), version="1.0.0")
    there = GalleryState(
        {"location": "westeurope"},
        {"properties": {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2"}},
    )
    for data_disks, expected in ((None, ["unmanaged_disks"]), ((), [])):
        request = CaptureRequest(source=parse(VM_ID), generalize=True, gallery_targets=(target,), data_disks=data_disks)
        assert codes(request, CaptureState(machine, None, [disk()], galleries=[there])) == expected


def test_disks_that_are_left_out_are_not_even_read():
    machine = with_data_disk()
    assert [str(each) for each in managed_disk_ids(machine)] == [DISK_ID, DATA_ID]
    assert [str(each) for each in managed_disk_ids(machine, luns=())] == [DISK_ID]
