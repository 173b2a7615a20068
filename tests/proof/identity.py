# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a running Linux machine this one and no other, as the machine itself says it."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from embedded_azure.guests import GuestBackend, GuestError, SshAccess

LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Traces:
    """What was done to the source: who was its user, and what its clones must have inherited."""

    user: str
    file: str
    package: str


@dataclass(frozen=True)
class Identity:
    """A machine's answer. `host_keys` are fingerprints, `package` a version; what is absent is an empty string."""

    name: str
    machine_id: str
    boot_id: str
    hostname: str
    host_keys: tuple[str, ...]
    user_present: bool
    file_content: str
    package: str


def identity_script(traces: Traces) -> str:
    """Return a script for Python 3, as shell text, which prints the answer as JSON. It needs no root."""
    program = f"""
import json, glob, subprocess

def read(path):
    try:
        return open(path, encoding="utf-8", errors="replace").read().strip()
    except OSError:
        return ""

def says(*arguments):
    completed = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return completed.stdout.decode().strip() if completed.returncode == 0 else ""

def presented():
    # Fingerprints of the keys in /etc/ssh, and of those that sshd presents, wherever it has them.
    found = {{says("ssh-keygen", "-lf", path).split(" ")[1] for path in glob.glob("/etc/ssh/ssh_host_*_key.pub")}}
    scanned = says("ssh-keyscan", "-T", "5", "-t", "rsa,ecdsa,ed25519", "127.0.0.1")
    printed = subprocess.run(("ssh-keygen", "-lf", "-"), input=scanned.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return found | {{line.split(" ")[1] for line in printed.stdout.decode().splitlines() if " " in line}}

print(json.dumps({{
    "machine_id": read("/etc/machine-id"),
    "boot_id": read("/proc/sys/kernel/random/boot_id"),
    "hostname": says("hostname"),
    "host_keys": sorted(presented()),
    "user_present": bool(says("getent", "passwd", {traces.user!r})),
    "file_content": read({traces.file!r}),
    "package": says("dpkg-query", "--show", "--showformat=${{Version}}", {traces.package!r}),
}}))
"""
    return f"python3 -c {shlex.quote(program)}\n"


def parse_identity(name: str, answer: str) -> Identity:
    """Read the script's answer.

    Raises:
        ValueError: it is none.
    """
    fields = json.loads(answer)
    return Identity(name=name, **{**fields, "host_keys": tuple(fields["host_keys"])})


def collect_by_backend(guests: GuestBackend, vm_id: str, name: str, traces: Traces) -> Identity:
    """Ask a guest of the embedded Azure the way Run Command does.

    Raises:
        GuestError: the guest does not run, or did not answer.
    """
    completed = guests.run(vm_id, identity_script(traces), LIMIT_SECONDS)
    if completed.return_code != 0:
        raise GuestError(f"The machine {name} did not say who it is: {completed.stderr.strip()}")
    return parse_identity(name, completed.stdout)


def collect_by_ssh(access: SshAccess, user: str, private_key: Path, name: str, traces: Traces) -> Identity:
    """Ask a machine by ssh, which proves the login, too.

    Raises:
        GuestError: ssh failed.
    """
    options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    options.append(f"ConnectTimeout={int(LIMIT_SECONDS)}")
    if access.proxy_command:
        options.append(f"ProxyCommand={access.proxy_command}")
    arguments = ["ssh", "-i", str(private_key), "-p", str(access.port)]
    for option in options:
        arguments += ["-o", option]
    completed = subprocess.run(
        [*arguments, f"{user}@{access.host}", identity_script(traces)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT_SECONDS,
        check=False,
    )
    if completed.returncode != 0:
        raise GuestError(f"The machine {name} did not say by ssh who it is: {completed.stderr.strip()}")
    return parse_identity(name, completed.stdout)
