# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The capture playbooks offer all options of vm_image_capture that make sense for a machine, with the module's types."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.filter.capture_arguments import capture_arguments
from ansible_collections.golden.azure.plugins.module_utils._capture.options import ITEM
from ansible_collections.golden.azure.plugins.module_utils._instance.options import OPTIONS as INSTANCE
from ansible_collections.golden.azure.plugins.module_utils._model.possible_targets import gallery_option
from ansible_collections.golden.azure.plugins.plugin_utils.capture_arguments import VERSION as PREFIX
from ansible_collections.golden.azure.plugins.plugin_utils.capture_arguments import message
from awx_surveys import WITHOUT_VARIABLE
from repository import ROOT

TYPES = yaml.safe_load((ROOT / "playbooks" / "vars" / "capture.yml").read_text())["capture_types"]
VERSION = ITEM["gallery_versions"]["options"]
OPTIONS = {
    name: rule["option"] for name, rule in TYPES.items() if "option" in rule and not rule["option"].startswith(PREFIX)
}
VERSION_OPTIONS = {
    name: rule["option"].removeprefix(PREFIX)
    for name, rule in TYPES.items()
    if rule.get("option", "").startswith(PREFIX)
}
#: Variables that are no options of the module.
OF_PLAYBOOKS = {
    "capture_source_vm",
    "capture_guest_address",
    "capture_guest_user",
    "capture_guest_connection",
    "capture_guest_shell",
    "capture_report_file",
}
COPY_OPTIONS = {name: rule["copy_option"] for name, rule in TYPES.items() if "copy_option" in rule}


def test_no_option_is_left_out() -> None:
    assert set(OPTIONS.values()) - {"timeout"} == set(ITEM) - set(WITHOUT_VARIABLE) - {"source_vm"}
    assert set(VERSION_OPTIONS.values()) == set(VERSION)
    assert set(TYPES) == {*OPTIONS, *VERSION_OPTIONS, *COPY_OPTIONS, *OF_PLAYBOOKS}
    assert set(COPY_OPTIONS.values()) == {"name", "isolated_subnet", "vm_size", "disk_consistency"}


@pytest.mark.parametrize(
    ("variable", "specification"),
    [
        *((name, ITEM[option]) for name, option in OPTIONS.items() if option in ITEM),
        *((name, VERSION[option]) for name, option in VERSION_OPTIONS.items()),
        *((name, INSTANCE[option]) for name, option in COPY_OPTIONS.items()),
    ],
)
def test_a_variable_has_its_options_type(variable: str, specification: dict[str, Any]) -> None:
    assert TYPES[variable]["type"] == specification["type"]
    assert TYPES[variable].get("choices") == specification.get("choices")


@pytest.mark.parametrize("playbook", ["capture_linux", "capture_windows"])
def test_a_playbook_hands_all_of_them_on(playbook: str) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())
    handed_on = plays[-1]["module_defaults"]["golden.azure.vm_image_capture"]
    # The guest's shutdown is waited for, and its preparation told, task by task.
    own = {"source_vm", "copy_name", "os_type"}
    assert set(handed_on) == {*OPTIONS.values(), *own} - {"shutdown_timeout", "guest_prepared"}
    for option, value in handed_on.items():
        assert option in own or f"capture_options.{option} " in value
    copied = plays[-1]["module_defaults"]["golden.azure.vm_image_instance"]
    for option in COPY_OPTIONS.values():
        assert f"capture_copy.{option} " in copied[option]


def read(**values: Any) -> dict[str, Any]:
    return capture_arguments({**dict.fromkeys(TYPES, ""), **values}, TYPES)


def test_nothing_is_given() -> None:
    assert read() == {"options": {}, "instance": {}, "findings": []}


def test_one_version_without_a_list() -> None:
    found = read(capture_gallery="golden", capture_definition="web", capture_create_gallery="true")
    assert found["findings"] == []
    assert found["options"]["gallery_versions"] == [
        {"gallery": "golden", "definition": "web", "create_gallery": "true"}
    ]


def test_a_copy() -> None:
    values = {**dict.fromkeys(TYPES, ""), "capture_copy_subnet": "/subnet", "capture_copy_vm_size": "[Standard_D2s_v5]"}
    found = capture_arguments({name: value for name, value in values.items() if value}, TYPES, copy_name="web-copy")
    assert found["findings"] == []
    assert found["instance"] == {"name": "web-copy", "isolated_subnet": "/subnet", "vm_size": ["Standard_D2s_v5"]}
    assert found["options"] == {}


def test_the_consistency_of_the_disks_is_that_of_the_copy_or_of_the_snapshots() -> None:
    copied = read(capture_copy_subnet="/subnet", capture_disk_consistency="per_disk")
    assert (copied["findings"], copied["instance"]["disk_consistency"], copied["options"]) == ([], "per_disk", {})
    kept = read(capture_snapshot_disks="true", capture_disk_consistency="per_disk")
    assert (kept["findings"], kept["instance"]) == ([], {})
    assert kept["options"] == {"snapshot_disks": "true", "disk_consistency": "per_disk"}


def test_one_beside_a_list() -> None:
    listed = [{"gallery": "far", "definition": "web"}]
    found = read(capture_gallery="golden", capture_definition="web", capture_gallery_versions=listed)["options"]
    assert [version["gallery"] for version in found["gallery_versions"]] == ["far", "golden"]


@pytest.mark.parametrize(
    "text", ['[{"gallery": "golden", "definition": "web"}]', "[{gallery: golden, definition: web}]"]
)
def test_a_list_as_a_command_line_gives_it(text: str) -> None:
    assert read(capture_gallery_versions=text)["options"]["gallery_versions"] == [
        {"gallery": "golden", "definition": "web"}
    ]


@pytest.mark.parametrize("text", ["team=web,owner=ops", "{team: web, owner: ops}", '{"team": "web", "owner": "ops"}'])
def test_tags_as_a_command_line_gives_them(text: str) -> None:
    assert read(capture_image_tags=text)["options"]["tags"] == {"team": "web", "owner": "ops"}


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"capture_gallery": "golden"}, ["gallery_version_incomplete"]),
        ({"capture_create_gallery": "true"}, ["gallery_version_incomplete"]),
        ({"capture_gallery_versions": "golden"}, ["not_a_list"]),
        ({"capture_image_tags": "team=web,owner"}, ["not_a_dictionary"]),
        ({"capture_image_tags": "{team: web"}, ["not_a_dictionary"]),
        ({"capture_os_state": "special"}, ["not_a_choice"]),
        ({"capture_concurrent_deployments": "many"}, ["not_a_number"]),
        ({"capture_generalize": "maybe"}, ["not_a_boolean"]),
        ({"capture_definition": ["web"], "capture_gallery": "golden"}, ["not_text"]),
    ],
)
def test_what_is_refused(values: dict[str, Any], codes: list[str]) -> None:
    found = read(**values)
    assert [finding["code"] for finding in found["findings"]] == codes
    assert found["options"] == {}


def test_a_consent_is_not_empty() -> None:
    found = capture_arguments({"capture_delete_source_vm": "", "capture_version": ""}, TYPES, "unset")
    assert [finding["code"] for finding in found["findings"]] == ["empty_variable"]


def test_the_playbooks_own_variables_are_known() -> None:
    """Set by an earlier playbook of the same run, they would be refused as unknown."""
    own = set(yaml.safe_load((ROOT / "playbooks" / "vars" / "capture.yml").read_text())["capture_own"])
    texts = [
        path.read_text()
        for path in (*(ROOT / "playbooks").glob("**/capture*.yml"), *(ROOT / "playbooks" / "tasks").iterdir())
    ]
    named = {name for text in texts for name in re.findall(r"(?<![\w.])capture_[a-z_]+", text)}
    # Playbooks and groups of hosts are no variables.
    not_variables = {"capture_linux", "capture_windows", "capture_linux_named", "capture_windows_named"}
    assert named - set(TYPES) - not_variables == own


def test_a_gallery_that_is_advised_is_what_to_add_to_the_command_line() -> None:
    # A name that YAML would read as a number.
    advised = "'gallery_versions: [{gallery: golden_images, definition: 1e3, create_gallery: true}]'"
    blockers = [{"code": "locked"}, {"code": "security_type_not_supported", "instead": gallery_option("1e3")}]
    blocked = {
        "msg": f"Blocked: capture it into a gallery instead of 'image': {advised}.",
        "plan": {"blockers": blockers},
    }
    assert message(blocked, TYPES) == (
        "Blocked: capture it into a gallery instead of 'capture_image_name': "
        "'-e capture_gallery=golden_images -e capture_definition=1e3 -e capture_create_gallery=true'. "
        "(locked) (security_type_not_supported)"
    )


@pytest.mark.parametrize(
    ("result", "codes"),
    [
        (
            {"msg": "Blocked.", "plan": {"blockers": [{"code": "locked"}, {"code": "no_target"}, {"code": "locked"}]}},
            "(locked) (no_target)",
        ),
        ({"msg": "Not valid. (option_not_valid)", "error": {"code": "option_not_valid"}}, "(option_not_valid)"),
        ({"msg": "Not found.", "error": {"code": "ResourceNotFound"}}, "(ResourceNotFound)"),
        ({"msg": "The module failed."}, "(unknown)"),
    ],
)
def test_a_message_ends_with_its_codes_once(result: dict[str, Any], codes: str) -> None:
    text = message(result, TYPES)
    assert text.endswith(f". {codes}")
    assert all(text.count(code) == 1 for code in codes.split())


def test_a_managed_image_that_is_possible_is_what_to_add_to_the_command_line() -> None:
    said = {"msg": "No target is specified. For a managed image set 'image: NAME'.", "error": {"code": "no_target"}}
    assert "For a managed image set '-e capture_image_name=NAME'." in message(said, TYPES)


def test_a_message_names_variables() -> None:
    said = {"msg": "The gallery does not exist; set 'create_gallery: true', 'generalize: true' or 'image', not 'web'."}
    assert message({**said, "error": {"code": "not_found"}}, TYPES) == (
        "The gallery does not exist; set 'capture_create_gallery: true', 'capture_generalize: true' or 'capture_image_name', not 'web'. "
        "(not_found)"
    )
