# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a playbook or a role refuses, it refuses with a code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from codes import yaml_files

#: What is told of something that ran, whose record or result holds what became of it.
OUTCOMES = {
    "Fail for the images that failed",
    "Fail if an image has failed",
    "Fail if the virtual machine has become unreachable",
    "Fail if resources remain",
    "Verify that the image has passed, and that nothing remains",
    "Verify that each virtual machine has an identity of its own",
}

#: Filters that end with the codes; see their tests. What variable_message makes of a finished message keeps them.
_BY_FILTER = re.compile(
    r"\| golden\.azure\.(capture_message\(\w+\)|findings_message( \| golden\.azure\.variable_message\(\w+\))?) \}\}$"
    r"|^\{\{ \w+_result \| golden\.azure\.variable_message\(\w+\) \}\}$"
)


def refusals(node: Any) -> Iterator[tuple[str, Any]]:
    """Name and message of each task that refuses something."""
    if isinstance(node, dict):
        for module, option in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
            if module in node:
                yield str(node.get("name")), node[module].get(option)
        for value in node.values():
            yield from refusals(value)
    elif isinstance(node, list):
        for value in node:
            yield from refusals(value)


def has_code(message: Any) -> bool:
    """Whether a message names a code."""
    if isinstance(message, dict):
        return "code" in message
    return bool(
        re.search(r"\(\{\{ .*code.* \}\}\)\.?$", str(message).strip()) or _BY_FILTER.search(str(message).strip())
    )


def test_every_refusal_has_a_code() -> None:
    found = [
        (path, name, message)
        for path, text in yaml_files().items()
        if "/tasks/" in path or path.startswith("playbooks/")
        for name, message in refusals(list(yaml.safe_load_all(text)))
    ]
    assert len(found) > 30
    assert not [(path, name) for path, name, message in found if name not in OUTCOMES and not has_code(message)]
