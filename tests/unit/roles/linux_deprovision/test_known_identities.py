# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what else identifies a machine: each entry is warned of or removed, and no other file is touched."""

from __future__ import annotations

import re

import deprovision_cleanup
import deprovision_known_identities
import deprovision_main
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import ROLE, Tree, family_config, known_identities

ROWS = known_identities()
REMOVALS = ("default", "request", "warn")
#: What a file must say where an entry looks into it.
LINES = {
    "iscsi_initiator_debian": "InitiatorName=iqn.1993-08.org.debian:01:abc\n",
    "datadog_hostname": "hostname: web\n",
    "zabbix": "Hostname=web\n",
    "snmpd": "oldEngineID 0x80001f88\n",
    "popularity_contest": "PARTICIPATE=yes\nMY_HOSTID=0123\n",
    "realmd_sssd_domain": "[domain/x]\nad_domain = x\n",
    "couchdb": "[couchdb]\nuuid = 0123\n",
    "gitlab_runner": "[[runners]]\n  token = 'x'\n",
    "buildkite": "token=x\n",
    "wireguard": "[Interface]\nPrivateKey = x\n",
    "strongswan": ": PSK x\n",
    "mailname": "web.example.org\n",
    "postfix": "myhostname = web.example.org\n",
    "exim": "dc_other_hostnames='web'\n",
}


def guest_of(tree: Tree, known_agents: bool, rows: list[dict] | None = None) -> Guest:
    config = {**family_config("Debian"), "known_agents": known_agents}
    guest = Guest({**config, "known_identities": ROWS if rows is None else rows}, root=str(tree.root))
    guest.command = Programs(tree)  # type: ignore[method-assign]
    tree.write("/etc/hostname", "web\n")
    return guest


def example(path: str) -> str:
    """A path that a pattern of the table matches."""
    return path.replace("/**/", "/deep/er/").replace("*", "any")


def make(tree: Tree, row: dict) -> list[str]:
    """Put everything of an entry into a tree."""
    if "only_if" in row:
        tree.write(row["only_if"])
    paths = [example(path) for path in row["paths"]]
    for path in paths:
        tree.write(path, LINES.get(row["id"], "identity\n"))
    return paths


def warned(guest: Guest) -> dict[str, str]:
    found = list(deprovision_known_identities.known_identity_warnings(guest))
    assert {each["code"] for each in found} <= {"known_identity_stays"}
    return {each["identity"]: each["message"] for each in found}


def test_the_table_is_whole() -> None:
    assert len(ROWS) >= 100
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", row["id"])
        assert row["removal"] in REMOVALS
        assert row["what"] and not row["what"].endswith(".") and len(row["source"]) > 5, row["id"]
        assert all(path.startswith("/") for path in row["paths"])
        assert "{{" not in str(row)
    assert set(LINES) == {row["id"] for row in ROWS if "contains" in row}


def test_what_azure_needs_is_in_no_entry() -> None:
    """The certificates of RHUI are the same on all machines."""
    assert not any("rhui" in path for row in ROWS for path in row["paths"])


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_an_entry_is_warned_of_and_on_request_removed(tree: Tree, row: dict) -> None:
    paths = make(tree, row)
    without = guest_of(tree, False, [row])
    said = warned(without)
    deprovision_cleanup.remove_items(without, list(deprovision_known_identities.known_identity_items(without)))
    if row["removal"] == "default":
        assert said == {}
    else:
        assert list(said) == [row["id"]]
        assert paths[0] in said[row["id"]] or "and" in said[row["id"]]
        assert ("linux_deprovision_known_agents" in said[row["id"]]) == (row["removal"] == "request")
        assert all(tree.has(path) for path in paths)

    asked = guest_of(tree, True, [row])
    items = list(deprovision_known_identities.known_identity_items(asked))
    assert bool(items) == (row["removal"] == "request")
    deprovision_cleanup.remove_items(asked, items)
    assert list(warned(asked)) == ([row["id"]] if row["removal"] == "warn" else [])
    if row.get("keep_paths"):
        # Its owner's program is not there, so nothing was done, and that is seen.
        assert list(deprovision_known_identities.known_identity_items(asked))
    else:
        assert list(deprovision_known_identities.known_identity_items(asked)) == []
    stays = {"warn": True, "default": False}.get(row["removal"], False)
    if not {"action", "write", "keep_paths"} & set(row):
        assert [tree.has(path) for path in paths] == [stays] * len(paths)


def test_all_of_them_at_once(tree: Tree) -> None:
    for row in ROWS:
        if "unless" not in row:
            make(tree, row)
    tree.write("/opt/application/data")
    answer = deprovision_main.clean(guest_of(tree, True))
    falcon = next(row for row in ROWS if row.get("keep_paths"))
    assert [line for line in answer["remaining"] if not line.startswith(falcon["what"])] == []
    assert tree.has("/opt/application/data")
    left = warned(guest_of(tree, True))
    assert len(left) >= 80
    assert {row["id"] for row in ROWS if row["removal"] == "request"} & set(left) == set()


def test_the_command_of_its_owner_comes_first_and_services_are_stopped(tree: Tree) -> None:
    row = next(row for row in ROWS if row["id"] == "splunk_forwarder")
    make(tree, row)
    tree.write(row["command"][0])
    guest = guest_of(tree, True, [row])
    programs = Programs(tree, **{row["command"][0]: (0, "")})
    guest.command = programs  # type: ignore[method-assign]
    deprovision_cleanup.remove_items(guest, list(deprovision_known_identities.known_identity_items(guest)))
    assert programs.ran[-1] == row["command"]
    assert programs.ran[:-1] == [["systemctl", "stop", unit] for unit in row["stop"]]
    assert guest.notes == []


def test_a_command_that_fails_is_said(tree: Tree) -> None:
    row = next(row for row in ROWS if row["id"] == "ubuntu_pro")
    make(tree, row)
    tree.write("/usr/bin/pro")
    guest = guest_of(tree, True, [row])
    guest.command = Programs(tree, pro=(1, "Unable to reach the contract server\n"))  # type: ignore[method-assign]
    deprovision_cleanup.remove_items(guest, list(deprovision_known_identities.known_identity_items(guest)))
    assert guest.notes == ["pro detach --assume-yes failed with status 1 (Unable to reach the contract server)."]


def test_an_id_that_its_owner_takes_out_of_a_file_that_stays_is_gone_once(tree: Tree) -> None:
    row = next(row for row in ROWS if row.get("keep_paths"))
    make(tree, row)
    tree.write(row["command"][0])
    guest = guest_of(tree, True, [row])
    guest.command = Programs(tree, **{row["command"][0]: (0, "")})  # type: ignore[method-assign]
    deprovision_cleanup.remove_items(guest, list(deprovision_known_identities.known_identity_items(guest)))
    assert tree.has(row["paths"][0])
    assert list(deprovision_known_identities.known_identity_items(guest)) == []


def test_only_the_line_of_the_identity_goes(tree: Tree) -> None:
    rows = [row for row in ROWS if row["id"] in ("popularity_contest", "iscsi_initiator_debian", "wazuh", "mailname")]
    for row in rows:
        make(tree, row)
    guest = guest_of(tree, True, rows)
    deprovision_cleanup.remove_items(guest, list(deprovision_known_identities.known_identity_items(guest)))
    assert tree.read("/etc/popularity-contest.conf") == "PARTICIPATE=yes\n"
    assert tree.read("/etc/iscsi/initiatorname.iscsi") == "GenerateName=yes\n"
    assert tree.read("/var/ossec/etc/client.keys") == ""
    assert not tree.has("/etc/mailname")


def test_the_mail_name_of_something_else_stays(tree: Tree) -> None:
    tree.write("/etc/mailname", "example.org\n")
    guest = guest_of(tree, True)
    assert list(deprovision_known_identities.known_identity_items(guest)) == []


def test_the_documentation_counts_what_the_table_has() -> None:
    kinds = dict.fromkeys(row["kind"] for row in ROWS)
    wanted = []
    for kind in kinds:
        counts = [sum(row["kind"] == kind and row["removal"] == removal for row in ROWS) for removal in REMOVALS]
        wanted.append(f"| {kind} |" + "".join(f" {count} |" if count else " |" for count in counts))
    lines = (ROLE / "README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| kind | always removed | on request | warning only |") + 2
    assert lines[start : start + len(wanted)] == wanted
