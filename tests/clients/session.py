# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client's time with its embedded Azure: where things lie, what it sees in its environment, what Azure holds."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded_azure import EmbeddedAzure

GROUP = "golden"
LOCATION = "westeurope"
STEP_SECONDS = 300.0
OUTPUT = "output.log"
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

# Of ours only these reach a client: it must not see the collection's own settings.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TERM")


class ClientError(Exception):
    """A client cannot be installed or did not do its work; the message is one sentence."""


@dataclass(frozen=True)
class Session:
    """`place` is the client's cached folder; `directory` is gone when the client is done."""

    azure: EmbeddedAzure
    place: Path
    directory: Path

    @property
    def group_id(self) -> str:
        """The resource group all clients work in."""
        return f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"

    def id_of(self, path: str) -> str:
        """The id of a Compute resource of that group."""
        return f"{self.group_id}/providers/Microsoft.Compute/{path}"

    def environment(self) -> dict[str, str]:
        """What points a client of the public cloud here: the proxy, and the authority to trust."""
        authority = str(self.azure.certificate_authority)
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "HOME": str(self.directory),
            "HTTPS_PROXY": self.azure.proxy_url,
            "REQUESTS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
            "NODE_EXTRA_CA_CERTS": authority,
        }

    def run(self, step: str, command: Sequence[str | Path], extra: Mapping[str, str], limit: float) -> str:
        """Run a command of the client's in its directory; return its standard output.

        All output is added to OUTPUT in the client's cached folder.

        Raises:
            ClientError: it failed or took longer than `limit` seconds.
        """
        try:
            completed = subprocess.run(
                [str(word) for word in command],
                env={**self.environment(), **extra},
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as reason:
            raise ClientError(f"{step}: it did not end within {limit:.0f} seconds.") from reason
        with (self.place / OUTPUT).open("a", encoding="utf-8") as log:
            log.write(f"== {step}\n{completed.stdout}{completed.stderr}")
        if completed.returncode:
            said = what_went_wrong(completed.stderr if completed.stderr.strip() else completed.stdout)
            raise ClientError(f"{step}: it ended with status {completed.returncode}: {said}")
        return completed.stdout

    def resource(self, path: str) -> dict[str, Any] | None:
        """A Compute resource as Azure holds it now, whatever the client says; None when there is none."""
        wanted = self.id_of(path).lower()
        return next((body for id, body in self.azure.resources().items() if id.lower() == wanted), None)

    def expect(self, step: str, holds: bool, what: str) -> None:
        """Raise ClientError when Azure does not hold what the client should have made of it."""
        if not holds:
            raise ClientError(f"{step}: the client is content, but {what}.")


def what_went_wrong(text: str) -> str:
    """The first line that names an error or a failure, else the last one."""
    named = (line for line in text.splitlines() if re.search(r"error\b.*:|\bfailed", line, re.IGNORECASE))
    return last_line(next(named, text))


def last_line(text: str) -> str:
    """The last line that says something, as plain text."""
    lines = [line.strip() for line in _ESCAPES.sub("", text).splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no output"
