# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of objects: their fields, what these refer to, and which names are taken once.

Source: the serializers of awx/api/serializers.py and the models' fields. Two things are stricter than AWX, which takes
"5" for 5 and passes over fields that it does not know: the first is refused here, the second is kept for tests to see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SOURCES = ["file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware", "openstack", "controller"]
_CREDENTIAL_KINDS = ["net", "cloud", "ssh", "vault", "scm", "registry", "token", "kubernetes", "galaxy", "external"]


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", "default": "", **more}


def _flag(default: bool = False) -> dict[str, Any]:
    return {"type": "boolean", "default": default}


def _number(default: int = 0, minimum: int = 0) -> dict[str, Any]:
    return {"type": "integer", "default": default, "minimum": minimum}


def _flags(*names: str) -> dict[str, Any]:
    return {name: _flag() for name in names}


_NAMED = {"name": _text(minLength=1, maxLength=512), "description": _text()}
_PROMPTS = {
    **{name: {"type": ["string", "null"], "default": None} for name in ("limit", "scm_branch", "job_tags", "job_type")},
    "extra_data": {"type": "object", "default": {}},
}
_ASKS = _flags("ask_variables_on_launch", "ask_limit_on_launch", "ask_inventory_on_launch", "survey_enabled")
_NODES = "workflow_job_template_nodes"


@dataclass(frozen=True)
class Kind:
    """Objects of one endpoint."""

    #: What AWX calls one of them.
    type: str
    #: JSON schema of each field that may be written, with its default.
    fields: dict[str, dict[str, Any]]
    required: tuple[str, ...] = ("name",)
    #: Sets of fields that no two objects share.
    unique: tuple[tuple[str, ...], ...] = (("name",),)
    #: Fields that hold the id of another object -> the endpoints it may be of.
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Lists of other objects -> their endpoint.
    associations: dict[str, str] = field(default_factory=dict)
    #: Whether the endpoint lists them, and takes new ones.
    listed: bool = True


_ORGANIZATION = {"organization": ("organizations",)}
_IN_ORGANIZATION = (("organization", "name"),)
#: What can be launched and scheduled, which share their ids (awx/main/models/unified_jobs.py, UnifiedJobTemplate).
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
_UNIFIED_OR_APPROVAL = (*UNIFIED, "workflow_approval_templates")

KINDS = {
    "organizations": Kind(
        "organization", {**_NAMED, "max_hosts": _number()}, associations={"galaxy_credentials": "credentials"}
    ),
    "execution_environments": Kind(
        "execution_environment",
        {**_NAMED, "image": _text(minLength=1), "pull": _text(enum=["", "always", "missing", "never"])},
        ("name", "image"),
        relations={**_ORGANIZATION, "credential": ("credentials",)},
    ),
    "instance_groups": Kind(
        "instance_group",
        {**_NAMED, "is_container_group": _flag(), "pod_spec_override": _text()},
        relations={"credential": ("credentials",)},
        associations={"instances": "instances"},
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            **{name: _text() for name in ("scm_url", "scm_branch", "scm_refspec", "local_path")},
            "scm_type": _text(enum=["", "git", "svn", "insights", "archive"]),
            **_flags("scm_update_on_launch", "scm_clean", "scm_delete_on_update", "allow_override"),
            "scm_update_cache_timeout": _number(),
            "timeout": _number(),
        },
        unique=_IN_ORGANIZATION,
        relations={
            **_ORGANIZATION,
            "default_environment": ("execution_environments",),
            "credential": ("credentials",),
        },
    ),
    "inventories": Kind(
        "inventory",
        {
            **_NAMED,
            "kind": _text(enum=["", "smart", "constructed"]),
            "host_filter": {"type": ["string", "null"], "default": None},
            "variables": _text(),
        },
        ("name", "organization"),
        _IN_ORGANIZATION,
        _ORGANIZATION,
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "source": _text(enum=_SOURCES),
            "source_path": _text(),
            **_flags("overwrite", "overwrite_vars", "update_on_launch"),
            "update_cache_timeout": _number(),
        },
        ("name", "inventory", "source"),
        (("inventory", "name"),),
        {"inventory": ("inventories",), "source_project": ("projects",), "credential": ("credentials",)},
    ),
    "credential_types": Kind(
        "credential_type",
        {
            **_NAMED,
            "kind": {"type": "string", "enum": _CREDENTIAL_KINDS},
            **{name: {"type": "object", "default": {}} for name in ("inputs", "injectors")},
        },
        ("name", "kind"),
        (("name", "kind"),),
    ),
    "credentials": Kind(
        "credential",
        {**_NAMED, "inputs": {"type": "object", "default": {}}},
        # One of user, team and organization, of which only the last is known here.
        ("name", "credential_type", "organization"),
        (("organization", "name", "credential_type"),),
        {**_ORGANIZATION, "credential_type": ("credential_types",)},
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            **_ASKS,
            **_flags(
                "ask_job_type_on_launch",
                "ask_job_slice_count_on_launch",
                "allow_simultaneous",
                "become_enabled",
                "diff_mode",
            ),
            "job_type": {"type": "string", "enum": ["run", "check"], "default": "run"},
            **{name: _text() for name in ("playbook", "limit", "scm_branch", "extra_vars", "job_tags", "skip_tags")},
            "forks": _number(),
            "timeout": _number(),
            "verbosity": _number(),
            "job_slice_count": _number(1),
        },
        ("name", "project"),
        _IN_ORGANIZATION,
        {
            "inventory": ("inventories",),
            "project": ("projects",),
            "execution_environment": ("execution_environments",),
        },
        {"credentials": "credentials", "instance_groups": "instance_groups"},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {**_NAMED, **_ASKS, "allow_simultaneous": _flag(), "extra_vars": _text()},
        unique=_IN_ORGANIZATION,
        relations={**_ORGANIZATION, "inventory": ("inventories",)},
    ),
    _NODES: Kind(
        "workflow_job_template_node",
        {**_PROMPTS, "identifier": _text(minLength=1, maxLength=512), "all_parents_must_converge": _flag()},
        ("workflow_job_template",),
        (("workflow_job_template", "identifier"),),
        {
            "workflow_job_template": ("workflow_job_templates",),
            "unified_job_template": _UNIFIED_OR_APPROVAL,
            "inventory": ("inventories",),
        },
        dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), _NODES),
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template", {**_NAMED, "timeout": _number()}, unique=(), listed=False
    ),
    "schedules": Kind(
        "schedule",
        {**_NAMED, **_PROMPTS, "rrule": _text(minLength=1), "enabled": _flag(True)},
        ("name", "rrule", "unified_job_template"),
        (("unified_job_template", "name"),),
        {"unified_job_template": UNIFIED, "inventory": ("inventories",)},
    ),
}
