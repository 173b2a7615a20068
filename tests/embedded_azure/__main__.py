# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m embedded_azure`: the server in the foreground."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import logging
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import yaml

import foreground

from . import client_files
from .azure import EmbeddedAzure, StartError
from .errors import AzureError
from .guests import GuestBackend, GuestError, NoGuests
from .scratch import scratch_folder

#: What virtual machines can run on, with the backend of each.
GUESTS = {
    "nspawn": ("embedded_azure.guests.nspawn", "NspawnGuests"),
    "qemu": ("embedded_azure.guests.qemu", "QemuGuests"),
}


class UsageError(Exception):
    """Something on the command line cannot be used; the message says what."""


def port_number(text: str) -> int:
    """A port from the command line."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port: it must be between 0 and 65535.")
    return number


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="embedded_azure", description="A small Azure on loopback.")
    parser.add_argument("--port", type=port_number, default=8443, help="HTTPS port (0: a free one)")
    parser.add_argument(
        "--proxy-port", type=port_number, default=8444, help="port of the CONNECT proxy (0: a free one)"
    )
    parser.add_argument("--seed", type=Path, help="YAML or JSON file of resources to begin with")
    parser.add_argument("--log", type=Path, help="file to which exchanges are added as JSON lines")
    parser.add_argument("--work-directory", type=Path, help="where the certificates go (default: a temporary one)")
    parser.add_argument("--guests", choices=("none", *GUESTS), default="none", help="what virtual machines run on")
    parser.add_argument("--cache", type=Path, default=Path(".cache/guests"), help="cache of the guests")
    parser.add_argument("--storage-cache", type=Path, default=Path(".cache/azurite"), help="where Azurite is installed")
    parser.add_argument(
        "--storage", choices=("none", "azurite"), default="none", help="where the content of uploaded disks lies"
    )
    parser.add_argument("--duration", type=float, default=0.0, help="seconds an operation takes")
    parser.add_argument("--retry-after", type=int, help="Retry-After seconds instead of Azure's own")
    return parser.parse_args(argv)


def read_seed(path: Path | None) -> dict[str, Any] | None:
    """Read a seed file; UsageError names what is wrong with it."""
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
        seed = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as reason:
        raise UsageError(f"The seed {path} cannot be read: {reason.strerror}.") from reason
    except (ValueError, yaml.YAMLError) as reason:
        raise UsageError(f"The seed {path} is not valid: {' '.join(str(reason).split())}.") from reason
    if not isinstance(seed, dict):
        raise UsageError(f"The seed {path} must hold one object.")
    return seed


def backend(options: argparse.Namespace, work_directory: Path) -> GuestBackend:
    """The backend asked for; it is imported only then."""
    if options.guests == "none":
        return NoGuests()
    module, name = GUESTS[options.guests]
    # In a folder that the next one finds: what is killed leaves its guests running.
    state = options.cache.resolve() / f"of-port-{options.port}" if options.port else work_directory / "guests"
    guests: GuestBackend = getattr(importlib.import_module(module), name)(options.cache.resolve(), state, _say)
    return guests


def _say(line: str) -> None:
    print(f"# {line}", flush=True)


def storage(options: argparse.Namespace, work_directory: Path) -> Any:
    """The storage asked for, None without; what it stands on is imported only then."""
    if options.storage == "none":
        return None
    module = importlib.import_module("embedded_azure.blob_storage")
    return module.BlobStorage(module.install(options.storage_cache.resolve()), work_directory / "azurite")


def with_key(seed: dict[str, Any] | None, public_key: str) -> dict[str, Any] | None:
    """A seed whose machines have a key to log in with, where they have none of their own."""
    machines = (seed or {}).get("virtual_machines")
    if not isinstance(machines, list):
        return seed
    given = [
        {"ssh_public_keys": [public_key], **machine} if isinstance(machine, dict) else machine for machine in machines
    ]
    return {**(seed or {}), "virtual_machines": given}


def instructions(azure: EmbeddedAzure, directory: Path, has_guests: bool) -> str:
    """What to export and what to try; the last line says how a shell forgets it again."""
    bundle = client_files.write_bundle(directory, azure.certificate_authority)
    exported = {**azure.environment(), **{name: str(bundle) for name in client_files.TRUST}}
    guests: list[str] = []
    if has_guests:
        config = shlex.quote(str(client_files.write_ssh_config(directory, azure.socks_port)))
        exported["ANSIBLE_SSH_COMMON_ARGS"] = f"-F {config}"
        running = [id for id in azure.resources() if azure.cloud.guests.is_running(id.lower())]
        names = sorted(id.rpartition("/")[2] for id in running) or ["NAME"]
        guests = [
            "# Guests are reached by the names of their machines:",
            *(f"#   ssh -F {config} {name}" for name in names),
        ]
    return "\n".join(
        [
            *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
            "",
            f"# Embedded Azure listens on {azure.url}; clients of the public cloud come through HTTPS_PROXY={azure.proxy_url}",
            f"# The addresses of machines with guests lead to their sshd through {azure.socks_url}",
            "# Try, in another shell with the lines above:",
            f"#   curl --cacert {shlex.quote(str(bundle))} {azure.url}/embedded/resources",
            "#   ansible localhost -m golden.azure.vm_image_info",
            *guests,
            "# Ctrl-C ends it. Then that shell has to forget it, as pip and git would miss the certificates:",
            f"#   unset {' '.join(exported)}",
        ]
    )


def main(argv: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; exit status 2 with one line when it cannot start."""
    options = arguments(argv)
    # Of relays that had ended before it looked: how is of no interest.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    stop = threading.Event()
    # Until it serves, it may build guests for minutes, in which a signal must not wait.
    foreground.install()
    try:
        with contextlib.ExitStack() as stack:
            directory = options.work_directory or stack.enter_context(scratch_folder("embedded-azure-"))
            directory.mkdir(parents=True, exist_ok=True)
            azure = EmbeddedAzure(
                seed=with_key(read_seed(options.seed), client_files.make_key(directory)),
                guests=backend(options, directory),
                work_directory=directory,
                port=options.port,
                proxy_port=options.proxy_port,
                log=options.log,
                storage=storage(options, directory),
                durations={"*": options.duration},
                retry_after=options.retry_after,
            )
            stack.enter_context(azure)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda _number, _frame: stop.set())
            print(instructions(azure, directory, options.guests != "none"), flush=True)
            stop.wait()
    except KeyboardInterrupt:
        print("embedded_azure: interrupted before it was up", file=sys.stderr)
        return foreground.INTERRUPTED
    except (UsageError, StartError, GuestError, AzureError, ValueError, OSError) as reason:
        print(f"embedded_azure: {reason}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
