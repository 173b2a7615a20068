# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guest with a kernel of its own is started with, and what Azure's platform tells it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from uploads import make

from embedded_azure.guests import GuestError, Provisioning
from embedded_azure.guests.azure_platform import Platform
from embedded_azure.guests.guest_agent import GuestAgent
from embedded_azure.guests.image_disks import DISK, ImageDisks
from embedded_azure.guests.overlay_disks import OverlayDisks
from embedded_azure.guests.qemu_machine import ASSET_TAG, disc_arguments, metadata, qemu_command

VM_ID = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
MAC_ADDRESS = "00:22:48:61:62:63"
PROVISIONING = Provisioning("azureuser", ("ssh-ed25519 AAAA someone",), "web", None, "instance-1")


def test_the_machine_is_one_on_azure(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "base").symlink_to("/cache/image")
    sockets = {"agent": Path("/run/agent.sock"), "monitor": Path("/run/monitor.sock")}
    command = qemu_command(tmp_path / "machine", tmp_path / "disk", VM_ID, MAC_ADDRESS, sockets)
    text = " ".join(command)
    assert f"asset={ASSET_TAG}" in text
    assert f"uuid={VM_ID}" in text
    assert "-kernel /cache/image/vmlinuz" in text
    # Nothing listens on the host: 127.0.0.1 is that of the guest's network namespace.
    assert "hostfwd=tcp:127.0.0.1:22-:22" in text
    without = qemu_command(tmp_path / "machine", tmp_path / "disk", "", MAC_ADDRESS, sockets)
    assert not any("uuid=" in argument for argument in without)
    assert "readonly=on" in " ".join(disc_arguments(Path("/disc.iso")))


def test_an_uploaded_disk_is_started_by_its_own_boot_loader(tmp_path: Path) -> None:
    path, raw = make(tmp_path, "fixed VHD")
    disks = ImageDisks(tmp_path / "disks", lambda: tmp_path, None)
    disks.import_image("uploaded", path)
    disk = disks.path("uploaded") / DISK
    subprocess.run(["qemu-img", "compare", "-f", "qcow2", "-F", "raw", str(disk), str(raw)], check=True, timeout=60)
    with pytest.raises(GuestError, match="exists already"):
        disks.import_image("uploaded", raw)
    disks.create("copy", "uploaded")
    sockets = {"agent": Path("/run/agent.sock"), "monitor": Path("/run/monitor.sock")}
    command = qemu_command(tmp_path / "machine", disks.path("copy"), VM_ID, MAC_ADDRESS, sockets)
    assert (
        "-kernel" not in command and f"file={disks.path('copy') / DISK},format=qcow2,if=virtio,cache=unsafe" in command
    )


def test_containers_boot_no_images_of_disks(tmp_path: Path) -> None:
    with pytest.raises(GuestError, match="containers boot no images"):
        OverlayDisks(tmp_path, lambda: tmp_path).import_image("uploaded", tmp_path / "disk.vhd")


def test_the_metadata_service_names_the_user_once() -> None:
    first = metadata(VM_ID, "machine", MAC_ADDRESS, PROVISIONING)["compute"]
    assert first["osProfile"]["adminUsername"] == "azureuser"
    assert first["name"] == "web"
    assert [key["keyData"] for key in first["publicKeys"]] == ["ssh-ed25519 AAAA someone"]
    later = metadata(VM_ID, "machine", MAC_ADDRESS, None)
    assert later["compute"]["osProfile"] == {}
    assert later["compute"]["publicKeys"] == []
    assert later["network"]["interface"][0]["macAddress"] == "002248616263"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """The wireserver's half, on a port of its own."""
    state = {
        "metadata": metadata(VM_ID, "machine", MAC_ADDRESS, PROVISIONING),
        "container": VM_ID,
        "requests": str(tmp_path / "requests.jsonl"),
    }
    handler = type("OneGuest", (Platform,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/?comp=versions", "2015-04-05"),
        ("/machine/?comp=goalstate", f"<ContainerId>{VM_ID}</ContainerId>"),
        ("/machine/?comp=config&type=extensionsConfig", "<Extensions "),
        ("/machine/?comp=config&type=sharedConfig", "<SharedConfig "),
        ("/machine/?comp=config&type=hostingEnvironmentConfig", '<Role name="web"/>'),
    ],
)
def test_the_wireserver_answers(platform: http.client.HTTPConnection, path: str, says: str) -> None:
    platform.request("GET", path)
    assert says in platform.getresponse().read().decode()


def test_the_wireserver_takes_reports_and_knows_nothing_else(
    platform: http.client.HTTPConnection, tmp_path: Path
) -> None:
    statuses = []
    for method, path, body in (("POST", "/machine?comp=health", b"<Health/>"), ("GET", "/machine/?comp=other", b"")):
        platform.request(method, path, body)
        answer = platform.getresponse()
        answer.read()
        statuses.append(answer.status)
    assert statuses == [200, 404]
    logged = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert [(line["method"], line["body"]) for line in logged] == [("POST", "<Health/>"), ("GET", "")]


class ScriptedAgent(threading.Thread):
    """Answers as the agent does, first with what it still had for an earlier client."""

    def __init__(self, path: Path, answers: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self._answers = answers
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self.commands: list[str] = []

    def run(self) -> None:
        for answer in self._answers:
            connection, _address = self._server.accept()
            with connection, connection.makefile("rb") as lines:
                synchronize = json.loads(lines.readline())
                number = synchronize["arguments"]["id"]
                connection.sendall(
                    b'alf an answer"}\n{"return": {}}\n' + json.dumps({"return": number}).encode() + b"\n"
                )
                self.commands.append(json.loads(lines.readline())["execute"])
                connection.sendall(json.dumps(answer).encode() + b"\n")
        self._server.close()


def test_the_agent_is_asked_until_a_program_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    answers = [
        {"return": {"pid": 7}},
        {"return": {"exited": False}},
        {"return": {"exited": True, "exitcode": 3, "out-data": "b3V0", "err-data": "ZXJy"}},
    ]
    scripted = ScriptedAgent(path, answers)
    scripted.start()
    ended = GuestAgent(path).run("/bin/sh", ["-c", "exit 3"], b"", 60)
    assert (ended.status, ended.stdout, ended.stderr) == (3, b"out", b"err")
    assert scripted.commands == ["guest-exec", "guest-exec-status", "guest-exec-status"]


def test_an_agent_that_refuses_or_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    ScriptedAgent(path, [{"error": {"desc": "not allowed"}}]).start()
    with pytest.raises(GuestError, match="refused guest-exec: not allowed"):
        GuestAgent(path).run("/bin/sh", [], b"", 5)
    with pytest.raises(GuestError, match="does not answer"):
        GuestAgent(tmp_path / "none").execute("guest-ping", {})
