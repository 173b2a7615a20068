# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of versions, disks and snapshots to files: disks in Azurite, downloaded by way of embedded Azure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure, InvalidInput
from driven import run_code
from exports import DISK, SNAPSHOT, SOURCES, TRUSTED, ExportCloud, export_cloud
from playbook_runs import Playbooks
from version_cases import VERSION

STEPS = ["create_disk", "export_disk", "revoke_access", "verify_file", "delete_disk"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportCloud]:
    with export_cloud(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def cloud(started: ExportCloud) -> ExportCloud:
    started.begin()
    return started


def actions(result: dict[str, Any]) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def blocked(cloud: ExportCloud, path: Path, source: str = "version", **options: Any) -> list[str]:
    """The codes of the blockers, which check mode and the run name alike, before anything is written."""
    found = []
    for check in (True, False):
        with pytest.raises(Blocked) as refused:
            cloud.run(path, source, check, **options)
        assert cloud.writes() == []
        found.append([blocker["code"] for blocker in refused.value.details["plan"]["blockers"]])
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("source", SOURCES)
def test_four_cases(cloud: ExportCloud, tmp_path: Path, source: str) -> None:
    path = tmp_path / "web.vhd"
    foretold = cloud.run(path, source, check=True)
    assert (foretold["changed"], foretold["export"], cloud.writes()) == (True, None, [])
    assert list(tmp_path.iterdir()) == []

    result = cloud.run(path, source)
    assert actions(result) == actions(foretold) == STEPS
    planned = [(s["write"]["method"], s["write"]["path"]) for s in foretold["plan"]["steps"] if "write" in s]
    assert cloud.writes() == planned
    assert result["export"]["source"] == SOURCES[source]
    assert (result["export"]["os_type"], result["export"]["hyper_v_generation"]) == ("linux", "V2")
    cloud.verify_file(path, result["export"])
    cloud.verify_closed(result, foretold)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["web.vhd", "web.vhd.json"]
    (told,) = [line for line in cloud.lines if "received" in line]
    assert "empty and skipped" in told

    for check in (False, True):
        again = cloud.run(path, source, check)
        assert (again["changed"], actions(again), cloud.writes()) == (False, [], [])
        assert again["export"] == result["export"]


def test_only_what_is_there_is_read(cloud: ExportCloud, tmp_path: Path) -> None:
    cloud.run(tmp_path / "web.vhd")
    (told,) = [line for line in cloud.lines if "received" in line]
    # Five pages, one that was written and is empty, a sector, 4096 bytes with what follows up to the border, and the footer.
    assert told.endswith("24.0 MiB received, 24.0 MiB empty and skipped") or "MiB empty and skipped" in told
    received = float(told.split(": ")[1].split()[0])
    assert received < 29


def test_what_was_uploaded_comes_back(cloud: ExportCloud, tmp_path: Path) -> None:
    """An image is made of the exported file, and its disk holds the same."""
    first, second = tmp_path / "first.vhd", tmp_path / "second.vhd"
    exported = cloud.run(first)["export"]
    version = {"gallery": "golden", "definition": "web", "version": "2.0.0"}
    captured = run_code(
        cloud.azure,
        capture.execute,
        capture_options.OPTIONS,
        source_file=str(first),
        resource_group="images",
        gallery_versions=[version],
        os_type="linux",
        os_state="generalized",
        hyper_v_generation="V2",
        location="westeurope",
    )
    assert captured["gallery_versions"][0]["tags"]["golden.azure.source_unique_id"] == exported["digest"]
    again = cloud.run(second, gallery_version="2.0.0")["export"]
    assert (again["sha256"], again["digest"]) == (exported["sha256"], exported["digest"])
    assert first.read_bytes() == second.read_bytes()


# -- Trusted Launch -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_the_guest_state_is_a_part_of_it(cloud: ExportCloud, tmp_path: Path, source: str) -> None:
    cloud.begin(**TRUSTED)
    path = tmp_path / "web.vhd"
    result = cloud.run(path, source)
    assert result["export"]["security_type"] == "TrustedLaunch"
    assert result["export"]["guest_state"]["path"] == str(tmp_path / "web.vmgs")
    assert (tmp_path / "web.vmgs").stat().st_size == result["export"]["guest_state"]["size"]
    assert (tmp_path / "web.vmgs").read_bytes().strip(b"\0")
    cloud.verify_file(path, result["export"])
    cloud.verify_closed(result)
    assert len(cloud.storage.addresses) == 2
    assert cloud.run(path, source)["changed"] is False
    # One that is not whole any more is not the export.
    (tmp_path / "web.vmgs").unlink()
    assert blocked(cloud, path, source) == ["export_file_exists"]


def test_without_the_guest_state_if_nobody_wants_it(cloud: ExportCloud, tmp_path: Path) -> None:
    cloud.begin(**TRUSTED)
    result = cloud.run(tmp_path / "web.vhd", guest_state=False)
    assert result["export"]["guest_state"] is None and len(cloud.storage.addresses) == 1
    assert not (tmp_path / "web.vmgs").exists()
    assert cloud.run(tmp_path / "web.vhd", guest_state=False)["changed"] is False
    assert blocked(cloud, tmp_path / "web.vhd") == ["export_file_exists"]


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["disk", "snapshot"])
@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"networkAccessPolicy": "DenyAll"}, "export_closed"),
        ({"publicNetworkAccess": "Disabled"}, "export_closed"),
        ({"dataAccessAuthMode": "AzureActiveDirectory"}, "export_wants_sign_in"),
        (
            {"securityProfile": {"securityType": "ConfidentialVM_DiskEncryptedWithPlatformKey"}},
            "confidential_not_exported",
        ),
    ],
)
def test_what_must_not_leave_is_blocked(
    cloud: ExportCloud, tmp_path: Path, source: str, properties: Any, code: str
) -> None:
    for id in (DISK, SNAPSHOT):
        cloud.azure.cloud.store.get(id).properties.update(properties)
    assert blocked(cloud, tmp_path / "web.vhd", source) == [code]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"diskState": "Attached"}, "disk_in_use"),
        ({"diskState": "ReadyToUpload"}, "disk_not_uploaded"),
        ({"provisioningState": "Updating"}, "source_in_transition"),
    ],
)
def test_a_disk_that_is_not_at_rest_is_blocked(cloud: ExportCloud, tmp_path: Path, properties: Any, code: str) -> None:
    cloud.azure.cloud.store.get(DISK).properties.update(properties)
    assert blocked(cloud, tmp_path / "web.vhd", "disk") == [code]


def test_a_disk_that_cannot_be_copied_is_blocked(cloud: ExportCloud, tmp_path: Path) -> None:
    cloud.azure.cloud.store.get(DISK).body["sku"] = {"name": "UltraSSD_LRS", "tier": "Ultra"}
    assert blocked(cloud, tmp_path / "web.vhd", "disk") == ["disk_type_not_supported"]


def test_what_is_not_there_is_blocked(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    assert blocked(cloud, path, gallery_version="7.0.0") == ["source_not_found"]
    assert blocked(cloud, path, lun=3) == ["data_disk_not_found"]
    assert blocked(cloud, tmp_path / "absent" / "web.vhd") == ["export_path_not_writable"]
    assert blocked(cloud, tmp_path, force=True) == ["export_path_not_writable"]


def test_another_disk_of_that_name_is_left_alone(cloud: ExportCloud, tmp_path: Path) -> None:
    name = cloud.run(tmp_path / "web.vhd", check=True)["plan"]["steps"][0]["resource_id"]
    disk = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 1}
    cloud.azure.seed({"resources": [{"id": name, "location": "westeurope", "properties": disk}]})
    assert blocked(cloud, tmp_path / "web.vhd") == ["disk_of_something_else"]
    assert name in cloud.azure.resources()


def test_an_export_without_azure_storage_blob(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.vhd"
    cloud.run(path)
    monkeypatch.setitem(sys.modules, "azure.storage.blob", None)
    assert cloud.run(path)["changed"] is False
    assert blocked(cloud, tmp_path / "other.vhd") == ["export_not_possible"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "disk", "lun": 0}, "'lun' chooses a data disk of a gallery version"),
        ({"tags": {"golden.azure.image": "x"}}, "reserved for this collection"),
    ],
)
def test_options_that_contradict_each_other(cloud: ExportCloud, tmp_path: Path, options: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        cloud.run(tmp_path / "web.vhd", **options)


# -- an existing file ---------------------------------------------------------------------------------------------


def test_a_file_of_somebody_is_kept(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    path.write_text("somebody's")
    assert blocked(cloud, path) == ["export_file_exists"]
    assert path.read_text() == "somebody's"
    foretold = cloud.run(path, check=True, force=True)
    assert [warning["code"] for warning in foretold["plan"]["warnings"]] == ["export_file_replaced"]
    result = cloud.run(path, force=True)
    cloud.verify_file(path, result["export"])
    assert cloud.run(path, force=True)["changed"] is False


def test_a_file_that_was_changed_is_not_the_export(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    cloud.run(path)
    with path.open("r+b") as stream:
        stream.seek(700)
        stream.write(b"other")
    assert blocked(cloud, path) == ["export_file_exists"]
    cloud.verify_file(path, cloud.run(path, force=True)["export"])


def test_a_disk_that_was_used_since_has_another_content(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    cloud.run(path, "disk")
    cloud.azure.cloud.store.get(DISK).properties["LastOwnershipUpdateTime"] = "2026-12-01T00:00:00+00:00"
    assert blocked(cloud, path, "disk") == ["export_file_exists"]
    assert cloud.run(path, "disk", force=True)["changed"]
    assert cloud.run(path, "disk")["changed"] is False


def test_the_export_of_what_is_gone_is_kept(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    cloud.run(path)
    cloud.azure.cloud.store.remove(VERSION)
    again = cloud.run(path)
    assert again["changed"] is False
    assert [warning["code"] for warning in again["plan"]["warnings"]] == ["export_source_gone"]


# -- other groups, policies ---------------------------------------------------------------------------------------


def test_the_disk_of_an_export_in_another_group(cloud: ExportCloud, tmp_path: Path) -> None:
    result = cloud.run(tmp_path / "web.vhd", temporary_resource_group="exports", tags={"owner": "images"}, check=True)
    creation = result["plan"]["steps"][0]
    assert "/resourceGroups/exports/" in creation["resource_id"]
    assert creation["write"]["body"]["tags"]["owner"] == "images"
    assert cloud.run(tmp_path / "web.vhd", temporary_resource_group="exports")["changed"]
    cloud.verify_closed()


@pytest.mark.parametrize(
    ("modified", "code"),
    [
        ({"networkAccessPolicy": "DenyAll"}, "export_closed"),
        ({"dataAccessAuthMode": "AzureActiveDirectory"}, "export_wants_sign_in"),
    ],
)
def test_a_policy_that_closes_the_disk(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modified: Any, code: str
) -> None:
    monkeypatch.setattr(cloud.azure.cloud.settings, "modified_disks", modified)
    with pytest.raises(Failure) as raised:
        cloud.run(tmp_path / "web.vhd")
    assert raised.value.code == code
    assert raised.value.details["left"] == cloud.temporary()
    assert not [entry for entry in cloud.azure.requests if "beginGetAccess" in entry.path]
    # From now on that is known beforehand.
    assert blocked(cloud, tmp_path / "web.vhd") == [code]


def test_a_disk_with_an_own_key_is_copied_with_it(cloud: ExportCloud, tmp_path: Path) -> None:
    key = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": f"{DISK}-key"}
    cloud.azure.cloud.store.get(DISK).properties["encryption"] = key
    planned = cloud.run(tmp_path / "web.vhd", "disk", check=True)["plan"]["steps"][0]
    assert planned["write"]["body"]["properties"]["encryption"] == key


def test_the_record_says_what_it_is(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    exported = cloud.run(path)["export"]
    record = json.loads((tmp_path / "web.vhd.json").read_text())
    assert {**record, "path": str(path)} == exported
    assert record["os_state"] == "generalized" and record["architecture"] == "x64"


# -- by Ansible ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "in_process",
    [pytest.param(True, id="in process"), pytest.param(False, id="as module", marks=pytest.mark.sweep)],
)
def test_by_a_playbook(cloud: ExportCloud, tmp_path: Path, in_process: bool) -> None:
    path = tmp_path / "web.vhd"
    options = {"resource_group": "images", "snapshot": "before", "path": str(path)}
    task = {"golden.azure.vm_image_export": options, "register": "exported"}
    stated = {"ansible.builtin.stat": {"path": str(path), "checksum_algorithm": "sha256"}, "register": "file"}
    right = {"ansible.builtin.assert": {"that": ["exported.changed", "file.stat.checksum == exported.export.sha256"]}}
    again = {"ansible.builtin.assert": {"that": ["not exported.changed"]}}
    play = {
        "name": "Export",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process},
        "tasks": [task, stated, right, task, again],
    }
    playbook = tmp_path / "export.yml"
    playbook.write_text(yaml.safe_dump([play]))
    finished = Playbooks(tmp_path, cloud.azure.environment()).run(playbook, "-vvv", "--diff")
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]
    assert ("AnsiballZ_vm_image_export" in finished.stdout) is not in_process
    assert ("empty and skipped" in finished.stderr) is in_process
    cloud.verify_closed(finished.stdout, finished.stderr)
