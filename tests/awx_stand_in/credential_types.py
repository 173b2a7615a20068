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

from .keys import InvalidKey, read_keys

#: What AWX shows instead of a secret, and takes for one that is to be kept.
HIDDEN = "$encrypted$"
#: Variables that would change what runs the job (ENV_BLOCKLIST of awx/main/constants.py).
_BLOCKED = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
    *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION"),
    *("CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH"),
}
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
    reason = _fields_error(inputs.get("fields", []))
    if reason:
        return {"inputs": [reason]}
    files = injectors.get("file", {})
    if "template" in files and len(files) > 1:
        return {"injectors": ["Must use multi-file syntax when injecting multiple files"]}
    forbidden = [name for name in injectors.get("env", {}) if name.startswith("ANSIBLE_") or name in _BLOCKED]
    if forbidden:
        return {"injectors": [f"Environment variable {forbidden[0]} is not allowed to be used in credentials."]}
    identifiers = [one["id"] for one in inputs.get("fields", [])]
    try:
        _render(injectors, dict.fromkeys(identifiers, "EXAMPLE"), lambda _text: "EXAMPLE_FILENAME", StrictUndefined)
    except TemplateError as reason:
        return {"injectors": [f"{reason}"]}
    return {}


def _fields_error(fields: list[dict[str, Any]]) -> str | None:
    identifiers = [one["id"] for one in fields]
    if len(identifiers) != len(set(identifiers)):
        return "field IDs must be unique"
    return next((reason for reason in map(_field_error, fields) if reason), None)


def _field_error(one: dict[str, Any]) -> str | None:
    """Why AWX would refuse an input of a type (CredentialTypeInputField.validate)."""
    kind = one.get("type", "string")
    if "default" in one and not isinstance(one["default"], {"string": str, "boolean": bool}[kind]):
        return f"{one['default']} is not a {kind}"
    # Whatever its value: a boolean must not even say that it is not one of them.
    of_text = [name for name in ("choices", "multiline", "format", "secret") if name in one]
    return f"{of_text[0]} not allowed for {kind} type ({one['id']})" if of_text and kind != "string" else None


def input_errors(credential_type: dict[str, Any], inputs: dict[str, Any], is_new: bool = True) -> dict[str, Any]:
    """Why AWX would refuse the inputs of a credential. It does not insist on those a type calls required."""
    fields = {one["id"]: one for one in credential_type["inputs"].get("fields", [])}
    for name, value in inputs.items():
        if name not in fields:
            return {"inputs": [f"Additional properties are not allowed ('{name}' was unexpected)"]}
        if not isinstance(value, bool if fields[name].get("type") == "boolean" else str):
            return {"inputs": [f"{name}: {value!r} is not of type '{fields[name].get('type', 'string')}'"]}
        if fields[name].get("choices") and value not in fields[name]["choices"]:
            return {"inputs": [f"{name}: {value!r} is not one of {fields[name]['choices']}"]}
        if is_new and value == HIDDEN and fields[name].get("secret"):
            return {"inputs": [f"{HIDDEN} is a reserved keyword, and cannot be used for {name}."]}
    return _key_errors(fields, inputs)


def _key_errors(fields: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Keys that are none, or a passphrase that does not fit (format_ssh_private_key, CredentialInputField.validate)."""
    encrypted = False
    for name, value in inputs.items():
        if fields[name].get("format") == "ssh_private_key" and value and value != HIDDEN:
            try:
                encrypted = any(read_keys(value))
            except InvalidKey as reason:
                return {"inputs": {name: [str(reason)]}}
    if "ssh_key_unlock" in fields and inputs.get("ssh_key_data"):
        given = bool(inputs.get("ssh_key_unlock"))
        if encrypted and not given:
            return {"inputs": {"ssh_key_unlock": ["must be set when SSH key is encrypted."]}}
        if given and not encrypted:
            return {"inputs": {"ssh_key_unlock": ["should not be set when SSH key is not encrypted."]}}
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
