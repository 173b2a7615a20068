# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment of its own for each pair, with what the tests import and no lint tools."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from clients.environments import install, once
from clients.session import ClientError

from .pairs import NEWEST, Pair
from .pythons import find_python

_HERE = Path(__file__).parent
LOCK = _HERE / "requirements.lock"
MODULE_LOCK = _HERE / "module-requirements.lock"
_SECONDS = 60


class MissingPython(Exception):
    """A Python that a pair needs is not on this machine."""


@dataclass(frozen=True)
class Environment:
    """Where a pair is installed."""

    directory: Path
    #: The Python that modules run on.
    module_python: str
    #: Installed releases: ansible-core, azure-mgmt-compute, azure-identity.
    versions: tuple[str, ...]


def prepare(pair: Pair, cache: Path) -> Environment:
    """Install a pair, once for each change of what it needs; the newest ansible-core is looked up each time.

    :raises MissingPython: naming it.
    :raises ClientError: when something cannot be installed.
    """
    directory = cache / "matrix" / pair.name
    python = _python(pair.python)
    with once(directory, LOCK.read_text(encoding="utf-8"), repr(pair), python) as wanted:
        if wanted:
            _create(pair.name, directory, python)
            _install(pair.name, directory, "--requirements", str(LOCK), *pair.sdk, *_core(pair))
    if pair.name == NEWEST:
        _install(pair.name, directory, "--upgrade-package", "ansible-core", *_core(pair))
    _take_from_registry(directory)
    return Environment(directory, _module_python(pair, cache), _versions(directory))


def _core(pair: Pair) -> tuple[str, ...]:
    return (pair.ansible_core,)


def _take_from_registry(directory: Path) -> None:
    """Have ansible-test install by name what it would download from elsewhere, such as a package's unreleased source."""
    for file in directory.glob("lib/python*/site-packages/ansible_test/_data/requirements/sanity.*.txt"):
        text = file.read_text(encoding="utf-8")
        by_name = re.sub(r"(?m)^(\S+) @ https://\S+$", r"\1", text)
        if by_name != text:
            file.write_text(by_name, encoding="utf-8")


def _module_python(pair: Pair, cache: Path) -> str:
    """An environment with what a managed machine needs, and no Ansible."""
    version = pair.module_python
    directory = cache / "matrix" / f"modules-{version}-{'oldest' if '==' in pair.sdk[0] else 'newest'}"
    python = _python(version)
    with once(directory, MODULE_LOCK.read_text(encoding="utf-8"), repr(pair.sdk), python) as wanted:
        if wanted:
            _create(f"Python {version}", directory, python)
            _install(f"Python {version}", directory, "--requirements", str(MODULE_LOCK), *pair.sdk)
    return str(directory / "bin" / "python")


def _python(version: str) -> str:
    found = find_python(version)
    if not found:
        raise MissingPython(f"Python {version} is not on this machine")
    return found


def _create(what: str, directory: Path, python: str) -> None:
    install(what, ["uv", "venv", "--quiet", "--allow-existing", "--python", python, directory])


def _install(what: str, directory: Path, *arguments: str) -> None:
    install(what, ["uv", "pip", "install", "--quiet", "--python", directory / "bin" / "python", *arguments])


def _versions(directory: Path) -> tuple[str, ...]:
    names = ("ansible-core", "azure-mgmt-compute", "azure-identity")
    script = f"import importlib.metadata as m; print(*[m.version(n) for n in {names!r}])"
    completed = subprocess.run(
        [directory / "bin" / "python", "-c", script], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if not re.fullmatch(r"\S+ \S+ \S+\n", completed.stdout):
        raise ClientError(f"{directory.name} is not installed as it should be; remove it: {completed.stderr[-200:]}")
    return tuple(completed.stdout.split())
