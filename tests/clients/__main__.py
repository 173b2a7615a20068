# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m clients`: every client does its work on an embedded Azure of its own; a table at the end."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from embedded_azure import EmbeddedAzure
from embedded_azure.guests import GuestBackend, GuestError, NoGuests
from embedded_azure.guests.nspawn import NspawnGuests

from .azcollection import AzureCollection
from .azure_cli import AzureCli, AzureCliOwnCloud
from .client import Client, ClientError
from .javascript import JavaScriptSdk
from .packer import Packer
from .session import OUTPUT, Session
from .table import Outcome, table

CLIENTS: tuple[Client, ...] = (AzureCli(), AzureCliOwnCloud(), Packer(), AzureCollection(), JavaScriptSdk())
_SHORTEST_RETRY_AFTER = 1


def guests_for(client: Client, cache: Path, directory: Path) -> GuestBackend:
    """What the machines of a client run on."""
    return NspawnGuests(cache / "guests", directory / "guests") if client.guests else NoGuests()


def try_out(client: Client, cache: Path) -> Outcome:
    """Install a client, let it do its steps, and say how far it came."""
    started = time.monotonic()
    version, done = "", 0
    place = cache / "clients" / client.name
    place.mkdir(parents=True, exist_ok=True)
    log = place / "exchanges.jsonl"
    for former in (log, place / OUTPUT):
        former.unlink(missing_ok=True)
    print(f"{client.name}", flush=True)
    try:
        version = client.install(place)
        with (
            tempfile.TemporaryDirectory(prefix=f"golden-azure-{client.name}-") as temporary,
            EmbeddedAzure(
                guests=guests_for(client, cache, Path(temporary)),
                retry_after=_SHORTEST_RETRY_AFTER,
                log=log,
                page_size=2,
            ) as azure,
        ):
            for step in client.run(Session(azure, place, Path(temporary))):
                done += 1
                print(f"  done: {step}", flush=True)
        result = "complete" if done == len(client.steps) else "ended before it was done"
    except (ClientError, GuestError) as reason:
        result = str(reason)
        print(f"  {client.name}: {result}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - started
    return Outcome(client.title, version, done, len(client.steps), result, seconds)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; exit 1 when a client did not complete."""
    names = [client.name for client in CLIENTS]
    parser = argparse.ArgumentParser(prog="clients")
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="where clients and guests are kept")
    parser.add_argument("--only", choices=names, action="append", help="only this client (may be repeated)")
    options = parser.parse_args(argv)
    outcomes = [
        try_out(client, options.cache.resolve()) for client in CLIENTS if client.name in (options.only or names)
    ]
    print(f"\n{table(outcomes)}")
    return 0 if all(outcome.complete for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
