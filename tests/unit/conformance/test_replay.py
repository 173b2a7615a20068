# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measure itself: a made scenario replays, mutated answers are noticed, an echo does not pass for Azure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT

from conformance.__main__ import main, replay
from conformance.compare import Answer
from conformance.report import Report
from conformance.traffic import Recorded, load

TRAFFIC = ROOT.parent / "shared" / "azure" / "traffic"
S = "/subscriptions/00000000-0000-0000-0000-000000000000"
DISK = f"{S}/resourceGroups/g/providers/Microsoft.Compute/disks/d"
POLL = f"{S}/providers/Microsoft.Compute/locations/westus/DiskOperations/0f0f0f0f-0000-4000-8000-000000000000"


def line(seq: int, op: str, url: str, status: int, body: Any = None, answer: Any = None, **headers: str) -> str:
    request = {
        "method": op.split(" ", maxsplit=1)[0],
        "url": f"{url}?api-version=2024-03-02",
        "headers": {},
        "body": body,
    }
    return json.dumps(
        {"seq": seq, "op": op, "request": request, "response": {"status": status, "headers": headers, "body": answer}}
    )


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    wanted = {"location": "westus", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}}
    shown = {"id": DISK, "name": "d", "type": "Microsoft.Compute/disks", "location": "westus"}
    state = {**wanted["properties"], "provisioningState": "Updating"}
    ended = {**state, "provisioningState": "Succeeded", "diskState": "Unattached", "uniqueId": "u"}
    poll = f"https://management.azure.com{POLL}?api-version=2024-03-02"
    headers = {"Azure-AsyncOperation": poll, "Location": f"{poll}&monitor=true"}
    running = {"startTime": "t", "status": "InProgress", "name": "n"}
    lines = [
        line(0, "PUT Compute:disks/{n}", DISK, 202, wanted, {**shown, "properties": state}, **headers),
        line(1, "GET Compute:locations/{n}/DiskOperations/{id}", POLL, 200, None, {**running, "name": "x"}),
        line(2, "GET Compute:locations/{n}/DiskOperations/{id}", POLL, 200, None, {**running, "status": "Succeeded"}),
        line(3, "GET Compute:disks/{n}", DISK, 200, None, {**shown, "properties": ended}),
        line(4, "GET Compute:hostGroups/{n}", DISK.replace("/disks/", "/hostGroups/"), 200, None, {}),
    ]
    for number, text in enumerate(lines):
        if '"name": "n"' in text or '"name": "x"' in text:
            data = json.loads(text)
            del data["response"]["body"]["name"]
            lines[number] = json.dumps(data)
    (tmp_path / "made.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_scenario_replays(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--traffic", str(scenario), "--at-least", "100"]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1].startswith("conformance: matched 4 of 4")
    assert "    1  GET Compute:hostGroups/{n}" in printed


def test_a_changed_answer_is_noticed(scenario: Path) -> None:
    def mutate(method: str, url: str, body: Any, answer: Answer) -> Answer:
        if method == "GET" and "/disks/" in url:
            changed = {**answer.body, "properties": {**answer.body["properties"], "diskSizeGB": 9}}
            return Answer(answer.status, answer.headers, changed)
        return answer

    report = Report(replay(load(scenario), mutate))
    assert (report.matched, len(report.covered)) == (3, 4)


def test_below_the_wanted_share_it_fails(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (scenario / "made.jsonl").read_text().replace('"diskState": "Unattached"', '"noSuchKey": "Unattached"')
    (scenario / "made.jsonl").write_text(text)
    assert main(["--traffic", str(scenario), "--at-least", "100"]) == 1
    assert "noSuchKey: missing" in capsys.readouterr().out


def test_no_traffic_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--traffic", str(tmp_path)]) == 2
    assert "no recorded traffic" in capsys.readouterr().err


class Echo:
    """A server that gives back what was PUT, and an empty 200 otherwise."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def __call__(self, method: str, url: str, body: Any, answer: Answer) -> Answer:
        key = url.split("?", maxsplit=1)[0].lower()
        if method == "PUT":
            status = 200 if key in self.kept else 201
            self.kept[key] = {"id": url.split("?", maxsplit=1)[0], "name": key.rsplit("/", 1)[-1], **(body or {})}
            return Answer(status, {}, self.kept[key])
        if method == "GET":
            return Answer(200, {}, self.kept[key]) if key in self.kept else Answer(404, {}, {"error": {}})
        return Answer(200, {}, None)


@pytest.fixture(scope="module")
def real() -> dict[str, list[Recorded]]:
    if not TRAFFIC.is_dir():
        pytest.skip(f"there is no recorded traffic beside the checkout ({TRAFFIC.name})")
    return {name: lines for name, lines in load(TRAFFIC).items() if name.startswith(("cli2025", "netsdk"))}


def test_an_echo_does_not_pass_for_azure(real: dict[str, list[Recorded]]) -> None:
    report = Report(replay(real, Echo()))
    assert report.matched < 0.5 * len(report.covered)


@pytest.mark.sweep
def test_each_kind_of_mutation_costs(real: dict[str, list[Recorded]]) -> None:
    honest = Report(replay(real))
    assert honest.matched > 0.95 * len(honest.covered)

    def without_operations(method: str, url: str, body: Any, answer: Answer) -> Answer:
        kept = {name: value for name, value in answer.headers.items() if name != "azure-asyncoperation"}
        return Answer(answer.status, kept, answer.body)

    def other_state(method: str, url: str, body: Any, answer: Answer) -> Answer:
        text = json.dumps(answer.body).replace('"Succeeded"', '"Succeded"')
        return Answer(answer.status, answer.headers, json.loads(text))

    for mutate in (without_operations, other_state):
        assert Report(replay(real, mutate)).matched < honest.matched - 100
