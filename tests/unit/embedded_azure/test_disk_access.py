# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to the content of disks: who gets it, and what it makes of a disk that is uploaded."""

from __future__ import annotations

from typing import Any

READ, WRITE = ({"access": access, "durationInSeconds": 60} for access in ("Read", "Write"))
UPLOAD = {"createOption": "Upload", "uploadSizeBytes": 20 * 1024 * 1024 + 512}


def make(arm: Any, creation: dict[str, Any], **more: Any) -> None:
    body = {"location": "westeurope", "properties": {"creationData": creation, **more}}
    assert arm.send("PUT", "disks/fresh", body).status_code == 202


def state(arm: Any) -> str:
    return arm.send("GET", "disks/fresh").json()["properties"]["diskState"]


def test_a_disk_for_upload_is_whole_once_access_to_it_has_ended(arm: Any) -> None:
    make(arm, UPLOAD)
    seen = [state(arm)]
    for action, body in (
        ("endGetAccess", None),
        ("beginGetAccess", WRITE),
        ("beginGetAccess", WRITE),
        ("endGetAccess", None),
    ):
        answer = arm.send("POST", f"disks/fresh/{action}", body)
        assert arm.send("GET", answer.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
        seen.append(state(arm))
    assert seen == ["ReadyToUpload", "ReadyToUpload", "ActiveUpload", "ActiveUpload", "Unattached"]


def test_a_disk_that_is_not_for_upload_is_only_read(arm: Any) -> None:
    make(arm, {"createOption": "Empty"}, diskSizeGB=4)
    _status, code, message = arm.error("POST", "disks/fresh/beginGetAccess", WRITE)
    assert code == "OperationNotAllowed" and "Cannot grant write access to disk fresh" in message
    answer = arm.send("POST", "disks/fresh/beginGetAccess", READ)
    assert "sig=" in arm.send("GET", answer.headers["Location"]).json()["accessSAS"]
    assert state(arm) == "ActiveSAS"
    arm.send("POST", "disks/fresh/endGetAccess")
    assert state(arm) == "Unattached"
