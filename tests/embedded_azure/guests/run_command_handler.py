# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed run commands in a Linux guest, as Azure's handler there keeps them.

A command runs in a directory of its own, where its script and its outputs stay, also when the command is deleted; so does the number of
the change that was run last. The status, which Azure's agent reports, goes with the command (`files.go`, `constants.go` and
`checkAndSaveSeqNum` in `cmds.go` of Azure/run-command-handler-linux; `__remove_extension_state_files` in `exthandlers.py` of
Azure/WALinuxAgent). What is captured with them is on the machines that are made of the image: those do not run a command of that name
and number, and report what it said on the source (Azure/azure-powershell#16936).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .base import CompletedRun

AGENT = "var/lib/waagent"
DOWNLOADS = f"{AGENT}/run-command-handler/download"
STATE = f"{AGENT}/Microsoft.CPlat.Core.RunCommandHandlerLinux-1.3.28"


@dataclass(frozen=True)
class HandlerCommand:
    """A command as the handler gets it.

    :param name: of the resource.
    :param sequence: the number of its change, from 0.
    :param key: by which its script may be ended.
    :param parameters: names and values, which are environment variables of the script; those without a name are its arguments.
    :param timeout: seconds.
    """

    name: str
    sequence: int
    key: str
    script: str
    parameters: tuple[tuple[str, str], ...]
    timeout: float

    @property
    def arguments(self) -> str:
        """What follows the script on the command line, which bash reads (`SetEnvironmentVariables` in internal/exec/exec.go)."""
        return "".join(f" {value}" for name, value in self.parameters if value and not name)

    def text(self) -> str:
        """The script after its parameters, for a guest that keeps nothing."""
        script = f"set --{self.arguments}\n{self.script}" if self.arguments else self.script
        return with_parameters(self.parameters, script)


class HandlerFiles:
    """What the handler of one guest keeps of the commands of one name, below the root of its file system."""

    def __init__(self, root: Path, name: str) -> None:
        self._state = root / STATE
        self._sequence = self._state / f"{name}.mrseq"
        self._downloads = root / DOWNLOADS / name
        self._name = name

    def has_run(self, sequence: int) -> bool:
        """Whether this change, or a later one, has been run."""
        try:
            return int(self._sequence.read_text(encoding="ascii")) >= sequence
        except (OSError, ValueError):
            return False

    def reported(self, sequence: int) -> CompletedRun | None:
        """What the agent reports of a change without running it; None where nothing is left of it."""
        try:
            return CompletedRun(**json.loads(self._status(sequence).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def begin(self, command: HandlerCommand) -> Path:
        """Write down that a change is run, and its script; return the script's path. Those of earlier changes go."""
        self._state.mkdir(parents=True, exist_ok=True)
        self._sequence.write_text(str(command.sequence), encoding="ascii")
        shutil.rmtree(self._downloads, ignore_errors=True)
        directory = self._downloads / str(command.sequence)
        directory.mkdir(mode=0o700, parents=True)
        script = directory / "script.sh"
        script.write_text(command.script, encoding="utf-8")
        script.chmod(0o500)
        return script

    @contextlib.contextmanager
    def outputs(self, sequence: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """The files beside the script that its two outputs go to (`ExecCmdInDir` in internal/exec/exec.go)."""
        with contextlib.ExitStack() as stack:
            found = [stack.enter_context(self._output(sequence, name)) for name in ("stdout", "stderr")]
            yield found[0], found[1]

    def _output(self, sequence: int, name: str) -> IO[bytes]:
        path = self._downloads / str(sequence) / name
        return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "r+b")

    def finish(self, sequence: int, run: CompletedRun) -> None:
        """Write down how it ended."""
        if self._state.is_dir():
            self._status(sequence).parent.mkdir(exist_ok=True)
            self._status(sequence).write_text(json.dumps(asdict(run)), encoding="utf-8")

    def forget(self) -> None:
        """What goes with a command that is deleted."""
        for path in (self._state / "status").glob(f"{self._name}.*.status"):
            path.unlink(missing_ok=True)  # with the guest, which may end at any time

    def _status(self, sequence: int) -> Path:
        return self._state / "status" / f"{self._name}.{sequence}.status"


def with_parameters(parameters: tuple[tuple[str, str], ...], script: str) -> str:
    """A script after its parameters; those that are empty are not set."""
    exports = [f"export {name}={_quoted(value)}" for name, value in parameters if name and value]
    return "\n".join([*exports, script])


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
