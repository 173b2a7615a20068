# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a stand-in is: what sysprep and the first start give anew, what a disk keeps, and what the role's script tells of it."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from pathlib import Path
from typing import Any

#: Says who a machine is; with a table of the role in it.
SCRIPT = Path(__file__).resolve().parents[2] / "roles" / "image_verify" / "files" / "identity.ps1"
_TABLE = "@TABLE@"


def is_identity_script(script: str) -> bool:
    """Whether it is that script, with whatever table."""
    head, tail = SCRIPT.read_text(encoding="utf-8").split(_TABLE)
    return script.startswith(head.rstrip()) and script.rstrip().endswith(tail.strip())


def provision(state: dict[str, Any], hostname: str, fresh: bool) -> None:
    """Give a machine what its first start gives it.

    :param fresh: whether its disk has never been another machine's. Of one that has, the scenario says what is not made anew (shares).
    """
    before = state.get("identity") or {}
    facts = state["facts"]
    has_keys = any(each["kind"] == "ssh_host_keys" for each in facts["leftovers"])
    numbers = "-".join(str(secrets.randbelow(10**9)) for _number in range(3))
    state["identity"] = {
        "computer_name": hostname,
        "sid": f"S-1-5-21-{numbers}",
        "machine_guid": str(uuid.uuid4()),
        # sshd makes keys that are missing, and keeps those that are there.
        "host_keys": before.get("host_keys", [])
        if has_keys and not fresh
        else _new_keys(has_keys or before.get("host_keys")),
    }
    if not fresh:
        state["identity"].update({name: before[name] for name in state["scenario"].get("shares", []) if name in before})


def _new_keys(has_sshd: Any) -> list[str]:
    return [uuid.uuid4().hex] if has_sshd else []


def lines(state: dict[str, Any]) -> list[str]:
    """What the script prints."""
    identity, facts = state.get("identity") or {}, state["facts"]
    agents = [
        f"agent {entry['id']} {path} {hashlib.sha256(path.encode()).hexdigest()[:32]}"
        for entry in facts["known_identities"]
        for path in entry["paths"]
    ]
    return [
        *agents,
        *(f"user {name}" for name in ("Administrator", "Guest", *state["scenario"].get("users", []))),
        f"secure_boot {json.dumps(facts['secure_boot'])}",
        *(f"winrm_key {each['thumbprint']}" for each in facts["winrm_listeners"]),
        *(f"host_key {each}" for each in identity.get("host_keys", [])),
        f"image_state {facts['image_state']}",
        f"hostname {identity.get('computer_name', 'GUEST')}",
        f"machine_guid {identity.get('machine_guid', '')}",
        f"machine_sid {identity.get('sid', '')}",
        "system windows",
    ]
