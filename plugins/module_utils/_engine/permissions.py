# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compare the permissions of the signed-in identity with the permissions that the steps of a plan require.

Roles are usually assigned on resource groups and subscriptions, so that one read per group is sufficient; the permissions on a
resource are read only if its group does not grant an action. Deny assignments are not part of the response.
Source: https://learn.microsoft.com/rest/api/authorization/permissions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    RESOURCE_GROUP,
    ResourceId,
    group_of,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_GROUP
from ansible_collections.golden.azure.plugins.module_utils._model.rights import Right, grants, rights_of

Json = dict[str, Any]

#: For more groups of one subscription than this, the subscription is queried first: it usually grants the same on all.
_MIN_GROUPS = 3


class Permissions:
    """The permissions of the signed-in identity, read on demand, each scope once.

    :param steps: of the plan; groups that they create have no permissions of their own yet.
    """

    def __init__(self, arm: ArmReader, steps: Sequence[Step]) -> None:
        self._arm = arm
        self._made = {str(step.resource).lower() for step in steps if step.action is CREATE_GROUP}
        #: By scope in lower case; None if they cannot be read.
        self._known: dict[str, list[Json] | None] = {}
        #: Groups and actions, and whether the group grants them.
        self._in_group: dict[tuple[str, str], bool | None] = {}
        #: Groups and actions for which one resource lacks the permission.
        self._lacking: set[tuple[str, str]] = set()

    def compare(self, rights: Sequence[Right]) -> list[bool | None]:
        """Whether each right is granted on its scope; None if that is unknown."""
        granted: set[Right] = set()
        for subscription in dict.fromkeys(right.scope.subscription_id for right in rights):
            own = [right for right in rights if right.scope.subscription_id == subscription]
            if len(_groups(own)) > _MIN_GROUPS:
                permissions = self._of_subscription(subscription) or []
                everywhere = {action for action in {one.action for one in own} if grants(permissions, action)}
                granted.update(one for one in own if one.action in everywhere)
        run_in_threads(self._of_group, _groups(right for right in rights if right not in granted), READERS)
        return [True if right in granted else self.grant(right) for right in rights]

    def grant(self, right: Right) -> bool | None:
        """Whether a right is granted on its scope; None if that is unknown."""
        key = (right.scope.group_id.lower(), right.action)
        if key not in self._in_group:
            permissions = self._of_group(group_of(right.scope))
            self._in_group[key] = None if permissions is None else grants(permissions, right.action)
        in_group = self._in_group[key]
        if in_group is not False:
            return in_group
        if key[0] in self._made or key in self._lacking:
            return False
        for scope in _from_resource_to_top(right.scope):
            permissions = self._read(str(scope), scope.label, absent=[])
            if permissions is None or grants(permissions, right.action):
                return None if permissions is None else True
        self._lacking.add(key)
        return False

    def _of_subscription(self, subscription: str) -> list[Json] | None:
        return self._read(f"/subscriptions/{subscription}", f"subscription '{subscription}'", absent=None)

    def _of_group(self, group: ResourceId) -> list[Json] | None:
        if str(group).lower() in self._made:
            return self._of_subscription(group.subscription_id)
        try:
            return self._read(str(group), group.label, absent=None, group_may_be_absent=False)
        except NotFound:
            # For a group that does not exist, the permissions of its subscription apply.
            self._made.add(str(group).lower())
            return self._of_subscription(group.subscription_id)

    def _read(
        self, scope: str, label: str, absent: list[Json] | None, group_may_be_absent: bool = True
    ) -> list[Json] | None:
        """Read the permissions on a scope.

        :param absent: the result if the scope does not exist.
        :raises NotFound: if it does not exist and no default is given.
        """
        key = scope.lower()
        if key not in self._known:
            path = f"{scope}/providers/Microsoft.Authorization/permissions"
            try:
                self._known[key] = list(self._arm.list(path, "permissions", f"the permissions on {label}"))
            except SignInFailed:
                raise
            except NotFound:
                if not group_may_be_absent:
                    raise
                self._known[key] = absent
            except Refused as refused:
                if refused.code != "AuthorizationFailed":
                    raise
                self._known[key] = None
        return self._known[key]


def _groups(rights: Iterable[Right]) -> list[ResourceId]:
    """The groups of rights, each once."""
    return list({str(group).lower(): group for group in (group_of(right.scope) for right in rights)}.values())


def _from_resource_to_top(resource: ResourceId) -> Iterator[ResourceId]:
    """A resource and its parents; roles may be assigned on each of them."""
    if resource.resource_type == RESOURCE_GROUP:
        return
    while True:
        yield resource
        if len(resource.names) == 1:
            return
        resource = parent(resource)


def rights_findings(permissions: Permissions, steps: Sequence[Step]) -> tuple[list[Finding], list[Finding]]:
    """Compare the permissions that the steps need with those granted.

    :returns: blockers, one for each group with missing permissions; and warnings, if they are unknown.
    """
    missing: dict[str, list[Right]] = {}
    unknown: dict[str, ResourceId] = {}
    rights = list(dict.fromkeys(right for step in steps for right in rights_of(step)))
    for right, granted in zip(rights, permissions.compare(rights)):
        group = group_of(right.scope)
        if granted is None:
            unknown.setdefault(str(group).lower(), group)
        elif not granted:
            missing.setdefault(str(group).lower(), []).append(right)
    return [_missing(rights) for rights in missing.values()], [_unknown(group) for group in unknown.values()]


def _missing(rights: Sequence[Right]) -> Finding:
    group = group_of(rights[0].scope)
    actions = sorted({right.action for right in rights})
    return Finding(
        "rights_missing",
        f"The signed-in identity lacks the permission {', '.join(actions)} in {group.label} of subscription "
        f"'{group.subscription_id}'; assign it a role with {'these actions' if len(actions) > 1 else 'this action'} "
        "there.",
        {"scope": str(group), "actions": actions},
    )


def _unknown(group: ResourceId) -> Finding:
    return Finding(
        "rights_unknown",
        f"The permissions of the signed-in identity in {group.label} could not be read "
        "(Microsoft.Authorization/permissions/read); Azure may deny a request during the run.",
        {"scope": str(group)},
    )
