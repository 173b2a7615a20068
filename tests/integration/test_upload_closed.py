# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads to disks that a policy closes, or that take a sign-in for their data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options, run
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

DISK = "/disks/golden-upload"
MIB = 1024 * 1024


def upload(azure: EmbeddedAzure, path: Path, check: bool = False) -> Any:
    wanted = {
        "resource_group": "images",
        "image": "golden",
        "os_type": "linux",
        "os_state": "generalized",
        "hyper_v_generation": "V2",
    }
    return run_code(azure, run.execute, options.OPTIONS, check, source_file=str(path), location="westeurope", **wanted)


@pytest.mark.parametrize(
    ("modified", "code"),
    [
        ({"networkAccessPolicy": "DenyAll"}, "upload_disk_closed"),
        ({"publicNetworkAccess": "Disabled"}, "upload_disk_closed"),
        ({"dataAccessAuthMode": "AzureActiveDirectory"}, "upload_disk_wants_sign_in"),
    ],
)
def test_a_disk_that_a_policy_closes(tmp_path: Path, modified: dict[str, str], code: str) -> None:
    path = tmp_path / "golden.raw"
    path.write_bytes(bytes(510) + b"\x55\xaa" + bytes(24 * MIB - 512))
    with driven_azure(modified_disks=modified) as azure:
        azure.seed({"groups": {"images": "westeurope"}})
        assert upload(azure, path, check=True)["changed"] is True
        assert sent_writes(azure.requests) == []
        with pytest.raises(Failure) as raised:
            upload(azure, path)
        assert raised.value.code == code
        # No address was asked for, and from now on it is known beforehand.
        assert not [one for one in azure.requests if "beginGetAccess" in one.path]
        azure.clear_requests()
        for check in (True, False):
            with pytest.raises(Failure) as raised:
                upload(azure, path, check)
            assert [blocker["code"] for blocker in raised.value.details["plan"]["blockers"]] == [code]
        assert sent_writes(azure.requests) == []
