# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The providers as ARM lists them: what types there are, where, in which versions."""

from __future__ import annotations

from .. import known_versions, locations
from ..errors import error
from ..model import Body, Call, Provider, Response, Route

_ONE = "/subscriptions/{subscription}/providers/{namespace}"


def routes(providers: tuple[Provider, ...]) -> tuple[Route, ...]:
    """Addresses which describe the given providers."""

    def document(call: Call, provider: Provider) -> Body:
        types = [
            {
                "resourceType": kind.name.split("/", 1)[1],
                "locations": list(locations.DISPLAY_NAMES.values()),
                "apiVersions": list(reversed(known_versions.of_type(call.cloud.settings, kind))),
                "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove",
            }
            for kind in provider.types
        ]
        return {
            "id": f"/subscriptions/{call.path.subscription}/providers/{provider.namespace}",
            "namespace": provider.namespace,
            "authorization": {
                "applicationId": call.cloud.settings.client,
                "roleDefinitionId": call.cloud.settings.tenant,
            },
            "resourceTypes": types,
            "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired",
        }

    def every(call: Call) -> Response:
        return Response(200, {"value": [document(call, provider) for provider in providers]})

    def one(call: Call) -> Response:
        for provider in providers:
            if provider.namespace.lower() == call.parameters["namespace"].lower():
                return Response(200, document(call, provider))
        raise error("unknown_namespace", namespace=call.parameters["namespace"])

    return (
        Route("GET", "/subscriptions/{subscription}/providers", every),
        Route("GET", _ONE, one),
        Route("POST", f"{_ONE}/register", one),
    )
