# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options with which a capture publishes a new version, each in four cases: what Azure is sent, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._publishing import run as publish
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from target_cases import BASE, STOPPED, published

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

VERSION = f"{BASE}/galleries/golden/images/web/versions/1.0.0"
GALLERY = {"id": f"{BASE}/galleries/golden", "location": "westeurope"}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed({**STOPPED, "groups": {"images": "westeurope"}, "resources": [GALLERY]})
        yield running


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"end_of_life_date": "2099-06-30", "block_deletion_before_end_of_life": True},
            {
                "publishingProfile": {"endOfLifeDate": "2099-06-30T00:00:00Z"},
                "safetyProfile": {"blockDeletionBeforeEndOfLife": True},
            },
        ),
        ({"end_of_life_date": "2099-06-30"}, {"publishingProfile": {"endOfLifeDate": "2099-06-30T00:00:00Z"}}),
        ({"replication_mode": "shallow"}, {"publishingProfile": {"replicationMode": "Shallow"}}),
        ({"exclude_from_latest": True}, {"publishingProfile": {"excludeFromLatest": True}}),
        (
            {"allow_deletion_of_replicated_locations": True},
            {"safetyProfile": {"allowDeletionOfReplicatedLocations": True}},
        ),
    ],
)
def test_a_version_is_published_as_the_task_says_in_four_cases(azure, options, expected):
    def run(check: bool) -> Json:
        azure.clear_requests()
        wanted = published(**options)
        return run_code(azure, capture.execute, capture_options.OPTIONS, check, resource_group="images", **wanted)  # type: ignore[no-any-return]

    check = run(True)
    assert (check["changed"], sent_writes(azure.requests)) == (True, [])
    done = run(False)
    assert [step["description"] for step in done["steps"]] == [step["description"] for step in check["plan"]["steps"]]
    (there,) = [body for key, body in azure.resources().items() if key.lower() == VERSION.lower()]
    for section, values in expected.items():
        assert {name: there["properties"][section].get(name) for name in values} == values
    for check_mode in (False, True):
        again = run(check_mode)
        assert (again["changed"], sent_writes(azure.requests)) == (False, [])


def test_a_version_that_could_not_be_replicated_everywhere_is_not_deleted_by_the_next_run(azure):
    """It can be used, and may be in use: Azure's state Failed says only that a region lacks it."""

    def run(check: bool = False) -> Json:
        azure.clear_requests()
        wanted = published(target_regions=[{"name": "westeurope"}, {"name": "northeurope"}])
        return run_code(azure, capture.execute, capture_options.OPTIONS, check, resource_group="images", **wanted)  # type: ignore[no-any-return]

    azure.seed({"settings": {"replication_failures": {"northeurope": 1}}})
    with pytest.raises(Failure):
        run()
    created = azure.resources()[VERSION]
    for check in (False, True):
        with pytest.raises(Blocked) as refused:
            run(check)
        assert [each["code"] for each in refused.value.details["plan"]["blockers"]] == ["version_replication_failed"]
        assert sent_writes(azure.requests) == []
    assert azure.resources()[VERSION] == created

    # What the blocker says to do.
    named = {"gallery": "golden", "definition": "web", "gallery_version": "1.0.0", "resource_group": "images"}
    assert run_code(azure, publish.execute, publish.OPTIONS, False, lambda _line: None, **named)["changed"]
    assert run()["changed"] is False
