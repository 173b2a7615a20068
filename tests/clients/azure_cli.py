# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""az, the Azure CLI, from its Python package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .client import Client
from .environments import locked_version, once, python_environment
from .session import GROUP, LOCATION, STEP_SECONDS, Session

LOCK = Path(__file__).with_name("azure_cli.lock")

_CLOUD = "Embedded"
_DEFINITION = ("-g", GROUP, "--gallery-name", "gallery", "--gallery-image-definition", "definition")

# name: words after `az`, as a user writes them.
_COMMANDS: dict[str, tuple[str, ...]] = {
    "group create": ("group", "create", "-n", GROUP, "-l", LOCATION),
    "vm create": (
        *("vm", "create", "-g", GROUP, "-n", "source", "--image", "Debian:debian-13:13-gen2:latest"),
        *("--admin-username", "azureuser", "--generate-ssh-keys", "--security-type", "Standard"),
        *("--size", "Standard_D2s_v5", "--public-ip-address", "", "--nsg", ""),
    ),
    "vm get-instance-view": ("vm", "get-instance-view", "-g", GROUP, "-n", "source"),
    "vm deallocate": ("vm", "deallocate", "-g", GROUP, "-n", "source"),
    "vm generalize": ("vm", "generalize", "-g", GROUP, "-n", "source"),
    "image create": ("image", "create", "-g", GROUP, "-n", "image", "--source", "source", "--hyper-v-generation", "V2"),
    "image list": ("image", "list", "-g", GROUP),
    "image show": ("image", "show", "-g", GROUP, "-n", "image"),
    "vm create from image": (
        *("vm", "create", "-g", GROUP, "-n", "clone", "--image", "image", "--admin-username", "azureuser"),
        *("--generate-ssh-keys", "--size", "Standard_D2s_v5", "--public-ip-address", "", "--nsg", ""),
    ),
    "sig create": ("sig", "create", "-g", GROUP, "--gallery-name", "gallery"),
    "sig image-definition create": (
        *("sig", "image-definition", "create", *_DEFINITION, "--publisher", "golden", "--offer", "debian"),
        *("--sku", "twelve", "--os-type", "Linux", "--os-state", "Generalized", "--hyper-v-generation", "V2"),
        *("--features", "SecurityType=Standard"),
    ),
    "sig image-version create": (
        *("sig", "image-version", "create", *_DEFINITION, "--gallery-image-version", "1.0.0"),
        *("--managed-image", "image", "--target-regions", LOCATION, "northeurope=2"),
    ),
    "sig image-version list": ("sig", "image-version", "list", *_DEFINITION),
    "image delete": ("image", "delete", "-g", GROUP, "-n", "image"),
}


class AzureCli(Client):
    """Captures a machine it has made, and publishes the image; it takes us for the public cloud."""

    name = "azure-cli"
    title = "az (Azure CLI), public cloud"
    steps = ("login", *_COMMANDS)

    def install(self, place: Path) -> str:
        """From PyPI."""
        environment = place / "environment"
        with once(environment, LOCK.read_text(encoding="utf-8")) as wanted:
            if wanted:
                python_environment(self.title, environment, LOCK)
        return locked_version(LOCK, "azure-cli")

    def run(self, session: Session) -> Iterator[str]:
        """Every command a process of its own, as a user types them."""
        az = session.place / "environment" / "bin" / "az"
        extra = {
            "AZURE_CONFIG_DIR": str(session.directory / "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "yes",
            **self._environment(),
        }
        for step, words in self._commands(session).items():
            said = session.run(step, [az, *words, "--output", "json"], extra, STEP_SECONDS)
            if step in ("image list", "sig image-version list"):
                made = said.count('"provisioningState": "Succeeded"')
                session.expect(step, made == 1, f"it lists {made} where it has made one")
            yield step
        version = session.resource("galleries/gallery/images/definition/versions/1.0.0") or {}
        regions = version.get("properties", {}).get("publishingProfile", {}).get("targetRegions", [])
        names = [region["name"] for region in regions]
        session.expect(step, names == ["West Europe", "North Europe"], f"the version lies in {names}")
        session.expect(step, session.resource("images/image") is None, "the image is still there")

    def _environment(self) -> dict[str, str]:
        """Variables of this way to Azure."""
        return {}

    def _commands(self, session: Session) -> dict[str, tuple[str, ...]]:
        """Step: words after `az`."""
        settings = session.azure.settings
        login = ("login", "--service-principal", "-u", settings.client, "-p", settings.secret, "-t", settings.tenant)
        return {"login": login, **_COMMANDS}


class AzureCliOwnCloud(AzureCli):
    """The same, told of a cloud with endpoints of its own, as on Azure Stack; without the proxy."""

    name = "azure-cli-own-cloud"
    title = "az (Azure CLI), registered cloud"
    steps = ("cloud register", "config set", "cloud set", *AzureCli.steps)

    def _environment(self) -> dict[str, str]:
        return {"HTTPS_PROXY": ""}

    def _commands(self, session: Session) -> dict[str, tuple[str, ...]]:
        endpoints = ("resource-manager", "active-directory", "active-directory-resource-id", "management")
        told = [word for name in endpoints for word in (f"--endpoint-{name}", session.azure.url)]
        return {
            "cloud register": ("cloud", "register", "-n", _CLOUD, *told),
            "config set": ("config", "set", "core.instance_discovery=false"),
            "cloud set": ("cloud", "set", "-n", _CLOUD),
            **super()._commands(session),
        }
