# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX refuses besides wrong types: for each endpoint, a function of the object as it would be, and of the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from . import credential_types
from .launches import launch_errors
from .names import address_error, image_error
from .rules import rule_error
from .variables import variables_error

Object = dict[str, Any]
Errors = dict[str, Any]
#: All objects by id.
Others = Mapping[int, Object]

#: Lines that make a file a playbook (awx/main/utils/ansible.py, could_be_playbook).
PLAYBOOK = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)
#: awx/main/constants.py, CLOUD_PROVIDERS.
CLOUDS = (
    *("azure_rm", "ec2", "gce", "vmware", "openstack", "rhv", "satellite6"),
    *("controller", "insights", "terraform", "openshift_virtualization"),
)
#: Groups that AWX itself makes, and whose names and kinds stay (awx/settings/defaults.py).
OWN_GROUPS = ("controlplane", "default")


def errors_of(endpoint: str, new: Object, old: Object | None, others: Others) -> Errors:
    """Why AWX would refuse an object, by field; nothing when it would not.

    :param old: the object as it is; None for a new one.
    """
    check = _CHECKS.get(endpoint)
    return check(new, old, others) if check else {}


def forbidden(endpoint: str, new: Object, old: Object | None, others: Others) -> str | None:
    """Why nobody may change an object so, whatever his rights; None when it may be changed."""
    # CredentialTypeSerializer.validate, CredentialSerializer.validate
    if endpoint not in ("credential_types", "credentials") or old is None:
        return None
    if old.get("managed"):
        return "Modifications not allowed for managed credential types"
    in_use = any(one.get("credential_type") == old["id"] for one in others.values())
    if endpoint == "credential_types" and in_use and new["inputs"] != old["inputs"]:
        return "Modifications to inputs are not allowed for credential types that are in use"
    return None


def _kind(credential: int | None, others: Others) -> str | None:
    return str(others[others[credential]["credential_type"]]["kind"]) if credential else None


def _project(new: Object, old: Object | None, others: Others) -> Errors:
    # ProjectOptions.clean_scm_url and clean_credential of awx/main/models/projects.py
    kind = new["scm_type"]
    if not kind:
        # ProjectSerializer.validate
        flags = ("scm_update_on_launch", "scm_delete_on_update", "scm_clean")
        wrong = [name for name in flags if new[name]]
        return {name: ["Update options must be set to false for manual projects."] for name in wrong}
    reason = address_error(kind, new["scm_url"])
    if reason:
        return {"scm_url": [reason]}
    # ProjectOptionsSerializer.validate
    if kind == "archive" and new["scm_branch"]:
        return {"scm_branch": ["SCM branch cannot be used with archive projects."]}
    if kind != "git" and new["scm_refspec"]:
        return {"scm_refspec": ["SCM refspec can only be used with git projects."]}
    found = _kind(new["credential"], others)
    wanted = "insights" if kind == "insights" else "scm"
    return {"credential": [f"Credential kind must be '{wanted}'."]} if found not in (None, wanted) else {}


def _execution_environment(new: Object, old: Object | None, others: Others) -> Errors:
    # ExecutionEnvironment.image (awx/main/models/execution_environments.py), ExecutionEnvironmentSerializer
    reason = image_error(new["image"])
    if reason:
        return {"image": [reason]}
    if old and new["organization"] and new["organization"] != old["organization"]:
        return {"organization": ["Cannot change the organization of an execution environment"]}
    if _kind(new["credential"], others) not in (None, "registry"):
        reason = "Only Container Registry credentials can be associated with an Execution Environment"
        return {"credential": [reason]}
    return {}


def _instance_group(new: Object, old: Object | None, others: Others) -> Errors:
    # InstanceGroupSerializer
    if old and old["name"] in OWN_GROUPS:
        changed = [name for name in ("name", "is_container_group") if new[name] != old[name]]
        return {name: [f"{old['name']} instance group {name} may not be changed."] for name in changed}
    if _kind(new["credential"], others) not in (None, "kubernetes"):
        return {"credential": ["Only Kubernetes credentials can be associated with an Instance Group"]}
    if new["credential"] and not new["is_container_group"]:
        return {"is_container_group": ["is_container_group must be True when associating a credential"]}
    return {}


def _inventory(new: Object, old: Object | None, others: Others) -> Errors:
    return _text_of_variables(new, "variables")


def _inventory_source(new: Object, old: Object | None, others: Others) -> Errors:
    # InventorySourceSerializer.validate
    project = others.get(new["source_project"] or 0)
    if new["source"] == "constructed":
        return {"error": "constructed not a valid source for inventory"}
    if new["source"] == "scm" and project is None:
        return {"source_project": ["Project required for scm type sources."]}
    if project and project["scm_type"] == "":
        return {"source_project": ["Cannot use manual project for SCM-based inventory."]}
    redundant = [name for name in ("source_project", "source_path", "scm_branch") if new[name]]
    if new["source"] != "scm" and redundant:
        return {"detail": [f"Cannot set {' '.join(redundant)} if not SCM type."]}
    if new["scm_branch"] and project and not project["allow_override"]:
        return {"scm_branch": ["Project does not allow overriding branch."]}
    return _source_credential(new, others) or _text_of_variables(new, "source_vars")


def _source_credential(new: Object, others: Others) -> Errors:
    # InventorySource.cloud_credential_validation of awx/main/models/inventory.py
    kind = _kind(new["credential"], others)
    if new["source"] in CLOUDS and new["source"] not in ("ec2", "openshift_virtualization") and kind is None:
        return {"credential": ["Credential is required for a cloud source."]}
    if new["source"] == "scm" and kind in ("insights", "vault"):
        return {"credential": ["Credentials of type insights and vault are disallowed for scm inventory sources."]}
    return {}


def _credential_type(new: Object, old: Object | None, others: Others) -> Errors:
    # CredentialTypeSerializer.validate
    if new["kind"] not in ("cloud", "net"):
        return {"kind": [f"Must be 'cloud' or 'net', not {new['kind']}"]}
    if any(one.get("ask_at_runtime") for one in new["inputs"].get("fields", []) if isinstance(one, dict)):
        return {"inputs": ["'ask_at_runtime' is not supported for custom credentials."]}
    return credential_types.type_errors(new["inputs"], new["injectors"])


def _credential(new: Object, old: Object | None, others: Others) -> Errors:
    return credential_types.input_errors(others[new["credential_type"]], new["inputs"], is_new=old is None)


def _job_template(new: Object, old: Object | None, others: Others) -> Errors:
    # JobTemplateSerializer.validate, JobOptionsSerializer.validate
    if new["inventory"] is None and not new["ask_inventory_on_launch"]:
        return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
    project = others[new["project"]]
    if not new["playbook"]:
        return {"playbook": ["Must select playbook for project."]}
    if new["playbook"] not in project["playbooks"] and not project["allow_override"]:
        return {"playbook": ["Playbook not found for project."]}
    branch = [name for name in ("scm_branch", "ask_scm_branch_on_launch") if new[name]]
    if branch and not project["allow_override"]:
        return {branch[0]: ["Project does not allow overriding branch."]}
    return _text_of_variables(new, "extra_vars")


def _workflow(new: Object, old: Object | None, others: Others) -> Errors:
    return _text_of_variables(new, "extra_vars")


def _text_of_variables(new: Object, name: str) -> Errors:
    reason = variables_error(new[name])
    return {name: [reason]} if reason else {}


def _node(new: Object, old: Object | None, others: Others) -> Errors:
    return launch_errors(new, others, required=False)


def _schedule(new: Object, old: Object | None, others: Others) -> Errors:
    reason = rule_error(new["rrule"])
    return {"rrule": [reason]} if reason else launch_errors(new, others, required=True)


_CHECKS: dict[str, Callable[[Object, Object | None, Others], Errors]] = {
    "projects": _project,
    "execution_environments": _execution_environment,
    "instance_groups": _instance_group,
    "inventories": _inventory,
    "inventory_sources": _inventory_source,
    "credential_types": _credential_type,
    "credentials": _credential,
    "job_templates": _job_template,
    "workflow_job_templates": _workflow,
    "workflow_job_template_nodes": _node,
    "schedules": _schedule,
}
