# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential types: what AWX takes for one, and what it injects into a job.

Source: awx/main/fields.py (CredentialTypeInputField, CredentialTypeInjectorField, CredentialInputField) and
CredentialType.inject_credential of awx/main/models/credential.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
from jinja2 import StrictUndefined, TemplateError, Undefined, sandbox

_NAME = "[a-zA-Z_][a-zA-Z0-9_]*"
_INPUT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": f"^{_NAME}$", "not": {"enum": ["tower"]}},
        "label": {"type": "string"},
        "help_text": {"type": "string"},
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}, "uniqueItems": True},
        **{name: {"type": "boolean"} for name in ("multiline", "secret", "ask_at_runtime")},
        "default": {},
    },
    "additionalProperties": False,
    "required": ["id", "label"],
}
_INPUTS = {
    "type": "object",
    "properties": {
        "fields": {"type": "array", "items": _INPUT},
        "required": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}


def _templates(names: str, **value: Any) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {names: {"type": "string", **value}}, "additionalProperties": False}


_INJECTORS = {
    "type": "object",
    "properties": {
        "file": _templates(rf"^template(\.{_NAME})?$"),
        "env": _templates(f"^{_NAME}$", pattern="^[\x00-\x7f]*$"),
        "extra_vars": _templates(f"^{_NAME}$"),
    },
    "additionalProperties": False,
}


@dataclass
class Injected:
    """What a credential gives to a job."""

    environment: dict[str, str] = field(default_factory=dict)
    extra_vars: dict[str, str] = field(default_factory=dict)


def type_errors(inputs: dict[str, Any], injectors: dict[str, Any]) -> dict[str, list[str]]:
    """Why AWX would refuse a credential type, by field; nothing when it would not."""
    for name, value, schema in (("inputs", inputs, _INPUTS), ("injectors", injectors, _INJECTORS)):
        reason = jsonschema.exceptions.best_match(jsonschema.Draft4Validator(schema).iter_errors(value))
        if reason:
            return {name: [reason.message]}
    identifiers = [one["id"] for one in inputs.get("fields", [])]
    if len(identifiers) != len(set(identifiers)):
        return {"inputs": ["field IDs must be unique"]}
    forbidden = [name for name in injectors.get("env", {}) if name.startswith("ANSIBLE_")]
    if forbidden:
        reason = "may affect Ansible configuration so its use is not allowed in credentials."
        return {"injectors": [f"Environment variable {forbidden[0]} {reason}"]}
    try:
        _render(injectors, dict.fromkeys(identifiers, "EXAMPLE"), lambda _text: "EXAMPLE_FILENAME", StrictUndefined)
    except TemplateError as reason:
        return {"injectors": [f"{reason}"]}
    return {}


def input_errors(credential_type: dict[str, Any], inputs: dict[str, Any]) -> dict[str, list[str]]:
    """Why AWX would refuse the inputs of a credential. It does not insist on those a type calls required."""
    fields = {one["id"]: one for one in credential_type["inputs"].get("fields", [])}
    for name, value in inputs.items():
        if name not in fields:
            return {"inputs": [f"Additional properties are not allowed ('{name}' was unexpected)"]}
        if not isinstance(value, bool if fields[name].get("type") == "boolean" else str):
            return {"inputs": [f"{name}: {value!r} is not of type '{fields[name].get('type', 'string')}'"]}
    return {}


def secrets(credential_type: dict[str, Any]) -> set[str]:
    """The inputs that AWX never shows."""
    return {one["id"] for one in credential_type["inputs"].get("fields", []) if one.get("secret")}


def injected(credential_type: dict[str, Any], inputs: dict[str, Any], directory: Path) -> Injected:
    """What a job gets of a credential.

    :param directory: for the files.
    """

    def written(text: str) -> str:
        path = directory / f"credential-{uuid.uuid4().hex}"
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    # An input that is empty or absent renders as nothing; the variable is set all the same.
    given = {name: value for name, value in inputs.items() if value != ""}
    return _render(credential_type["injectors"], given, written, Undefined)


def _render(injectors: dict[str, Any], values: dict[str, Any], write: Any, undefined: type[Undefined]) -> Injected:
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=undefined)
    tower = SimpleNamespace()
    values = {**values, "tower": tower}
    for label, template in injectors.get("file", {}).items():
        path = write(environment.from_string(template).render(values))
        _template, _dot, name = label.partition(".")
        if name:
            tower.filename = getattr(tower, "filename", SimpleNamespace())
            setattr(tower.filename, name, path)
        else:
            tower.filename = path

    def rendered(kind: str) -> dict[str, str]:
        templates = injectors.get(kind, {})
        return {name: environment.from_string(template).render(values) for name, template in templates.items()}

    return Injected(rendered("env"), rendered("extra_vars"))
