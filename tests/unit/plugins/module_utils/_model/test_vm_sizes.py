# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sizes of machines can be, by their names."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._model.vm_sizes import SizeTraits, traits_of

from embedded_azure.vm_sizes import capabilities, has_premium_storage

SIZES = (
    *(
        "Standard_A2_v2",
        "Standard_B1s",
        "Standard_B2pts_v2",
        "Standard_DS1_v2",
        "Standard_D2_v3",
        "Standard_D2s_v3",
        "Standard_D2s_v5",
    ),
    *(
        "Standard_D2as_v6",
        "Standard_D2ps_v5",
        "Standard_D2plds_v6",
        "Standard_E2bs_v5",
        "Standard_E4-2s_v5",
        "Standard_FX2ms_v2",
    ),
    *(
        "Standard_M8ms",
        "Standard_NC24ads_A100_v4",
        "Standard_DC2as_v5",
        "Standard_D11_v2_Promo",
        "Basic_A0",
        "Standard_NP10s",
    ),
)


@pytest.mark.parametrize("size", SIZES)
def test_the_names_say_here_what_they_say_to_embedded_azure(size):
    ours, azure_s = traits_of(size), capabilities(size)
    assert ours.architectures == (azure_s.architecture,)
    assert ours.generations == azure_s.generations
    assert ours.controllers == tuple(name.lower() for name in azure_s.controllers)
    assert (ours.trusted_launch, ours.confidential) == (azure_s.trusted_launch, azure_s.confidential)
    assert ours.premium_storage == has_premium_storage(size)


@pytest.mark.parametrize(
    ("size", "architecture", "generations", "controllers", "trusted_launch"),
    [
        ("Standard_A2_v2", "x64", ("V1",), ("scsi",), False),
        ("standard_d11_V2_promo", "x64", ("V1",), ("scsi",), False),
        ("Standard_DS1_v2", "x64", ("V1", "V2"), ("scsi",), True),
        ("Standard_NC24ads_A100_v4", "x64", ("V1", "V2"), ("scsi",), True),
        ("Standard_NP10s", "x64", ("V1", "V2"), ("scsi",), True),
        ("Standard_B2pts_v2", "Arm64", ("V2",), ("scsi",), False),
        ("Standard_E4pds_v6", "Arm64", ("V2",), ("nvme",), True),
        ("Standard_E2ads_V7", "x64", ("V2",), ("nvme",), True),
        ("Standard_E2bs_v5", "x64", ("V1", "V2"), ("scsi", "nvme"), True),
        ("Standard_FX2ms_v2", "x64", ("V1", "V2"), ("nvme",), True),
    ],
)
def test_what_a_name_says(size, architecture, generations, controllers, trusted_launch):
    traits = traits_of(size)
    assert traits.architectures == (architecture,)
    assert (traits.generations, traits.controllers) == (generations, controllers)
    assert traits.trusted_launch is trusted_launch


@pytest.mark.parametrize(
    ("size", "premium"),
    [
        ("Standard_D2_v3", False),
        ("Standard_D2d_v5", False),
        ("Standard_A2_v2", False),
        ("Standard_DS1_v2", True),
        ("Standard_D2s_v3", True),
        ("Standard_E4-2s_v5", True),
        ("Standard_M64", True),
        ("Standard_B2pts_v2", True),
    ],
)
def test_which_sizes_have_premium_storage(size, premium):
    assert traits_of(size).premium_storage is premium


@pytest.mark.parametrize(
    ("size", "simultaneous"),
    [
        ("Standard_D2s_v5", True),
        ("Standard_D2ds_v6", False),
        ("Standard_E4s_v6", False),
        ("Standard_D2as_v6", True),
        ("Standard_D2ads_v7", False),
        ("Standard_D2ps_v6", True),
    ],
)
def test_which_sizes_snapshot_several_data_disks_at_once(size, simultaneous):
    assert traits_of(size).simultaneous_snapshots is simultaneous


def test_of_what_has_no_name_of_a_size_everything_is_possible():
    assert traits_of("anything") == SizeTraits()
