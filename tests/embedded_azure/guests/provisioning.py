# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a first boot finds on the disk: the files that carry a Provisioning to cloud-init and to the Azure agent. Pure.

On Azure the platform offers a DVD with ovf-env.xml; cloud-init's Azure datasource creates the user from it and leaves
a copy in /var/lib/waagent, which `waagent -deprovision+user` reads later. Without the platform the same facts go
through cloud-init's NoCloud datasource, and the copy is laid where it would be. Custom data is user data on Azure, so
it stays what the user gave, and ours goes as vendor data below it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .base import Provisioning

SEED_DIRECTORY = "var/lib/cloud/seed/nocloud"
OVF_ENVIRONMENT = "var/lib/waagent/ovf-env.xml"


@dataclass(frozen=True)
class SeedFile:
    """A file of the disk: `path` relative to its root."""

    path: str
    mode: int
    content: bytes


def seed_files(provisioning: Provisioning) -> list[SeedFile]:
    """Return the files to write before the first boot."""
    meta_data = {"instance-id": provisioning.instance_id, "local-hostname": provisioning.hostname}
    user = {
        "name": provisioning.admin_username,
        "gecos": provisioning.admin_username,
        "groups": ["adm", "sudo"],
        "shell": "/bin/bash",
        "lock_passwd": True,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "ssh_authorized_keys": list(provisioning.ssh_public_keys),
    }
    vendor_data = {"users": [user], "hostname": provisioning.hostname, "ssh_pwauth": False}
    user_data = provisioning.custom_data if provisioning.custom_data is not None else b"#cloud-config\n{}\n"
    return [
        # JSON is YAML.
        SeedFile(f"{SEED_DIRECTORY}/meta-data", 0o600, _json(meta_data)),
        SeedFile(f"{SEED_DIRECTORY}/vendor-data", 0o600, b"#cloud-config\n" + _json(vendor_data)),
        SeedFile(f"{SEED_DIRECTORY}/user-data", 0o600, user_data),
        SeedFile(OVF_ENVIRONMENT, 0o600, ovf_environment(provisioning).encode()),
    ]


def ovf_environment(provisioning: Provisioning) -> str:
    """Return the ovf-env.xml as the Azure datasource of cloud-init leaves it, the password redacted."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1" \
xmlns:ns1="http://schemas.microsoft.com/windowsazure">
  <ns1:ProvisioningSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:LinuxProvisioningConfigurationSet>
      <ns1:ConfigurationSetType>LinuxProvisioningConfiguration</ns1:ConfigurationSetType>
      <ns1:UserName>{escape(provisioning.admin_username)}</ns1:UserName>
      <ns1:UserPassword>REDACTED</ns1:UserPassword>
      <ns1:DisableSshPasswordAuthentication>true</ns1:DisableSshPasswordAuthentication>
      <ns1:HostName>{escape(provisioning.hostname)}</ns1:HostName>
    </ns1:LinuxProvisioningConfigurationSet>
  </ns1:ProvisioningSection>
  <ns1:PlatformSettingsSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:PlatformSettings>
      <ns1:KmsServerHostname>azkms.core.windows.net</ns1:KmsServerHostname>
      <ns1:ProvisionGuestAgent>true</ns1:ProvisionGuestAgent>
    </ns1:PlatformSettings>
  </ns1:PlatformSettingsSection>
</ns0:Environment>
"""


def _json(data: dict[str, object]) -> bytes:
    return json.dumps(data, indent=1).encode() + b"\n"
