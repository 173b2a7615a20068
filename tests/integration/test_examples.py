# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every EXAMPLES block of the documentation, run as it is written, on embedded Azure.

The tasks of all modules are one playbook, which ends at the first that fails; examples that would be in each other's way have a cloud of
their own. What a reader has to fill in (an ID, a path, a password) comes from the variables and the replacements below, and nothing else is
changed.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playbook_runs import Playbooks
from refresh_records import record
from repository import ROOT
from uploads import program

from embedded_azure import EmbeddedAzure
from embedded_azure.blob_storage import BlobStorage
from windows_guest.facts import healthy, uploadable

Json = dict[str, Any]
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
COMPUTE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build"
#: How many examples there are; a new one has to be counted, and run, too.
MODULE_EXAMPLES, PLUGIN_EXAMPLES = 59, 33
_EXAMPLES = re.compile(r'^EXAMPLES = r"""\n(.*?)^"""', re.MULTILINE | re.DOTALL)


def examples(kind: str) -> dict[str, list[Json]]:
    """The examples of all plugins of a kind, by the plugin's name."""
    return {
        path.stem: yaml.safe_load(_EXAMPLES.search(path.read_text())[1])
        for path in sorted((ROOT / "plugins" / kind).glob("*.py"))
    }


def image(name: str, created: str = "2026-01-02T00:00:00Z", **tags: str) -> Json:
    disk = {
        "osType": "Linux",
        "osState": "Generalized",
        "blobUri": f"https://example.blob.core.windows.net/vhds/{name}.vhd",
    }
    properties = {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}}
    identity = f"{COMPUTE}/images/{name}"
    return {"id": identity, "location": "westeurope", "created": created, "tags": tags, "properties": properties}


def definition(name: str, state: str = "Generalized") -> Json:
    properties = {
        "osType": "Linux",
        "osState": state,
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "Example", "offer": name, "sku": "1"},
        "features": [{"name": "SecurityType", "value": "Standard"}],
    }
    return {"id": f"{COMPUTE}/galleries/golden/images/{name}", "location": "westeurope", "properties": properties}


def gallery_version(number: str, source: str = "golden-web") -> Json:
    return {
        "id": f"{COMPUTE}/galleries/golden/images/web/versions/{number}",
        "location": "westeurope",
        "tags": {"golden.azure.verified": "true"},
        "properties": {
            "publishingProfile": {
                "targetRegions": [{"name": "westeurope", "regionalReplicaCount": 1}],
                "excludeFromLatest": number == "1.4.0",
            },
            "storageProfile": {"source": {"id": f"{COMPUTE}/images/{source}"}},
        },
    }


def machine(name: str, power: str = "stopped", group: str = "images", **more: Any) -> Json:
    return {"name": name, "group": group, "power": power, **more}


DISK = {"sku": {"name": "Standard_LRS"}, "location": "westeurope"}
GROUPS = {"images": "westeurope"}
GALLERY = {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"}
NETWORKED = {
    "id": NETWORK,
    "location": "westeurope",
    "properties": {"subnets": [{"name": name, "properties": {}} for name in ("build", "quarantine")]},
}
BUILT: Json = {
    "groups": GROUPS,
    "virtual_machines": [machine("web-build"), machine("database-build"), machine("web", "running")],
    "resources": [GALLERY, definition("web-as-it-is", "Specialized")],
}
VERSIONS: Json = {
    "groups": GROUPS,
    "resources": [
        GALLERY,
        definition("web"),
        image("golden-web"),
        *(gallery_version(number) for number in ("1.3.0", "1.4.0")),
    ],
}
LOOSE: Json = {
    "groups": GROUPS,
    "resources": [
        *(
            {
                "id": f"{COMPUTE}/disks/{name}",
                **DISK,
                "properties": {
                    "creationData": {"createOption": "Empty"},
                    "diskSizeGB": 8,
                    **({"osType": "Linux", "hyperVGeneration": "V2"} if name == "web-system" else {}),
                },
            }
            for name in ("web-system", "web-content", "web-logs")
        ),
        *(
            {
                "id": f"{COMPUTE}/snapshots/{name}",
                "location": "westeurope",
                "properties": {
                    "creationData": {"createOption": "Copy", "sourceResourceId": f"{COMPUTE}/disks/{disk}"},
                    **({"osType": "Linux", "hyperVGeneration": "V2"} if name == "web-os" else {}),
                },
            }
            for name, disk in (("web-os", "web-system"), ("web-data", "web-content"))
        ),
    ],
}
ENCRYPTED = {
    "name": "AzureDiskEncryptionForLinux",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryptionForLinux",
    "version": "1.1",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "Data"},
}
MONITOR = {"name": "AzureMonitorLinuxAgent", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"}
OLD = {
    "groups": GROUPS,
    "resources": [
        GALLERY,
        definition("web"),
        *(image(f"golden-web{end}", family="web") for end in ("", "-2", "-3", "-4", "-5")),
        *(gallery_version(number, "golden-web-5") for number in ("1.1.0", "1.2.0", "1.3.0")),
    ],
}
LEFT = {
    "groups": {**GROUPS, "pkr-Resource-Group-abcde12345": "westeurope"},
    "resources": [
        {
            "id": f"{COMPUTE}/disks/left",
            **DISK,
            "created": "2026-01-01T00:00:00Z",
            "tags": {"golden.azure.image": f"{COMPUTE}/images/gone".lower()},
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
        }
    ],
}
OTHERS = ["00000000-0000-0000-0000-000000000000", "11111111-1111-1111-1111-111111111111"]

#: Modules whose examples read from disks.
WITH_STORAGE = ("vm_image_export",)
#: The clouds of the examples of each module, in their order, with how many examples run on each.
CLOUDS: dict[str, list[tuple[int, Json]]] = {
    "vm_image_capture": [
        (1, {**BUILT, "virtual_machines": [machine("web-build", "running")]}),
        (1, BUILT),
        (1, BUILT),
        (1, LOOSE),
        (1, BUILT),
        (2, {"groups": GROUPS}),
        (1, VERSIONS),
        (2, BUILT),
    ],
    "vm_image_cleanup": [(4, LEFT)],
    "vm_image_definition": [(4, {"groups": GROUPS, "resources": [GALLERY, definition("old")]})],
    "vm_image_export": [
        (
            4,
            {
                "groups": {**GROUPS, "exports": "westeurope"},
                "storage_accounts": [{"name": "examplebackups", "group": "exports", "containers": {"vhds": {}}}],
                "resources": [
                    *VERSIONS["resources"],
                    {
                        "id": f"{COMPUTE}/disks/web",
                        "location": "westeurope",
                        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 1, "osType": "Linux"},
                    },
                    {
                        "id": f"{COMPUTE}/snapshots/web-before-preparation",
                        "location": "westeurope",
                        "properties": {
                            "creationData": {"createOption": "Copy", "sourceResourceId": f"{COMPUTE}/disks/web"}
                        },
                    },
                ],
            },
        )
    ],
    "vm_image_gallery": [
        (
            4,
            {
                "settings": {"features": ["Microsoft.Compute/SIGSoftDelete"]},
                "groups": GROUPS,
                "resources": [{**GALLERY, "id": f"{COMPUTE}/galleries/old"}],
            },
        )
    ],
    "vm_image_info": [(12, {**VERSIONS, "settings": {"other_subscriptions": OTHERS}})],
    "vm_image_instance": [
        (
            5,
            {
                "groups": {**GROUPS, "tests": "westeurope"},
                "resources": [
                    NETWORKED,
                    {
                        **image("golden-web"),
                        "id": image("golden-web")["id"].replace("/images/providers", "/tests/providers"),
                    },
                ],
                "virtual_machines": [machine("web", "running", "shop")],
            },
        )
    ],
    "vm_image_lease": [(2, {"groups": GROUPS})],
    "vm_image_prepare": [
        (2, {"groups": GROUPS, "virtual_machines": [machine("web-build", "running", extensions=[ENCRYPTED, MONITOR])]})
    ],
    "vm_image_promote": [(2, VERSIONS)],
    "vm_image_remove": [(4, OLD)],
    "vm_image_tag": [(1, VERSIONS)],
    "vm_image_version": [(4, {**VERSIONS, "resources": [*VERSIONS["resources"], gallery_version("1.2.0")]})],
    "vm_run_command": [(1, {"virtual_machines": [machine("verify-web", "running", "verify-web")]})],
}
VARIABLES: Json = {
    "build_subnet_id": f"{NETWORK}/subnets/build",
    "quarantine_subnet_id": f"{NETWORK}/subnets/quarantine",
    "test_subnet_id": f"{NETWORK}/subnets/build",
    "probe_password": "not-shown",
    "capture": {"gallery_versions": [{"id": f"{COMPUTE}/galleries/golden/images/web/versions/1.4.0"}]},
}


def replaced(task: Json, directory: Path) -> Json:
    """A task with what stands for something of the reader's own."""
    text = yaml.safe_dump(task).replace("/subscriptions/0/", f"{SUBSCRIPTION}/")
    return yaml.safe_load(re.sub(r"/srv/images/\S+\.qcow2", str(directory / "debian.qcow2"), text))


@pytest.fixture
def clouds() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="an example converts a disk, and there is no qemu-img")
def test_the_examples_of_modules(clouds: contextlib.ExitStack, tmp_path: Path) -> None:
    qcow2 = tmp_path / "debian.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", qcow2, "64M"], check=True, timeout=60)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ed25519.pub").write_text("ssh-ed25519 AAAA\n")
    plays = []
    for module, tasks in examples("modules").items():
        assert sum(count for count, _seed in CLOUDS[module]) == len(tasks), module
        waiting = iter(tasks)
        for count, seed in CLOUDS[module]:
            storage = BlobStorage(program(), tmp_path / module) if module in WITH_STORAGE else None
            azure = clouds.enter_context(EmbeddedAzure(retry_after=1, storage=storage))
            azure.seed(seed)
            for row in seed.get("resources", []) if storage else ():
                # A small disk, wherever it comes from.
                azure.cloud.store.get(row["id"]).private["content"] = storage.copy(None, 24 * 1024 * 1024)
            own = [replaced(next(waiting), tmp_path) for _number in range(count)]
            # Nothing is uploaded without a storage: the file is planned.
            own = [{**one, "check_mode": True} if "source_file" in str(one) else one for one in own]
            plays.append(
                {
                    "name": module,
                    "hosts": "localhost",
                    "gather_facts": False,
                    "vars": {**VARIABLES, "exports": str(tmp_path)},
                    "environment": {**azure.environment(), **(azure.storage_environment() if storage else {})},
                    "tasks": own,
                }
            )
    playbook = tmp_path / "examples.yml"
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False))
    finished = Playbooks(tmp_path).run(playbook)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    assert sum(len(play["tasks"]) for play in plays) == MODULE_EXAMPLES
    assert "not-shown" not in finished.stdout + finished.stderr


GUEST: Json = {
    "boot_id": "1",
    "host_keys": ["k1"],
    "hostname": "one",
    "machine_id": "1" * 32,
    "name": "one",
    "users": [],
}
UPLOAD = yaml.safe_load((ROOT / "roles" / "windows_sysprep" / "vars" / "vhd_upload.yml").read_text())
SETTINGS = UPLOAD["__windows_sysprep_upload_settings"]
SERVICES = UPLOAD["__windows_sysprep_upload_services"]
BOOT_SETTINGS = UPLOAD["__windows_sysprep_upload_boot_settings"]
PLUGIN_VARIABLES: Json = {
    "report": {"images": []},
    "report_file": "report.json",
    "first": GUEST,
    "second": {**GUEST, "boot_id": "2", "host_keys": ["k2"], "hostname": "two", "machine_id": "2" * 32, "name": "two"},
    "answer": {"stdout": "machine_id=" + "3" * 32},
    "plan": {"source": {"vm_id": "d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8"}},
    "found": {"images": []},
    "golden_image__web": record("web"),
    "golden_image_gallery_versions": [{"gallery": "golden", "definition": "web"}],
    "golden_image_promotion": {"target_regions": [{"name": "westeurope"}]},
    "facts": {**healthy(), **uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)},
    "settings": SETTINGS,
    "services": SERVICES,
    "boot_settings": BOOT_SETTINGS,
    "log": "2026-11-21 05:00:00, Error SYSPRP Package NotepadPlusPlus was installed for a user",
    "state": {"running": True},
    "web_timeout": 300,
    "target": "localhost",
}
#: Examples whose tasks fail where they find something, as they do in the example.
FAILING = {"capture_conflicts"}


def test_the_examples_of_filters_and_lookups(playbooks: Playbooks) -> None:
    directory = playbooks.directory
    role = directory / "roles" / "web" / "tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text("---\n")
    found = {**examples("filter"), **examples("lookup")}
    tasks, plays = [], []
    for plugin, written in found.items():
        for one in written:
            if "hosts" in one:
                plays.append({**one, "gather_facts": False})
            else:
                tasks.append({**one, "ignore_errors": plugin in FAILING})
    before = {
        "name": "Have what a failed task and its result are",
        "block": [{"name": "Fail", "ansible.builtin.fail": {"msg": "Blocked."}}],
        "rescue": [one for one in tasks if "ansible_failed_result" in str(one)],
    }
    others = [one for one in tasks if one not in before["rescue"]]
    # What one example makes, another one uses.
    first = [one for name in ("clone_identity", "image_inputs", "refresh_report") for one in found[name]]
    others = [
        *({**one, "ignore_errors": False} for one in first),
        *(one for one in others if one["name"] not in {each["name"] for each in first}),
    ]
    play = {"name": "Examples", "hosts": "localhost", "gather_facts": False, "vars": PLUGIN_VARIABLES}
    facts = {
        "name": "Have a fact",
        "ansible.builtin.set_fact": {"ansible_facts": {"product_uuid": PLUGIN_VARIABLES["plan"]["source"]["vm_id"]}},
    }
    playbook = directory / "examples.yml"
    playbook.write_text(yaml.safe_dump([{**play, "tasks": [before, facts, *others]}, *plays], sort_keys=False))
    finished = playbooks.run(playbook, "-e", "target=localhost")
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    assert len(tasks) + len(plays) == PLUGIN_EXAMPLES == sum(len(written) for written in found.values())
    ignored = re.findall(r"ignored=(\d+)", finished.stdout)
    assert ignored and int(ignored[-1]) == len(FAILING)
