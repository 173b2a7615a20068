# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a golden image is refreshed, and from what that is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.decision import (
    BUILD_STAGES,
    InterruptedRun,
    RefreshOptions,
    decide,
)
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.image_inputs import (
    UnreadableInput,
    changes,
    digest_path,
    digest_value,
    inputs_text,
)
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.role_tree import find_roles
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.targets import Target, targets_of
from hypothesis import given
from hypothesis import strategies as st

NOW = "2026-11-21T05:00:00Z"
INPUTS = "base=1 definition=2 role:web=3"


def image(name: str, created: str = "2026-11-01T00:00:00Z", state: str = "Succeeded", **tags: str) -> dict[str, Any]:
    named = {f"golden.azure.{tag}": value for tag, value in {"inputs": INPUTS, **tags}.items()}
    return {"id": name, "name": name, "created_at": created, "provisioning_state": state, "tags": named}


def wish(**more: Any) -> RefreshOptions:
    return RefreshOptions(**{"inputs": INPUTS, "now": NOW, **more})


GOOD = image("good", verified="true", promoted_at="2026-11-01T01:00:00Z")


# -- when ---------------------------------------------------------------------------------------------------------


def test_a_new_image_goes_through_all_stages() -> None:
    decision = decide([], wish(prune=True))
    assert decision.stages == [*BUILD_STAGES, "promote", "prune"]


def test_an_unchanged_image_is_left() -> None:
    assert decide([GOOD], wish()).stages == []
    assert decide([GOOD], wish(prune=True)).stages == ["prune"]


def test_what_has_changed_is_named() -> None:
    decision = decide([GOOD], wish(inputs="base=1 definition=2 role:web=4 role:shop=5"))
    assert decision.stages == [*BUILD_STAGES, "promote"]
    assert (decision.reason_code, decision.reason_parts) == ("inputs_changed", ["role shop", "role web"])


@pytest.mark.parametrize(("days", "refreshed"), [(19, True), (30, False)])
def test_age_decides_where_that_is_asked_for(days: int, refreshed: bool) -> None:
    decision = decide([GOOD], wish(inputs="base=9", refresh_when="older_than", older_than=days))
    assert bool(decision.stages) is refreshed


def test_an_image_of_unknown_age_is_refreshed() -> None:
    unknown = {**GOOD, "created_at": None}
    assert decide([unknown], wish(refresh_when="older_than")).stages


def test_always_is_always() -> None:
    assert decide([GOOD], wish(refresh_when="always")).stages == [*BUILD_STAGES, "promote"]


# -- taking up what is there --------------------------------------------------------------------------------------


def test_an_image_that_waits_for_its_verification_is_not_built_again() -> None:
    decision = decide([image("waiting")], wish())
    assert (decision.stages, [one["id"] for one in decision.images]) == (["verify", "promote"], ["waiting"])
    assert decision.abandoned == []


def test_an_image_that_was_verified_before_is_only_promoted() -> None:
    decision = decide([image("good", verified="true")], wish())
    assert (decision.stages, decision.verified) == (["promote"], True)


def test_what_was_made_of_other_inputs_and_never_verified_is_abandoned() -> None:
    decision = decide([GOOD, image("stale", inputs="base=0")], wish())
    assert (decision.stages, decision.abandoned) == ([], ["stale"])


def test_an_image_that_failed_its_verification_is_built_anew() -> None:
    decision = decide([image("bad", verified="false")], wish())
    assert decision.stages == [*BUILD_STAGES, "promote"]
    assert decision.abandoned == ["bad"]


def test_an_image_that_is_being_made_is_left_alone() -> None:
    decision = decide([image("making", state="Creating")], wish())
    assert decision.abandoned == []


def test_images_of_one_run_go_on_together() -> None:
    both = [image("managed", run="7"), image("version", run="7"), image("older", run="6")]
    assert [one["id"] for one in decide(both, wish()).images] == ["managed", "version"]


def test_a_run_that_only_promotes_builds_nothing_and_removes_nothing() -> None:
    decision = decide(
        [image("good", verified="true"), image("stale", inputs="base=0")], wish(inputs="x=1", refresh=False)
    )
    assert (decision.stages, decision.abandoned) == (["promote"], [])
    assert decide([], wish(refresh=False)).stages == []


@given(
    st.lists(st.sampled_from([GOOD, image("waiting"), image("bad", verified="false"), image("new", state="Creating")]))
)
def test_nothing_verified_is_ever_abandoned(images: list[dict[str, Any]]) -> None:
    for when in ("changed", "always", "older_than"):
        assert "good" not in decide(images, wish(refresh_when=when)).abandoned


# -- several targets ----------------------------------------------------------------------------------------------

GALLERIES = [
    {"gallery": "golden", "definition": "web"},
    {
        "gallery": "/subscriptions/2/resourceGroups/far/providers/Microsoft.Compute/galleries/silver",
        "definition": "web",
    },
]
TARGETS = targets_of(GALLERIES, "images", managed=True)
PROMOTED = {"verified": "true", "promoted_at": "2026-11-01T01:00:00Z"}


def made(target: Target, run: str = "7", **more: str) -> dict[str, Any]:
    """An image in a target."""
    place = {
        "source": target.source,
        "resource_group": target.resource_group.upper(),
        "subscription_id": target.subscription or "1",
        "gallery": target.gallery,
        "definition": target.definition,
    }
    return {**image(f"{run} in {target.label}", run=run, **more), **place}


def test_targets_are_told_by_name_and_by_id() -> None:
    assert [target.label for target in TARGETS] == [
        "resource group 'images'",
        "gallery 'golden', definition 'web'",
        "gallery 'silver', definition 'web'",
    ]
    assert [[target.contains(made(other)) for other in TARGETS] for target in TARGETS] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_an_image_that_is_in_all_its_targets_is_left() -> None:
    assert decide([made(target, **PROMOTED) for target in TARGETS], wish(targets=TARGETS)).stages == []


def test_what_one_target_lacks_is_made_anew_in_all() -> None:
    decision = decide([made(target, **PROMOTED) for target in TARGETS[:2]], wish(targets=TARGETS))
    assert decision.stages == [*BUILD_STAGES, "promote"]
    assert (decision.reason_code, decision.reason_parts) == (
        "target_missing",
        ["gallery 'silver', definition 'web'"],
    )
    assert decision.abandoned == [], "what was promoted is in use"


def test_what_was_promoted_in_one_target_only_is_promoted_in_the_others() -> None:
    images = [made(TARGETS[0], **PROMOTED), *(made(target, verified="true") for target in TARGETS[1:])]
    for refresh in (True, False):
        decision = decide(images, wish(targets=TARGETS, refresh=refresh))
        assert (decision.stages, len(decision.images), decision.verified) == (["promote"], 3, True)


def test_an_image_whose_promotion_is_under_way_is_there() -> None:
    images = [
        made(TARGETS[0], **PROMOTED),
        *({**made(one, verified="true"), "provisioning_state": "Updating"} for one in TARGETS[1:]),
    ]
    assert decide(images, wish(targets=TARGETS)).stages == ["promote"]


def test_what_was_verified_in_one_target_only_is_verified_in_the_others() -> None:
    images = [made(TARGETS[0], verified="true"), *(made(target) for target in TARGETS[1:])]
    decision = decide(images, wish(targets=TARGETS))
    assert (decision.stages, decision.verified) == (["verify", "promote"], False)
    assert decision.verified_ids == [images[0]["id"]]
    assert len(decision.images) == 3


def test_what_has_failed_in_one_target_goes_from_all() -> None:
    images = [made(TARGETS[0], verified="true"), made(TARGETS[1], verified="false"), made(TARGETS[2])]
    decision = decide(images, wish(targets=TARGETS))
    assert decision.stages == [*BUILD_STAGES, "promote"]
    assert sorted(decision.abandoned) == sorted(one["id"] for one in images)


def test_what_was_made_in_one_target_only_goes_if_its_machine_is_not_known() -> None:
    decision = decide([made(TARGETS[0])], wish(targets=TARGETS))
    assert (decision.stages, decision.abandoned) == ([*BUILD_STAGES, "promote"], [made(TARGETS[0])["id"]])


@pytest.mark.parametrize("there", [0, 1, 2])
def test_a_capture_that_was_broken_off_is_gone_on_with(there: int) -> None:
    other = made(TARGETS[0], run="6")
    known = [made(target) for target in TARGETS[:there]]
    decision = decide([*known, other], wish(targets=TARGETS, interrupted=InterruptedRun("7", "capture", INPUTS)))
    assert (decision.stages, decision.run) == (["capture", "verify", "promote"], "7")
    assert decision.abandoned == [other["id"]]


@pytest.mark.parametrize(
    ("interrupted", "more"),
    [
        (InterruptedRun("7", "customise", INPUTS), {}),
        (InterruptedRun("7", "capture", "base=9"), {}),
        (InterruptedRun("7", "capture", INPUTS), {"refresh_when": "always"}),
        (InterruptedRun("", "capture", INPUTS), {}),
    ],
)
def test_a_machine_that_is_not_what_is_wanted_is_built_anew(interrupted: InterruptedRun, more: dict[str, Any]) -> None:
    decision = decide([made(TARGETS[0])], wish(targets=TARGETS, interrupted=interrupted, **more))
    assert (decision.stages[0], decision.run) == ("build", "")


def test_a_capture_of_which_an_image_has_failed_is_not_gone_on_with() -> None:
    failed = {**made(TARGETS[0]), "provisioning_state": "Failed"}
    decision = decide([failed], wish(targets=TARGETS, interrupted=InterruptedRun("7", "capture", INPUTS)))
    assert (decision.stages[0], decision.abandoned) == ("build", [failed["id"]])


def test_a_run_that_was_verified_everywhere_needs_no_capture() -> None:
    images = [made(target, **PROMOTED) for target in TARGETS]
    assert decide(images, wish(targets=TARGETS, interrupted=InterruptedRun("8", "capture", INPUTS))).stages == []


_LOT = st.builds(
    made,
    st.sampled_from(TARGETS),
    st.sampled_from(["5", "6", "7"]),
    verified=st.sampled_from(["", "true", "false"]),
    promoted_at=st.sampled_from(["", "2026-11-01T01:00:00Z"]),
)


@given(st.lists(_LOT, max_size=9))
def test_nothing_that_goes_was_promoted_or_is_gone_on_with(images: list[dict[str, Any]]) -> None:
    for when in ("changed", "always", "older_than"):
        decision = decide(images, wish(targets=TARGETS, refresh_when=when))
        goes = [
            one for one in images if one["id"] in decision.abandoned and one["tags"]["golden.azure.promoted_at"] == ""
        ]
        assert set(decision.abandoned) <= {one["id"] for one in goes}
        if decision.stages[:1] == ["verify"]:
            assert not {one["id"] for one in decision.images} & set(decision.abandoned)


# -- inputs -------------------------------------------------------------------------------------------------------


def test_a_digest_follows_contents_names_and_modes(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    file = tmp_path / "tasks" / "main.yml"
    file.write_text("a")
    seen = {digest_path(tmp_path)}
    file.write_text("b")
    seen.add(digest_path(tmp_path))
    file.chmod(0o755)
    seen.add(digest_path(tmp_path))
    file.rename(tmp_path / "tasks" / "other.yml")
    seen.add(digest_path(tmp_path))
    assert len(seen) == 4


def test_a_digest_does_not_follow_what_is_made_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "main.yml").write_text("a")
    before = digest_path(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert digest_path(tmp_path) == before


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="missing"):
        digest_path(tmp_path / "missing")


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest_value({"a": 1, "b": [2]}) == digest_value({"b": [2], "a": 1})
    assert digest_value({"a": 1}) != digest_value({"a": 2})


def test_many_roles_fit_into_a_tag() -> None:
    parts = {"base": "0" * 12, **{f"role:{number}-of-many": "1" * 12 for number in range(30)}}
    text = inputs_text(parts)
    assert len(text) <= 256
    assert changes(text, inputs_text({**parts, "role:3-of-many": "2" * 12})) == ["roles"]


def test_roles_bring_along_what_they_depend_on_and_include(tmp_path: Path) -> None:
    for name in ("web", "base", "certificates", "unused"):
        (tmp_path / "roles" / name / "tasks").mkdir(parents=True)
        (tmp_path / "roles" / name / "tasks" / "main.yml").write_text("[]")
    (tmp_path / "roles" / "web" / "meta").mkdir()
    (tmp_path / "roles" / "web" / "meta" / "main.yml").write_text("dependencies: [base]")
    (tmp_path / "roles" / "base" / "tasks" / "main.yml").write_text(
        "- name: Do\n  block:\n    - ansible.builtin.include_role: {name: certificates}\n"
        "    - include_role: {name: '{{ made_up }}'}\n"
    )
    (tmp_path / "roles" / "base" / "handlers").mkdir()
    (tmp_path / "roles" / "base" / "handlers" / "main.yml").write_text("- name: Do\n  vars: {secret: !vault 'x'}\n")
    assert set(find_roles(["web"], tmp_path, [])) == {"web", "base", "certificates"}


def test_roles_are_found_where_ansible_finds_them(tmp_path: Path) -> None:
    for folder in ("roles/web", "shared/web", "shared/base", "beside"):
        (tmp_path / folder).mkdir(parents=True)
    found = find_roles(["web", "base", "beside", "golden.azure.image_verify"], tmp_path, [str(tmp_path / "shared")])
    assert found["web"] == tmp_path / "roles" / "web"
    assert found["base"] == tmp_path / "shared" / "base"
    assert found["beside"] == tmp_path / "beside"
    assert (found["golden.azure.image_verify"] / "meta" / "argument_specs.yml").exists()


def test_a_role_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "roles" / "web" / "tasks").mkdir(parents=True)
    (tmp_path / "roles" / "web" / "tasks" / "main.yml").write_text("a: [")
    with pytest.raises(UnreadableInput, match=r"tasks/main\.yml"):
        find_roles(["web"], tmp_path, [])


def test_a_missing_role_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="not-there"):
        find_roles(["not-there"], tmp_path, [])
