# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX refuses besides wrong types: for each endpoint, a function of the object as it would be, and of the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from dateutil.rrule import rrulestr

from . import credential_types, surveys

Object = dict[str, Any]
Errors = dict[str, Any]
#: All objects by id.
Others = Mapping[int, Object]

#: Lines that make a file a playbook (awx/main/utils/ansible.py, could_be_playbook).
PLAYBOOK = re.compile(r"^\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)
_DTSTART = re.compile(r"DTSTART(?:;[^:]+)?:\d+T\d+Z?")


def errors_of(endpoint: str, new: Object, others: Others) -> Errors:
    """Why AWX would refuse an object, by field; nothing when it would not."""
    check = _CHECKS.get(endpoint)
    return check(new, others) if check else {}


def _project(new: Object, others: Others) -> Errors:
    # Project.clean_scm_url of awx/main/models/projects.py
    return {"scm_url": ["SCM URL is required."]} if new["scm_type"] and not new["scm_url"] else {}


def _inventory_source(new: Object, others: Others) -> Errors:
    # InventorySourceSerializer.validate
    if new["source"] == "scm" and new["source_project"] is None:
        return {"source_project": ["Project required for scm type sources."]}
    if new["source"] != "scm" and (new["source_project"] or new["source_path"]):
        return {"detail": ["Cannot set source_project or source_path if not SCM type."]}
    return {}


def _credential_type(new: Object, others: Others) -> Errors:
    return credential_types.type_errors(new["inputs"], new["injectors"])


def _credential(new: Object, others: Others) -> Errors:
    return credential_types.input_errors(others[new["credential_type"]], new["inputs"])


def _job_template(new: Object, others: Others) -> Errors:
    # JobTemplateSerializer.validate, JobOptionsSerializer.validate
    if new["inventory"] is None and not new["ask_inventory_on_launch"]:
        return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
    if not new["playbook"]:
        return {"playbook": ["Must select playbook for project."]}
    if new["playbook"] not in others[new["project"]]["playbooks"]:
        return {"playbook": ["Playbook not found for project."]}
    return _variables(new, others)


def _variables(new: Object, others: Others) -> Errors:
    # vars_validate_or_raise of awx/main/validators.py
    if not isinstance(yaml.safe_load(new["extra_vars"]) or {}, dict):
        return {"extra_vars": ["Variables must be a dictionary."]}
    return {}


def _launch_errors(new: Object, others: Others, required: bool) -> Errors:
    # LaunchConfigurationBaseSerializer.validate: what is stored for launches must be asked for
    template = others.get(new["unified_job_template"] or 0, {})
    questions = template.get("survey_spec", {}).get("spec", []) if template.get("survey_enabled") else []
    errors = surveys.answer_errors(questions, new["extra_data"], required=required)
    if errors:
        return {"variables_needed_to_start": errors}
    asked = {question["variable"] for question in questions}
    if set(new["extra_data"]) - asked and not template.get("ask_variables_on_launch"):
        return {"extra_data": ["Variables are not allowed on launch."]}
    if new["limit"] and not template.get("ask_limit_on_launch"):
        return {"limit": ["Field is not configured to prompt on launch."]}
    return {}


def _node(new: Object, others: Others) -> Errors:
    return _launch_errors(new, others, required=False)


def _schedule(new: Object, others: Others) -> Errors:
    reason = rule_error(new["rrule"])
    return {"rrule": [reason]} if reason else _launch_errors(new, others, required=True)


def rule_error(rule: str) -> str | None:
    """Why AWX would refuse the rule of a schedule (SchedulePreviewSerializer.validate_rrule)."""
    starts = _DTSTART.findall(rule)
    rules = re.findall(r"RULE:\S*", rule)
    if len(starts) != 1:
        return "Valid DTSTART required in rrule, and only one. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"
    if re.fullmatch(r"DTSTART:\d+T\d+", starts[0]):
        return "DTSTART cannot be a naive datetime. Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ."
    wrong = [one for one in rules if "INTERVAL" not in one or _unsupported(one)]
    if wrong or not rules:
        return f"A rule is required, with INTERVAL, and without what is not supported: {' '.join(wrong)}"
    try:
        rrulestr(rule, forceset=True)
    except ValueError as reason:
        return f"rrule parsing failed validation: {reason}"
    return None


def _unsupported(rule: str) -> bool:
    many = int((re.findall(r"COUNT=(\d+)", rule) or ["0"])[0]) > 999
    return many or "SECONDLY" in rule or bool(re.search(r"BYDAY=\d", rule)) or ("COUNT" in rule and "UNTIL" in rule)


def association_error(parent: Object, name: str, child: Object, others: Others) -> Errors:
    """Why AWX would refuse to add an object to a list of another one.

    Source: JobTemplateCredentialsList.is_valid_relation and WorkflowJobTemplateNodeChildrenBaseList of awx/api/views.
    """
    if name == "galaxy_credentials":
        kind = others[child["credential_type"]]["kind"]
        return {} if kind == "galaxy" else {"msg": f"Credential must be a Galaxy credential, not {kind}."}
    if name == "credentials":
        types = [others[one]["credential_type"] for one in parent["credentials"]]
        return {"error": "Cannot assign multiple credentials of one type."} if child["credential_type"] in types else {}
    if name.endswith("_nodes"):
        return _link_error(parent, name, child, others)
    return {}


def _link_error(parent: Object, name: str, child: Object, others: Others) -> Errors:
    if parent["workflow_job_template"] != child["workflow_job_template"]:
        return {"Error": "Nodes of different workflows cannot be linked."}
    kinds = ("success_nodes", "failure_nodes", "always_nodes")
    if any(child["id"] in parent[kind] for kind in kinds if kind != name):
        return {"Error": "Relationship not allowed."}
    seen, ahead = set(), [child["id"]]
    while ahead:
        one = ahead.pop()
        if one == parent["id"]:
            return {"Error": "Cycle detected."}
        if one not in seen:
            seen.add(one)
            ahead += [other for kind in kinds for other in others[one][kind]]
    return {}


_CHECKS: dict[str, Callable[[Object, Others], Errors]] = {
    "projects": _project,
    "inventory_sources": _inventory_source,
    "credential_types": _credential_type,
    "credentials": _credential,
    "job_templates": _job_template,
    "workflow_job_templates": _variables,
    "workflow_job_template_nodes": _node,
    "schedules": _schedule,
}
