# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that has imported libraries, and becomes ansible-playbook in each of its forks."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

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


def serve(connection: socket.socket) -> None:
    """Start a run for each request, one after the other, until whoever asks has gone."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # a release that lacks it does not need it
            importlib.import_module(name)
    gc.freeze()  # what has been imported stays shared with the forks
    connection.set_inheritable(False)
    for line in connection.makefile("r", encoding="utf-8"):
        process = os.fork()
        if process == 0:
            os.close(connection.fileno())
            _become(json.loads(line))
            return
        connection.sendall(f"{process}\n".encode())
        connection.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])}\n".encode())


def _become(request: dict[str, Any]) -> None:
    """Be ansible-playbook, in the directory and the environment of the request."""
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["output"], writing),
        (2, request["errors"], writing),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = request["arguments"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    importlib.import_module("ansible.cli.playbook").main()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
