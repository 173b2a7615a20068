# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lead the real Ansible to stand-in guests: the environment and the inventory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .client import ADDRESS_VARIABLE
from .guest import Guests
from .server import Server
from .wsman import PASSWORD, USER, Responder

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "bin"
_INSTALL_LIMIT = 600

#: The ways to a guest.
CONNECTIONS = ("ssh", "winrm", "psrp")

#: One server of each kind for each folder of guests, for as long as this process lives.
_servers: dict[Path, Server] = {}
_responders: dict[Path, Responder] = {}


def install_collections() -> Path:
    """Make sure that the collections are there which the role needs.

    :returns: the folder to name in ANSIBLE_COLLECTIONS_PATH.
    :raises subprocess.CalledProcessError: when they cannot be had.
    """
    script = ROOT / "tests" / "tools" / "install_collections.sh"
    finished = subprocess.run(
        [str(script)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=_INSTALL_LIMIT
    )
    return Path(finished.stdout.strip())


def environment(guests: Guests) -> dict[str, str]:
    """What ansible-playbook needs in its environment."""
    dependencies = install_collections()
    if guests.folder not in _servers:
        _servers[guests.folder] = Server(guests)
    return {
        ADDRESS_VARIABLE: _servers[guests.folder].address,
        "WINDOWS_GUEST_PYTHON": sys.executable,
        "ANSIBLE_COLLECTIONS_PATH": f"{ROOT / '.cache/collections'}:{dependencies}",
    }


def path_for_local(directory: Path) -> str:
    """Make the PATH for Ansible's local connection: PowerShell by both names that releases of ansible-core call it."""
    (directory / "PowerShell").symlink_to(PROGRAMS / "powershell")
    return f"{directory}:{PROGRAMS}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def local_inventory(name: str) -> dict[str, Any]:
    """An inventory of a guest reached by Ansible's local connection, with the stand-in for PowerShell first on PATH."""
    variables = {"ansible_connection": "local", "ansible_shell_type": "powershell", "ansible_pipelining": True}
    return {"all": {"hosts": {name: variables}}}


def inventory(*names: str) -> dict[str, Any]:
    """An inventory of guests, reached by Ansible's ssh connection plugin with the shell of Windows."""
    variables = {
        "ansible_connection": "ssh",
        "ansible_shell_type": "powershell",
        "ansible_ssh_executable": str(PROGRAMS / "ssh"),
        "ansible_user": "azureuser",
    }
    return {"all": {"hosts": dict.fromkeys(names, variables)}}


def variables_for(connection: str, guests: Guests, name: str) -> dict[str, Any]:
    """The variables by which a guest is reached over a kind of connection."""
    if connection == "ssh":
        return dict(inventory(name)["all"]["hosts"][name])
    if guests.folder not in _responders:
        _responders[guests.folder] = Responder(guests)
    common = {
        "ansible_connection": connection,
        "ansible_host": "127.0.0.1",
        "ansible_port": _responders[guests.folder].port,
        "ansible_user": USER,
        "ansible_password": PASSWORD,
        f"ansible_{connection}_path": f"/{name}",
    }
    if connection == "winrm":
        return {**common, "ansible_winrm_scheme": "http", "ansible_winrm_transport": "basic"}
    return {
        **common,
        "ansible_psrp_protocol": "http",
        "ansible_psrp_auth": "basic",
        "ansible_psrp_message_encryption": "never",
    }
