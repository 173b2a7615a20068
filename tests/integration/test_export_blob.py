# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of versions, disks and snapshots to page blobs, copied within Azure."""

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
from blob_exports import ACCOUNT, BLOB, CONTAINER, BlobCloud, blob_cloud
from driven import run_code
from exports import SOURCES, TRUSTED
from playbook_runs import Playbooks
from version_cases import VERSION

STEPS = ["create_blob", "create_disk", "export_disk", "revoke_access", "verify_blob", "delete_disk"]
CONTAINER_ID = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/exports/providers/Microsoft.Storage/storageAccounts/"
    f"{ACCOUNT}/blobServices/default/containers/{CONTAINER}"
)
EVERYTHING = {"scope": "/", "actions": ["*"]}
#: The role Storage Blob Data Contributor.
CONTRIBUTOR = {
    "scope": CONTAINER_ID,
    "actions": ["Microsoft.Storage/storageAccounts/blobServices/containers/*"],
    "data_actions": [
        f"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/{word}"
        for word in ("read", "write", "delete", "add/action", "move/action")
    ],
}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobCloud]:
    with blob_cloud(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def cloud(started: BlobCloud) -> BlobCloud:
    started.begin()
    return started


def actions(result: dict[str, Any]) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def blocked(cloud: BlobCloud, blob: str = BLOB, source: str = "version", **options: Any) -> list[str]:
    """The codes of the blockers, which check mode and the run name alike, before anything is written."""
    found = []
    for check in (True, False):
        with pytest.raises(Blocked) as refused:
            cloud.copy(blob, source, check, **options)
        assert (cloud.writes(), cloud.storage_writes()) == ([], [])
        found.append([blocker["code"] for blocker in refused.value.details["plan"]["blockers"]])
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("source", SOURCES)
def test_four_cases(cloud: BlobCloud, source: str) -> None:
    foretold = cloud.copy(source=source, check=True)
    assert (foretold["changed"], foretold["export"], cloud.writes(), cloud.storage_writes()) == (True, None, [], [])

    result = cloud.copy(source=source)
    assert actions(result) == actions(foretold) == STEPS
    planned = [(s["write"]["method"], s["write"]["path"]) for s in foretold["plan"]["steps"] if "write" in s]
    assert cloud.writes() == planned
    assert result["export"]["source"] == SOURCES[source]
    assert result["export"]["blob"] == BLOB and "path" not in result["export"]
    assert (result["export"]["sha256"], result["export"]["digest"]) == (None, None)
    cloud.verify_blob(result["export"])
    cloud.verify_closed(result, foretold)
    assert cloud.names() == ["web.vhd", "web.vhd.json"]
    (told,) = [line for line in cloud.lines if "MiB copied" in line]
    assert "empty and skipped" in told

    for check in (False, True):
        again = cloud.copy(source=source, check=check)
        assert (again["changed"], actions(again), cloud.writes(), cloud.storage_writes()) == (False, [], [], [])
        assert again["export"] == result["export"]


def test_nothing_of_the_disk_passes_the_host(cloud: BlobCloud) -> None:
    """Storage reads the disk; the host reads a footer of each, and what the record holds."""
    cloud.copy()
    answered = sum(len(entry.answered) for entry in cloud.azure.requests if ".blob.core" in entry.host)
    sent = sum(len(entry.sent) for entry in cloud.azure.requests if ".blob.core" in entry.host)
    assert answered < 64 * 1024 and sent < 16 * 1024


@pytest.mark.parametrize("into", ["image", "gallery"])
def test_what_was_exported_is_a_source_of_captures(cloud: BlobCloud, into: str) -> None:
    """The same disk comes back: of a version that is made of the blob, or of an image that is."""
    exported = cloud.copy()["export"]
    version = {"gallery": "golden", "definition": "web", "version": "2.0.0"}
    described = {name: exported[name] for name in ("os_type", "os_state", "hyper_v_generation")}

    def capture_of(**options: Any) -> None:
        stated = {"resource_group": "images", "location": "westeurope", **options}
        made = run_code(cloud.azure, capture.execute, capture_options.OPTIONS, **stated)
        assert made["changed"]

    if into == "image":
        capture_of(source_blob=exported["blob"], image="again", **described)
        (image,) = [body for id, body in cloud.azure.resources().items() if id.endswith("/images/again")]
        assert image["properties"]["storageProfile"]["osDisk"]["blobUri"] == BLOB
        capture_of(source_image="again", gallery_versions=[version])
    else:
        account = CONTAINER_ID.partition("/blobServices")[0]
        capture_of(source_blob=exported["blob"], storage_account=account, gallery_versions=[version], **described)
    again = BLOB.replace("web.vhd", "again.vhd")
    cloud.copy(again, gallery_version="2.0.0")
    first, second = cloud.blob(), cloud.blob("again.vhd")
    assert first.size == second.size and first.ranges == second.ranges
    assert all(first.read(start, end - start) == second.read(start, end - start) for start, end in first.ranges)


def test_a_premium_account_for_page_blobs(cloud: BlobCloud) -> None:
    result = cloud.copy(BLOB.replace(ACCOUNT, "pages"))
    cloud.verify_blob(result["export"], "pages")
    assert cloud.copy(BLOB.replace(ACCOUNT, "pages"))["changed"] is False


# -- Trusted Launch -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_the_guest_state_is_a_blob_of_its_own(cloud: BlobCloud, source: str) -> None:
    cloud.begin(**TRUSTED)
    result = cloud.copy(source=source)
    beside = result["export"]["guest_state"]
    assert beside["blob"] == BLOB.replace(".vhd", ".vmgs")
    assert cloud.names() == ["web.vhd", "web.vhd.json", "web.vmgs"]
    assert beside["size"] == cloud.blob("web.vmgs").size and cloud.blob("web.vmgs").read(0, 64).strip(b"\0")
    cloud.verify_blob(result["export"])
    cloud.verify_closed(result)
    assert cloud.copy(source=source)["changed"] is False
    # One that is not whole any more is not the export.
    del cloud.azure.cloud.accounts.get(ACCOUNT).containers[CONTAINER].blobs["web.vmgs"]
    assert blocked(cloud, source=source) == ["export_file_exists"]


def test_without_the_guest_state_if_nobody_wants_it(cloud: BlobCloud) -> None:
    cloud.begin(**TRUSTED)
    assert cloud.copy(guest_state=False)["export"]["guest_state"] is None
    assert cloud.names() == ["web.vhd", "web.vhd.json"]
    assert cloud.copy(guest_state=False)["changed"] is False
    assert blocked(cloud) == ["export_file_exists"]


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blob", "code"),
    [
        (BLOB.replace("/vhds/", "/absent/"), "export_container_not_found"),
        (BLOB.replace("/vhds/", "/open/"), "export_container_public"),
        (BLOB.replace("/vhds/", "/worm/"), "export_container_immutable"),
        (BLOB.replace("/vhds/", "/held/"), "export_container_immutable"),
        (BLOB.replace(ACCOUNT, "closed"), "export_account_closed"),
        (BLOB.replace(ACCOUNT, "nowhere"), "export_account_not_reached"),
    ],
)
def test_a_place_that_does_not_take_it_is_blocked(cloud: BlobCloud, blob: str, code: str) -> None:
    assert blocked(cloud, blob) == [code]


def test_an_account_without_page_blobs_is_known_before_the_disk_is_made(cloud: BlobCloud) -> None:
    with pytest.raises(Failure, match="does not support page blobs") as caught:
        cloud.copy(BLOB.replace(ACCOUNT, "fast"))
    assert caught.value.code == "export_page_blob_not_supported"
    assert cloud.writes() == [] and "left" not in caught.value.details


def test_a_settings_of_the_source_that_forbid_exports_hold_for_blobs(cloud: BlobCloud) -> None:
    cloud.azure.cloud.store.get(SOURCES["disk"]).properties["networkAccessPolicy"] = "DenyAll"
    assert blocked(cloud, source="disk") == ["export_closed"]


def test_a_private_source_may_be_refused_to_storage(cloud: BlobCloud) -> None:
    cloud.azure.cloud.store.get(SOURCES["disk"]).properties["networkAccessPolicy"] = "AllowPrivate"
    (warning,) = cloud.copy(source="disk", check=True)["plan"]["warnings"]
    assert warning["code"] == "export_private" and "may be refused" in warning["message"]


@pytest.mark.parametrize("roles", [[], [{**CONTRIBUTOR, "data_actions": []}]])
def test_without_a_role_it_is_blocked(cloud: BlobCloud, monkeypatch: pytest.MonkeyPatch, roles: list[Any]) -> None:
    monkeypatch.setattr(cloud.azure.cloud.settings, "rights", [EVERYTHING, *roles])
    # Roles for resources, Owner among them, have no data actions.
    if not roles:
        monkeypatch.setattr(
            cloud.azure.cloud.settings, "rights", [{**EVERYTHING, "not_actions": ["Microsoft.Storage/*"]}]
        )
    assert blocked(cloud) == ["export_blob_denied"]
    with pytest.raises(Blocked, match="assign the role 'Storage Blob Data Contributor' to it, on the container 'vhds'"):
        cloud.copy()


def test_the_role_is_enough(cloud: BlobCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud.azure.cloud.settings, "rights", [EVERYTHING, CONTRIBUTOR])
    cloud.verify_blob(cloud.copy()["export"])


def test_a_role_that_only_reads_is_refused_when_it_writes(cloud: BlobCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = {**CONTRIBUTOR, "data_actions": [CONTRIBUTOR["data_actions"][0]]}
    monkeypatch.setattr(cloud.azure.cloud.settings, "rights", [EVERYTHING, reader])
    with pytest.raises(Failure, match="Storage Blob Data Contributor") as caught:
        cloud.copy()
    assert caught.value.code == "export_blob_denied"
    assert cloud.writes() == []


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (f"{BLOB}?sv=2020&sig=SECRET", "contains a SAS token"),
        ("https://backups.example.com/vhds/web.vhd", "not a blob of a storage account of this cloud"),
        ("https://backups.blob.core.windows.net.example.com/vhds/web.vhd", "not a blob of a storage account"),
        ("https://backups.blob.core.windows.net/web.vhd", "not a valid blob URL"),
        (BLOB.replace(".vhd", ".vmgs"), "are the blobs beside it"),
    ],
)
def test_a_url_that_is_none_of_a_storage_account(cloud: BlobCloud, blob: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        cloud.copy(blob)
    assert "SECRET" not in refused.value.message
    assert cloud.storage_writes() == []


# -- an existing blob ---------------------------------------------------------------------------------------------


def upload(cloud: BlobCloud, name: str, kind: str = "BlockBlob") -> None:
    accounts = cloud.azure.cloud.accounts
    account = accounts.get(ACCOUNT)
    container = account.containers[CONTAINER]
    blob = accounts.create(account, container, name, kind, 512 if kind == "PageBlob" else 0, {})
    blob.size = 512
    blob.write(0, b"somebody's".ljust(512))


@pytest.mark.parametrize("kind", ["BlockBlob", "PageBlob"])
@pytest.mark.parametrize("name", ["web.vhd", "web.vhd.json"])
def test_a_blob_of_somebody_is_kept(cloud: BlobCloud, kind: str, name: str) -> None:
    upload(cloud, name, kind)
    assert blocked(cloud) == ["export_file_exists"]
    assert cloud.blob(name).read(0, 10) == b"somebody's"
    foretold = cloud.copy(check=True, force=True)
    assert [warning["code"] for warning in foretold["plan"]["warnings"]] == ["export_file_replaced"]
    assert "replaced as soon as the export begins" in foretold["plan_text"].replace("\n           ", " ")
    cloud.verify_blob(cloud.copy(force=True)["export"])
    assert cloud.copy(force=True)["changed"] is False


def test_a_blob_for_the_guest_state_of_somebody_is_kept(cloud: BlobCloud) -> None:
    cloud.begin(**TRUSTED)
    upload(cloud, "web.vmgs")
    assert blocked(cloud) == ["export_file_exists"]
    assert cloud.copy(guest_state=False)["changed"]


def test_a_blob_that_was_written_since_is_not_the_export(cloud: BlobCloud) -> None:
    cloud.copy()
    container = cloud.azure.cloud.accounts.get(ACCOUNT).containers[CONTAINER]
    cloud.azure.cloud.accounts.put_page(container, cloud.blob(), 512, 1023, b"x" * 512)
    with pytest.raises(Blocked, match="was modified after its export"):
        cloud.copy()
    assert blocked(cloud) == ["export_file_exists"]
    cloud.verify_blob(cloud.copy(force=True)["export"])


def test_another_content_of_the_source_is_another_export(cloud: BlobCloud) -> None:
    cloud.copy(source="disk")
    cloud.azure.cloud.store.get(SOURCES["disk"]).properties["LastOwnershipUpdateTime"] = "2026-12-01T00:00:00+00:00"
    with pytest.raises(Blocked, match=r"was exported before the content of the disk 'web'.* changed"):
        cloud.copy(source="disk")
    assert cloud.copy(source="disk", force=True)["changed"]
    assert cloud.copy(source="disk")["changed"] is False


def test_a_leased_blob_is_blocked(cloud: BlobCloud) -> None:
    upload(cloud, "web.vhd")
    cloud.blob().leased = True
    assert blocked(cloud, force=True) == ["export_blob_leased"]


def test_the_export_of_what_is_gone_is_kept(cloud: BlobCloud) -> None:
    cloud.copy()
    cloud.azure.cloud.store.remove(VERSION)
    again = cloud.copy()
    assert again["changed"] is False
    assert [warning["code"] for warning in again["plan"]["warnings"]] == ["export_source_gone"]


def test_a_blob_that_was_deleted_is_exported_again(cloud: BlobCloud) -> None:
    cloud.copy()
    del cloud.azure.cloud.accounts.get(ACCOUNT).containers[CONTAINER].blobs["web.vhd"]
    cloud.verify_blob(cloud.copy()["export"])


# -- by Ansible ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "in_process",
    [pytest.param(True, id="in process"), pytest.param(False, id="as module", marks=pytest.mark.sweep)],
)
def test_by_a_playbook(cloud: BlobCloud, tmp_path: Path, in_process: bool) -> None:
    options = {"resource_group": "images", "snapshot": "before", "blob": BLOB, "token_cache": "run"}
    task = {"golden.azure.vm_image_export": options, "register": "exported"}
    right = {"ansible.builtin.assert": {"that": ["exported.changed", f"exported.export.blob == '{BLOB}'"]}}
    again = {"ansible.builtin.assert": {"that": ["not exported.changed"]}}
    play = {
        "name": "Export",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process},
        "tasks": [task, right, task, again],
    }
    playbook = tmp_path / "export.yml"
    playbook.write_text(yaml.safe_dump([play]))
    environment = {**cloud.azure.environment(), **cloud.azure.storage_environment()}
    finished = Playbooks(tmp_path, environment).run(playbook, "-vvv", "--diff")
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]
    cloud.verify_closed(finished.stdout, finished.stderr)
    assert json.loads(cloud.blob("web.vhd.json").read(0, 65536))["source"] == SOURCES["snapshot"]
