# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this AWX holds, and what it does with a request, but for HTTP."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from . import checks, surveys
from .credential_types import secrets
from .kinds import KINDS, UNIFIED, Kind

Object = dict[str, Any]
HIDDEN = "$encrypted$"
_MACHINE = {
    "fields": [
        {"id": "username", "label": "Username", "type": "string"},
        {"id": "password", "label": "Password", "type": "string", "secret": True},
        {"id": "ssh_key_data", "label": "SSH Private Key", "type": "string", "secret": True},
    ]
}
_GALAXY = {"fields": [{"id": "url", "label": "Galaxy Server URL", "type": "string"}]}


class Refused(Exception):
    """The answer to a request that AWX does not do."""

    def __init__(self, status: int, body: Object) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclass
class Store:
    """Objects by id, in one numbering for all endpoints."""

    #: The folder that projects are taken from, whatever their address.
    project: Path
    objects: dict[int, Object] = field(default_factory=dict)
    #: Fields that were sent although AWX knows none of their name: endpoint and name.
    passed_over: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        # What an AWX has from the beginning (awx/main/management/commands/create_preload_data.py).
        self.create("credential_types", {"name": "Machine", "kind": "ssh", "inputs": _MACHINE})
        galaxy = self.create("credential_types", {"name": "Galaxy", "kind": "galaxy", "inputs": _GALAXY})
        preload = self.create("organizations", {"name": "Default"})
        inputs = {"name": "Ansible Galaxy", "credential_type": galaxy["id"], "organization": preload["id"]}
        self.create("credentials", inputs)

    def of(self, endpoint: str) -> list[Object]:
        """All objects of an endpoint, oldest first."""
        wanted = UNIFIED if endpoint == "unified_job_templates" else (endpoint,)
        return [one for one in self.objects.values() if one["endpoint"] in wanted]

    def get(self, endpoint: str, number: int) -> Object:
        """An object; Refused (404) when there is none."""
        found = self.objects.get(number)
        if found is None or found["endpoint"] != endpoint:
            raise Refused(404, {"detail": "Not found."})
        return found

    def create(self, endpoint: str, body: Object) -> Object:
        """Make an object.

        :raises Refused: as AWX would refuse it.
        """
        kind = KINDS[endpoint]
        missing = [name for name in kind.required if body.get(name) in (None, "")]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        new = {
            "id": max(self.objects, default=0) + 1,
            "endpoint": endpoint,
            **{name: copy.deepcopy(schema.get("default")) for name, schema in kind.fields.items()},
            **dict.fromkeys(kind.relations),
            **{name: [] for name in kind.associations},
            **({"survey_spec": {}} if "survey_enabled" in kind.fields else {}),
        }
        return self._take(kind, new, body)

    def update(self, endpoint: str, number: int, body: Object) -> Object:
        """Change fields of an object.

        :raises Refused: as AWX would refuse it.
        """
        return self._take(KINDS[endpoint], copy.deepcopy(self.get(endpoint, number)), body)

    def _take(self, kind: Kind, new: Object, body: Object) -> Object:
        endpoint = new["endpoint"]
        known = {*kind.fields, *kind.relations}
        self.passed_over |= {(endpoint, name) for name in body if name not in known}
        for name, value in ((name, body[name]) for name in known & set(body)):
            new[name] = self._value(kind, endpoint, name, value, new)
        self._derive(new)
        errors = checks.errors_of(endpoint, new, self.objects)
        if errors:
            raise Refused(400, errors)
        for names in kind.unique:
            same = [one for one in self.of(endpoint) if all(one[name] == new[name] for name in names)]
            if [one for one in same if one["id"] != new["id"]]:
                raise Refused(400, {"__all__": [f"{kind.type} with this {' and '.join(names)} already exists."]})
        self.objects[new["id"]] = new
        return new

    def _value(self, kind: Kind, endpoint: str, name: str, value: Any, new: Object) -> Any:
        if name in kind.relations:
            if value is not None and self.objects.get(value, {}).get("endpoint") not in kind.relations[name]:
                raise Refused(400, {name: [f'Invalid pk "{value}" - object does not exist.']})
            return value
        schema = kind.fields[name]
        if value is None and schema.get("default") == "":
            return ""
        # Django REST framework keeps no white space around text.
        value = value.strip() if isinstance(value, str) else value
        reason = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
        if reason:
            raise Refused(400, {name: [reason.message]})
        if (endpoint, name) == ("credentials", "inputs"):
            return {key: new["inputs"].get(key, "") if one == HIDDEN else one for key, one in value.items()}
        return copy.deepcopy(value)

    def _derive(self, new: Object) -> None:
        if new["endpoint"] == "projects":
            new["playbooks"] = [
                path.name for path in sorted(self.project.glob("*.yml")) if checks.PLAYBOOK.search(path.read_text())
            ]
        # The organization of these is that of what they belong to, whatever is sent (read-only in their serializers).
        owner = {"job_templates": "project", "inventory_sources": "inventory"}.get(new["endpoint"])
        if owner and new[owner]:
            new["organization"] = self.objects[new[owner]]["organization"]

    def associate(self, endpoint: str, number: int, name: str, body: Object) -> None:
        """Add an object to a list of another one, or take it from there.

        :raises Refused: as AWX would refuse it.
        """
        parent = self.get(endpoint, number)
        child = self.get(KINDS[endpoint].associations[name], body.get("id", 0))
        if body.get("disassociate"):
            parent[name] = [one for one in parent[name] if one != child["id"]]
            return
        errors = checks.association_error(parent, name, child, self.objects)
        if errors:
            raise Refused(400, errors)
        if child["id"] not in parent[name]:
            parent[name].append(child["id"])

    def survey(self, endpoint: str, number: int, body: Object) -> None:
        """Set the survey of a template.

        :raises Refused: as AWX would refuse it.
        """
        reason = surveys.survey_error(body)
        if reason:
            raise Refused(400, {"error": reason})
        self.get(endpoint, number)["survey_spec"] = body

    def approval(self, number: int, body: Object) -> Object:
        """Make the approval that a node of a workflow waits for."""
        made = self.create("workflow_approval_templates", body)
        self.get("workflow_job_template_nodes", number)["unified_job_template"] = made["id"]
        return made

    def shown(self, one: Object) -> Object:
        """An object as AWX answers it: no secrets, and the addresses of what belongs to it."""
        endpoint, number = one["endpoint"], one["id"]
        url = f"/api/v2/{endpoint}/{number}/"
        body = {name: value for name, value in one.items() if name not in ("endpoint", "survey_spec", "playbooks")}
        related = {"survey_spec": f"{url}survey_spec/"} if "survey_spec" in one else {}
        template = self.objects.get(one.get("unified_job_template") or 0)
        if template:
            related["unified_job_template"] = f"/api/v2/{template['endpoint']}/{template['id']}/"
        if endpoint == "credentials":
            hidden = secrets(self.objects[one["credential_type"]])
            body["inputs"] = {key: HIDDEN if key in hidden else value for key, value in one["inputs"].items()}
        if endpoint == "credential_types":
            body["managed"] = False
        # Its first update has ended at once.
        updates = {"current_update": {"id": number}} if endpoint == "projects" else {}
        extra = {"scm_revision": "0" * 40} if endpoint == "projects" else {}
        return {
            **body,
            **extra,
            "type": KINDS[endpoint].type,
            "url": url,
            "related": related,
            "summary_fields": updates,
        }
