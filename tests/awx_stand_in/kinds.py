# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of objects: their fields, what these refer to, and which names are taken once.

Source: the serializers of awx/api/serializers.py and the models' fields; times are plain IntegerFields, which may be
below 0, counts are PositiveIntegerFields. Two things are stricter than AWX, which takes "5" for 5 and passes over fields
that it does not know: the first is refused here, the second is kept for tests to see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: InventorySourceOptions.SOURCE_CHOICES of awx/main/models/inventory.py.
_SOURCES = [
    *("file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware", "satellite6", "openstack", "rhv"),
    *("controller", "insights", "terraform", "openshift_virtualization"),
]
_CREDENTIAL_KINDS = [
    *("ssh", "vault", "net", "scm", "cloud", "registry", "token", "insights", "external", "kubernetes", "galaxy"),
    "cryptography",
]


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", "default": "", **more}


def _flag(default: bool = False) -> dict[str, Any]:
    return {"type": "boolean", "default": default}


def _number(default: int = 0, minimum: int = 0) -> dict[str, Any]:
    return {"type": "integer", "default": default, "minimum": minimum}


def _time() -> dict[str, Any]:
    return {"type": "integer", "default": 0}


def _verbosity(most: int, default: int = 0) -> dict[str, Any]:
    """VERBOSITY_CHOICES of awx/main/models/base.py, INVENTORY_UPDATE_VERBOSITY_CHOICES of inventory.py."""
    return {"type": "integer", "default": default, "minimum": 0, "maximum": most}


def _none_or(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}], "default": None}


def _flags(*names: str) -> dict[str, Any]:
    return {name: _flag() for name in names}


_NAMED = {"name": _text(minLength=1, maxLength=512), "description": _text()}
#: LaunchConfigurationBaseSerializer.
_PROMPTS = {
    **{name: _none_or(_text()) for name in ("limit", "scm_branch", "job_tags", "skip_tags")},
    **{name: _none_or(_number()) for name in ("forks", "job_slice_count")},
    "job_type": _none_or({"enum": ["run", "check", ""]}),
    "diff_mode": _none_or(_flag()),
    "verbosity": _none_or(_verbosity(5)),
    "timeout": _none_or(_time()),
    "extra_data": {"type": "object", "default": {}},
}
_PROMPT_RELATIONS = {"inventory": ("inventories",), "execution_environment": ("execution_environments",)}
#: SurveyJobTemplateMixin of awx/main/models/mixins.py, which workflows have as well; the others are of jobs only.
_ASKS = _flags(
    *(
        f"ask_{name}_on_launch"
        for name in ("variables", "limit", "inventory", "scm_branch", "tags", "skip_tags", "labels")
    ),
    "survey_enabled",
)
_JOB_ASKS = _flags(
    *(f"ask_{name}_on_launch" for name in ("job_type", "job_slice_count", "verbosity", "diff_mode", "credential")),
    *(f"ask_{name}_on_launch" for name in ("execution_environment", "forks", "timeout", "instance_groups")),
)
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
            "timeout": _time(),
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
            **{name: _text() for name in ("source_path", "source_vars", "scm_branch")},
            "timeout": _time(),
            "verbosity": _verbosity(2, default=1),
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
            **_JOB_ASKS,
            **_flags("allow_simultaneous", "become_enabled", "diff_mode"),
            "job_type": {"type": "string", "enum": ["run", "check"], "default": "run"},
            **{name: _text() for name in ("playbook", "limit", "scm_branch", "extra_vars", "job_tags", "skip_tags")},
            "forks": _number(),
            "timeout": _time(),
            "verbosity": _verbosity(5),
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
            **_PROMPT_RELATIONS,
            "workflow_job_template": ("workflow_job_templates",),
            "unified_job_template": _UNIFIED_OR_APPROVAL,
        },
        dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), _NODES),
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template", {**_NAMED, "timeout": _time()}, unique=(), listed=False
    ),
    "schedules": Kind(
        "schedule",
        {**_NAMED, **_PROMPTS, "rrule": _text(minLength=1), "enabled": _flag(True)},
        ("name", "rrule", "unified_job_template"),
        (("unified_job_template", "name"),),
        {**_PROMPT_RELATIONS, "unified_job_template": UNIFIED},
    ),
}
