# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests from the command line, for playbooks which need one: `python -m embedded_azure.guests create NAME ...`.

A guest made here outlives the command; the next command finds it by the state directory. Answers are JSON, one line.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .base import GuestError, Machine, Provisioning
from .nspawn import NspawnGuests


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status, 1 with one sentence on standard error when it failed."""
    options = _parser().parse_args(arguments)
    try:
        guests = NspawnGuests(options.cache, options.state, progress=_report, keep_running=True)
        try:
            answer = options.command(guests, options)
        finally:
            guests.close()
    except (GuestError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


def _create(guests: NspawnGuests, options: argparse.Namespace) -> dict[str, object]:
    name = options.name
    changed = not guests.is_running(name)
    if changed:
        keys = tuple(path.read_text(encoding="utf-8").strip() for path in options.public_key)
        provisioning = Provisioning(options.user, keys, name, None, f"{name}-1")
        guests.create_disk(_disk(name), _disk(options.copy_of) if options.copy_of else None)
        try:
            guests.boot(Machine(name, _disk(name), name, provisioning))
        except BaseException:
            guests.delete_machine(name)
            guests.delete_disk(_disk(name))
            raise
    access = guests.ssh_access(name)
    return {
        "changed": changed,
        "name": name,
        "user": options.user,
        "host": access.host,
        "port": access.port,
        "proxy_command": access.proxy_command,
    }


def _destroy(guests: NspawnGuests, options: argparse.Namespace) -> dict[str, object]:
    known = options.name in guests.machine_ids()
    guests.delete_machine(options.name)
    guests.delete_disk(_disk(options.name))
    return {"changed": known, "name": options.name}


def _power_off(guests: NspawnGuests, options: argparse.Namespace) -> dict[str, object]:
    changed = guests.is_running(options.name)
    guests.power_off(options.name)
    return {"changed": changed, "name": options.name}


def _state(guests: NspawnGuests, options: argparse.Namespace) -> dict[str, object]:
    names = [options.name] if options.name else guests.machine_ids()
    return {"changed": False, "running": {name: guests.is_running(name) for name in names}}


def _run(guests: NspawnGuests, options: argparse.Namespace) -> dict[str, object]:
    completed = guests.run(options.name, sys.stdin.read(), options.timeout)
    return {
        "changed": True,
        "name": options.name,
        "return_code": completed.return_code,
        "stdout": completed.stdout,
        "stderr": completed.stderr,
    }


def _disk(name: str) -> str:
    return f"{name}/os-disk"


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded_azure.guests", description="Real Linux guests for tests.")
    parser.add_argument(
        "--cache", type=Path, required=True, help="directory of the pristine root, built when it is not there"
    )
    parser.add_argument("--state", type=Path, required=True, help="directory of disks and machines")
    commands = parser.add_subparsers(required=True)

    create = commands.add_parser(
        "create", help="make a guest and wait until it can be used; a running one is left alone"
    )
    create.add_argument("name")
    create.add_argument("--user", default="azureuser", help="name of the user with sudo")
    create.add_argument("--public-key", type=Path, action="append", required=True, help="file with an ssh public key")
    create.add_argument("--copy-of", metavar="NAME", help="copy the disk of this guest, which must be powered off")
    create.set_defaults(command=_create)

    for name, command, text in (
        ("destroy", _destroy, "remove a guest and its disk; an absent one is fine"),
        ("power-off", _power_off, "shut a guest down"),
    ):
        subparser = commands.add_parser(name, help=text)
        subparser.add_argument("name")
        subparser.set_defaults(command=command)

    state = commands.add_parser("state", help="say which guests run")
    state.add_argument("name", nargs="?")
    state.set_defaults(command=_state)

    run = commands.add_parser("run", help="run the script on standard input as root in a guest")
    run.add_argument("name")
    run.add_argument("--timeout", type=float, default=60.0, help="seconds")
    run.set_defaults(command=_run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
