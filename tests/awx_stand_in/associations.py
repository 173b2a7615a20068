# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of other objects: which AWX refuses to add to which.

Source: JobTemplateCredentialsList and WorkflowJobTemplateNodeChildrenBaseList of awx/api/views/__init__.py,
OrganizationGalaxyCredentialsList of awx/api/views/organization.py, WorkflowDAG.has_cycle (SimpleDAG.has_cycle of
awx/main/scheduler/dag_simple.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
Errors = dict[str, Any]
Others = Mapping[int, Object]

_JOB_KINDS = ("ssh", "vault", "cloud", "net", "kubernetes")
_WAYS = ("success_nodes", "failure_nodes", "always_nodes")


def association_error(parent: Object, name: str, child: Object, others: Others) -> Errors:
    """Why AWX would refuse to add an object to a list of another one; nothing when it would not."""
    if name == "galaxy_credentials":
        kind = others[child["credential_type"]]["kind"]
        return {} if kind == "galaxy" else {"msg": f"Credential must be a Galaxy credential, not {kind}."}
    if name == "credentials":
        return _credential_error(parent, child, others)
    return _link_error(parent, name, child, others) if name.endswith("_nodes") else {}


def _credential_error(parent: Object, child: Object, others: Others) -> Errors:
    types = [others[one]["credential_type"] for one in parent["credentials"]]
    if child["credential_type"] in types:
        return {"error": "Cannot assign multiple credentials of one type."}
    kind = others[child["credential_type"]]["kind"]
    return {} if kind in _JOB_KINDS else {"error": f"Cannot assign a Credential of kind `{kind}`."}


def _link_error(parent: Object, name: str, child: Object, others: Others) -> Errors:
    if parent["workflow_job_template"] != child["workflow_job_template"]:
        return {"Error": "Nodes of different workflows cannot be linked."}
    if parent["id"] == child["id"]:
        return {"Error": "Cycle detected."}
    if any(child["id"] in parent[way] for way in _WAYS if way != name):
        return {"Error": "Relationship not allowed."}
    nodes = [one for one in others.values() if one.get("workflow_job_template") == parent["workflow_job_template"]]
    ways = {one["id"]: [other for way in _WAYS for other in one[way]] for one in nodes if "identifier" in one}
    ways[parent["id"]] = [*ways[parent["id"]], child["id"]]
    return {"Error": "Cycle detected."} if _has_cycle(ways) else {}


def _has_cycle(ways: dict[int, list[int]]) -> bool:
    """Whether a root leads into a cycle, or there is no root: a cycle that no root leads to is none for AWX."""
    roots = set(ways) - {follower for followers in ways.values() for follower in followers}
    if not roots:
        return bool(ways)
    return any(_leads_back(root, ways, ()) for root in roots)


def _leads_back(node: int, ways: dict[int, list[int]], path: tuple[int, ...]) -> bool:
    return node in path or any(_leads_back(one, ways, (*path, node)) for one in ways[node])
