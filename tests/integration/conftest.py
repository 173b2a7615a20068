# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real ansible-playbook against embedded Azure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playbook_runs import Playbooks
from windows_captures import GROUP, Machines

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from fleet.runs import Fleet


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests in one process that share what a fixture of their module has made (xdist's loadgroup).

    Such a fixture has booted machines or played many guests; every process that needs it would do so again.
    xdist reads the marks in the same hook: after this.
    """
    groups: list[set[str]] = []
    for item in items:
        shared = shared_fixtures(item)
        if shared:
            touching = [group for group in groups if group & shared]
            groups = [group for group in groups if group not in touching] + [shared.union(*touching)]
    for item in items:
        for group in groups:
            if group & shared_fixtures(item):
                item.add_marker(pytest.mark.xdist_group(min(group)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail where xdist has not taken up the marks, as with releases of pytest that keep names elsewhere: nobody would notice."""
    if session.config.getoption("loadgroup", default=False):
        unseen = [
            item.nodeid for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid
        ]
        assert not unseen, f"not kept together: {unseen[:3]}"


def shared_fixtures(item: pytest.Item) -> set[str]:
    """The fixtures of a test that its module makes once, with the module's name."""
    information = getattr(item, "_fixtureinfo", None)
    definitions = information.name2fixturedefs.items() if information else ()
    module = item.nodeid.split("::")[0]
    return {
        f"{module}:{name}" for name, (*_others, last) in definitions if last.scope == "module" and last.baseid == module
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests recorded, wherever they ran."""
    for report in terminalreporter.getreports("passed"):
        for name, table in report.user_properties:
            if name == "table" and report.when == "call":
                terminalreporter.write_line(f"\n{table}")


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """An embedded Azure whose operations end at once."""
    with EmbeddedAzure(retry_after=1) as running:
        yield running


@pytest.fixture
def playbooks(azure: EmbeddedAzure, tmp_path: Path) -> Playbooks:
    """Playbooks pointed at that Azure."""
    return Playbooks(tmp_path, azure.environment())


@pytest.fixture
def windows(tmp_path: Path) -> StandInWindows:
    """Stand-in guests."""
    return StandInWindows(tmp_path / "windows")


@pytest.fixture
def windows_machines(windows: StandInWindows, tmp_path: Path) -> Iterator[Machines]:
    """Windows machines on an embedded Azure of their own."""
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        yield Machines(azure, windows, Playbooks(tmp_path, azure.environment()))


@pytest.fixture
def fleet(windows: StandInWindows, tmp_path: Path) -> Iterator[Fleet]:
    """The fleet of golden images, of which tests with this fixture use the stand-ins only."""
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        yield Fleet(azure, windows, tmp_path)
