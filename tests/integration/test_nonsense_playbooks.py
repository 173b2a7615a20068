# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nonsense of each type in every variable of every playbook and role: refused in one sentence, and nothing written.

A start of ansible-playbook takes seconds: each host of a run, or each block of a play, has one variable that is nonsense.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from nonsense import REFUSED, kind_of
from predicted_writes import sent_writes
from recorded_failures import Recorded, run_recorded, write_inventory
from repository import ROOT

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
#: Filters that make a number or a truth value of anything.
SWALLOWING = re.compile(r"\|\s*(?:int|float|bool|ansible\.builtin\.bool)\b")

#: Variables of the playbook prune and their types; those without a value are refused, too.
PRUNE: dict[str, str] = {
    "prune_source": "choice",
    "prune_subscriptions": "list of str",
    "prune_resource_group": "str",
    "prune_gallery": "str",
    "prune_definition": "str",
    "prune_family": "str",
    "prune_family_tag": "str",
    "prune_single_family": "bool",
    "prune_image_tags": "dict",
    "prune_name_pattern": "str",
    "prune_keep_newest": "int",
    "prune_older_than_days": "int",
    "prune_include_untagged": "bool",
    "prune_deprecate": "bool",
    "prune_grace_days": "int",
    "prune_protected_tag": "str",
    "prune_max_removals": "int",
    "prune_force": "bool",
    "prune_remove_leftovers": "bool",
    "prune_remove_empty_definitions": "bool",
}
#: Variables of the playbooks that capture. Where nothing given means the default, an empty answer does.
CAPTURE: dict[str, str] = {
    "capture_source_vm": "str",
    "capture_image_name": "str",
    "capture_generalize": "bool",
    "capture_delete_source_vm": "bool",
    "capture_snapshot_disks": "bool",
    "capture_disk_consistency": "choice",
    "capture_create_resource_group": "bool",
    "capture_zone_resilient": "bool",
    "capture_guest_prepared": "bool",
    "capture_timeout": "int",
    "capture_shutdown_timeout": "int",
    "capture_image_tags": "dict",
    "capture_image_location": "str",
    "resource_group": "str",
    "capture_run_id": "str",
}
EMPTY_IS_DEFAULT = {
    "capture_disk_consistency",
    "capture_zone_resilient",
    "capture_guest_prepared",
    "capture_timeout",
    "capture_shutdown_timeout",
    "capture_image_tags",
    "capture_image_location",
    "resource_group",
    "capture_run_id",
}
#: Numbers that may be 0.
ZERO = {
    "golden_image_lease_stale_after_hours",
    "linux_deprovision_busy_timeout",
    "linux_deprovision_power_off_delay",
    "windows_sysprep_power_off_delay",
    "prune_grace_days",
}


def specification_of(role: str) -> Json:
    """The options of a role."""
    path = ROOT / "roles" / role / "meta" / "argument_specs.yml"
    return dict(yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"])


def of_role(role: str) -> dict[str, list[Any]]:
    """Nonsense for each variable of a role whose type can be wrong; text may be empty where that is the default."""
    found = {}
    for name, rule in specification_of(role).items():
        kind = kind_of(rule)
        if kind in ("str", "path"):
            # Empty is the default of some, and of several lines are others.
            found[name] = [["a"], {"a": 1}]
        elif kind in ("int", "float", "bool", "choice", "dict", "list of dict"):
            values = [value for value in REFUSED[kind] if _is_nonsense(name, kind, value)]
            found[name] = values if name in ZERO or kind not in ("int", "float") else [*values, 0, "0"]
    return found


def _is_nonsense(name: str, kind: str, value: Any) -> bool:
    # What a dictionary holds may be anything; a number of thousands of digits cannot be written into an inventory.
    return not (isinstance(value, int) and value.bit_length() > 1000) and not (name.endswith("_tags") and value == {})


def few(values: list[Any]) -> list[Any]:
    """Some of them: playbooks convert nothing themselves, and what modules do with the others is tested with those."""
    telling = [
        "abc",
        "",
        "1,000",
        "2.9",
        -1,
        0,
        "0",
        "maybe",
        "☃",
        True,
        None,
        5,
        {"a": 1},
        [1],
        ["a"],
        "two\nlines",
        "inf",
    ]
    return [value for value in values if any(value == one and type(value) is type(one) for one in telling)]


def assert_refused(run: Recorded, cases: dict[str, tuple[str, Any]]) -> None:
    """Each host was refused in one sentence."""
    problems = []
    for host, (name, value) in cases.items():
        # What cannot even be compared with other hosts is left to the role to refuse.
        failures = [failure for failure in run.of(host) if not failure["task"].endswith(" : Collect the targets")]
        if not failures:
            problems.append(f"{name} = {value!r} was taken")
        for failure in failures:
            said = failure["message"]
            # Ansible's own check of a role's arguments says a line for each fault, below a heading.
            codes = failure["codes"] or re.findall(r"\(([a-z_]+)\)$", str(said))
            of_ansible = "Validating arguments" in failure["task"] or "Validation of arguments failed:" in str(said)
            one_line = isinstance(said, str) and said.strip() and "\n" not in said.strip()
            if failure["traceback"] or not (of_ansible or (one_line and codes)):
                problems.append(f"{name} = {value!r}: {failure}")
    assert not problems, f"{len(problems)} of {len(cases)}:\n" + "\n".join(problems)
    assert "Traceback" not in run.output


@pytest.mark.parametrize("folder", ["playbooks", "roles", "awx", "tests/fleet", "extensions"])
def test_no_filter_swallows_nonsense(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".yml", ".yaml", ".j2")
        for line in path.read_text().splitlines()
        if SWALLOWING.search(line)
    ]
    assert not found, "\n".join(found)


def image(name: str, created: str) -> Json:
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    return {
        "id": f"{COMPUTE}/images/{name}",
        "location": "westeurope",
        "created": created,
        "tags": {"family": "web"},
        "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
    }


@pytest.fixture
def old_images(azure: EmbeddedAzure) -> EmbeddedAzure:
    """An Azure with images of which all but the newest would go."""
    images = [image("one", "2020-01-01T00:00:00Z"), image("two", "2020-02-01T00:00:00Z")]
    azure.seed({"groups": {"images": "westeurope"}, "resources": images})
    azure.clear_requests()
    return azure


@pytest.mark.parametrize(
    "nonsense",
    [
        "prune_older_than_days=900d",
        "prune_older_than_days=",
        "prune_older_than_days=1,000",
        "prune_older_than_days=2.9",
        "prune_older_than_days=-1",
        "prune_older_than_days=0",
        "prune_max_removals=0",
    ],
)
def test_prune_deletes_nothing_for_what_is_no_number(old_images: EmbeddedAzure, playbooks: Any, nonsense: str) -> None:
    rules = ("-e", "prune_resource_group=images", "-e", "prune_family_tag=family", "-e", "prune_older_than_days=90")
    run = run_recorded(playbooks, "golden.azure.prune", *rules, "-e", nonsense)
    assert run.status == 2, run.output
    assert len(run.failures) == 1
    assert sent_writes(old_images.requests) == []


@pytest.mark.sweep
def test_prune_with_nonsense(old_images: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / "prune.yml").read_text())
    rules = {
        "prune_resource_group": "images",
        "prune_family_tag": "family",
        "prune_older_than_days": 90,
        "prune_include_untagged": True,
    }
    values = [(name, value) for name, kind in PRUNE.items() for value in (*few(REFUSED[kind]), None)]
    cases = {f"case-{number}": case for number, case in enumerate(values)}
    inventory = write_inventory(
        tmp_path,
        {host: {**rules, name: value, "ansible_connection": "local"} for host, (name, value) in cases.items()},
    )
    playbook = tmp_path / "prune.yml"
    playbook.write_text(yaml.safe_dump([{**play, "hosts": "machines"}]))
    run = run_recorded(playbooks, playbook, "-i", inventory)
    assert run.status == 2
    assert_refused(run, {host: case for host, case in cases.items() if case != ("prune_grace_days", 0)})
    assert sent_writes(old_images.requests) == []


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("playbook", "role"), [("capture_linux", "linux_deprovision"), ("capture_windows", "windows_sysprep")]
)
def test_captures_with_nonsense(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str, role: str) -> None:
    own = [
        (name, value)
        for name, kind in CAPTURE.items()
        for value in (*few(REFUSED[kind])[:5], *([0, "-1"] if kind == "int" else []))
        if not (name in EMPTY_IS_DEFAULT and value in ("", None))
        # Who names no image is refused for all hosts at once.
        and not (name == "capture_image_name" and value in ("", None))
    ]
    of_the_role = [(name, value) for name, values in of_role(role).items() for value in few(values)[-2:]]
    cases = {f"case-{number}": case for number, case in enumerate([*own, *of_the_role])}
    machines = [{"name": host, "group": "images"} for host in cases]
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
    hosts = {
        host: {
            "resource_group": "images",
            "capture_image_name": f"golden-{host}",
            "capture_generalize": True,
            "capture_snapshot_disks": True,
            name: value,
        }
        for host, (name, value) in cases.items()
    }
    azure.clear_requests()
    run = run_recorded(
        playbooks, f"golden.azure.{playbook}", "-i", write_inventory(tmp_path, hosts), "-e", "target=machines"
    )
    assert run.status != 0
    assert_refused(run, cases)
    assert sent_writes(azure.requests) == []
    # No guest was asked for anything: none can be reached.
    assert "UNREACHABLE" not in run.output


@pytest.mark.sweep
def test_a_refresh_with_nonsense(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    inner = {
        "golden_image_retention": {
            "keep_newest": 0,
            "older_than_days": "1,000",
            "grace_days": -1,
            "max_removals": None,
        },
        "golden_image_promotion": {
            "previous_version_grace_days": -1,
            "concurrent_deployments": 0,
            "deployments_per_replica": "",
            "tags": {"Golden.Azure.Run": "1"},
        },
        "golden_image_verification": {
            "tasks_timeout": 0,
            "script_timeout": "soon",
            "script_parameters": {"KEY": None},
            "script_secrets": {"KEY": ["value"]},
            "uniqueness": "maybe",
            "connection": "☃",
        },
        "golden_image_tags": {"golden.azure.source_vm_id": "x", "GOLDEN.azure.anything": "x"},
    }
    values = [(name, value) for name, values in of_role("golden_image").items() for value in few(values)[-2:]]
    values += [(name, {key: value}) for name, found in inner.items() for key, value in found.items()]
    values += [("golden_image_version", ""), ("linux_deprovision_timeout", 0), ("linux_deprovision_power_off", "maybe")]
    cases = {f"case-{number}": case for number, case in enumerate(values)}
    every = {
        "golden_image_resource_group": "images",
        "golden_image_location": "westeurope",
        "golden_image_base": {"marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"}},
        "golden_image_subnet": COMPUTE.replace("Compute", "Network") + "/virtualNetworks/net/subnets/inner",
    }
    hosts = {host: {**every, name: value} for host, (name, value) in cases.items()}
    azure.seed({"groups": {"images": "westeurope"}})
    azure.clear_requests()
    run = run_recorded(playbooks, "golden.azure.refresh", "-i", write_inventory(tmp_path, hosts, "golden_images"))
    assert run.status != 0
    assert_refused(run, cases)
    assert azure.requests == []


@pytest.mark.sweep
def test_a_verification_with_nonsense(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    values = [(name, value) for name, values in of_role("image_verify").items() for value in few(values)]
    values += [("image_verify_tags", {"golden.azure.instance": "x"})]
    for option in ("image_verify_script_parameters", "image_verify_script_secrets"):
        values += [(option, {"KEY": value}) for value in (None, "", ["value"])]
    cases = {f"case-{number}": case for number, case in enumerate(values)}
    every = {
        "image_verify_image": f"{COMPUTE}/images/one",
        "image_verify_subnet": COMPUTE.replace("Compute", "Network") + "/virtualNetworks/net/subnets/inner",
    }
    hosts = {host: {**every, name: value} for host, (name, value) in cases.items()}
    play = {"name": "Verify", "hosts": "machines", "gather_facts": False, "roles": ["golden.azure.image_verify"]}
    playbook = tmp_path / "verify.yml"
    playbook.write_text(json.dumps([play]))
    run = run_recorded(playbooks, playbook, "-i", write_inventory(tmp_path, hosts))
    assert run.status != 0
    assert_refused(run, cases)
    assert azure.requests == []


_BASE = {"image": f"{COMPUTE}/images/one"}


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        ({"golden_image_base": {"gallery_version_id": "a/b"}}, "gallery_version_id_not_valid"),
        ({"golden_image_base": {"marketplace": {"publisher": "Debian"}}}, "key_missing"),
        ({"golden_image_retention": {"keep_newst": 3}}, "key_unknown"),
        ({"golden_image_roles": ["nowhere"]}, "image_inputs_missing"),
        ({"golden_image_tasks": ["nowhere.yml"]}, "image_inputs_missing"),
        ({"golden_image_variables": ["nowhere"]}, "image_inputs_missing"),
        ({"golden_image_report_directory": "/etc/passwd"}, "report_not_writable"),
        ({"golden_image_name": "größe 1"}, "golden_image_name_not_valid"),
        ({"golden_image_subnet": ""}, "golden_image_not_defined"),
    ],
)
def test_a_refresh_of_what_cannot_be_meant(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, nonsense: Json, code: str
) -> None:
    every = {"golden_image_base": _BASE, "golden_image_subnet": f"{COMPUTE}/x", "golden_image_resource_group": "images"}
    azure.clear_requests()
    inventory = write_inventory(tmp_path, {"web": {**every, **nonsense}}, "golden_images")
    run = run_recorded(playbooks, "golden.azure.refresh", "-i", inventory)
    assert run.status == 2, run.output
    assert any(code in failure["codes"] or f"({code})" in str(failure["message"]) for failure in run.failures)
    assert azure.requests == []
