# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m embedded_azure` in the foreground."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
import yaml
from repository import ROOT, TESTS

from embedded_azure import EmbeddedAzure
from embedded_azure.__main__ import instructions, with_key
from embedded_azure.client_files import make_key

SEED = ROOT / "docs" / "seed.yml"


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "embedded_azure", "--port", "0", "--proxy-port", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_prints_what_to_export_and_stops_on_a_signal(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yml"
    seed.write_text("groups: {golden: westeurope}\nvirtual_machines: [{name: source, group: golden}]\n")
    log = tmp_path / "log.jsonl"
    process = run("--seed", str(seed), "--log", str(log))
    try:
        exported = {}
        for line in process.stdout:
            if not line.startswith("export "):
                break
            name, _equals, value = line.removeprefix("export ").strip().partition("=")
            exported[name] = value.strip("'")
        origin = exported["AZURE_CLOUD_ENVIRONMENT"].split("/metadata", 1)[0]
        authority = exported["REQUESTS_CA_BUNDLE"]
        assert (Path(authority).parent / "server.key").stat().st_mode & 0o777 == 0o600
        resources = requests.get(f"{origin}/embedded/resources", verify=authority, timeout=10).json()
        assert any(id.endswith("/virtualMachines/source") for id in resources)
        # What the shell trusted before it goes on trusting: pip and git go by the same variables.
        assert Path(authority).read_text().count("BEGIN CERTIFICATE") > 20
    finally:
        process.send_signal(signal.SIGTERM)
        _output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    assert not Path(authority).exists()


def test_a_shell_can_forget_what_it_has_exported_and_reach_guests_in_one_line(tmp_path: Path) -> None:
    seed = with_key(yaml.safe_load(SEED.read_text()), make_key(tmp_path))
    with EmbeddedAzure(seed=seed) as azure:
        lines = instructions(azure, tmp_path, has_guests=True).splitlines()
        profile = azure.resources()[next(id for id in azure.resources() if id.endswith("/web-build"))]
    exported = [line.split("=")[0].split()[1] for line in lines if line.startswith("export ")]
    assert lines[-1].split() == ["#", "unset", *exported]
    assert [line for line in lines if "ssh -F" in line and "build" in line] == [
        f"#   ssh -F {tmp_path}/ssh_config web-build"
    ]
    assert (tmp_path / "id_ed25519").stat().st_mode & 0o777 == 0o600
    (key,) = profile["properties"]["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"]
    read = subprocess.run(
        ["ssh-keygen", "-y", "-f", tmp_path / "id_ed25519"], capture_output=True, text=True, check=True
    )
    assert read.stdout.split()[:2] == key["keyData"].split()[:2]


def test_it_is_interrupted_at_once_before_it_serves(tmp_path: Path) -> None:
    """A seed that nobody writes plays what takes minutes, such as building guests."""
    seed = tmp_path / "seed.yml"
    os.mkfifo(seed)
    process = run("--seed", str(seed))
    writer = open_for_reader(seed)
    wait_until_it_reads(process.pid)
    process.send_signal(signal.SIGINT)
    _output, errors = process.communicate(timeout=20)
    os.close(writer)
    assert (process.returncode, errors) == (130, "embedded_azure: interrupted before it was up\n")


def open_for_reader(pipe: Path) -> int:
    """Open a pipe for writing once somebody reads it."""
    end = time.monotonic() + 20
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < end
        time.sleep(0.05)


def wait_until_it_reads(process: int) -> None:
    """What is interrupted on its way into the read sleeps there all the same, as Python looks for signals before."""
    end = time.monotonic() + 20
    while not Path(f"/proc/{process}/wchan").read_text(encoding="ascii").endswith("pipe_read"):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_keys_of_the_seed_stay(tmp_path: Path) -> None:
    seed = {"virtual_machines": [{"name": "own", "ssh_public_keys": ["mine"]}]}
    assert with_key(seed, "other") == seed


def test_a_taken_port_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = run("--port", str(taken.getsockname()[1]))
        _output, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.startswith("embedded_azure: The embedded Azure cannot listen")
    assert errors.count("\n") == 1


def test_a_bad_seed_is_one_line(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yml"
    seed.write_text("machines: []\n")
    process = run("--seed", str(seed))
    _output, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors == "embedded_azure: The seed has unknown keys: machines.\n"
