# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What interrupted runs have left: what is listed, what is removed, and what is never touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import write_cases
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from driven import driven_azure
from orphan_cases import (
    BUILT,
    FOR_GONE,
    FOR_STAYS,
    GONE,
    LOST,
    OLD,
    YOUNG,
    address,
    disk,
    group_id,
    image,
    interface,
    lease,
    machine,
    machine_id,
    mark,
    names,
    owned,
    reasons,
    resource_id,
    run,
    seed,
    snapshot,
)
from playbook_runs import Playbooks
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


def four_cases(azure: EmbeddedAzure, *removed: str, **options: Any) -> Json:
    """Check mode, the run, the run again, check mode again; the result of the run."""
    before = azure.resources()
    listed = run(azure, **options)
    assert (listed["changed"], listed["removed"], sent_writes(azure.requests)) == (False, [], [])
    predicted = run(azure, check=True, remove=True, **options)
    assert (predicted["changed"], names(predicted["removed"])) == (True, sorted(removed))
    assert (sent_writes(azure.requests), azure.resources()) == ([], before)
    assert names(listed["orphans"]) == names(predicted["orphans"]) == sorted(removed)
    done = run(azure, remove=True, **options)
    assert (done["changed"], names(done["removed"])) == (True, sorted(removed))
    deleted = {id.lower() for id in done["removed"]}
    gone = {id.lower() for id in set(before) - set(azure.resources())}
    assert deleted <= gone
    for check in (False, True):
        again = run(azure, check, remove=True, **options)
        assert (again["changed"], again["removed"], sent_writes(azure.requests)) == (False, [], [])
    return done


# -- images and backups -------------------------------------------------------------------------------------------


def test_what_was_created_for_an_image_is_orphaned_without_the_image(azure: EmbeddedAzure) -> None:
    strangers = [snapshot("images", "theirs", {"golden.image": "x"}), disk("work", "theirs")]
    seed(
        azure,
        snapshot("images", "of-gone", FOR_GONE),
        disk("work", "of-gone", FOR_GONE),
        snapshot("images", "of-golden", FOR_STAYS),
        snapshot("images", "young", {"golden.azure.image": f"{GONE}-2".lower()}, created=YOUNG),
        snapshot("images", "protected", {**FOR_GONE, "golden.azure.protected": ""}),
        snapshot("images", "long", {"golden.azure.image": "sha256:" + "0" * 64}),
        *strangers,
    )
    done = four_cases(azure, "snapshots/of-gone", "disks/of-gone")
    assert reasons(done) == {
        "snapshots/of-golden": "image_exists",
        "snapshots/young": "not_old_enough",
        "snapshots/protected": "protected",
        "snapshots/long": "owner_unknown",
    }
    assert {row["id"] for row in strangers} <= set(azure.resources())
    assert "theirs" not in done["plan_text"]


def test_an_uploaded_disk_is_orphaned_once_its_image_exists(azure: EmbeddedAzure) -> None:
    seed(azure, disk("images", "uploaded", FOR_STAYS, upload=True), disk("work", "other", FOR_STAYS))
    azure.act(resource_id("images", "disks", "uploaded"), "endGetAccess")
    # Both were created for one image, and only one of them by an upload.
    assert names(run(azure)["orphans"]) == []
    azure.forget(resource_id("work", "disks", "other"))
    four_cases(azure, "disks/uploaded")


def test_a_disk_that_is_in_use_is_kept(azure: EmbeddedAzure) -> None:
    seed(azure, disk("work", "attached", FOR_GONE), disk("work", "uploading", FOR_GONE, upload=True))
    azure.seed({"virtual_machines": [{"name": "theirs", "group": "work"}]})
    vm = machine_id("theirs", "work")
    attached = {"lun": 3, "createOption": "Attach", "managedDisk": {"id": resource_id("work", "disks", "attached")}}
    azure.change(vm, {"properties": {"storageProfile": {"dataDisks": [attached]}}})
    access = {"access": "Write", "durationInSeconds": 3600}
    azure.seed(
        {"actions": [{"id": resource_id("work", "disks", "uploading"), "action": "beginGetAccess", "body": access}]}
    )
    found = run(azure, remove=True)
    assert reasons(found) == {"disks/attached": "in_use", "disks/uploading": "in_use"}
    assert sent_writes(azure.requests) == []


def test_backups_are_kept_unless_the_task_asks_for_them(azure: EmbeddedAzure) -> None:
    backup = {"golden.azure.backup_of": "11111111-2222", "golden.azure.run_id": "x"}
    seed(azure, snapshot("work", "old", backup), snapshot("work", "young", backup, created=YOUNG))
    kept = run(azure, remove=True)
    assert (reasons(kept), sent_writes(azure.requests)) == (
        {"snapshots/old": "backup", "snapshots/young": "backup"},
        [],
    )
    done = four_cases(azure, "snapshots/old", backups_older_than_days=30)
    assert reasons(done) == {"snapshots/young": "not_old_enough"}


# -- instances ----------------------------------------------------------------------------------------------------


def test_what_is_left_of_a_machine_that_is_gone(azure: EmbeddedAzure) -> None:
    tags = mark(LOST)
    strangers = [interface("work", "copy-nic"), address("work", "copy-ip"), disk("work", "copy-os")]
    seed(
        azure,
        address("work", "copy-ip-1", tags, used_by="copy-nic-1"),
        interface("work", "copy-nic-1", tags, address="copy-ip-1"),
        disk("work", "copy-data-0", tags),
        snapshot("work", "copy-snapshot-os", tags),
        *strangers,
    )
    done = four_cases(
        azure,
        "publicIPAddresses/copy-ip-1",
        "networkInterfaces/copy-nic-1",
        "disks/copy-data-0",
        "snapshots/copy-snapshot-os",
    )
    assert done["kept"] == []
    assert {row["id"] for row in strangers} <= set(azure.resources())


def test_a_machine_that_exists_is_kept_with_all_that_belongs_to_it(azure: EmbeddedAzure) -> None:
    seed(azure, verify_web_1=owned(machine_id("verify-web-1")))
    machine(azure, "verify-web-1")
    before = azure.resources()
    found = run(azure, remove=True)
    assert set(reasons(found).values()) == {"machine_exists"}
    assert (found["orphans"], sent_writes(azure.requests), azure.resources()) == ([], [], before)


@pytest.mark.parametrize("name", ["build-web", "verify-web-1", "copy"])
def test_a_machine_whose_run_is_over(azure: EmbeddedAzure, name: str) -> None:
    """A lease that is held keeps it; once the run is over, the machine, its group and at last the lease are removed."""
    leased, image_name = ("capture-copy", "copy") if name == "copy" else ("refresh-web", "web")
    copied = {"golden.azure.copied_vm_id": "1"} if name == "copy" else {}
    seed(azure, **{name: owned(machine_id(name), **copied), leased: lease(image_name, YOUNG)})
    machine(azure, name, **copied)
    held = run(azure, remove=True)
    assert set(reasons(held).values()) == {"leased"}
    assert sent_writes(azure.requests) == []
    azure.seed({"groups": {leased: lease(image_name, OLD)}})
    everything = names([id for id in azure.resources() if f"/resourcegroups/{name}" in id.lower()])
    assert len(everything) == 4
    done = four_cases(azure, *everything, f"resourceGroups/{leased}")
    assert [step["action"] for step in done["steps"]] == ["delete_group", "delete_group"]
    assert group_id(name) not in azure.resources()


def test_a_machine_of_a_run_that_kept_it_for_inspection(azure: EmbeddedAzure) -> None:
    seed(azure, build_web=owned(machine_id("build-web"), **BUILT), refresh_web=lease("web", YOUNG, "ended"))
    machine(azure, "build-web", **BUILT)
    assert set(reasons(run(azure)).values()) == {"not_old_enough"}


def test_a_build_without_a_lease_is_over(azure: EmbeddedAzure) -> None:
    seed(azure, build_web=owned(machine_id("build-web"), **BUILT))
    machine(azure, "build-web", **BUILT)
    assert {row["reason_code"] for row in run(azure)["orphans"]} == {"run_over"}


def test_a_group_with_resources_of_others_is_kept(azure: EmbeddedAzure) -> None:
    theirs = disk("build-web", "theirs")
    seed(azure, theirs, build_web=owned(machine_id("build-web"), **BUILT), refresh_web=lease("web", OLD))
    machine(azure, "build-web", **BUILT)
    done = run(azure, remove=True)
    assert reasons(done) == {
        "resourceGroups/build-web": "other_resources",
        "resourceGroups/refresh-web": "resources_kept",
    }
    assert names([id for id in azure.resources() if "/build-web/" in id]) == ["disks/theirs"]
    # The group is now empty but for that disk, and the lease still shows whose run it was.
    assert group_id("refresh-web") in azure.resources()


def test_a_lease_with_resources_is_kept(azure: EmbeddedAzure) -> None:
    seed(azure, disk("refresh-web", "theirs"), refresh_web=lease("web", OLD))
    assert reasons(run(azure, remove=True)) == {"resourceGroups/refresh-web": "other_resources"}
    assert sent_writes(azure.requests) == []


def test_a_protected_machine_keeps_what_is_attached_to_it(azure: EmbeddedAzure) -> None:
    seed(azure, build_web=owned(machine_id("build-web"), **BUILT), refresh_web=lease("web", OLD))
    id = machine(azure, "build-web", **BUILT)
    azure.change(id, {"tags": {**mark(id), **BUILT, "golden.azure.protected": "yes"}})
    found = reasons(run(azure, remove=True))
    assert sent_writes(azure.requests) == []
    assert found.pop("virtualMachines/build-web") == "protected"
    assert found.pop("resourceGroups/build-web") == found.pop("resourceGroups/refresh-web") == "resources_kept"
    assert set(found.values()) == {"in_use"}


# -- Packer -------------------------------------------------------------------------------------------------------

PACKER_GROUP = "pkr-Resource-Group-abcde12345"


def test_packers_builds_are_removed_on_request(azure: EmbeddedAzure) -> None:
    others = [
        disk("work", "pkrosabcde"),
        disk("work", "pkrosabcde123456"),
        snapshot("work", "PackerTemp-notes"),
        interface("work", "pkrni-of-web"),
    ]
    seed(
        azure,
        disk(PACKER_GROUP, "pkrosabcde12345"),
        interface(PACKER_GROUP, "pkrniabcde12345"),
        disk("work", "pkrosq1w2e3r4t5"),
        disk("work", "pkrddq1w2e3r4t5-1"),
        snapshot("work", "PackerTemp-osdisk-snapshot-1700000000"),
        disk("work", "PackerTemp-datadisk-1700000000-1"),
        interface("work", "pkrniyoungyoung", created=YOUNG),
        *others,
        **{PACKER_GROUP: "westeurope", "pkr-Resource-Group-mine": "westeurope"},
    )
    ignored = run(azure, remove=True)
    assert (ignored["orphans"], ignored["kept"], sent_writes(azure.requests)) == ([], [], [])
    done = four_cases(
        azure,
        f"resourceGroups/{PACKER_GROUP}",
        "disks/pkrosabcde12345",
        "networkInterfaces/pkrniabcde12345",
        "disks/pkrosq1w2e3r4t5",
        "disks/pkrddq1w2e3r4t5-1",
        "snapshots/PackerTemp-osdisk-snapshot-1700000000",
        "disks/PackerTemp-datadisk-1700000000-1",
        packer=True,
    )
    assert reasons(done) == {"networkInterfaces/pkrniyoungyoung": "not_old_enough"}
    assert {row["id"] for row in others} <= set(azure.resources())
    assert group_id("pkr-Resource-Group-mine") in azure.resources()


def test_a_group_of_packer_is_removed_as_a_whole_or_not_at_all(azure: EmbeddedAzure) -> None:
    seed(
        azure,
        disk(PACKER_GROUP, "pkrosabcde12345"),
        image(PACKER_GROUP, "result"),
        **{PACKER_GROUP: "westeurope"},
    )
    assert set(reasons(run(azure, remove=True, packer=True)).values()) == {"other_resources"}
    assert sent_writes(azure.requests) == []


def test_a_prefix_of_packer(azure: EmbeddedAzure) -> None:
    seed(azure, disk("work", "corposq1w2e"), disk("work", "pkrosq1w2e3r4t5"))
    four_cases(azure, "disks/corposq1w2e", packer=True, packer_prefix="corp")
    for wrong in ({"packer_prefix": "corp"}, {"packer": True, "packer_prefix": "-corp"}):
        with pytest.raises(InvalidInput):
            run(azure, **wrong)


# -- limits, locks, failures --------------------------------------------------------------------------------------


def test_the_oldest_go_first_and_no_owner_by_halves(azure: EmbeddedAzure) -> None:
    def owner(number: int, created: str) -> list[Json]:
        tags = {"golden.azure.image": f"{GONE}-{number}".lower()}
        return [snapshot("images", f"s{number}-{part}", tags, created) for part in "ab"]

    seed(azure, *owner(1, "2026-01-02T00:00:00Z"), *owner(2, OLD))
    done = run(azure, remove=True, max_removals=3)
    assert names(done["removed"]) == ["snapshots/s2-a", "snapshots/s2-b"]
    assert set(reasons(done).values()) == {"removal_limit_reached"}


def test_a_lock_keeps_what_it_protects(azure: EmbeddedAzure) -> None:
    seed(
        azure,
        snapshot("images", "locked", FOR_GONE),
        snapshot("work", "free", {"golden.azure.image": f"{GONE}2".lower()}),
    )
    azure.seed({"locks": [{"scope": group_id("images"), "name": "keep"}]})
    done = four_cases(azure, "snapshots/free")
    assert reasons(done) == {"snapshots/locked": "locked"}


def test_a_search_in_one_group(azure: EmbeddedAzure) -> None:
    seed(
        azure,
        snapshot("images", "here", FOR_GONE),
        snapshot("work", "elsewhere", FOR_GONE),
        refresh_web=lease("web", OLD),
    )
    four_cases(azure, "snapshots/here", resource_group="images")
    assert run(azure, resource_group="refresh-web")["orphans"] == []


def test_one_failure_does_not_stop_the_others(azure: EmbeddedAzure) -> None:
    seed(
        azure,
        snapshot("images", "broken", FOR_GONE),
        snapshot("work", "fine", {"golden.azure.image": f"{GONE}2".lower()}),
    )
    azure.faults.add("DELETE", "/snapshots/broken", status=403, code="AuthorizationFailed", times=9)
    with pytest.raises(Failure) as failed:
        run(azure, remove=True)
    details = failed.value.details
    assert names(details["removed"]) == ["snapshots/fine"]
    assert reasons(details, "results")["snapshots/broken"] == "removal_failed"


# -- the playbook -------------------------------------------------------------------------------------------------


def test_the_playbook(tmp_path: Path) -> None:
    """List, check mode, run; a misspelled, an empty and a wrong variable are refused before anything is read."""
    with EmbeddedAzure(retry_after=1) as azure:
        seed(azure, snapshot("images", "of-gone", FOR_GONE), snapshot("images", "of-golden", FOR_STAYS))
        playbooks = Playbooks(tmp_path, azure.environment())
        remove = ("-e", "cleanup_remove=true")
        azure.clear_requests()
        for wrong in ("cleanup_older_than=1", "cleanup_resource_group=", "cleanup_older_than_hours=1.5"):
            refused = playbooks.run("golden.azure.cleanup", *remove, "-e", wrong)
            assert refused.returncode == 2, refused.stdout
            assert wrong.partition("=")[0] in refused.stdout
        assert sent_writes(azure.requests) == []
        listed = playbooks.run("golden.azure.cleanup")
        assert "orphan     snapshot 'of-gone' in resource group 'images': its image does not exist" in listed.stdout
        assert "Orphaned resources: 1 found, 0 removed. Kept: 1." in listed.stdout
        planned = playbooks.run("golden.azure.cleanup", "--check", *remove)
        assert "remove     snapshot 'of-gone'" in planned.stdout
        assert sent_writes(azure.requests) == []
        report = tmp_path / "report.json"
        done = playbooks.run("golden.azure.cleanup", *remove, "-e", f"cleanup_report_file={report}")
        assert done.returncode == 0, done.stdout
        assert names(json.loads(report.read_text())["removed"]) == ["snapshots/of-gone"]
        assert resource_id("images", "snapshots", "of-golden") in azure.resources()


# -- what the modules really create -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["instance", "instance in a group of its own", "copy"])
def test_what_an_instance_leaves_is_found_by_the_tags_that_it_really_has(azure: EmbeddedAzure, case: str) -> None:
    write_cases.begin(azure)
    before = set(azure.resources())
    instance = write_cases.run(azure, case)["instance"]["id"]
    kept = run(azure, remove=True)
    assert {row["reason_code"] for row in kept["kept"] if row["created_for"] == "instance"} == {"machine_exists"}
    assert instance in azure.resources()
    # Somebody has deleted the machine by force, so that all that belongs to it is left.
    azure.forget(instance)
    left = set(azure.resources()) - before
    assert left
    done = run(azure, remove=True)
    assert {row["reason_code"] for row in done["orphans"] if row["created_for"] == "instance"} == {"machine_gone"}
    assert set(azure.resources()) - before == set()
    assert not run(azure, remove=True)["changed"]
