# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sources that are no machines: what is read of them, and what holds for all their plans."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    DiskSettings,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import kind_of
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_DEFINITION, child, parse
from ansible_collections.golden.azure.plugins.module_utils._model.blob import account_name, read_blob
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run, provenance_facts
from capture_states import planned
from hypothesis import given
from hypothesis import strategies as st

from scripted_azure.resources import DISK_ID, GROUP, IMAGE_ID, disk, image

SNAPSHOT_ID = DISK_ID.replace("/disks/", "/snapshots/")
GALLERY = parse(f"{GROUP}/providers/Microsoft.Compute/galleries/golden")
TARGET = GalleryTarget(child(GALLERY, GALLERY_DEFINITION, "web"), "next")
THERE = GalleryState(
    {"location": "westeurope"},
    {
        "properties": {
            "provisioningState": "Succeeded",
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}],
        }
    },
)

STATES = st.sampled_from(["Unattached", "Attached", "Reserved", "ActiveSAS", "ReadyToUpload", "ActiveUpload"])
DISKS = st.builds(
    disk,
    sku=st.sampled_from(["Premium_LRS", "UltraSSD_LRS"]),
    diskState=STATES,
    osType=st.sampled_from(["Linux", "Windows", None]),
    uniqueId=st.sampled_from(["u-1", "u-2"]),
    supportedCapabilities=st.sampled_from([None, {"architecture": "Arm64"}]),
    securityProfile=st.sampled_from([None, {"securityType": "TrustedLaunch"}]),
)
REQUESTS = st.builds(
    CaptureRequest,
    source=st.sampled_from(
        [parse(DISK_ID), parse(SNAPSHOT_ID), read_blob("b", "https://a.blob.core.windows.net/v/o.vhd")]
    ),
    image=st.sampled_from([None, parse(IMAGE_ID)]),
    gallery_targets=st.sampled_from([(), (TARGET,)]),
    specialized=st.booleans(),
    location=st.sampled_from([None, "westeurope", "northeurope"]),
    os_type=st.sampled_from([None, "Linux"]),
    data_disks=st.sampled_from([None, (), (DiskSettings(3, parse(SNAPSHOT_ID)),)]),
    run=st.just(Run("2026-01-01T00:00:00+00:00", "run-1")),
)


@given(REQUESTS, st.one_of(st.none(), DISKS))
def test_whatever_the_source_is(request, found):
    state = CaptureState(
        found, galleries=[THERE] * len(request.gallery_targets), named_disks={SNAPSHOT_ID.lower(): disk(osType=None)}
    )
    plan = planned(request, state)
    assert not (plan.blockers and plan.steps), "a blocked plan does nothing"
    written = {step.resource.resource_type.rsplit("/", 1)[-1] for step in plan.steps}
    assert written <= {"images", "versions"}, "a source that is no machine is never written to"
    if request.image and not plan.blockers:
        assert not request.specialized, "a managed image is generalized"
    for step in plan.steps:
        assert step.body["tags"]["golden.azure.run_id"] == "run-1"


@given(REQUESTS, DISKS)
def test_what_was_made_is_found_again(request, found):
    state = CaptureState(
        found, galleries=[THERE] * len(request.gallery_targets), named_disks={SNAPSHOT_ID.lower(): disk(osType=None)}
    )
    plan = planned(request, state)
    if plan.blockers:
        return
    made = {step.resource.resource_type: step for step in plan.steps}
    there = {kind: {"id": str(step.resource), "name": step.resource.name, **step.body} for kind, step in made.items()}
    for resource in there.values():
        resource["properties"] = {**resource["properties"], "provisioningState": "Succeeded"}
    after = CaptureState(
        found,
        image=next((resource for kind, resource in there.items() if kind.endswith("/images")), None),
        galleries=[
            GalleryState(THERE.gallery, THERE.definition, [there[kind] for kind in there if kind.endswith("/versions")])
        ]
        * len(request.gallery_targets),
        named_disks=state.named_disks,
    )
    again = planned(request, after)
    assert (again.blockers, again.steps) == ([], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://a.blob.core.windows.net/v/o.vhd?sv=1&sig=s3cr3t", "contains a SAS token"),
        ("https://user:s3cr3t@a.blob.core.windows.net/v/o.vhd", "contains a SAS token"),
        ("http://a.blob.core.windows.net/v/o.vhd", "is not a valid blob URL"),
        ("https://a.blob.core.windows.net/o.vhd", "is not a valid blob URL"),
        ("o.vhd", "is not a valid blob URL"),
    ],
)
def test_addresses_that_are_none(text, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        read_blob("source_blob", text)
    assert "s3cr3t" not in str(caught.value)


def test_the_account_of_a_blob():
    assert account_name("https://vhds.blob.core.windows.net/v/o.vhd") == "vhds"


def test_a_long_id_is_recorded_as_its_digest():
    source = parse(f"/subscriptions/s/resourceGroups/{'g' * 90}/providers/Microsoft.Compute/disks/{'d' * 200}")
    request = CaptureRequest(source, image=parse(IMAGE_ID), os_type="Linux", run=Run("m", "r"))
    (step,) = planned(request, CaptureState(disk(uniqueId="u"))).steps
    assert step.body["tags"]["golden.azure.source"].startswith("sha256:")
    assert all(len(value) <= 256 for value in step.body["tags"].values())
    assert provenance_facts(step.body)["source_unique_id"] == "u"


def test_an_image_is_told_from_one_made_again_under_its_name():
    request = CaptureRequest(parse(IMAGE_ID), gallery_targets=(TARGET,))
    first = kind_of(request.source).describe(
        request, CaptureState({**image(), "systemData": {"createdAt": "2026-01-01"}})
    )
    second = kind_of(request.source).describe(
        request, CaptureState({**image(), "systemData": {"createdAt": "2026-02-01"}})
    )
    assert first.identity != second.identity
