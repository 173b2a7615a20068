# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests of a clean-up that fail, and what others change while it runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._cleanup.owners import Owner
from ansible_collections.golden.azure.plugins.module_utils._cleanup.state import StateReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
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
    interface,
    lease,
    machine,
    machine_id,
    mark,
    names,
    owned,
    resource_id,
    run,
    seed,
    snapshot,
)
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


# -- each request that fails --------------------------------------------------------------------------------------

STRANGERS = [disk("work", "theirs"), snapshot("images", "theirs"), interface("work", "copy-nic")]


def left_behind(azure: EmbeddedAzure) -> set[str]:
    """Plant what interrupted runs have left, beside what is to stay; the ids of what is to stay."""
    tags = mark(LOST)
    seed(
        azure,
        snapshot("images", "of-gone", FOR_GONE),
        snapshot("images", "of-golden", FOR_STAYS),
        interface("work", "copy-nic-1", tags, address="copy-ip-1"),
        disk("work", "copy-os", tags),
        *STRANGERS,
        build_web=owned(machine_id("build-web"), **BUILT),
        refresh_web=lease("web", OLD),
        refresh_shop=lease("shop", YOUNG),
    )
    stays = {id for id in azure.resources() if not id.endswith(("of-gone", "copy-nic-1", "copy-os", "-web"))}
    machine(azure, "build-web", **BUILT)
    return stays


def requests_of(azure: EmbeddedAzure) -> int:
    left_behind(azure)
    run(azure, remove=True)
    return len(azure.requests)


@pytest.mark.sweep
@pytest.mark.parametrize(
    "fault", [{"status": 403, "code": "AuthorizationFailed"}, {"status": 500}, {"drop": "after"}, {"drop": "before"}]
)
def test_whatever_fails_the_next_run_completes_it_and_strangers_stay(fault: Json) -> None:
    with driven_azure() as counted:
        count = requests_of(counted)
    assert count > 20
    for number in range(1, count + 1):
        with driven_azure() as azure:
            stays = left_behind(azure)
            azure.faults.add("*", "/subscriptions", nth=number, **fault)
            with contextlib.suppress(Failure):
                run(azure, remove=True)
            azure.faults.clear()
            run(azure, remove=True)
            assert set(azure.resources()) == stays, number
            assert not run(azure, remove=True)["changed"]


# -- what changes in the meantime ---------------------------------------------------------------------------------


def meanwhile(azure: EmbeddedAzure, change: Callable[[], None], **options: Any) -> Json:
    """Run it, and let somebody change something after the plan was made."""
    again = StateReader.again

    def changed(reader: StateReader, owner: Owner) -> Any:
        change()
        return again(reader, owner)

    with mock.patch.object(StateReader, "again", changed):
        return run(azure, remove=True, **options)


def test_a_run_that_takes_the_lease_in_the_meantime_keeps_its_machine(azure: EmbeddedAzure) -> None:
    seed(azure, build_web=owned(machine_id("build-web"), **BUILT), refresh_web=lease("web", OLD))
    machine(azure, "build-web", **BUILT)
    done = meanwhile(azure, lambda: azure.seed({"groups": {"refresh-web": lease("web", YOUNG)}}))
    assert [row["reason_code"] for row in done["results"] if row["id"].endswith("/build-web")] == ["leased", "leased"]
    assert (done["changed"], done["removed"], sent_writes(azure.requests)) == (False, [], [])


def test_what_is_attached_protected_or_gone_in_the_meantime(azure: EmbeddedAzure) -> None:
    marks = [{"golden.azure.image": f"{GONE}-{number}".lower()} for number in range(4)]
    seed(azure, *(snapshot("images", f"s{number}", tags) for number, tags in enumerate(marks)))
    found = [resource_id("images", "snapshots", f"s{number}") for number in range(4)]

    def change() -> None:
        azure.change(found[0], {"tags": {**marks[0], "golden.azure.protected": ""}})
        azure.change(found[1], {"tags": {}})
        azure.forget(found[2])

    done = meanwhile(azure, change)
    assert names(done["removed"]) == ["snapshots/s3"]
    assert {row["id"].rsplit("/", 1)[-1]: (row["result"], row["reason_code"]) for row in done["results"]} == {
        "s0": ("kept", "protected"),
        "s1": ("absent", "removed_already"),
        "s2": ("absent", "removed_already"),
        "s3": ("removed", "image_gone"),
    }


def test_an_interrupted_removal_is_completed_by_the_next_run(azure: EmbeddedAzure) -> None:
    tags = mark(LOST)
    seed(
        azure,
        address("work", "copy-ip-1", tags, used_by="copy-nic-1"),
        interface("work", "copy-nic-1", tags, address="copy-ip-1"),
        disk("work", "copy-os", tags),
    )
    azure.faults.add("DELETE", "/publicIPAddresses/", status=409, code="Conflict", times=99)
    with pytest.raises(Failure) as failed:
        run(azure, remove=True)
    assert names(failed.value.details["removed"]) == ["networkInterfaces/copy-nic-1"]
    azure.faults.clear()
    done = run(azure, remove=True)
    assert names(done["removed"]) == ["disks/copy-os", "publicIPAddresses/copy-ip-1"]
