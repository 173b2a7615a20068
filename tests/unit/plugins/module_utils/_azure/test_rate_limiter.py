# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Token buckets as the answers tell them: how long something waits, and what is learned."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import RateLimiter, request_kind
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Throttled
from hypothesis import given
from hypothesis import strategies as st

GROUP = "/subscriptions/S/resourceGroups/images/providers/Microsoft.Compute"
WRITE = request_kind("PUT", f"{GROUP}/images/golden")
DELETION = request_kind("DELETE", f"{GROUP}/images/golden")
DEALLOCATION = request_kind("POST", f"{GROUP}/virtualMachines/web/deallocate")
GENERALIZATION = request_kind("POST", f"{GROUP}/virtualMachines/web/generalize")
WRITES_LEFT = "x-ms-ratelimit-remaining-subscription-writes"
POLICIES_LEFT = "x-ms-ratelimit-remaining-resource"


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def moments() -> Clock:
    return Clock()


@pytest.fixture
def budget(moments: Clock) -> RateLimiter:
    return RateLimiter(Deadline(1000, moments))


def answer(budget: RateLimiter, kind: str, **headers: str) -> None:
    budget.record_response(kind, {name.replace("_", "-"): value for name, value in headers.items()})
    budget.give_back(kind)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{GROUP}/images/golden", "s PUT microsoft.compute/images"),
        (f"{GROUP}/images", "s PUT microsoft.compute/images*"),
        (
            f"{GROUP}/virtualMachines/web/deallocate?api-version=1",
            "s PUT microsoft.compute/virtualmachines/deallocate*",
        ),
        (f"{GROUP}/galleries/g/images/d/versions/1.0.0", "s PUT microsoft.compute/galleries/images/versions"),
        ("/subscriptions/S/resourceGroups/images", "s PUT resourcegroups"),
        ("/providers/Microsoft.ResourceGraph/resources", " PUT microsoft.resourcegraph/resources*"),
    ],
)
def test_a_kind_has_no_names(path: str, kind: str) -> None:
    assert request_kind("PUT", path) == kind


def test_the_first_of_a_kind_goes_alone(budget: RateLimiter) -> None:
    assert budget.take(WRITE)
    assert budget.wait(WRITE) is None
    assert not budget.take(WRITE)
    assert budget.take(DELETION)
    answer(budget, WRITE, **{WRITES_LEFT: "50"})
    assert budget.take(WRITE)


def test_some_of_a_kind_go_at_once_where_its_policy_is_known_and_azure_has_told_of_others(budget: RateLimiter) -> None:
    assert budget.take(GENERALIZATION)
    assert budget.wait(GENERALIZATION) is None
    budget.take(DEALLOCATION)
    answer(budget, DEALLOCATION, **{WRITES_LEFT: "150"})
    while budget.take(GENERALIZATION):
        pass
    # A twentieth of 1,500, which Resource Manager's own limit has room for.
    assert budget._kinds[GENERALIZATION].under_way == 75


def test_what_goes_before_the_first_answer_keeps_to_resource_managers_own_limit(budget: RateLimiter) -> None:
    budget.take(DEALLOCATION)
    answer(budget, DEALLOCATION, **{WRITES_LEFT: "11"})
    for _request in range(10):
        assert budget.take(GENERALIZATION)
    assert not budget.take(GENERALIZATION)


def test_the_first_answer_counts_those_that_are_under_way(budget: RateLimiter) -> None:
    budget.take(DEALLOCATION)
    answer(budget, DEALLOCATION)
    for _request in range(50):
        assert budget.take(GENERALIZATION)
    answer(budget, GENERALIZATION, **{POLICIES_LEFT: "Microsoft.Compute/UpdateVMSubscriptionMaximum;60"})
    for _request in range(10):
        assert budget.take(GENERALIZATION)
    assert not budget.take(GENERALIZATION)


def test_who_waits_for_the_first_answer_keeps_nobody_else_waiting(budget: RateLimiter, moments: Clock) -> None:
    budget.take(WRITE)
    waiting = threading.Thread(target=budget.admit, args=(WRITE,))
    waiting.start()
    budget.admit(DELETION)
    assert waiting.is_alive()
    answer(budget, WRITE)
    waiting.join(30)
    assert not waiting.is_alive()
    assert moments.time == 0


def test_a_first_request_that_gets_no_answer_lets_the_next_go(budget: RateLimiter) -> None:
    budget.take(WRITE)
    waiting = threading.Thread(target=budget.admit, args=(WRITE,))
    waiting.start()
    budget.give_back(WRITE)
    waiting.join(30)
    assert not waiting.is_alive()
    assert budget.wait(WRITE) is None


def test_without_a_word_of_limits_nothing_waits(budget: RateLimiter, moments: Clock) -> None:
    budget.take(WRITE)
    answer(budget, WRITE)
    for _request in range(1000):
        budget.admit(WRITE)
    assert moments.time == 0


def test_writes_come_ten_a_second_when_the_bucket_is_empty(budget: RateLimiter, moments: Clock) -> None:
    budget.take(WRITE)
    answer(budget, WRITE, **{WRITES_LEFT: "21"})
    for _request in range(20):
        budget.admit(WRITE)
    assert moments.time == 0
    for _request in range(100):
        budget.admit(WRITE)
    assert moments.time == pytest.approx(10, rel=0.02)


def test_what_others_take_is_seen(budget: RateLimiter) -> None:
    budget.take(WRITE)
    answer(budget, WRITE, **{WRITES_LEFT: "199"})
    budget.take(WRITE)
    answer(budget, WRITE, **{WRITES_LEFT: "0"})
    assert budget.wait(WRITE) == pytest.approx(0.2)


def test_a_bucket_that_is_not_documented_fills_within_three_minutes(budget: RateLimiter, moments: Clock) -> None:
    told = {POLICIES_LEFT: "Microsoft.Compute/CreateImagesSubscriptionMaximum;59"}
    budget.take(WRITE)
    answer(budget, WRITE, **told)
    for _request in range(58):
        budget.admit(WRITE)
    assert moments.time == 0
    budget.admit(WRITE)
    assert moments.time == pytest.approx(3, abs=0.1)


def test_the_bucket_of_one_resource_is_none_of_the_subscription(budget: RateLimiter, moments: Clock) -> None:
    budget.take(WRITE)
    answer(budget, WRITE, **{POLICIES_LEFT: "Microsoft.Compute/UpdateVMResource;0,Microsoft.Compute/UpdateVM3Min;100"})
    budget.admit(WRITE)
    assert moments.time == 0


def test_after_a_429_nothing_of_its_kind_goes_until_azure_allows_it(budget: RateLimiter) -> None:
    budget.take(WRITE)
    budget.record_response(WRITE, {WRITES_LEFT: "100"}, retry_after=30)
    budget.give_back(WRITE)
    assert budget.wait(WRITE) == 30


def test_reads_wait_only_for_who_reads_a_lot(budget: RateLimiter) -> None:
    read = request_kind("GET", f"{GROUP}/images")
    assert not budget.applies_to(read)
    assert budget.applies_to(WRITE)
    assert not budget.applies_to(request_kind("POST", "/providers/Microsoft.ResourceGraph/resources"))
    budget.limits_reads = True
    assert budget.applies_to(read)


def test_a_wait_that_outlasts_the_task_ends_it(moments: Clock) -> None:
    budget = RateLimiter(Deadline(5, moments))
    budget.take(WRITE)
    budget.record_response(WRITE, {}, retry_after=30)
    answer(budget, WRITE, **{WRITES_LEFT: "10"})
    budget.record_response(WRITE, {}, retry_after=30)
    with pytest.raises(
        Throttled, match="allows the next such request in 30 s, but only 5 s of the task's time limit remain"
    ):
        budget.admit(WRITE)


def test_a_token_that_was_taken_ahead_is_taken_once(budget: RateLimiter, moments: Clock) -> None:
    budget.take(WRITE)
    answer(budget, WRITE, **{WRITES_LEFT: "2"})
    assert budget.take(WRITE)
    with budget.reserved(WRITE):
        budget.admit(WRITE)
        assert moments.time == 0
        # A second attempt of the same request needs one of its own.
        budget.admit(WRITE)
        assert moments.time > 0


@given(
    st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=60), st.integers(min_value=0, max_value=200)
)
def test_azure_never_has_to_refuse(pauses: list[int], first: int) -> None:
    """Whatever the pauses and however full the bucket was: a bucket kept as Azure keeps its own never runs dry."""
    clock = Clock()
    budget = RateLimiter(Deadline(10_000, clock))
    left, at = float(first) + 1, 0.0
    for pause in pauses * 5:
        clock.sleep(pause / 100)
        budget.admit(WRITE)
        left, at = min(200.0, left + (clock.time - at) * 10), clock.time
        assert left >= 1
        left -= 1
        answer(budget, WRITE, **{WRITES_LEFT: str(int(left))})


def test_an_answer_that_was_overtaken_frees_no_room(budget: RateLimiter) -> None:
    budget.take(WRITE)
    answer(budget, WRITE, **{POLICIES_LEFT: "Microsoft.Compute/CreateImagesSubscriptionMaximum;9"})
    sent = 0
    while budget.take(WRITE):
        sent += 1
    for left in (6, 5, 4, 3, 2, 1, 8, 7):
        answer(budget, WRITE, **{POLICIES_LEFT: f"Microsoft.Compute/CreateImagesSubscriptionMaximum;{left}"})
        assert not budget.take(WRITE)
    assert sent == 8


def test_the_share_that_is_left_is_that_of_the_scarcest(budget: RateLimiter, moments: Clock) -> None:
    assert budget.share_left(WRITE) == 1.0
    budget.take(WRITE)
    policies = "Microsoft.Compute/CreateImagesSubscriptionMaximum;59,Microsoft.Compute/PutVMSubscriptionMaximum;300"
    answer(budget, WRITE, **{POLICIES_LEFT: policies})
    assert budget.share_left(WRITE) == pytest.approx(300 / 1500)
    moments.sleep(180)
    assert budget.share_left(WRITE) == 1.0


def test_the_limit_of_one_machine_does_not_delay_requests_about_others(budget: RateLimiter, moments: Clock) -> None:
    kind = request_kind("PUT", f"{GROUP}/restorePointCollections/c/restorePoints/p")
    one = "Microsoft.Compute/CreateCrashConsistentRestorePoint"
    budget.take(kind)
    answer(budget, kind, **{POLICIES_LEFT: f"{one};0", WRITES_LEFT: "100"})
    for _machine in range(5):
        assert budget.take(kind)
    budget.record_response(kind, {POLICIES_LEFT: f"{one};0"}, retry_after=1200)
    assert budget.wait(kind) == 0
    # One of the subscription delays them all.
    budget.record_response(kind, {POLICIES_LEFT: "Microsoft.Compute/PutRestorePointSubscriptionMaximum;0"}, 1200)
    assert budget.wait(kind)
