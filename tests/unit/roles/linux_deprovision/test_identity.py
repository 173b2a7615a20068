# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machine a Linux guest says it is: SMBIOS, a container's own id, the instance metadata service."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator

import deprovision_identity
import deprovision_main
import pytest
from deprovision_guest import Guest
from role_files import Tree, family_config

VM_ID = "d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8"
OTHER = "7cdc1f83-c56c-4e5e-9f1f-60b0072ec8e6"
#: Nothing listens there.
NOWHERE = "http://127.0.0.1:9/metadata"


class Metadata:
    """An instance metadata service on loopback."""

    def __init__(self) -> None:
        self.answer = VM_ID
        self.seconds = 0.0
        self.asked: list[tuple[str, str | None]] = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append((self.path, self.headers.get("Metadata")))
                time.sleep(service.seconds)
                self.send_response(200 if service.answer else 404)
                self.end_headers()
                self.wfile.write(service.answer.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/metadata/instance/compute/vmId?format=text"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    service = Metadata()
    yield service
    service.server.shutdown()
    service.server.server_close()


def said(tree: Tree, url: str = NOWHERE) -> tuple[str, str]:
    """What the guest says it is, and its source or, if there is none, the reason."""
    answer = deprovision_identity.identity(Guest({}, str(tree.root)), url)
    assert bool(answer["id"]) == bool(answer["source"]) != bool(answer["reason"])
    return answer["id"], answer["source"] or answer["reason"]


def test_smbios_tells_and_nobody_else_is_asked(tree: Tree, metadata: Metadata) -> None:
    # Kernels before 4.15 show large letters.
    tree.write(deprovision_identity.SMBIOS, VM_ID.upper() + "\n")
    assert said(tree, metadata.url) == (VM_ID, "SMBIOS UUID")
    assert metadata.asked == []


@pytest.mark.parametrize(
    "unset",
    ["", "Not Settable\n", "00000000-0000-0000-0000-000000000000\n", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\n", None],
)
def test_without_it_the_metadata_service_is_asked_and_never_a_proxy(
    tree: Tree, metadata: Metadata, unset: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if unset is not None:
        tree.write(deprovision_identity.SMBIOS, unset)
    assert said(tree, metadata.url) == (VM_ID, "instance metadata")
    ((_path, header),) = metadata.asked
    assert header == "true"


def test_the_metadata_service_is_asked_as_azure_wants_it() -> None:
    assert deprovision_identity.METADATA_URL.startswith("http://169.254.169.254/metadata/instance/compute/vmId?")
    assert "api-version=" in deprovision_identity.METADATA_URL
    assert "format=text" in deprovision_identity.METADATA_URL


@pytest.mark.parametrize("answer", ["", "<html>Sign in to the network</html>", "x" * 100_000])
def test_a_metadata_service_that_says_something_else_says_nothing(tree: Tree, metadata: Metadata, answer: str) -> None:
    metadata.answer = answer
    assert said(tree, metadata.url)[0] == ""


def test_a_metadata_service_that_does_not_answer_is_not_waited_for(
    tree: Tree, metadata: Metadata, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deprovision_identity.METADATA_LIMIT_SECONDS <= 5
    monkeypatch.setattr(deprovision_identity, "METADATA_LIMIT_SECONDS", 0.2)
    metadata.seconds = 2
    begun = time.monotonic()
    assert said(tree, metadata.url)[0] == ""
    assert time.monotonic() - begun < 2


def test_a_guest_without_either_says_nothing(tree: Tree) -> None:
    given, reason = said(tree)
    assert given == ""
    assert "refused" in reason


@pytest.mark.parametrize("mark", ["/run/systemd/container", "/.dockerenv", "/run/.containerenv", None])
def test_a_container_is_not_its_host(tree: Tree, metadata: Metadata, mark: str | None) -> None:
    """Its host's SMBIOS and metadata service can be seen in it."""
    tree.write(deprovision_identity.SMBIOS, VM_ID)
    tree.write("/proc/1/environ", "PATH=/bin\0" + ("" if mark else "container=lxc\0"))
    if mark:
        tree.write(mark)
    given, reason = said(tree, metadata.url)
    assert given == ""
    assert "container" in reason
    assert metadata.asked == []


def test_a_container_has_the_id_that_its_manager_gave_it(tree: Tree) -> None:
    tree.write(deprovision_identity.SMBIOS, VM_ID)
    tree.write("/proc/1/environ", f"container=systemd-nspawn\0container_uuid={OTHER}\0HOME=/root\0")
    assert said(tree) == (OTHER, "container_uuid")


@pytest.mark.parametrize("mode", ["clean", "finish"])
def test_a_connection_to_another_guest_changes_nothing(
    tree: Tree, mode: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as that of the next machine behind a load balancer, when the steps of the role come by connections of their own."""
    tree.write("/root/.bash_history")
    tree.write(deprovision_identity.SMBIOS, OTHER)
    config = {**family_config("Debian"), "guest_id": VM_ID}
    monkeypatch.setattr(deprovision_main, "Guest", lambda given: Guest(given, str(tree.root)))
    monkeypatch.setattr(deprovision_main, "run_child", lambda guest: pytest.fail("It began."))
    assert deprovision_main.main([mode, json.dumps(config)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["code"] == "guest_is_another_machine"
    assert OTHER in answer["failure"]
    assert VM_ID in answer["failure"]
    assert tree.has("/root/.bash_history")


def test_the_guest_that_was_examined_is_cleaned(tree: Tree) -> None:
    tree.write("/root/.bash_history")
    tree.write(deprovision_identity.SMBIOS, VM_ID)
    guest = Guest({**family_config("Debian"), "guest_id": VM_ID}, str(tree.root))
    assert deprovision_main.clean(guest)["removed"]
    assert not tree.has("/root/.bash_history")
