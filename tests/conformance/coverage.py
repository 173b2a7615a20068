# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which recorded requests the embedded Azure claims to answer: those for which it has a row or a route."""

from __future__ import annotations

from embedded_azure import AzureError, EmbeddedAzure

from .traffic import Recorded


def covers(azure: EmbeddedAzure, exchange: Recorded) -> bool:
    """Whether a provider's table knows the address and the method of a request."""
    path = exchange.path
    try:
        route, _parameters = azure.router.route(exchange.method, path)
    except AzureError:
        return False
    if route is not None:
        return True
    if not path.namespace:
        return False
    if azure.router.find(path.type):
        return True
    owner = azure.router.find("/".join((path.namespace, *path.types[:-1]))) if path.names else None
    words = {word.lower() for word in (*owner.actions, *owner.reads)} if owner else set()
    return bool(path.types) and path.types[-1].lower() in words
