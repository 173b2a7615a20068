# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this AWX holds, and what it does with a request, but for HTTP."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from . import checks, preload, surveys
from .associations import association_error
from .credential_types import HIDDEN, secrets
from .kinds import KINDS, UNIFIED, Kind
from .updates import Repository, UpdateFailed, events_of, update_of

__all__ = ["HIDDEN", "Refused", "Store"]

Object = dict[str, Any]
#: A change of one of these starts an update of a project (Project.FIELDS_TRIGGER_UPDATE).
_FETCHED = ("scm_url", "scm_branch", "scm_type", "scm_refspec")
#: Of an object, for the stand-in alone, or for AWX to say elsewhere.
_APART = ("endpoint", "survey_spec", "playbooks", "hosts")
#: ALLOW_LOCAL_RESOURCE_MANAGEMENT is off behind a gateway (immutablesharedfields of awx/api/views/__init__.py).
_SHARED = {"organizations": ("name", "description")}


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
    #: Path of the API.
    root: str = "/api/v2"
    #: Whether organizations are made here, and not by a gateway.
    manages_organizations: bool = True
    objects: dict[int, Object] = field(default_factory=dict)
    #: Fields that were sent although AWX knows none of their name: endpoint and name.
    passed_over: set[tuple[str, str]] = field(default_factory=set)
    #: The status of jobs by their ids; jobs do not run here.
    jobs: dict[int, str] = field(default_factory=dict)
    #: Updates by their kind and id.
    updates: dict[tuple[str, int], Object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.repository = Repository(self.project)
        self._failures: dict[tuple[str, int], UpdateFailed | None] = {}
        types = {name: self._preload_type(name, kind, fields) for name, kind, fields in preload.TYPES}
        for endpoint, body in preload.OBJECTS:
            self._add(endpoint, body)
        galaxy = next(one for one in types.values() if one["kind"] == "galaxy")
        self._add("credentials", {**preload.GALAXY, "credential_type": galaxy["id"], "managed": True})

    def _preload_type(self, name: str, kind: str, fields: list[Object]) -> Object:
        body = {"name": name, "kind": kind, "inputs": {"fields": fields}, "injectors": preload.INJECTORS.get(name, {})}
        return self._add("credential_types", {**body, "managed": True})

    def _add(self, endpoint: str, body: Object) -> Object:
        """What AWX itself makes, which need not be what it takes from others."""
        new = {**self._blank(endpoint), **body}
        self.objects[new["id"]] = new
        return new

    def add_organization(self, name: str) -> Object:
        """An organization that a gateway has made."""
        return self._add("organizations", {"name": name})

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
        if endpoint in _SHARED and not self.manages_organizations:
            reason = "Creation of this resource is not allowed. Create this resource via the platform ingress."
            raise Refused(403, {"detail": reason})
        made = self._take(kind, self._blank(endpoint), None, body)
        if endpoint == "projects" and made["scm_type"]:
            self.update_project(made["id"])
        return made

    def _blank(self, endpoint: str) -> Object:
        kind = KINDS[endpoint]
        hosts = {"hosts": []} if endpoint == "inventories" else {}
        updated = {"status": "never updated", "last_update_failed": False, "last_updated": None, "last_job": None}
        return {
            "id": max(self.objects, default=0) + 1,
            "endpoint": endpoint,
            "managed": False,
            **{name: copy.deepcopy(schema.get("default")) for name, schema in kind.fields.items()},
            **dict.fromkeys(kind.relations),
            **{name: [] for name in kind.associations},
            **({"survey_spec": {}} if "survey_enabled" in kind.fields else {}),
            **hosts,
            **(updated if endpoint in ("projects", "inventory_sources") else {}),
            **({"playbooks": [], "scm_revision": ""} if endpoint == "projects" else {}),
        }

    def update(self, endpoint: str, number: int, body: Object) -> Object:
        """Change fields of an object.

        :raises Refused: as AWX would refuse it.
        """
        old = self.get(endpoint, number)
        for name in _SHARED.get(endpoint, ()) if not self.manages_organizations else ():
            if name in body and body[name] != old[name]:
                raise Refused(
                    403, {name: f"Cannot change shared field '{name}'. Alter this field via the platform ingress."}
                )
        changed = self._take(KINDS[endpoint], copy.deepcopy(old), old, body)
        if endpoint == "projects" and any(changed[name] != old[name] for name in _FETCHED):
            self.update_project(number)
        return changed

    def _take(self, kind: Kind, new: Object, old: Object | None, body: Object) -> Object:
        endpoint = new["endpoint"]
        known = {*kind.fields, *kind.relations}
        self.passed_over |= {(endpoint, name) for name in body if name not in known}
        for name, value in ((name, body[name]) for name in known & set(body)):
            new[name] = self._value(kind, endpoint, name, value, new)
        self._derive(new)
        reason = checks.forbidden(endpoint, new, old, self.objects)
        if reason:
            raise Refused(403, {"detail": reason})
        errors = checks.errors_of(endpoint, new, old, self.objects)
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
            return {key: new["inputs"].get(key, HIDDEN) if one == HIDDEN else one for key, one in value.items()}
        return copy.deepcopy(value)

    def _derive(self, new: Object) -> None:
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
        errors = association_error(parent, name, child, self.objects)
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

    # -- updates ---------------------------------------------------------------------------------------------------

    def update_project(self, number: int) -> Object:
        """Update a project, which ends at once."""
        project = self.get("projects", number)
        if not project["scm_type"]:
            raise Refused(405, {"detail": 'Method "POST" not allowed.'})
        failure, revision = None, project["scm_revision"]
        try:
            revision, project["playbooks"] = self.repository.fetch(project["scm_branch"])
        except UpdateFailed as reason:
            failure = reason
        project["scm_revision"] = revision
        return self._record("project_update", project, failure, revision)

    def update_source(self, number: int) -> Object:
        """Fill an inventory from its source, which ends at once."""
        source = self.get("inventory_sources", number)
        failure = None
        project = self.objects[source["source_project"]]
        if project["scm_update_on_launch"] and self.update_project(project["id"])["failed"]:
            failure = UpdateFailed("", f"Previous Task Failed: {json.dumps({'job_name': project['name']})}")
        else:
            try:
                self.objects[source["inventory"]]["hosts"] = self.repository.hosts(source["source_path"])
            except UpdateFailed as reason:
                failure = reason
        return self._record("inventory_update", source, failure, project["scm_revision"])

    def _record(self, kind: str, owner: Object, failure: UpdateFailed | None, revision: str) -> Object:
        number = len(self.updates) + 1
        update = update_of(kind, number, owner["id"], failure, revision, self.root)
        self.updates[kind, number] = update
        self._failures[kind, number] = failure
        owner["last_job"] = number
        owner["status"] = update["status"]
        owner["last_update_failed"] = update["failed"]
        owner["last_updated"] = update["finished"]
        return update

    def events(self, kind: str, number: int) -> list[Object]:
        """The events of an update."""
        return events_of(self.updates[kind, number], self._failures[kind, number])

    def output(self, kind: str, number: int) -> str:
        """What an update has printed."""
        return str(self._failures[kind, number] or "")

    def shown(self, one: Object) -> Object:
        """An object as AWX answers it: no secrets, and the addresses of what belongs to it."""
        endpoint, number = one["endpoint"], one["id"]
        url = f"{self.root}/{endpoint}/{number}/"
        body = {name: value for name, value in one.items() if name not in _APART}
        related = {"survey_spec": f"{url}survey_spec/"} if "survey_spec" in one else {}
        template = self.objects.get(one.get("unified_job_template") or 0)
        if template:
            related["unified_job_template"] = f"{self.root}/{template['endpoint']}/{template['id']}/"
        if endpoint == "credentials":
            hidden = secrets(self.objects[one["credential_type"]])
            body["inputs"] = {key: HIDDEN if key in hidden else value for key, value in one["inputs"].items()}
        if endpoint == "inventories":
            body["total_hosts"] = len(one["hosts"])
        summary = {}
        if endpoint in ("projects", "inventory_sources"):
            related["update"] = f"{url}update/"
            if one["last_job"]:
                kind = "project_update" if endpoint == "projects" else "inventory_update"
                related["last_update"] = f"{self.root}/{kind}s/{one['last_job']}/"
                summary["last_update"] = {
                    "id": one["last_job"],
                    "status": one["status"],
                    "failed": one["last_update_failed"],
                }
        return {**body, "type": KINDS[endpoint].type, "url": url, "related": related, "summary_fields": summary}
