# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison notices wrong answers: those of a scenario that the embedded Azure itself recorded, each spoiled in one place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from repository import ROOT

from conformance.__main__ import main, replay
from conformance.compare import Answer
from conformance.mutations import KEY, NOTICED, STATUS, VALUE, MutationTest, mutations
from conformance.traffic import SUBSCRIPTION, load
from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.client import signed_in
from embedded_azure.resource_id import parse

TRAFFIC = ROOT.parent / "shared" / "azure" / "traffic"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/golden"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
MACHINE = {
    "location": "westeurope",
    "properties": {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {
            "imageReference": {"publisher": "Debian", "offer": "debian-13", "sku": "13", "version": "latest"},
            "dataDisks": [{"lun": 0, "createOption": "Empty", "diskSizeGB": 4}],
        },
        "osProfile": {"computerName": "m", "adminUsername": "azureuser"},
        "networkProfile": {
            "networkApiVersion": "2020-11-01",
            "networkInterfaceConfigurations": [
                {"name": "nic", "properties": {"primary": True, "ipConfigurations": [{"name": "ip", "properties": {}}]}}
            ],
        },
    },
}
IMAGE = {"location": "westeurope", "properties": {"sourceVirtualMachine": {"id": f"{COMPUTE}/virtualMachines/m"}}}
STEPS: tuple[tuple[str, str, str, Any], ...] = (
    ("PUT", GROUP, "2022-09-01", {"location": "westeurope"}),
    ("PUT", f"{COMPUTE}/virtualMachines/m", "2024-07-01", MACHINE),
    ("GET", f"{COMPUTE}/virtualMachines/m", "2024-07-01", None),
    ("GET", f"{COMPUTE}/virtualMachines/m/instanceView", "2024-07-01", None),
    ("POST", f"{COMPUTE}/virtualMachines/m/deallocate", "2024-07-01", None),
    ("POST", f"{COMPUTE}/virtualMachines/m/generalize", "2024-07-01", None),
    ("PUT", f"{COMPUTE}/images/i", "2024-07-01", IMAGE),
    ("GET", f"{COMPUTE}/images/i", "2024-07-01", None),
    ("GET", f"{COMPUTE}/images/absent", "2024-07-01", None),
    ("DELETE", f"{COMPUTE}/images/i", "2024-07-01", None),
)


def operation_name(method: str, url: str) -> str:
    """A name for a request, as the recordings have one."""
    path = parse(unquote(urlsplit(url).path))
    for family in ("operations", "DiskOperations"):
        if f"/{family}/" in url:
            return f"GET Compute:locations/{{n}}/{family}/{{id}}"
    if not path.namespace:
        return f"{method} resourceGroups/{{n}}"
    words = [f"{kind}/{{n}}" for kind in path.types[: len(path.names)]] + list(path.types[len(path.names) :])
    return f"{method} Compute:{'/'.join(words)}"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the embedded Azure answers, in the format of the recordings."""
    lines: list[dict[str, Any]] = []
    directory = tmp_path_factory.mktemp("recording")
    with EmbeddedAzure(clock=DrivenClock(), subscription=SUBSCRIPTION, durations={"*": 60}) as azure:
        session = signed_in(azure)

        def send(method: str, url: str, body: Any) -> Any:
            got = session.request(method, azure.url + url, json=body, timeout=20)
            response = {
                "status": got.status_code,
                "headers": dict(got.headers),
                "body": got.json() if got.content else None,
            }
            request = {"method": method, "url": url, "headers": {}, "body": body}
            op = operation_name(method, url)
            lines.append({"seq": len(lines), "op": op, "request": request, "response": response})
            return got

        for method, path, version, body in STEPS:
            got = send(method, f"{path}?api-version={version}", body)
            poll = got.headers.get("Azure-AsyncOperation")
            if poll:
                send("GET", poll.removeprefix(azure.url), None)
                azure.clock.advance(61)
                send("GET", poll.removeprefix(azure.url), None)
    (directory / "recorded.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return directory


def test_the_recording_of_the_embedded_azure_matches_itself(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--traffic", str(recording), "--at-least", "100"]) == 0
    *_rest, with_misses, last = capsys.readouterr().out.splitlines()
    count = len((recording / "recorded.jsonl").read_text().splitlines())
    assert last == f"conformance: matched {count} of {count} (100.0%)"
    assert with_misses == f"with what is not covered counted as a miss: matched {count} of {count} (100.0%)"


def test_wrong_answers_are_noticed(recording: Path) -> None:
    test = MutationTest()
    list(test.spoil(replay(load(recording))))
    assert set(test.made) == {STATUS, KEY, VALUE}
    assert all(test.noticed[kind] >= NOTICED * test.made[kind] for kind in test.made), test.text()
    assert test.passed
    assert test.made[VALUE] > 50


def test_a_comparison_that_looks_away_fails_its_test() -> None:
    test = MutationTest()
    test.made[VALUE], test.noticed[VALUE] = 100, 94
    assert not test.passed
    assert "94 of     100 (94.0%)" in test.text()


def test_mutations_change_one_place_each() -> None:
    recorded = {"status": "Succeeded", "items": [{"caching": "None"}], "unknown": 1}
    ours = {"status": "Succeeded", "items": [{"caching": "None"}], "more": True}
    found = {(each.kind, each.where): each.answer for each in mutations(recorded, Answer(200, {}, ours))}
    assert set(found) == {
        (STATUS, "status"),
        (KEY, "status"),
        (KEY, "items"),
        (KEY, "items.[].caching"),
        (VALUE, "status"),
        (VALUE, "items.[].caching"),
    }
    assert found[STATUS, "status"].status != 200
    assert found[KEY, "items.[].caching"].body == {**ours, "items": [{}]}
    assert found[VALUE, "items.[].caching"].body["items"][0]["caching"] != "None"
    assert ours["items"] == [{"caching": "None"}]


@pytest.mark.sweep
@pytest.mark.skipif(not TRAFFIC.is_dir(), reason="no recorded traffic beside the checkout")
def test_wrong_answers_to_recorded_requests_are_noticed() -> None:
    test = MutationTest()
    scenarios = {name: lines for name, lines in load(TRAFFIC).items() if name.startswith(("cli2025", "netsdk"))}
    list(test.spoil(replay(scenarios)))
    assert test.passed, test.text()
