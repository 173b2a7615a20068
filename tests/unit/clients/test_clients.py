# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What judges the third-party clients can tell a failure from a success; no client is run here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import clients.__main__ as runner
from clients.azcollection import tasks_done
from clients.client import Client
from clients.environments import install, once
from clients.session import ClientError, Session, what_went_wrong
from clients.table import Outcome, table
from embedded_azure import EmbeddedAzure


class Fake(Client):
    """Makes a group, or fails on its way, or leaves early."""

    name = "fake"
    title = "A fake"
    steps = ("first", "second")

    def __init__(self, script: str = "pass", does: tuple[str, ...] = steps) -> None:
        self._script = script
        self._does = does

    def install(self, place: Path) -> str:
        return "1.0"

    def run(self, session: Session) -> Iterator[str]:
        for step in self._does:
            session.run(step, [sys.executable, "-c", self._script], {"SEEN": "yes"}, 30)
            yield step


def test_a_client_that_does_everything_is_complete(tmp_path: Path) -> None:
    outcome = runner.try_out(Fake("import os; assert os.environ['SEEN'] and os.environ['HTTPS_PROXY']"), tmp_path)
    assert (outcome.complete, outcome.done, outcome.steps, outcome.version) == (True, 2, 2, "1.0")


@pytest.mark.parametrize(
    ("client", "result"),
    [
        (Fake("import sys; sys.exit('ERROR: no such image')"), "first: it ended with status 1: ERROR: no such image"),
        (Fake(does=("first",)), "ended before it was done"),
    ],
)
def test_a_client_that_does_not_is_not(client: Client, result: str, tmp_path: Path) -> None:
    outcome = runner.try_out(client, tmp_path)
    assert (outcome.complete, outcome.result) == (False, result)


@pytest.mark.parametrize(("client", "status"), [(Fake(), 0), (Fake("raise SystemExit(3)"), 1)])
def test_the_exit_status_tells(
    client: Client, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "CLIENTS", (client,))
    assert runner.main(["--cache", str(tmp_path)]) == status
    assert capsys.readouterr().out.splitlines()[-1].startswith("A fake")


def test_a_client_that_never_ends_is_ended(tmp_path: Path) -> None:
    with EmbeddedAzure() as azure, pytest.raises(ClientError, match=r"^hangs: it did not end within 1 seconds\.$"):
        Session(azure, tmp_path, tmp_path).run("hangs", [sys.executable, "-c", "import time; time.sleep(60)"], {}, 1)


def test_the_secrets_of_our_environment_do_not_reach_a_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "ours")
    with EmbeddedAzure() as azure:
        said = Session(azure, tmp_path, tmp_path).run(
            "looks", [sys.executable, "-c", "import os; print(sorted(os.environ))"], {}, 30
        )
    assert "AZURE_CLIENT_SECRET" not in said
    assert "HTTPS_PROXY" in said


def test_an_environment_is_installed_once_for_its_lock(tmp_path: Path) -> None:
    wanted = []
    for lock in ("one", "one", "two"):
        with once(tmp_path / "environment", lock) as answer:
            wanted.append(answer)
    assert wanted == [True, False, True]


def test_a_failed_installation_is_tried_again(tmp_path: Path) -> None:
    refusal = pytest.raises(ClientError, match=r"^Thing cannot be installed: there is no /no/such/program\.$")
    with refusal, once(tmp_path / "environment", "lock"):
        install("Thing", ["/no/such/program"])
    with once(tmp_path / "environment", "lock") as wanted:
        assert wanted


def test_skipped_and_failed_tasks_are_not_done() -> None:
    output = (
        "TASK [One] ***\nchanged: [localhost]\n\nTASK [Two] ***\nskipping: [localhost]\n\n"
        "TASK [Three] ***\nfatal: [localhost]: FAILED! => {}\n\nTASK [Four] ***\nok: [localhost]\n"
    )
    assert tasks_done(output) == ["One", "Four"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("start\nRestError: no such version\n    at somewhere\n\nNode.js v20\n", "RestError: no such version"),
        ("\x1b[31mall is lost\x1b[0m\n\n", "all is lost"),
        ("", "no output"),
    ],
)
def test_the_line_that_says_what_went_wrong(text: str, line: str) -> None:
    assert what_went_wrong(text) == line


def test_the_table_is_aligned() -> None:
    rows = table(
        [Outcome("long client", "1.2", 3, 3, "complete", 12.4), Outcome("other", "", 0, 10, "cannot", 0.2)]
    ).splitlines()
    assert rows == [
        "client       version  steps    result    seconds",
        "-----------  -------  -------  --------  -------",
        "long client  1.2      3 of 3   complete       12",
        "other        -        0 of 10  cannot          0",
    ]
