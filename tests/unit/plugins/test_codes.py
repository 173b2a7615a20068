# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/codes.yml lists the codes that the sources give to programs: all of them, and no others."""

from __future__ import annotations

import code_givers
import pytest
from code_register import COMMAND, PAGE, REGISTER, faults, load, page
from codes import BLOCKER, DECISION, REFUSAL, WARNING, codes_of_python, codes_of_yaml

#: One code as the sources give it, and its line in a register.
ONE = {"disk_in_use": {BLOCKER: {"vm_image_capture"}}}
LINE = {"kind": [BLOCKER], "from": ["vm_image_capture"], "cause": "The disk is in use.", "cure": "Detach the disk."}


def test_every_code_can_be_read() -> None:
    assert code_givers.unknown() == []


def test_the_register_holds_what_the_sources_give() -> None:
    found = faults(load(), code_givers.registered())
    assert found == [], f"{REGISTER}:\n" + "\n".join(found)


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load()), f"Run: {COMMAND}"


def test_a_register_that_fits() -> None:
    assert faults({"disk_in_use": LINE}, ONE) == []


@pytest.mark.parametrize(
    ("register", "fault"),
    [
        ({}, "disk_in_use, a blocker of vm_image_capture, is not in the register."),
        ({"disk_in_use": LINE, "old": LINE}, "old is in the register, and no source gives it."),
        (
            {"disk_in_use": {**LINE, "kind": [WARNING]}},
            "is ['warning'] in the register, and ['blocker'] in the sources.",
        ),
        ({"disk_in_use": {**LINE, "from": ["vm_image_info"]}}, "and from ['vm_image_capture'] in the sources."),
        ({"disk_in_use": {**LINE, "cause": ""}}, "The cause of disk_in_use is not one sentence"),
        ({"disk_in_use": {**LINE, "cure": "Detach the disk"}}, "The cure of disk_in_use is not one sentence"),
        ({"disk_in_use": {**LINE, "cure": "Detach it. Run it again."}}, "The cure of disk_in_use is not one sentence"),
        ({"disk_in_use": {**LINE, "cure": f"{'x' * 240}."}}, "The cure of disk_in_use is not one sentence"),
        ({"disk_in_use": {"kind": [BLOCKER]}}, "disk_in_use has the keys ['kind']"),
        ({"old": LINE, "disk_in_use": LINE}, "The codes are not in alphabetical order."),
    ],
)
def test_each_fault_of_a_register(register: dict, fault: str) -> None:
    assert any(fault in each for each in faults(register, ONE))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def disk_blockers(disk):\n    yield Finding('new_code', f'The {disk} is wrong.')", BLOCKER),
        ("def _warnings(disk):\n    yield Finding('new_code', 'The disk is wrong.', quiet=True)", WARNING),
        ("def plan(vm):\n    return Plan('Title', blockers=[Finding('new_code', 'It is wrong.')])", BLOCKER),
        ("def plan(vm):\n    return Plan('Title', [], [Finding('new_code', 'It is wrong.')])", WARNING),
        ("def plan(vm):\n    found = Finding('new_code', 'It is wrong.')\n    return Plan('Title', [found])", BLOCKER),
        ("def _blockers():\n    code = 'new_code'\n    yield Finding(code, 'It is wrong.')", BLOCKER),
        ("def _rest():\n    yield Finding('new_code', 'Wrong.')\ndef _warnings():\n    yield from _rest()", WARNING),
        ("def parse(options):\n    raise InvalidInput('It is wrong.', code='new_code')", REFUSAL),
        ("NEW = 'new_code'\ndef sign_in():\n    raise SignInFailed('It is wrong.', code=NEW)", REFUSAL),
        ("def read(what):\n    raise FileUnusable(what, 'path', '', 'new_code', 'is wrong')", REFUSAL),
        ("class Code(Enum):\n    NEW = 'new_code'", DECISION),
        ("def _why(image):\n    return Reason('new_code', 'it is wrong')", DECISION),
    ],
)
def test_a_new_code_in_a_source_is_found(text: str, kind: str) -> None:
    source = codes_of_python(text)
    assert {(code, found) for code, found, _top in source.given} == {("new_code", kind)}
    assert source.unknown == []
    assert faults({}, {"new_code": {kind: {"vm_image_capture"}}}) != []


@pytest.mark.parametrize(
    "text",
    [
        "def disk_blockers(disk):\n    yield Finding(f'{disk}_wrong', 'The disk is wrong.')",
        "def look(disk):\n    yield Finding('new_code', 'The disk is wrong.')",
    ],
    ids=["a code that is put together", "neither blocker nor warning"],
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    assert codes_of_python(text).unknown != []


def test_a_code_in_a_role_is_found() -> None:
    text = "- name: Refuse\n  ansible.builtin.fail:\n    msg: {code: new_code, message: It is wrong.}\n- code: '{{ item.code }}'\n"
    assert codes_of_yaml(text, "roles/x/tasks/main.yml").given == {("new_code", REFUSAL, "")}
