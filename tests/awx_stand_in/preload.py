# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an AWX has from the beginning.

Source: create_preload_data.py, register_default_execution_environments.py and provision_instance.py of
awx/main/management/commands; the types of credentials in awx/main/models/credential.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def _field(name: str, **more: Any) -> Object:
    return {"id": name, "label": name, "type": "string", **more}


_SECRET = {"secret": True}
_KEY = [
    _field("ssh_key_data", format="ssh_private_key", secret=True, multiline=True),
    _field("ssh_key_unlock", **_SECRET),
]
_LOGIN = [_field("username"), _field("password", **_SECRET)]

#: Types of credentials, which nobody can change: name, kind, inputs.
TYPES: list[tuple[str, str, list[Object]]] = [
    (
        "Machine",
        "ssh",
        [
            *_LOGIN,
            *_KEY,
            _field("ssh_public_key_data", secret=True, multiline=True),
            *(_field(name) for name in ("become_method", "become_username")),
            _field("become_password", **_SECRET),
        ],
    ),
    ("Source Control", "scm", [*_LOGIN, *_KEY]),
    ("Vault", "vault", [_field("vault_password", **_SECRET), _field("vault_id")]),
    ("Container Registry", "registry", [_field("host"), *_LOGIN, _field("verify_ssl", type="boolean", default=True)]),
    (
        "Ansible Galaxy/Automation Hub API Token",
        "galaxy",
        [_field("url"), _field("auth_url"), _field("token", **_SECRET)],
    ),
    (
        "Red Hat Ansible Automation Platform",
        "cloud",
        [_field("host"), *_LOGIN, _field("oauth_token", **_SECRET), _field("verify_ssl", type="boolean")],
    ),
    ("OpenShift or Kubernetes API Bearer Token", "kubernetes", [_field("host"), _field("bearer_token", **_SECRET)]),
]
#: What the type for AWX itself sets in a job (namespace 'controller').
INJECTORS = {
    "Red Hat Ansible Automation Platform": {
        "env": {"CONTROLLER_HOST": "{{host}}", "CONTROLLER_OAUTH_TOKEN": "{{oauth_token}}"}
    }
}
#: Others: endpoint and fields. Relations are given by name.
OBJECTS: list[tuple[str, Object]] = [
    ("organizations", {"name": "Default"}),
    ("instance_groups", {"name": "controlplane"}),
    ("instance_groups", {"name": "default", "is_container_group": True}),
    ("execution_environments", {"name": "AWX EE (latest)", "image": "quay.io/ansible/awx-ee:latest"}),
    (
        "execution_environments",
        {"name": "Control Plane Execution Environment", "image": "quay.io/ansible/awx-ee:latest", "managed": True},
    ),
]
#: Public Galaxy, which belongs to no organization.
GALAXY = {"name": "Ansible Galaxy", "inputs": {"url": "https://galaxy.ansible.com/"}}
