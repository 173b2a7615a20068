# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a path to a row of a provider's table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import known_versions
from .errors import error
from .model import Call, Provider, ResourceType, Route
from .resource_id import ArmPath


class Router:
    """Finds routes by template and resource types by name, ignoring case."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._types: dict[str, ResourceType] = {}
        self.routes: list[tuple[str, re.Pattern[str], Route]] = []
        self.namespaces: dict[str, str] = {}
        for provider in providers:
            self.namespaces[provider.namespace.lower()] = provider.namespace
            for kind in provider.types:
                self._types[kind.name.lower()] = kind
            for route in provider.routes:
                self.routes.append((route.method, _pattern(route.template), route))

    @property
    def types(self) -> list[ResourceType]:
        """All resource types."""
        return list(self._types.values())

    def find(self, name: str) -> ResourceType | None:
        """A resource type by its full name."""
        return self._types.get(name.lower())

    def route(self, method: str, path: ArmPath) -> tuple[Route | None, dict[str, str]]:
        """The route for a path with what its placeholders matched; 405 when only the method is wrong."""
        refused, identity = False, path.id
        for wanted, pattern, route in self.routes:
            match = pattern.match(identity)
            if match and wanted == method:
                return route, match.groupdict()
            refused = refused or bool(match)
        if refused:
            raise error("method_not_allowed", method=method)
        return None, {}

    def resource_type(self, call: Call) -> tuple[ResourceType, str | None]:
        """The resource type a path addresses, and the action's name if its last word is one.

        Raises the front door's own errors for a namespace, type or api-version that does not exist.
        """
        path = call.path
        if not path.namespace or path.namespace.lower() not in self.namespaces:
            if path.namespace:
                raise error("unknown_namespace", namespace=path.namespace)
            raise error("no_subscription")
        kind = self.find(path.type)
        action = None
        if kind is None and not path.is_resource and path.names:
            owner = self.find("/".join((path.namespace, *path.types[:-1])))
            words = {word.lower() for word in (*owner.actions, *owner.reads)} if owner else set()
            if owner and path.types[-1].lower() in words:
                kind, action = owner, path.types[-1]
        if kind is None:
            raise error(
                "unknown_type",
                type="/".join(path.types),
                namespace=self.namespaces[path.namespace.lower()],
                version=call.api_version,
                supported=", ".join(
                    known_versions.all_of(self.types, call.cloud.settings, self.namespaces[path.namespace.lower()])
                ),
            )
        known_versions.check_type(call, kind)
        return kind, action


def _pattern(template: str) -> re.Pattern[str]:
    expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    expression = expression.replace(r"\*scope\*", "(?P<scope>.*)")
    return re.compile(f"^{expression}$", re.IGNORECASE)
