# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook refresh: looked at, kept for a look, approved, and with a reference machine that goes on running."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from predicted_writes import sent_writes
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.windows import StandInWindows
from embedded_azure.seed import machine_body
from fleet.guests import MixedGuests
from fleet.runs import GROUP, Fleet

DESK = ("--limit", "win-desk")


@pytest.mark.sweep
def test_what_a_failed_refresh_made_is_kept_on_request_and_removed_by_the_next(fleet: Fleet) -> None:
    variables = {"golden_image_roles": ["not_windows"], "golden_image_keep_failed": True}
    role = fleet.directory / "roles" / "not_windows" / "tasks"
    role.mkdir(parents=True)
    task = {"name": "Fail", "ansible.builtin.fail": {"msg": "<script>alert(1)</script> {{ 1 + 1 }}"}}
    (role / "main.yml").write_text(yaml.safe_dump([task]))
    kept = fleet.run("kept", *DESK, **variables)
    record = kept.image("win-desk")
    assert record["failure"]["stage"] == "customise"
    assert "<script>alert(1)</script> 2" in record["failure"]["message"]
    assert "<script>" not in kept.page.read_text()
    assert record["leftovers"] and set(record["leftovers"]) <= kept.came
    again = fleet.run("again", *DESK)
    assert again.result_of("win-desk") == "promoted"
    assert kept.came <= again.went


def test_check_mode_plans_and_changes_nothing(fleet: Fleet) -> None:
    run = fleet.run("check", "--check", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert run.result_of("win-desk") == "planned"
    assert not run.came | run.went
    assert sent_writes(fleet.azure.requests) == []


@pytest.mark.sweep
def test_an_image_that_is_defined_badly_fails_alone(fleet: Fleet) -> None:
    _host_vars(fleet, "win-desk", {"golden_image_base": {}})
    run = fleet.run("bad", "--limit", "windows_images", "--check")
    assert run.status != 0
    assert "is not defined" in run.image("win-desk")["failure"]["message"]
    assert run.result_of("win-server") == "planned"


@pytest.mark.parametrize(
    "variables",
    [
        {"golden_image_name": "größe 1"},
        pytest.param({"golden_image_name": "x" * 49}, marks=pytest.mark.sweep),
        pytest.param({"golden_image_run": "r" * 32}, marks=pytest.mark.sweep),
    ],
)
def test_a_name_that_azure_would_not_take_is_refused_at_once(fleet: Fleet, variables: dict[str, str]) -> None:
    run = fleet.run("named", "--check", *DESK, **variables)
    assert run.status != 0
    assert "set golden_image_name to at most 48" in " ".join(run.output.split())
    assert not fleet.azure.requests


@pytest.mark.sweep
def test_what_the_host_is_reached_by_does_not_reach_the_controller(fleet: Fleet) -> None:
    variables = {
        "ansible_python_interpreter": "/nowhere/python",
        "ansible_become": True,
        "ansible_become_method": "ansible.builtin.su",
        "ansible_become_exe": "/nowhere/su",
        "ansible_host": "203.0.113.1",
        "golden_image_name": "x" * 48,
    }
    _host_vars(fleet, "win-desk", variables)
    run = fleet.run("controller", "--check", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert run.result_of("x" * 48) == "planned"


@pytest.mark.sweep
def test_no_secret_is_shown_or_kept(fleet: Fleet) -> None:
    password, secret = "Pass-w0rd-of-nobody", "secret-of-a-script"
    _host_vars(
        fleet,
        "win-desk",
        {
            "golden_image_verification": {
                "connection": "run_command",
                "script": "exit 0",
                "script_secrets": {"KEY": secret},
            },
            "golden_image_admin_password": password,
        },
    )
    run = fleet.run("secret", *DESK, "-vvv", golden_image_keep_failed=True)
    # Stand-ins do not answer to Run Command: the script is tried, and the verification fails.
    assert run.image("win-desk")["failure"]["stage"] == "verify", run.output[-5000:]
    written = "".join(path.read_text() for path in (fleet.directory / "reports").iterdir())
    tags = json.dumps([body.get("tags") for body in fleet.azure.resources().values()])
    for text in (password, secret):
        assert text not in run.output + written + tags


@pytest.mark.sweep
def test_a_host_that_is_refused_before_it_begins_is_in_the_report(fleet: Fleet) -> None:
    run = fleet.run("refused", "--check", *DESK, golden_image_refresh_when="sometimes")
    assert run.status != 0
    assert "sometimes" in run.output
    assert run.image("win-desk")["result"] == "failed"


def _other_machine(fleet: Fleet) -> str:
    """Seed a machine that no image is made of; its name leads to it."""
    image = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-g2"}
    machine = {"name": "win-other", "group": GROUP, "image": {**image, "version": "latest"}, "os_type": "Windows"}
    fleet.azure.seed({"virtual_machines": [machine]})
    return "win-other"


@pytest.mark.sweep
def test_a_machine_whose_address_leads_to_another_is_not_customised(fleet: Fleet) -> None:
    """As a jump host in another network with the same addresses does."""
    other = _other_machine(fleet)
    run = fleet.run("elsewhere", *DESK, __golden_image_address=other)
    failure = run.image("win-desk")["failure"]
    assert failure["stage"] == "build", run.output[-5000:]
    assert "guest_is_another_machine" in str(failure["message"])
    guest = fleet.windows.guest(other)
    assert [call["kind"] for call in guest.calls if call["kind"] not in ("connection", "win_ping")] == ["facts"]
    assert guest.read()["running"]
    assert not run.came


@pytest.mark.sweep
def test_a_machine_that_is_another_by_now_is_not_prepared(fleet: Fleet) -> None:
    """Its address may have been given to another one while it was customised."""
    state = fleet.windows.guest("build-win-desk").folder / "state.json"
    code = (
        "import json, pathlib, sys; path = pathlib.Path(sys.argv[1]); state = json.loads(path.read_text()); "
        "state['facts']['machine']['id'] = '7cdc1f83-c56c-4e5e-9f1f-60b0072ec8e6'; path.write_text(json.dumps(state))"
    )
    role = fleet.directory / "roles" / "moved" / "tasks"
    role.mkdir(parents=True)
    task = {
        "name": "Move",
        "ansible.builtin.command": {"argv": [sys.executable, "-c", code, str(state)]},
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_shell_type": "sh"},
    }
    (role / "main.yml").write_text(yaml.safe_dump([task]))
    run = fleet.run("moved", *DESK, golden_image_roles=["moved"], golden_image_keep_failed=True)
    failure = run.image("win-desk")["failure"]
    assert failure["stage"] == "prepare", run.output[-5000:]
    assert "guest_is_another_machine" in str(failure["message"])
    kinds = [call["kind"] for call in fleet.windows.guest("build-win-desk").calls]
    assert "start" not in kinds and "shutdown" not in kinds


@pytest.mark.sweep
def test_a_role_that_cannot_download_is_told_what_its_subnet_needs(fleet: Fleet) -> None:
    role = fleet.directory / "roles" / "downloads" / "tasks"
    role.mkdir(parents=True)
    task = {
        "name": "Download",
        # Nothing listens there.
        "ansible.builtin.uri": {"url": "http://127.0.0.1:9/"},
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_shell_type": "sh"},
    }
    (role / "main.yml").write_text(yaml.safe_dump([task]))
    run = fleet.run("downloads", *DESK, golden_image_roles=["downloads"])
    failure = run.image("win-desk")["failure"]
    assert failure["stage"] == "customise", run.output[-5000:]
    assert "the subnet needs outbound internet access" in str(failure["message"])


def test_approval_may_stand_between_verification_and_promotion(fleet: Fleet) -> None:
    first = fleet.run("refresh", *DESK, golden_image_promote=False)
    assert first.result_of("win-desk") == "verified"
    second = fleet.run("promote", *DESK, playbook="golden.azure.promote")
    assert second.result_of("win-desk") == "promoted"
    assert not second.came
    third = fleet.run("promote-again", *DESK, playbook="golden.azure.promote")
    assert third.result_of("win-desk") == "skipped"


def _host_vars(fleet: Fleet, host: str, variables: dict[str, Any]) -> None:
    folder = fleet.directory / "inventory" / "host_vars"
    folder.mkdir()
    (folder / f"{host}.yml").write_text(yaml.safe_dump(variables))


# -- copy mode ----------------------------------------------------------------------------------------------------


@pytest.mark.sweep
@pytest.mark.guest
@pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run")
def test_a_reference_machine_goes_on_while_an_image_is_made_of_its_copy(
    windows: StandInWindows, tmp_path: Path
) -> None:
    guests = MixedGuests(NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state"), windows)
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        fleet = Fleet(azure, windows, tmp_path)
        reference = _reference(fleet)
        before = guests.run(reference.lower(), _LOOK, 60.0).stdout
        azure.clear_requests()
        run = fleet.run("copy", "--limit", "database", **_copy_of(fleet, reference))
        assert run.status == 0, run.output[-6000:]
        assert run.result_of("database") == "promoted"
        assert guests.run(reference.lower(), _LOOK, 60.0).stdout == before
        assert not run.leftovers
        assert not run.went
        writes = [one for one in azure.requests if one.method != "GET" and reference.lower() in one.path.lower()]
        assert not writes, [(one.method, one.path) for one in writes]
        assert run.image("database")["verification"]["outcome"] == "verified"


#: Boot id, machine id, when it was booted, and who is on it: what nobody may have touched.
_LOOK = (
    "cat /proc/sys/kernel/random/boot_id /etc/machine-id; stat -c %Y /proc/1; getent passwd azureuser; ls /etc/ssh /opt"
)


def _reference(fleet: Fleet) -> str:
    machine: dict[str, Any] = {
        "name": "reference",
        "ssh_public_keys": [fleet.variables["fleet_public_key"]],
        "admin_username": "azureuser",
    }
    body = machine_body(machine, "westeurope")
    reference = f"/subscriptions/{fleet.azure.settings.subscription}/resourceGroups/{GROUP}"
    reference += "/providers/Microsoft.Compute/virtualMachines/reference"
    fleet.azure.seed({"resources": [{"id": reference, **body}]})
    return reference


def _copy_of(fleet: Fleet, reference: str) -> dict[str, Any]:
    return {
        "golden_image_base": {"source_vm": reference},
        "golden_image_isolated_subnet": fleet.variables["fleet_subnet"],
    }


_IMAGES = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers"
_KEY = f"{_IMAGES}/Microsoft.Compute/diskEncryptionSets/key"
_NO_SUBNET = f"{_IMAGES}/Microsoft.Network/virtualNetworks/build/subnets/no"
_TARGET = {
    "gallery": "golden",
    "definition": "web",
    "create_definition": {"publisher": "Example", "offer": "w", "sku": "1"},
}


def _sweep(*values: Any, id: str) -> Any:
    """A case for make sweep."""
    return pytest.param(*values, id=id, marks=pytest.mark.sweep)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param({"golden_image_subnet": _NO_SUBNET}, "does not exist; check its resource id", id="subnet"),
        _sweep({"golden_image_tags": {f"tag-{each}": "x" for each in range(48)}}, "at most 50", id="many tags"),
        _sweep({"golden_image_tags": {"a/b": "x"}}, "'a/b'", id="tag"),
        _sweep({"golden_image_resource_group": "absent"}, "resource group 'absent'", id="group"),
        _sweep(
            {"golden_image_gallery_versions": [{**_TARGET, "gallery": "absent"}]},
            "The gallery 'absent'",
            id="gallery",
        ),
        _sweep(
            {"golden_image_gallery_versions": [{**_TARGET, "target_regions": [{"name": "nowhere"}]}]},
            "The region 'nowhere'",
            id="region",
        ),
        _sweep(
            {
                "golden_image_gallery_versions": [
                    {**_TARGET, "target_regions": [{"name": "westeurope", "disk_encryption_set": _KEY}]}
                ]
            },
            "The disk encryption set 'key'",
            id="key",
        ),
        _sweep(
            {"golden_image_gallery_versions": [_TARGET], "golden_image_version": "1.0"},
            "'1.0' is not a valid version",
            id="version",
        ),
        pytest.param({"golden_image_retention": {"keep_newest": 0}}, "keep_newest is '0': set a value", id="retention"),
    ],
)
def test_check_mode_says_what_azure_would_refuse_of_a_definition(
    fleet: Fleet, variables: dict[str, Any], said: str
) -> None:
    _host_vars(fleet, "win-desk", variables)
    run = fleet.run("preflight", "--check", *DESK)
    assert run.status != 0
    failure = run.image("win-desk")["failure"]
    assert failure["stage"] == "decide"
    assert said in failure["message"]
    assert sent_writes(fleet.azure.requests) == []


_TWO = [{"name": "westeurope", "storage_account_type": "Premium_LRS"}, {"name": "northeurope"}]
_SECURED = [{"name": "westeurope", "disk_encryption_set": _KEY}, {"name": "northeurope", "disk_encryption_set": _KEY}]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        pytest.param(
            {"golden_image_promotion": {"target_regions": [{"name": "nowhere"}]}}, "region_unknown", id="region"
        ),
        _sweep(
            {"golden_image_promotion": {"target_regions": [{"name": "northeurope", "regional_replica_count": 101}]}},
            "too_many_replicas",
            id="replicas",
        ),
        _sweep(
            {"golden_image_promotion": {"target_regions": [{"name": "northeurope"}, {"name": "North Europe"}]}},
            "region_named_twice",
            id="twice",
        ),
        _sweep({"golden_image_promotion": {"concurrent_deployments": 2020}}, "too_many_replicas", id="deployments"),
        _sweep(
            {"golden_image_promotion": {"target_regions": [{"name": "northeurope", "storage_account_type": "tape"}]}},
            "storage_account_type_not_valid",
            id="storage",
        ),
        _sweep(
            {
                "golden_image_gallery_versions": [{**_TARGET, "target_regions": _TWO}],
                "golden_image_promotion": {
                    "target_regions": [{"name": "westeurope", "storage_account_type": "Standard_LRS"}]
                },
            },
            "storage_account_type_differs",
            id="other storage",
        ),
        _sweep(
            {"golden_image_promotion": {"target_regions": [{"name": "northeurope", "disk_encryption_set": _KEY}]}},
            "encryption_set_missing",
            id="key",
        ),
        _sweep({"golden_image_promotion": {"tags": {"a/b": "x"}}}, "tag_name_not_valid", id="tag"),
        _sweep({"golden_image_promotion": {"target_regions": [{"name": ["a"]}]}}, "not_text", id="name"),
    ],
)
def test_check_mode_says_what_azure_would_refuse_of_a_promotion(
    fleet: Fleet, variables: dict[str, Any], code: str
) -> None:
    _host_vars(fleet, "win-desk", {"golden_image_gallery_versions": [_TARGET], **variables})
    for arguments in (("--check",), ()):
        run = fleet.run("promotion", *arguments, *DESK)
        assert run.status != 0
        failure = run.image("win-desk")["failure"]
        assert failure["stage"] == "decide"
        assert f"({code}" in failure["message"]
        # The lease alone is taken, and given back.
        assert {path.split("/resourcegroups/")[-1] for _method, path in sent_writes(fleet.azure.requests)} <= {
            "refresh-win-desk",
            "refresh-win-desk/providers/microsoft.resources/tags/default",
        }
        assert arguments == () or sent_writes(fleet.azure.requests) == []
        fleet.azure.clear_requests()


@pytest.mark.sweep
def test_check_mode_says_what_azure_would_refuse_of_promoting_what_is_there(fleet: Fleet) -> None:
    versions = {"golden_image_gallery_versions": [_TARGET]}
    made = fleet.run("made", *DESK, golden_image_promote=False, **versions)
    assert made.result_of("win-desk") == "verified", made.output[-4000:]
    gallery = f"{_IMAGES}/Microsoft.Compute/galleries/golden".replace(
        "11111111-1111-4111-8111-111111111111", fleet.azure.settings.subscription
    )
    gallery = gallery.replace("/resourceGroups/images/", f"/resourceGroups/{GROUP}/")
    fleet.azure.seed({"locks": [{"scope": gallery, "name": "keep", "level": "ReadOnly"}]})
    fleet.azure.clear_requests()
    for arguments in (("--check",), ()):
        run = fleet.run("promotion", *arguments, *DESK, **versions)
        assert run.status != 0
        assert run.image("win-desk")["failure"]["stage"] == "decide"
        assert "(locked)" in run.image("win-desk")["failure"]["message"]
    writes = {path for _method, path in sent_writes(fleet.azure.requests)}
    assert not [path for path in writes if "/galleries/" in path]
