# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several disks of a running machine, captured at the same time: for a copy, and for snapshots before its guest is prepared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._cleanup import run as cleanup
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from deaths import Killed, dying
from driven import driven_azure, run_code
from predicted_writes import is_write, sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/build"
SHOP = f"{SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute"
SOURCE = f"{SHOP}/virtualMachines/web"
SUBNETS = [{"name": "quarantine", "properties": {}}]
SEED = {
    "groups": {"network": "westeurope", "shop": "westeurope"},
    "resources": [{"id": NETWORK, "location": "westeurope", "properties": {"subnets": SUBNETS}}],
    "virtual_machines": [
        {"name": "web", "group": "shop", "data_disks": [4, 8]},
        {"name": "other", "group": "shop", "data_disks": [4]},
        {"name": "small", "group": "shop", "data_disks": [4], "size": "Standard_E4_v3"},
    ],
}
COPY = {
    "name": "copy",
    "resource_group": "copy",
    "create_resource_group": True,
    "source_vm": SOURCE,
    "isolated_subnet": f"{NETWORK}/subnets/quarantine",
    "wait_for_agent": False,
}
KEEP = {
    "resource_group": "shop",
    "source_vm": "web",
    "image": "golden",
    "generalize": True,
    "guest_prepared": False,
    "snapshot_disks": True,
    "run_id": "nightly",
}
TASKS = {
    "copy": (instance.execute, instance.OPTIONS, COPY),
    "snapshots": (capture.execute, capture_options.OPTIONS, KEEP),
}
POINT = ["create_restore_point_collection", "create_restore_point"]


@pytest.fixture
def azure(hours_ago: int) -> Iterator[EmbeddedAzure]:
    """What happens here has happened some hours ago for the code, whose time is that of this computer."""
    start = datetime.now(timezone.utc) - timedelta(hours=hours_ago)
    with driven_azure(start, durations={"*": 20.0}) as running:
        begin(running)
        yield running


@pytest.fixture
def hours_ago() -> int:
    return 0


long_ago = pytest.mark.parametrize("hours_ago", [30])


def begin(azure: EmbeddedAzure) -> None:
    azure.reset()
    azure.seed(SEED)
    # As data disks of databases are; an OS disk is cached by default.
    for name in ("web", "other"):
        azure.change(
            f"{SHOP}/virtualMachines/{name}", {"properties": {"storageProfile": {"osDisk": {"caching": "ReadOnly"}}}}
        )
    azure.clear_requests()


def run(azure: EmbeddedAzure, task: str, check: bool = False, **options: Any) -> Json:
    code, specification, known = TASKS[task]
    azure.clear_requests()
    done: Json = run_code(azure, code, specification, check, **{**known, **options})
    return done


def actions(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def warnings(result: Json) -> list[str]:
    return [warning["code"] for warning in result["plan"]["warnings"]]


def of_kind(azure: EmbeddedAzure, kind: str) -> dict[str, Json]:
    return {
        id: body
        for id, body in azure.resources().items()
        if body.get("type", "").lower() == f"microsoft.compute/{kind}".lower()
    }


def types(azure: EmbeddedAzure) -> list[str]:
    """What is there; the names of a machine's own disks are chosen by Azure."""
    return sorted(body["type"] for body in azure.resources().values())


def points_of(azure: EmbeddedAzure) -> list[Json]:
    """The writes of restore points that were accepted."""
    return [
        one.request_body
        for one in azure.requests
        if one.method == "PUT" and "/restorePoints/" in one.path and (one.status or 400) < 300
    ]


# -- four cases ---------------------------------------------------------------------------------------------------


def test_a_copy_in_four_cases(azure: EmbeddedAzure) -> None:
    before = azure.resources()
    planned = run(azure, "copy", check=True)
    assert actions(planned) == ["create_group", *POINT, *["create_disk"] * 3, "create_machine", "delete_restore_points"]
    assert (planned["changed"], planned["instance"], sent_writes(azure.requests)) == (True, None, [])
    told = "all disks of virtual machine 'web' in resource group 'shop' at the same time, crash-consistent"
    assert told in " ".join(planned["plan_text"].split())
    assert azure.resources() == before

    done = run(azure, "copy")
    assert actions(done) == actions(planned)
    assert done["instance"]["disk_consistency"] == "crash_consistent"
    assert warnings(done) == ["copy_of_a_machine"]
    assert [body["properties"]["consistencyMode"] for body in points_of(azure)] == ["CrashConsistent"]
    verify_sent(azure, done)
    assert of_kind(azure, "restorePointCollections") == of_kind(azure, "snapshots") == {}
    after = azure.resources()
    assert {id: after[id] for id in before} == before, "the source was touched"

    for check in (False, True):
        again = run(azure, "copy", check)
        assert (again["changed"], sent_writes(azure.requests)) == (False, [])
        assert again["instance"]["disk_consistency"] == "crash_consistent"
    removed = run(azure, "copy", state="absent")
    assert (removed["changed"], azure.resources()) == (True, before)


def test_snapshots_in_four_cases(azure: EmbeddedAzure) -> None:
    planned = run(azure, "snapshots", check=True)
    kept = [*POINT, *["create_disk"] * 3, *["create_snapshot"] * 3, *["delete_disk"] * 3, "delete_restore_points"]
    rest = ["prepare", "deallocate", "generalize", "create_image"]
    assert actions(planned) == ["claim_vm", *kept, *rest]
    assert (planned["changed"], planned["backups"], sent_writes(azure.requests)) == (True, [], [])

    disks = set(of_kind(azure, "disks"))
    done = run(azure, "snapshots")
    assert actions(done) == ["claim_vm", *kept]
    verify_sent(azure, done)
    assert {backup["disk_consistency"] for backup in done["backups"]} == {"crash_consistent"}
    # The disks that they back up, and not those that they were created of.
    own = {id for id in disks if "/web" in id}
    assert {backup["disk"] for backup in done["backups"]} == own
    assert set(of_kind(azure, "disks")) == disks
    assert of_kind(azure, "restorePointCollections") == {}
    assert {id.lower() for id in of_kind(azure, "snapshots")} == {backup["id"].lower() for backup in done["backups"]}

    for check in (False, True):
        again = run(azure, "snapshots", check)
        assert (sent_writes(azure.requests), again["backups"]) == ([], done["backups"])
        assert not {"create_restore_point", "create_snapshot", "delete_disk"} & set(actions(again))


def verify_sent(azure: EmbeddedAzure, done: Json) -> None:
    """What was sent is what the plan shows, but for the ids that Azure has chosen, which begin as the plan says."""
    sent = [(one.path, one.request_body) for one in azure.requests if is_write(one) and one.method == "PUT"]
    planned = [step["write"] for step in done["plan"]["steps"] if step.get("write", {}).get("method") == "PUT"]
    assert [path.lower() for path, _body in sent] == [write["path"].lower() for write in planned]
    restored = 0
    for (_path, body), write in zip(sent, planned, strict=True):
        data = (write["body"].get("properties") or {}).get("creationData") or {}
        if data.get("createOption") == "Restore":
            sent_source = body["properties"]["creationData"].pop("sourceResourceId")
            assert sent_source.startswith(f"{data.pop('sourceResourceId')}_")
            restored += 1
        assert body == write["body"]
    assert restored == 3


# -- what Azure cannot do -----------------------------------------------------------------------------------------


def small(task: str) -> Json:
    """The options for a machine of a size without premium storage, which its copy does not need to have."""
    return {
        "source_vm": f"{SHOP}/virtualMachines/small",
        **({"vm_size": ["Standard_D2s_v5"]} if task == "copy" else {}),
    }


@pytest.mark.parametrize("task", TASKS)
def test_a_machine_without_restore_points_is_captured_disk_by_disk(azure: EmbeddedAzure, task: str) -> None:
    done = run(azure, task, **small(task))
    assert "snapshots_not_consistent" in warnings(done)
    assert "create_restore_point" not in actions(done)
    found = [done["instance"]] if task == "copy" else done["backups"]
    assert {one["disk_consistency"] for one in found} == {"per_disk"}


@pytest.mark.parametrize("task", TASKS)
def test_whoever_requires_it_is_told_before_anything_is_written(azure: EmbeddedAzure, task: str) -> None:
    for check in (True, False):
        with pytest.raises(Blocked, match="Standard_E4_v3 does not support premium storage") as blocked:
            run(azure, task, check, disk_consistency="crash_consistent", **small(task))
        codes = [blocker["code"] for blocker in blocked.value.details["plan"]["blockers"]]
        assert (codes, sent_writes(azure.requests)) == (["crash_consistency_not_supported"], [])
    required = run(azure, task, disk_consistency="crash_consistent")
    assert "create_restore_point" in actions(required)


@pytest.mark.parametrize("task", TASKS)
def test_single_snapshots_if_the_task_says_so(azure: EmbeddedAzure, task: str) -> None:
    done = run(azure, task, disk_consistency="per_disk")
    assert points_of(azure) == []
    [note] = [each for each in done["plan"]["warnings"] if each["code"] == "snapshots_not_consistent"]
    assert note["message"] not in done["warnings"]


@pytest.mark.parametrize("task", TASKS)
def test_a_stopped_machine_needs_no_restore_point(azure: EmbeddedAzure, task: str) -> None:
    azure.act(SOURCE, "powerOff")
    prepared = {"guest_prepared": True} if task == "snapshots" else {}
    done = run(azure, task, disk_consistency="crash_consistent", **prepared)
    assert points_of(azure) == []
    found = [done["instance"]] if task == "copy" else done["backups"]
    assert {one["disk_consistency"] for one in found} == {"stopped"}


@pytest.mark.parametrize("task", TASKS)
def test_an_identity_that_may_not_read_them(azure: EmbeddedAzure, task: str) -> None:
    denied = "Microsoft.Compute/restorePointCollections/read"
    azure.settings.rights = [{"scope": "", "actions": ["*"], "not_actions": [denied]}]
    done = run(azure, task)
    [warning] = [each for each in done["plan"]["warnings"] if each["code"] == "snapshots_not_consistent"]
    assert "cannot be read (permission denied)" in warning["message"]
    azure.settings.rights = None


@pytest.mark.parametrize("task", TASKS)
def test_a_cloud_that_does_not_know_crash_consistent_ones(azure: EmbeddedAzure, task: str) -> None:
    azure.settings.api_versions = {"Microsoft.Compute/restorePointCollections": ["2021-03-01"]}
    done = run(azure, task)
    [warning] = [each for each in done["plan"]["warnings"] if each["code"] == "snapshots_not_consistent"]
    assert "Azure does not offer crash-consistent restore points here" in warning["message"]


def test_a_lock_that_would_keep_what_is_temporary(azure: EmbeddedAzure) -> None:
    scope = f"{SUBSCRIPTION}/resourceGroups/shop"
    azure.seed({"locks": [{"scope": scope, "name": "production", "level": "CanNotDelete"}]})
    done = run(azure, "snapshots")
    [warning] = [each for each in done["plan"]["warnings"] if each["code"] == "snapshots_not_consistent"]
    assert "the lock 'production' (CanNotDelete) prevents" in warning["message"]
    assert (points_of(azure), len(done["backups"])) == ([], 3)
    # A copy is in a group of its own.
    assert run(azure, "copy")["instance"]["disk_consistency"] == "crash_consistent"


def test_three_an_hour_and_the_fourth_is_waited_for(azure: EmbeddedAzure) -> None:
    for number in range(3):
        run(azure, "copy", name=f"copy-{number}", resource_group=f"copy-{number}")
    with pytest.raises(Failure, match=r"Creating restore point .* was throttled: Azure asks to wait") as refused:
        run(azure, "copy", timeout=300)
    assert "increase 'timeout'" in str(refused.value)
    assert "'disk_consistency: per_disk'" in str(refused.value)
    done = run(azure, "copy", timeout=7200)
    assert done["instance"]["disk_consistency"] == "crash_consistent"


@pytest.mark.parametrize("task", TASKS)
def test_one_that_azure_refuses_since_a_backup_creates_another(azure: EmbeddedAzure, task: str) -> None:
    azure.faults.add("PUT", "/restorePoints/", status=409, code="OperationNotAllowed", message="Not now.")
    with pytest.raises(
        Failure, match="Not now; if another one is being created, such as by a backup, run the task again"
    ):
        run(azure, task)
    azure.faults.clear()
    done = run(azure, task)
    assert {one["disk_consistency"] for one in done.get("backups") or [done["instance"]]} == {"crash_consistent"}
    assert of_kind(azure, "restorePointCollections") == {}


# -- interrupted runs ---------------------------------------------------------------------------------------------


def writes_of(azure: EmbeddedAzure) -> list[int]:
    """After how many requests each write was sent."""
    asked = [one for one in azure.requests if one.path.lower().startswith("/subscriptions/")]
    return [number for number, one in enumerate(asked, start=1) if is_write(one)]


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.sweep)])
@pytest.mark.parametrize("task", TASKS)
def test_a_run_that_is_killed_anywhere_is_ended_by_the_next(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, task: str, everywhere: bool
) -> None:
    run(azure, task)
    whole = types(azure)
    asked = len([one for one in azure.requests if one.path.lower().startswith("/subscriptions/")])
    resumed = 0
    for number in range(1, asked) if everywhere else writes_of(azure):
        begin(azure)
        with monkeypatch.context() as patched, pytest.raises(Killed):
            dying(patched, number)
            run(azure, task)
        begun = len(points_of(azure))
        done = run(azure, task)
        # The restore point of the run before is used, and a capture of which parts are there is not mixed with another one.
        assert begun + len(points_of(azure)) == 1, number
        resumed += "snapshots_of_before" in warnings(done)
        assert types(azure) == whole, number
        found = [done["instance"]] if task == "copy" else done["backups"]
        assert {one["disk_consistency"] for one in found} == {"crash_consistent"}
        again = run(azure, task)
        assert sent_writes(azure.requests) == [], (number, actions(again))
    assert resumed > 0 or task == "snapshots"


def kill(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, task: str, after: str) -> Json:
    """End a run immediately after its last write of a resource of that type was accepted.

    :returns: what was there before the run.
    """
    run(azure, task)
    asked = [one for one in azure.requests if one.path.lower().startswith("/subscriptions/")]
    last = max(number for number, one in enumerate(asked, 1) if one.method == "PUT" and f"/{after}/" in one.path)
    begin(azure)
    begun = azure.resources()
    with monkeypatch.context() as patched, pytest.raises(Killed):
        dying(patched, last)
        run(azure, task)
    return begun


@long_ago
@pytest.mark.parametrize("task", TASKS)
def test_a_restore_point_of_which_nothing_was_made_is_stale_after_an_hour(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    kill(azure, monkeypatch, task, "restorePoints")
    planned = run(azure, task, check=True)
    assert "delete_restore_points" in actions(planned)[: actions(planned).index("create_restore_point")]
    done = run(azure, task)
    assert len(points_of(azure)) == 1
    assert "snapshots_of_before" not in warnings(done)
    assert of_kind(azure, "restorePointCollections") == {}


@long_ago
def test_what_was_made_of_one_is_completed_of_it_whatever_its_age(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill(azure, monkeypatch, "snapshots", "disks")
    done = run(azure, "snapshots")
    assert points_of(azure) == []
    assert {backup["disk_consistency"] for backup in done["backups"]} == {"crash_consistent"}


def test_snapshots_whose_restore_point_is_gone_stay_and_the_others_differ_in_time(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(azure, "snapshots")
    lost = next(iter(of_kind(azure, "snapshots")))
    azure.forget(lost)
    with pytest.raises(Blocked, match="have backups that an earlier run created") as blocked:
        run(azure, "snapshots", disk_consistency="crash_consistent")
    assert [each["code"] for each in blocked.value.details["plan"]["blockers"]] == ["backups_of_another_time"]
    done = run(azure, "snapshots")
    assert points_of(azure) == []
    assert "the backups of some disks exist already" in next(
        each["message"] for each in done["plan"]["warnings"] if each["code"] == "snapshots_not_consistent"
    )
    modes = {backup["id"].lower(): backup["disk_consistency"] for backup in done["backups"]}
    assert (modes.pop(lost.lower()), set(modes.values())) == ("per_disk", {"crash_consistent"})


def test_a_machine_that_got_another_disk_since(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    kill(azure, monkeypatch, "copy", "restorePoints")
    new = f"{SHOP}/disks/third"
    empty = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}
    attached = azure.resources()[SOURCE]["properties"]["storageProfile"]["dataDisks"]
    third = {"lun": 5, "createOption": "Attach", "managedDisk": {"id": new}}
    azure.seed({"resources": [{"id": new, **empty}]})
    azure.change(SOURCE, {"properties": {"storageProfile": {"dataDisks": [*attached, third]}}})
    done = run(azure, "copy")
    assert (len(points_of(azure)), len(done["instance"]["disks"])) == (1, 4)


@pytest.mark.parametrize("task", TASKS)
def test_resources_of_others_with_these_names_are_not_touched(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    kill(azure, monkeypatch, task, "restorePoints")
    [(id, body)] = of_kind(azure, "restorePointCollections").items()
    azure.change(id, {"tags": {"owner": "somebody"}})
    before = azure.resources()
    with pytest.raises(Blocked) as blocked:
        run(azure, task)
    code = "name_taken" if task == "copy" else "backup_name_taken"
    assert [each["code"] for each in blocked.value.details["plan"]["blockers"]] == [code]
    assert azure.resources() == before
    assert run(azure, task, check=True, disk_consistency="per_disk") if task == "snapshots" else body


# -- clean-up -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours_ago", [0, 30])
@pytest.mark.parametrize("task", TASKS)
def test_what_a_killed_run_has_left_is_found_and_removed(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, task: str, hours_ago: int
) -> None:
    begun = kill(azure, monkeypatch, task, "disks")
    theirs = f"{SHOP}/restorePointCollections/theirs"
    source = {"location": "westeurope", "properties": {"source": {"id": SOURCE}}}
    azure.seed({"resources": [{"id": theirs, **source}]})
    left = {id for id in azure.resources() if id not in begun and id != theirs}
    assert any("/restorePointCollections/" in id for id in left)

    def clean(check: bool = False, **options: Any) -> Json:
        azure.clear_requests()
        done: Json = run_code(azure, cleanup.execute, cleanup.OPTIONS, check, **options)
        return done

    listed = clean()
    assert (listed["changed"], sent_writes(azure.requests)) == (False, [])
    if not hours_ago:
        assert (listed["orphans"], {row["reason_code"] for row in listed["kept"]}) == ([], {"not_old_enough"})
        assert {row["created_for"] for row in listed["kept"]} == {"instance" if task == "copy" else "backup_source"}
        return
    reason = "machine_gone" if task == "copy" else "backup_over"
    assert {row["reason_code"] for row in listed["orphans"]} == {reason}
    predicted = clean(check=True, remove=True)
    assert (predicted["changed"], sent_writes(azure.requests)) == (True, [])
    done = clean(remove=True)
    assert (done["changed"], sorted(done["removed"])) == (True, sorted(predicted["removed"]))
    assert set(azure.resources()) == {*begun, theirs}, "a collection of others is not touched"
    for check in (False, True):
        assert clean(check, remove=True)["changed"] is False


def test_the_removal_of_an_instance_removes_its_restore_points(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"resource_group": "shop", "create_resource_group": False}
    monkeypatch.setitem(TASKS, "copy", (instance.execute, instance.OPTIONS, {**COPY, **options}))
    begun = kill(azure, monkeypatch, "copy", "disks")
    removed = run(azure, "copy", state="absent")
    assert "delete_restore_points" in actions(removed)
    assert azure.resources() == begun


# -- several ------------------------------------------------------------------------------------------------------


def test_several_machines_in_one_task(azure: EmbeddedAzure) -> None:
    items = [{**KEEP, "source_vm": name, "image": f"golden-{name}"} for name in ("web", "other")]
    done = run_code(azure, capture.execute, capture_options.OPTIONS, captures=items)
    assert [len(result["backups"]) for result in done["results"]] == [3, 2]
    modes = {backup["disk_consistency"] for result in done["results"] for backup in result["backups"]}
    assert modes == {"crash_consistent"}
    assert of_kind(azure, "restorePointCollections") == {}
    assert len(points_of(azure)) == 2
