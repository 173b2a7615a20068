# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first minutes of a machine: running operations are waited for, timers are stopped, and the agent is not restarted."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import deprovision_busy
import deprovision_main
import deprovision_services
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import Tree, family_config

EXTENSION = "/var/lib/waagent/Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33"

MOUNTS = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /proc rw - proc proc rw\n"


def guest_of(tree: Tree, programs: Programs | None = None, **changes: object) -> Guest:
    guest = Guest({**family_config("Debian"), **changes}, root=str(tree.root))
    # Nothing in /proc lies on the OS disk.
    tree.write("/proc/self/mountinfo", MOUNTS)
    guest.command = programs or Programs(tree)  # type: ignore[method-assign]
    return guest


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        ({}, []),
        ({"/run/cloud-init/enabled": ""}, ["cloud_init_not_finished"]),
        ({"/run/cloud-init/enabled": "", "/run/cloud-init/result.json": ""}, []),
        ({"/proc/77/comm": "dnf5\n", "/proc/77/stat": "77 (dnf5) S 1"}, ["package_manager_busy"]),
        ({"/proc/77/comm": "tdnf\n", "/proc/77/stat": "77 (tdnf) S 1"}, ["package_manager_busy"]),
        ({"/proc/77/comm": "apt-get\n", "/proc/77/stat": "77 (apt-get) Z 1"}, []),
        ({"/proc/77/comm": "unattended-upgr\n"}, []),  # waits for the shutdown, always
        ({f"{EXTENSION}/status/0.status": '[{"status": {"status": "transitioning"}}]'}, []),
        (
            {
                f"{EXTENSION}/status/0.status": '[{"status": {"status": "transitioning"}}]',
                "/proc/78/cmdline": f"python3\0{EXTENSION}/agent.py\0-install",
            },
            ["extension_at_work"],
        ),
        (
            {
                f"{EXTENSION}/status/0.status": '[{"status": {"status": "transitioning"}}]',
                f"{EXTENSION}/status/1.status": '[{"status": {"status": "success"}}]',
                "/proc/78/cmdline": f"python3\0{EXTENSION}/agent.py\0-daemon",
            },
            [],
        ),
    ],
)
def test_what_is_at_work(tree: Tree, files: dict[str, str], codes: list[str]) -> None:
    for path, text in files.items():
        tree.write(path, text)
    assert [finding["code"] for finding in deprovision_busy.busy_blockers(guest_of(tree))] == codes


@pytest.mark.parametrize(("state", "codes"), [("Doing", ["package_manager_busy"]), ("Done", [])])
def test_snapd(tree: Tree, state: str, codes: list[str]) -> None:
    tree.write("/usr/bin/snap")
    said = f"ID   Status  Spawn  Ready  Summary\n12   {state}    today  -      Auto-refresh snap\n"
    guest = guest_of(tree, Programs(tree, snap=(0, said)))
    assert [finding["code"] for finding in deprovision_busy.busy_blockers(guest)] == codes


def test_it_is_waited_for_and_no_longer_than_allowed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprovision_busy, "PAUSE_SECONDS", 0.05)
    tree.write("/run/cloud-init/enabled")
    guest = guest_of(tree)
    begun = time.monotonic()
    deprovision_busy.wait_while_busy(guest, 0)
    assert time.monotonic() - begun < 0.05
    deprovision_busy.wait_while_busy(guest, 0.3)
    assert 0.15 < time.monotonic() - begun < 5
    threading.Timer(0.3, lambda: tree.write("/run/cloud-init/result.json")).start()
    begun = time.monotonic()
    deprovision_busy.wait_while_busy(guest, 60)
    assert time.monotonic() - begun < 30
    assert list(deprovision_busy.busy_blockers(guest)) == []


TIMERS = "apt-daily.timer loaded active waiting x\nmine.timer loaded active waiting x\nlogrotate.timer loaded active waiting x\n"


def test_timers_are_held_and_released(tree: Tree) -> None:
    programs = Programs(tree, **{"systemctl list-units --type=timer": (0, TIMERS)})
    guest = guest_of(tree, programs)
    deprovision_services.stop_timers(guest)
    assert programs.ran[-1] == ["systemctl", "stop", "apt-daily.timer", "logrotate.timer"]
    deprovision_services.restart_timers(guest)
    assert programs.ran[-1] == ["systemctl", "start", "apt-daily.timer", "logrotate.timer"]
    deprovision_services.restart_timers(guest)
    assert len(programs.ran) == 3


def finished(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr(deprovision_main, "blockers", lambda *arguments: [])
    monkeypatch.setattr(deprovision_main, "schedule_power_off", lambda guest: None)
    monkeypatch.delenv("SUDO_USER", raising=False)
    return deprovision_main.finish(guest)


UNIT = "[Service]\nExecStart=/var/lib/waagent/Some.Extension-1.0/bin/agent\nRestart=always\n"


class Systemd(Programs):
    """Services that run until they are stopped; one that comes back cannot be stopped unless it is masked."""

    def __init__(self, tree: Tree, running: list[str], comes_back: str = "") -> None:
        super().__init__(tree)
        self.running = set(running)
        self.comes_back = comes_back
        self.masked: set[str] = set()

    def __call__(self, arguments: list[str], limit: float = 0) -> tuple[int, str]:
        self.ran.append(arguments)
        if arguments[0] != "systemctl":
            return 127, f"{arguments[0]} is not installed"
        units = {each for each in arguments[2:] if not each.startswith("-")}
        if arguments[1] == "is-active":
            return (0, "active\n") if units & self.running else (3, "inactive\n")
        if arguments[1] == "mask":
            self.masked |= units
        elif arguments[1] == "unmask":
            self.masked -= units
        elif arguments[1] == "stop":
            self.running -= {unit for unit in units if unit != self.comes_back or unit in self.masked}
        elif arguments[1] == "start":
            self.running |= units
        return 0, ""


@pytest.mark.parametrize("comes_back", ["", "walinuxagent.service"])
def test_the_agent_and_extensions_stay_stopped_until_the_power_off(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, comes_back: str
) -> None:
    tree.write("/etc/systemd/system/extension.service", UNIT)
    tree.write("/etc/systemd/system/mine.service", "[Service]\nExecStart=/opt/mine\n")
    tree.write("/root/.bash_history")
    systemd = Systemd(tree, ["walinuxagent.service", "extension.service", "mine.service"], comes_back)
    answer = finished(guest_of(tree, systemd, power_off=True), monkeypatch)
    assert answer["verified"], answer["remaining"]
    assert systemd.running == {"mine.service"}
    assert systemd.masked == {"walinuxagent.service", "extension.service"}


def test_an_agent_that_cannot_be_stopped_fails_the_verification_and_may_run_again(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd = Systemd(tree, ["walinuxagent.service"])
    monkeypatch.setattr(deprovision_services, "is_active", lambda guest, unit: True)
    answer = finished(guest_of(tree, systemd, power_off=True), monkeypatch)
    assert answer["remaining"] == ["service: walinuxagent.service (still running)"]
    assert not answer["power_off"]
    assert systemd.masked == set()
    assert systemd.running == {"walinuxagent.service"}


def test_without_the_power_off_nothing_stays_masked(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = Systemd(tree, ["walinuxagent.service"])
    answer = finished(guest_of(tree, systemd), monkeypatch)
    assert answer["verified"]
    assert systemd.masked == systemd.running == set()


def test_a_program_that_hangs_ends_with_all_that_it_has_started(tmp_path) -> None:
    guest = Guest({})
    begun = time.monotonic()
    status, said = guest.command(["sh", "-c", f"sleep 600 & echo $! >{tmp_path}/child; sleep 600"], 1)
    assert (status, said) == (124, "sh did not end within 1 seconds")
    assert time.monotonic() - begun < 20
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail("The child lives on.")


def test_a_program_whose_interpreter_is_missing_is_not_called_not_installed(tmp_path, monkeypatch) -> None:
    script = tmp_path / "agent"
    script.write_text("#!/nonexistent/python\n")
    script.chmod(0o755)
    assert Guest({}).command([str(script)])[0] == 126
    assert Guest({}).command([str(tmp_path / "absent")]) == (127, f"{tmp_path}/absent is not installed")


def test_numbers_are_text_before_ansible_core_2_19() -> None:
    guest = Guest({"busy_seconds": "300", "power_off_delay": 3, "users": ["300"]})
    assert guest.config == {"busy_seconds": 300, "power_off_delay": 3, "users": ["300"]}
