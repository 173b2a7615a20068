# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The plan of a task, as data: check mode shows it, and the run executes it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

_WIDTH = 100

#: Properties of a write whose values are secret.
SECRET_PROPERTIES = ("adminpassword", "customdata", "userdata", "protectedparameters", "runaspassword")


@dataclass(frozen=True)
class Finding:
    """A blocker or a warning.

    :param code: machine-readable, in snake case.
    :param message: one sentence: the problem, the resource, and the remedy.
    :param details: additional keys for programs, such as the actions that are not granted.
    :param quiet: whether a warning is shown with the plan only, and not raised as a warning of the task.
    """

    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict, hash=False)
    quiet: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For a task's result."""
        return {"code": self.code, "message": self.message, **self.details}


@dataclass(frozen=True)
class Action:
    """What a step does to its resource; all actions are defined in _model/actions.

    :param name: machine-readable, in snake case.
    :param perform: executes a step with an executor, and returns the id of its operation, or None.
    :param creates: whether it creates a resource.
    """

    name: str
    perform: Callable[[Any, Step], str | None] = field(compare=False, repr=False)
    creates: bool = False


@dataclass(frozen=True)
class LateBody:
    """The part of a request body that is known only after an earlier step of the plan, such as an id that Azure chooses.

    The plan shows the body with a placeholder. Immediately before the request, the resource of the earlier step is read.

    :param resource: what the earlier step creates.
    :param complete: returns the body to send, from the planned one and the resource as it is read, which is None if it does not
        exist; raises a Failure if the resource does not have what the body needs.
    """

    resource: ResourceId
    complete: Callable[[dict[str, Any], dict[str, Any] | None], dict[str, Any]] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Step:
    """One action on one resource.

    :param method: HTTP method of the write; None for steps that only wait.
    :param body: the request body of the write.
    :param seconds: limit of a waiting step.
    :param upload: data of a step that is not part of a request; not shown.
    :param no_effect: whether its write changes nothing.
    :param claimed: the virtual machine from which another run creates the resource, for steps that wait for that.
    :param etag: the ETag of the resource for a conditional write.
    :param late: how the body is completed before it is sent; None if it is complete.
    """

    action: Action
    resource: ResourceId
    description: str
    method: str | None = None
    path: str | None = None
    body: dict[str, Any] | None = None
    seconds: float | None = None
    upload: Any = field(default=None, repr=False)
    no_effect: bool = False
    claimed: ResourceId | None = None
    etag: str | None = None
    late: LateBody | None = None

    @property
    def changes(self) -> bool:
        """Whether its execution changes anything."""
        return self.method is not None and not self.no_effect

    @property
    def operation_label(self) -> str:
        """The operation, as the subject of a sentence."""
        return f"{self.description[0].upper()}{self.description[1:]}"

    def as_dict(self) -> dict[str, Any]:
        """For a task's result."""
        shown: dict[str, Any] = {
            "action": self.action.name,
            "resource_id": str(self.resource),
            "description": self.description,
        }
        if self.method:
            shown["write"] = {"method": self.method, "path": self.path, "body": _without_secrets(self.body)}
        return shown


@dataclass(frozen=True)
class Plan:
    """The planned steps with all findings, before anything is changed."""

    title: str
    blockers: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether its execution changes anything."""
        return any(step.changes for step in self.steps)

    @property
    def displayed_warnings(self) -> list[str]:
        """The warnings that Ansible displays for the task."""
        return [warning.message for warning in self.warnings if not warning.quiet]

    def as_dict(self) -> dict[str, Any]:
        """For a task's result."""
        return {
            "title": self.title,
            "blockers": [blocker.as_dict() for blocker in self.blockers],
            "warnings": [warning.as_dict() for warning in self.warnings],
            "steps": [step.as_dict() for step in self.steps],
        }

    def before(self, action: Action) -> Plan:
        """The part of the plan before the first step with this action."""
        actions = [step.action for step in self.steps]
        end = actions.index(action) if action in actions else len(actions)
        return replace(self, steps=self.steps[:end])

    def raise_if_blocked(self, **details: Any) -> None:
        """Stop here if there are blockers.

        :param details: additional keys for the task's result.
        :raises Blocked: with all blockers.
        """
        if self.blockers:
            reasons = " ".join(blocker.message for blocker in self.blockers)
            raise Blocked(
                f"{self.title} is blocked, nothing was changed: {reasons}", details={"plan": self.as_dict(), **details}
            )

    def text(self) -> str:
        """The plan in human-readable form."""
        lines = [self.title]
        for blocker in self.blockers:
            lines += _entry("  BLOCKED  ", f"{blocker.message} [{blocker.code}]")
        for warning in self.warnings:
            lines += _entry("  note     " if warning.quiet else "  warning  ", f"{warning.message} [{warning.code}]")
        for number, step in enumerate(self.steps, start=1):
            lines += _entry(f"  {number:>2}. ", step.description)
        if not self.steps and not self.blockers:
            lines.append("  nothing to do")
        return "\n".join(lines) + "\n"

    def diff(self) -> dict[str, str]:
        """The plan as Ansible's diff, which is printed unchanged."""
        return {"prepared": self.text()}


def _without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: "********" if key.lower() in SECRET_PROPERTIES else _without_secrets(value)
            for key, value in node.items()
        }
    return [_without_secrets(item) for item in node] if isinstance(node, list) else node


def _entry(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
