# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image definition with all its versions, and a gallery with all its definitions, in one removal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from version_cases import DEFINITION, GALLERY, VERSION, gallery_seed, version_seed

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

OTHER = f"{GALLERY}/images/db"
SOFT_DELETE = {"softDeletePolicy": {"isSoftDeleteEnabled": True, "retentionPeriodInDays": 10, "gracePeriodInDays": 4}}
IN_DEFINITION = {"whole": "definition", "definition": "web"}
IN_GALLERY = {"whole": "gallery"}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(features=["Microsoft.Compute/SIGSoftDelete"]) as running:
        yield running


def plant(azure: EmbeddedAzure, numbers: tuple[str, ...] = ("1.1.0",), **properties: Any) -> None:
    """Two definitions: web with versions, and db with none."""
    seed = gallery_seed(**properties)
    seed["resources"][2:] = [version_seed(("westeurope",), number) for number in ("1.0.0", *numbers)]
    seed["resources"].append({**seed["resources"][1], "id": OTHER})
    seed["resources"][-1]["properties"] = {
        **seed["resources"][1]["properties"],
        "identifier": {"publisher": "Example", "offer": "db", "sku": "1"},
    }
    azure.seed(seed)


def run(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    named = {"source": "gallery", "resource_group": "images", "gallery": "golden"}
    done: Json = run_code(azure, removal.execute, removal.OPTIONS, check, **{**named, **options})
    return done


def actions(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def codes(findings: list[Json]) -> list[str]:
    return [finding["code"] for finding in findings]


def left(azure: EmbeddedAzure) -> list[str]:
    return sorted(id.removeprefix(GALLERY) for id in azure.resources() if id.startswith(GALLERY))


def four_cases(azure: EmbeddedAzure, *expected: str, **options: Any) -> Json:
    """Check mode, the run, the run again, check mode again; the result of the run."""
    before = azure.resources()
    predicted = run(azure, check=True, **options)
    assert (predicted["changed"], actions(predicted), sent_writes(azure.requests)) == (True, list(expected), [])
    assert azure.resources() == before
    done = run(azure, **options)
    assert (done["changed"], len(done["steps"]), len(sent_writes(azure.requests))) == (
        True,
        len(expected),
        len(expected),
    )
    assert (done["removed_definitions"], done["removed_gallery"]) == (
        predicted["removed_definitions"],
        predicted["removed_gallery"],
    )
    for check in (False, True):
        again = run(azure, check, **options)
        assert (again["changed"], actions(again), sent_writes(azure.requests)) == (False, [], [])
    return done


def test_a_definition_with_all_its_versions(azure: EmbeddedAzure) -> None:
    plant(azure)
    done = four_cases(azure, "delete_version", "delete_version", "delete_definition", **IN_DEFINITION)
    assert [row["version"] for row in done["removed"]] == ["1.0.0", "1.1.0"]
    assert (done["removed_definitions"], done["removed_gallery"]) == ([DEFINITION], None)
    assert left(azure) == ["", "/images/db"]


def test_a_gallery_with_everything_in_it(azure: EmbeddedAzure) -> None:
    plant(azure)
    done = four_cases(
        azure, "delete_version", "delete_version", *["delete_definition"] * 2, "delete_gallery", **IN_GALLERY
    )
    assert sorted(done["removed_definitions"]) == [OTHER, DEFINITION]
    assert (done["removed_gallery"], left(azure)) == (GALLERY, [])


def test_the_sharing_of_a_public_gallery_is_reset_first(azure: EmbeddedAzure) -> None:
    information = {
        "publicNamePrefix": "golden",
        "publisherUri": "https://example.com",
        "publisherContact": "images@example.com",
        "eula": "https://example.com/eula",
    }
    plant(azure, (), sharingProfile={"permissions": "Community", "communityGalleryInfo": information})
    azure.seed({"actions": [{"id": GALLERY, "action": "share", "body": {"operationType": "EnableCommunity"}}]})
    done = run(azure, **IN_GALLERY)
    assert [step["action"] for step in done["steps"]][-2:] == ["reset_sharing", "delete_gallery"]
    assert left(azure) == []


def test_with_soft_delete_a_definition_is_kept_until_its_versions_are_gone(azure: EmbeddedAzure) -> None:
    plant(azure, **SOFT_DELETE)
    done = four_cases(azure, "soft_delete_version", "soft_delete_version", **IN_DEFINITION)
    assert (done["removed_definitions"], left(azure)) == ([], ["", "/images/db", "/images/web"])
    kept = next(each for each in done["plan"]["warnings"] if each["code"] == "soft_deleted_versions_left")
    assert "it can be removed from 20" in kept["message"]
    # The second run says the date that Azure has set: 14 days after the deletion.
    again = run(azure, **IN_DEFINITION)
    message = next(
        each["message"] for each in again["plan"]["warnings"] if each["code"] == "soft_deleted_versions_left"
    )
    assert "it can be removed from 2026-01-15T" in message
    azure.clock.advance(15 * 24 * 3600)
    assert run(azure, **IN_DEFINITION)["removed_definitions"] == [DEFINITION]


def test_with_soft_delete_the_gallery_is_kept_as_well(azure: EmbeddedAzure) -> None:
    plant(azure, **SOFT_DELETE)
    done = four_cases(azure, "soft_delete_version", "soft_delete_version", "delete_definition", **IN_GALLERY)
    assert codes(done["plan"]["warnings"]) == [
        "soft_deleted_versions_cost",
        "soft_deleted_versions_left",
        "gallery_kept",
    ]
    assert left(azure) == ["", "/images/web"]


def test_the_bypass_removes_it_at_once(azure: EmbeddedAzure) -> None:
    plant(azure, **SOFT_DELETE)
    four_cases(
        azure,
        *["delete_version_permanently"] * 2,
        *["delete_definition"] * 2,
        "delete_gallery",
        **IN_GALLERY,
        bypass_soft_delete=True,
    )
    assert left(azure) == []


def test_the_rules_of_named_images_apply_to_all_of_them(azure: EmbeddedAzure) -> None:
    """One version that must be kept keeps everything, and nothing is changed."""
    plant(azure)
    azure.seed({"virtual_machines": [{"name": "shop", "group": "shops", "image": {"id": VERSION}}]})
    azure.change(OTHER, {"tags": {"golden.azure.protected": ""}})
    before = azure.resources()
    for check in (True, False):
        with pytest.raises(Blocked) as blocked:
            run(azure, check, **IN_GALLERY)
        assert codes(blocked.value.details["plan"]["blockers"]) == ["in_use", "protected"]
        assert "in_use" in blocked.value.details["plan_text"]
        assert (sent_writes(azure.requests), azure.resources()) == ([], before)
    azure.change(OTHER, {"tags": {}})
    assert run(azure, **IN_GALLERY, force=True)["removed_gallery"] == GALLERY


def test_too_many_versions_and_locks_block_it(azure: EmbeddedAzure) -> None:
    plant(azure, tuple(f"1.{number}.0" for number in range(1, 4)))
    with pytest.raises(Blocked) as blocked:
        run(azure, **IN_DEFINITION, max_removals=3)
    assert codes(blocked.value.details["plan"]["blockers"]) == ["too_many"]
    azure.seed({"locks": [{"scope": GALLERY, "name": "keep"}]})
    with pytest.raises(Blocked) as blocked:
        run(azure, **IN_DEFINITION)
    assert set(codes(blocked.value.details["plan"]["blockers"])) == {"locked"}


def test_a_failed_version_keeps_its_definition_and_the_gallery(azure: EmbeddedAzure) -> None:
    plant(azure)
    azure.faults.add("DELETE", "/versions/1.1.0", status=409, code="Conflict", times=99)
    with pytest.raises(Failure) as failed:
        run(azure, **IN_GALLERY)
    details = failed.value.details
    assert (details["removed_definitions"], details["removed_gallery"]) == ([OTHER], None)
    assert left(azure) == ["", "/images/web", "/images/web/versions/1.1.0"]
    azure.faults.clear()
    # The next run completes it.
    assert run(azure, **IN_GALLERY)["removed_gallery"] == GALLERY
    assert left(azure) == []


@pytest.mark.sweep
@pytest.mark.parametrize("policy", [{}, SOFT_DELETE])
@pytest.mark.parametrize(
    "fault", [{"status": 403, "code": "AuthorizationFailed"}, {"status": 500}, {"drop": "after"}, {"drop": "before"}]
)
def test_whatever_fails_the_next_run_completes_it(fault: Json, policy: Json) -> None:
    options = {**IN_GALLERY, "bypass_soft_delete": bool(policy)}
    features = ["Microsoft.Compute/SIGSoftDelete"]
    with driven_azure(features=features) as counted:
        plant(counted, **policy)
        run(counted, **options)
        count = len(counted.requests)
    for number in range(1, count + 1):
        with driven_azure(features=features) as azure:
            plant(azure, **policy)
            azure.faults.add("*", "/subscriptions", nth=number, **fault)
            with contextlib.suppress(Failure):
                run(azure, **options)
            azure.faults.clear()
            run(azure, **options)
            assert left(azure) == [], number
            assert not run(azure, **options)["changed"]


@pytest.mark.parametrize(
    "options",
    [
        {"whole": "definition"},
        {"whole": "gallery", "definition": "web"},
        {"whole": "gallery", "name": "1.0.0"},
        {"whole": "gallery", "source": "managed", "gallery": None},
        {"whole": "gallery", "gallery": None},
        {"whole": "gallery", "resource_group": None},
        {"whole": "gallery", "gallery": GALLERY},
        {"whole": "gallery", "deprecate": True},
        {"whole": "gallery", "grace_days": 0},
        {"whole": "gallery", "remove_empty_definitions": True},
        {"whole": "gallery", "subscriptions": ["a", "b"]},
    ],
)
def test_what_is_removed_is_never_a_guess(azure: EmbeddedAzure, options: Json) -> None:
    with pytest.raises(InvalidInput):
        run(azure, **options)
    assert sent_writes(azure.requests) == []
