# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nonsense of each type in every option of every module: one sentence, and nothing written."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.internal_error import INTERNAL_ERROR
from ansible_collections.golden.azure.plugins.module_utils._core.option_checks import LIMITS
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import AUTHENTICATION_OPTIONS
from module_runs import run_main
from nonsense import CONVERTED, REFUSED, kind_of, paths_of, with_value
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = COMPUTE.replace("Compute", "Network")
VERSION = f"{COMPUTE}/galleries/golden/images/web/versions/1.0.0"
BLOB = "https://store.blob.core.windows.net/vhds/golden.vhd"
STORAGE = {"osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": BLOB}}
DEFINITION = {
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "architecture": "x64",
    "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
}
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"}
SEED = {
    "groups": {"images": "westeurope"},
    "virtual_machines": [
        {"name": "web", "group": "images", "power": "stopped"},
        {"name": "worker", "group": "images", "extensions": [MONITOR]},
    ],
    "resources": [
        {
            "id": f"{COMPUTE}/images/old",
            "location": "westeurope",
            "created": "2020-01-01T00:00:00Z",
            "tags": {"family": "web"},
            "properties": {"hyperVGeneration": "V2", "storageProfile": STORAGE},
        },
        {
            "id": f"{COMPUTE}/images/new",
            "location": "westeurope",
            "created": "2021-01-01T00:00:00Z",
            "tags": {"family": "web"},
            "properties": {"hyperVGeneration": "V2", "storageProfile": STORAGE},
        },
        {
            "id": f"{COMPUTE}/snapshots/orphan",
            "location": "westeurope",
            "created": "2026-01-01T00:00:00Z",
            "tags": {"golden.azure.image": f"{COMPUTE}/images/gone".lower()},
            "properties": {
                "creationData": {
                    "createOption": "Import",
                    "sourceUri": "https://a.blob.core.windows.net/v/o.vhd",
                    "storageAccountId": "/a",
                }
            },
        },
        {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"},
        {"id": f"{COMPUTE}/galleries/golden/images/web", "location": "westeurope", "properties": DEFINITION},
        {
            "id": f"{COMPUTE}/galleries/golden/images/web/versions/1.0.0",
            "location": "westeurope",
            "properties": {
                "publishingProfile": {"targetRegions": [{"name": "westeurope"}]},
                "storageProfile": {"source": {"id": f"{COMPUTE}/images/new"}},
            },
        },
        {
            "id": f"{NETWORK}/virtualNetworks/net",
            "location": "westeurope",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "inner", "properties": {"addressPrefix": "10.0.0.0/24"}}],
            },
        },
    ],
}

#: Of each module, a task that would write.
TASKS: dict[str, Json] = {
    "vm_image_capture": {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True},
    "vm_image_cleanup": {"remove": True, "resource_group": "images", "packer": True},
    "vm_image_definition": {
        "resource_group": "images",
        "gallery": "golden",
        "definition": "new",
        "os_type": "linux",
        "security_type": "Standard",
    },
    "vm_image_export": {
        "resource_group": "images",
        "gallery": "golden",
        "definition": "web",
        "gallery_version": "1.0.0",
        "path": f"{tempfile.gettempdir()}/golden-azure-web.vhd",
    },
    "vm_image_gallery": {"resource_group": "images", "gallery": "fresh", "soft_delete": False},
    "vm_image_lease": {
        "name": "refresh-web",
        "image": "web",
        "run": "1",
        "holder": "a test",
        "resource_group": "images",
    },
    "vm_image_info": {"resource_group": "images"},
    "vm_image_instance": {
        "name": "clone",
        "resource_group": "clone",
        "create_resource_group": True,
        "image": f"{COMPUTE}/images/new",
        "subnet": f"{NETWORK}/virtualNetworks/net/subnets/inner",
        "ssh_public_key": "ssh-ed25519 AAAA",
        "wait": False,
    },
    "vm_image_prepare": {"resource_group": "images", "source_vm": "worker", "actions": ["extensions"]},
    "vm_image_promote": {"resource_group": "images", "image": "new", "allow_unverified": True},
    "vm_image_remove": {
        "resource_group": "images",
        "rules": {"family_tag": "family", "older_than_days": 90, "include_untagged": True},
    },
    "vm_image_tag": {"resource_group": "images", "image": "new", "tags": {"a": "b"}},
    "vm_image_version": {
        "resource_group": "images",
        "gallery": "golden",
        "definition": "web",
        "gallery_version": "1.0.0",
        "exclude_from_latest": True,
    },
    "vm_run_command": {"resource_group": "images", "vm_name": "worker", "script": "true"},
}
#: Good values inside of options, where an option there needs them beside itself.
SAMPLES: Json = {
    "name": "westeurope",
    "lun": 1,
    "gallery": "golden",
    "definition": "web",
    "publisher": "p",
    "offer": "o",
    "sku": "s",
    "product": "p",
    "image": "golden-two",
    "source_vm": "web",
    "resource_group": "images",
    "family_tag": "family",
    "older_than_days": 90,
    "captures": ("source_vm", "image", "resource_group", "generalize"),
    "generalize": True,
    "rules": ("family_tag", "older_than_days"),
}
#: Options of which a task takes one.
ALTERNATIVES = (
    ("source_vm", "source_disk", "source_snapshot", "source_blob", "source_image", "source_file"),
    ("image", "gallery_version_id", "gallery_version", "marketplace", "source_vm", "disk", "snapshot"),
    ("subnet", "isolated_subnet"),
    ("name", "names", "rules"),
)
#: Where text may be of several lines, or empty.
OF_LINES = ("script", "custom_data", "ssh_public_key")


def specification_of(module: str) -> Json:
    """The own options of a module, with its time limit."""
    action = importlib.import_module(f"ansible_collections.golden.azure.plugins.action.{module}").ActionModule
    return {**action.OPTIONS, "timeout": {"type": "int", "default": 3600}}


@pytest.fixture(scope="module")
def azure() -> Iterator[EmbeddedAzure]:
    """An embedded Azure with something of everything; no test here may change it."""
    with EmbeddedAzure(seed=SEED, retry_after=1) as running, mock.patch.dict(os.environ, running.environment()):
        yield running


def task(module: str, specification: Json, path: tuple[str, ...], value: Any) -> Json:
    """A task with one value in its place, without what stands in for that option."""
    base = dict(TASKS[module])
    if path[0] == "captures":
        base = {}
    for group in ALTERNATIVES:
        if path[0] in group:
            base = {name: one for name, one in base.items() if name not in group or name == path[0]}
    return with_value(base, specification, path, value, SAMPLES)


def exempt(module: str, path: tuple[str, ...], value: Any) -> bool:
    """What is no nonsense there."""
    name = path[-1]
    lines = name in OF_LINES and isinstance(value, str) and bool(value.strip())
    # What is not known of a process is left out.
    process = (module, name) == ("vm_image_lease", "process") and value in ("", " ")
    # Where 0 and truth values are all that was asked for, they are the default.
    return lines or process


def problem(azure: EmbeddedAzure, module: str, options: Json, check: bool, refused: bool) -> str | None:
    """What is wrong with how a module takes options; None when nothing is."""
    azure.clear_requests()
    try:
        result = run_main(module, options, check)
    except Exception as error:  # noqa: BLE001 - any of them is a traceback for the user
        return f"{type(error).__name__}: {error}"
    code = (result.get("error") or {}).get("code")
    if refused and not (result.get("failed") and code):
        return f"it has no code: {result['msg']!r}" if result.get("failed") else "it was taken"
    said = result.get("msg", "").strip()
    for given in _texts(options):
        # Of choices Ansible repeats what it was given, as it is.
        said = said.replace(given, " ")
    if result.get("failed") and (result["rc"] == 0 or not said or "\n" in said):
        return f"status {result['rc']}: {result['msg']!r}"
    if result.get("failed") and code == INTERNAL_ERROR:
        return result["msg"]
    broken = [entry.path for entry in azure.requests if (entry.status or 0) >= 500]
    if broken:
        return f"embedded Azure broke down over {broken}"
    writes = sent_writes(azure.requests)
    return f"it wrote {writes}" if writes else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str) and "\n" in value:
        yield value


@pytest.mark.sweep
@pytest.mark.parametrize("module", TASKS)
def test_nonsense_in_every_option(azure: EmbeddedAzure, module: str) -> None:
    specification = specification_of(module)
    problems = []
    count = 0
    for path, rule in paths_of(specification):
        kind = kind_of(rule)
        cases = [(value, False, True) for value in REFUSED[kind] if not exempt(module, path, value)]
        # Nothing can be said against what Ansible converts but what is wrong with it then: it is not carried out.
        cases += [(value, True, bool(rule.get("required")) and value is None) for value in CONVERTED[kind]]
        for value, check, refused in cases:
            count += 1
            wrong = problem(azure, module, task(module, specification, path, value), check, refused)
            if wrong:
                problems.append(f"{'.'.join(path)} = {str(value)[:40]!r}: {wrong[:300]}")
    assert not problems, f"{len(problems)} of {count}:\n" + "\n".join(problems)


@pytest.mark.sweep
def test_nonsense_in_what_signs_in(azure: EmbeddedAzure) -> None:
    problems = []
    for name, rule in AUTHENTICATION_OPTIONS.items():
        for value in (*REFUSED[kind_of(rule)], *CONVERTED[kind_of(rule)]):
            wrong = problem(azure, "vm_image_info", {**TASKS["vm_image_info"], name: value}, True, False)
            if wrong:
                problems.append(f"{name} = {str(value)[:40]!r}: {wrong[:300]}")
    assert not problems, "\n".join(problems)


def test_every_number_has_its_limits() -> None:
    numbers = {
        path[-1]
        for module in TASKS
        for path, rule in paths_of(specification_of(module))
        if rule.get("type") in ("int", "float")
    }
    assert numbers == set(LIMITS)


def test_each_task_would_write(azure: EmbeddedAzure) -> None:
    """Else that nothing is written would say nothing."""
    for module, options in TASKS.items():
        result = run_main(module, options, check=True)
        assert not result.get("failed"), (module, result["msg"])
        assert result["changed"] == (module != "vm_image_info"), module
