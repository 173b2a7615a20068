# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert variables of the capture playbooks to options of vm_image_capture, and options in its messages to variables; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ansible_collections.golden.azure.plugins.module_utils._core.conversions import NotConvertible, to_boolean
from ansible_collections.golden.azure.plugins.plugin_utils.variable_message import (
    blockers,
    with_codes,
    with_variables,
)

Json = dict[str, Any]

#: The key of the option of vm_image_instance that a variable is for, in vars/capture.yml.
_COPY = "copy_option"
#: The variable that selects the copy.
_COPY_SUBNET = "capture_copy_subnet"
#: The prefix of the options of variables for one gallery version, in vars/capture.yml.
VERSION = "gallery_versions."
#: The option with which a message advises a gallery version.
_GALLERY = re.compile(r"'gallery_versions: \[\{[^'\]]*\}\]'")
#: The option with which a message advises a target that the user names.
_NAMED = re.compile(r"'([a-z_]+): NAME'")
_STRUCTURED = ("list", "dict")


def structured(value: Any, kind: str) -> Any:
    """A list or dictionary from text on a command line, in YAML or JSON, or as "name=value,name=value" as modules accept it.

    Other values are returned unchanged.

    :param kind: the expected type: list, dict, or another.
    """
    if kind not in _STRUCTURED or not isinstance(value, str):
        return value
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    if isinstance(read, (list, dict)):
        return read
    pairs = [pair.partition("=") for pair in value.split(",")]
    if kind == "dict" and all(name.strip() and equals for name, equals, _value in pairs):
        return {name.strip(): text.strip() for name, _equals, text in pairs}
    return value


def options_of(values: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> Json:
    """The options from variables; those without a value are omitted, and those that are for the copy, if one is captured.

    :param values: by the names of the variables.
    :param types: of each variable its type, and the option that it is for, if any.
    """
    of_copy = [name for name, rule in types.items() if _COPY in rule and not is_blank(values.get(_COPY_SUBNET))]
    given = {
        str(rule["option"]): values[name]
        for name, rule in types.items()
        if _is_given(name, rule, values) and name not in of_copy
    }
    arguments = {option: value for option, value in given.items() if not option.startswith(VERSION)}
    version = {option.removeprefix(VERSION): value for option, value in given.items() if option.startswith(VERSION)}
    if version:
        listed = arguments.get("gallery_versions")
        arguments["gallery_versions"] = [*(listed if isinstance(listed, list) else []), version]
    return arguments


def copy_options(values: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]], default_name: str) -> Json:
    """The options of vm_image_instance that create the copy to capture; empty if the virtual machine itself is captured.

    :param values: by the names of the variables.
    :param types: of each variable its type, and the option that it is for, if any.
    :param default_name: of the copy.
    """
    given = {str(rule[_COPY]): values[name] for name, rule in types.items() if _is_given(name, rule, values, _COPY)}
    return {"name": default_name, **given} if "isolated_subnet" in given else {}


def copy_findings(values: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Findings for variables of a copy that do not go together with the others."""
    of_copy = [name for name, rule in types.items() if "option" not in rule and _is_given(name, rule, values, _COPY)]
    if not of_copy:
        return
    if is_blank(values.get(_COPY_SUBNET)):
        yield {
            "code": "copy_subnet_missing",
            "message": (
                f"{' and '.join(of_copy)} {'is' if len(of_copy) == 1 else 'are'} set without capture_copy_subnet: set it to capture a "
                "copy, or omit the others to capture the virtual machine itself."
            ),
        }
        return
    for name in ("capture_delete_source_vm", "capture_snapshot_disks", "capture_guest_prepared"):
        if _is_true(values.get(name)):
            yield {
                "code": "not_for_copies",
                "message": (
                    f"{name} is set together with capture_copy_subnet: the virtual machine is not changed, and its copy is prepared and "
                    "deleted by this run; omit one of them."
                ),
            }


def _is_given(name: str, rule: Mapping[str, Any], values: Mapping[str, Any], key: str = "option") -> bool:
    return key in rule and not is_blank(values.get(name))


def _is_true(value: Any) -> bool:
    try:
        return not is_blank(value) and to_boolean(value)
    except NotConvertible:
        # It is reported as a value of the wrong type.
        return False


def is_blank(value: Any) -> bool:
    """Whether a variable has no value, as an unanswered question of AWX."""
    return value is None or (isinstance(value, str) and not value.strip())


def version_findings(values: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Findings for an incomplete gallery version."""
    of_version = [name for name, rule in types.items() if str(rule.get("option")).startswith(VERSION)]
    given = [name for name in of_version if not is_blank(values.get(name))]
    missing = [name for name in ("capture_gallery", "capture_definition") if given and is_blank(values.get(name))]
    if missing:
        yield {
            "code": "gallery_version_incomplete",
            "message": (
                f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} set without {' and '.join(missing)}: set "
                "both the gallery and the image definition."
            ),
        }


def message(result: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> str:
    """The reason why a capture is blocked, with variables of the playbooks instead of options of the module, and its codes.

    :param result: of vm_image_capture.
    :param types: of each variable its type, and the option that it is for, if any.
    """
    variables = {
        str(rule[key]).removeprefix(VERSION): name
        for name, rule in types.items()
        for key in ("option", _COPY)
        if key in rule
    }
    text = str(result.get("msg") or "")
    # The same for all blockers of a plan.
    instead = next((blocker["instead"] for blocker in blockers(result) if blocker.get("instead")), None)
    if instead:
        text = _GALLERY.sub(f"'{_as_variables(instead['gallery_versions'][0])}'", text)
    text = _NAMED.sub(lambda found: f"'-e {variables.get(found[1], found[1])}=NAME'", text)
    text = with_variables(text, variables)
    return with_codes(text, result)


def _as_variables(version: Mapping[str, Any]) -> str:
    """A gallery version that a plan advises, as what to add to the command line."""
    shown = {option: json.dumps(value) if isinstance(value, bool) else value for option, value in version.items()}
    return " ".join(f"-e capture_{option}={value}" for option, value in shown.items())
