# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Features: which features a subscription has registered."""

from __future__ import annotations

from ..model import Body, Call, Provider, Response, Route

_FEATURE = "/subscriptions/{subscription}/providers/Microsoft.Features/providers/{namespace}/features/{feature}"


def _document(call: Call) -> Body:
    name = f"{call.parameters['namespace']}/{call.parameters['feature']}"
    return {
        "id": f"/subscriptions/{call.path.subscription}/providers/Microsoft.Features/providers/"
        f"{call.parameters['namespace']}/features/{call.parameters['feature']}",
        "name": name,
        "type": "Microsoft.Features/providers/features",
        "properties": {"state": "Registered" if call.cloud.settings.has_feature(name) else "NotRegistered"},
    }


def read(call: Call) -> Response:
    """One feature."""
    return Response(200, _document(call))


def register(call: Call) -> Response:
    """Register a feature; Azure takes minutes, here it is done at once."""
    name = f"{call.parameters['namespace']}/{call.parameters['feature']}"
    if not call.cloud.settings.has_feature(name):
        call.cloud.settings.features.append(name)
    return Response(200, _document(call))


PROVIDER = Provider(
    namespace="Microsoft.Features",
    routes=(Route("GET", _FEATURE, read), Route("POST", f"{_FEATURE}/register", register)),
)
