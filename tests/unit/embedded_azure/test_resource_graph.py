# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource Graph: the queries that image work asks."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure

MACHINES = "Resources | where type =~ 'Microsoft.Compute/virtualMachines'"


@pytest.fixture
def ask(azure: EmbeddedAzure, arm: Any) -> Any:
    azure.seed(
        {
            "virtual_machines": [
                {"name": "a", "group": "golden", "tags": {"role": "web"}},
                {"name": "b", "group": "other", "location": "eastus", "generalized": True},
            ]
        }
    )

    def send(query: str, **options: Any) -> Any:
        body = {"subscriptions": [azure.settings.subscription], "query": query, "options": options}
        return arm.send("POST", "/providers/Microsoft.ResourceGraph/resources", body, version="2022-10-01").json()

    return send


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("", ["source", "a", "b"]),
        ("| where name == 'a'", ["a"]),
        ("| where name in~ ('A', 'B') and location != 'eastus'", ["a"]),
        ("| where tags.role =~ 'WEB' or resourceGroup == 'other'", ["a", "b"]),
        ("| where tags['role'] == 'web'", ["a"]),
        ("| where isnotempty(tags)", ["a"]),
        ("| where properties.extended.instanceView.powerState.code == 'PowerState/deallocated'", ["b"]),
        ("| where not(name startswith 's') | order by name desc", ["b", "a"]),
        ("| where id contains '/resourcegroups/OTHER/'", ["b"]),
        ("| order by name asc | take 2", ["a", "b"]),
    ],
)
def test_conditions(ask: Any, condition: str, names: list[str]) -> None:
    answer = ask(f"{MACHINES} {condition} | project name")
    assert [row["name"] for row in answer["data"]] == names
    assert answer["totalRecords"] == len(names)


def test_columns_and_counts(ask: Any) -> None:
    answer = ask(
        f"{MACHINES} | where name == 'b' | project n = name, generation = properties.storageProfile.osDisk.osType"
    )
    assert answer["data"] == [{"n": "b", "generation": "Linux"}]
    answer = ask(f"{MACHINES} | summarize machines = count() by location | order by location asc")
    assert answer["data"] == [{"location": "eastus", "machines": 1}, {"location": "westeurope", "machines": 2}]
    assert ask(f"{MACHINES} | count")["data"] == [{"Count": 3}]


def test_pages(ask: Any) -> None:
    first = ask(f"{MACHINES} | project name", **{"$top": 2})
    second = ask(f"{MACHINES} | project name", **{"$top": 2, "$skipToken": first["$skipToken"]})
    assert [row["name"] for row in first["data"] + second["data"]] == ["source", "a", "b"]
    assert "$skipToken" not in second


def test_groups(ask: Any) -> None:
    names = [row["name"] for row in ask("ResourceContainers | project name")["data"]]
    assert names == ["golden", "other"]


def test_nonsense_is_refused_as_azure_does(arm: Any) -> None:
    body = {"query": "where where"}
    answer = arm.send("POST", "/providers/Microsoft.ResourceGraph/resources", body, version="2022-10-01")
    assert answer.status_code == 400
    assert [item["code"] for item in answer.json()["error"]["details"]] == ["InvalidQuery", "ParserFailure"]
