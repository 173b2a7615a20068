# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that has imported libraries, and becomes ansible-playbook in each of its forks."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

#: What Ansible, the SDK and their libraries import; nothing of Ansible's own, which reads the environment when it is imported.
LIBRARIES = (
    "argparse",
    "azure.core.pipeline.policies",
    "azure.core.pipeline.transport",
    "azure.core.rest._requests_basic",
    "azure.identity",
    "azure.mgmt.compute",
    "concurrent.futures.thread",
    "cryptography.hazmat.primitives.serialization.pkcs12",
    "cryptography.x509",
    "getpass",
    "importlib.metadata",
    "importlib.resources",
    "ipaddress",
    "jinja2.ext",
    "jinja2.nativetypes",
    "jinja2.sandbox",
    "msal",
    "msal_extensions",
    "multiprocessing.queues",
    "multiprocessing.synchronize",
    "netrc",
    "packaging.version",
    "pypsrp.powershell",
    "requests",
    "urllib3",
    "winrm",
    "yaml",
)


#: A file of Ansible's, and what it reads in it.
_Routing = tuple[bytes, dict[str, Any]]


def serve(connection: socket.socket) -> None:
    """Start a run for each request, one after the other, until whoever asks has gone."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # a release that lacks it does not need it
            importlib.import_module(name)
    routing = _routing_of_builtin()
    gc.freeze()  # what has been imported stays shared with the forks
    connection.set_inheritable(False)
    prepared: _Prepared | None = None
    for line in connection.makefile("r", encoding="utf-8"):
        request = json.loads(line)
        if prepared is None or not prepared.is_for(request):
            if prepared:
                prepared.end()
            prepared = _Prepared(request, connection, routing)
        for answer in prepared.run(line):
            connection.sendall(answer.encode())


class _Prepared:
    """A fork that has imported Ansible in an environment, for the runs that follow each other in that environment."""

    def __init__(self, request: dict[str, Any], inherited: socket.socket, routing: _Routing) -> None:
        self._settings = _settings(request)
        self._ours, theirs = socket.socketpair()
        self._process = os.fork()
        if self._process == 0:
            inherited.close()
            self._ours.close()
            _import_ansible(request, theirs, routing)
        theirs.close()
        self._answers = self._ours.makefile("r", encoding="utf-8")

    def is_for(self, request: dict[str, Any]) -> bool:
        """Whether Ansible would read in the request what it read when it was imported."""
        return self._settings == _settings(request)

    def run(self, request: str) -> Iterator[str]:
        """Have it run; yields the id of the process, and how it ended."""
        self._ours.sendall(request.encode())
        yield self._answers.readline()
        yield self._answers.readline()

    def end(self) -> None:
        """End it."""
        self._answers.close()
        self._ours.close()
        os.waitpid(self._process, 0)


def _settings(request: dict[str, Any]) -> tuple[Any, ...]:
    """All that Ansible may read when it is imported."""
    directory, environment = Path(request["directory"]), request["environment"]
    configured = directory / environment.get("ANSIBLE_CONFIG", "ansible.cfg")
    return (
        request["arguments"][0],
        directory,
        environment,
        configured.read_bytes() if configured.is_file() else None,
    )


def _routing_of_builtin() -> _Routing:
    """Where the names of ansible.builtin lead: ten thousand lines, which each run would read again."""
    found = importlib.util.find_spec("ansible")
    folder = Path((found.submodule_search_locations or [""])[0]) if found else Path()
    file = folder / "config" / "ansible_builtin_runtime.yml"
    text = file.read_bytes() if file.is_file() else b""
    yaml = importlib.import_module("yaml")
    return text, yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)) or {}


def _keep_what_does_not_change(routing: _Routing) -> None:
    """Have Python keep the bytecode of collections, and spare each run the parse of what has been read.

    Ansible compiles all that it imports from collections anew in each process: an eighth of what a short run takes.
    """
    finder = importlib.import_module("ansible.utils.collection_loader._collection_finder")
    loader, compiled = finder._AnsibleCollectionPkgLoaderBase, finder._AnsibleCollectionPkgLoaderBase.get_code
    parsed = finder._meta_yml_to_dict

    def get_code(self: Any, fullname: str) -> Any:
        file = self._source_code_path
        return SourceFileLoader(fullname, file).get_code(fullname) if file else compiled(self, fullname)

    def meta_yml_to_dict(text: bytes, content: Any) -> Any:
        # Each run asks once, and what it changes is its own: it is a fork.
        return routing[1] if text == routing[0] else parsed(text, content)

    loader.get_code, finder._meta_yml_to_dict = get_code, meta_yml_to_dict


def _import_ansible(request: dict[str, Any], connection: socket.socket, routing: _Routing) -> None:
    """Import it in the directory and the environment of the request, and become ansible-playbook in a fork for each that comes."""
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[0] = str(Path(request["arguments"][0]).parent)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        ours = [os.dup(number) for number in (1, 2)]
        for number, file in enumerate((output, errors), 1):
            os.dup2(file.fileno(), number)
        playbook = None
        with contextlib.suppress(Exception, SystemExit):  # each run fails of it by itself, and says so
            playbook = importlib.import_module("ansible.cli.playbook")
            _keep_what_does_not_change(routing)
        for number, descriptor in enumerate(ours, 1):
            os.dup2(descriptor, number)
        gc.freeze()
        for line in connection.makefile("r", encoding="utf-8"):
            process = os.fork()
            if process == 0:
                connection.close()
                said = [os.pread(file.fileno(), 1 << 20, 0) if playbook else b"" for file in (output, errors)]
                _become(playbook, json.loads(line), said)
            connection.sendall(f"{process}\n".encode())
            connection.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])}\n".encode())
    os._exit(0)


def _become(playbook: ModuleType | None, request: dict[str, Any], said: list[bytes]) -> NoReturn:
    """Be ansible-playbook, whose output begins with what was said at the import."""
    writing = os.O_RDWR | os.O_CREAT | os.O_TRUNC
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["output"], writing),
        (2, request["errors"], writing),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    for number, words in enumerate(said, 1):
        os.write(number, words)
    sys.argv = request["arguments"]
    playbook = playbook or importlib.import_module("ansible.cli.playbook")
    # The folder of an earlier run, which has removed it.
    os.makedirs(importlib.import_module("ansible.constants").DEFAULT_LOCAL_TMP, mode=0o700, exist_ok=True)
    playbook.main()
    sys.exit()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
