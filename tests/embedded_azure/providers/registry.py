# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All providers of the embedded Azure."""

from __future__ import annotations

from .. import polling
from ..model import Provider
from . import (
    authorization,
    compute,
    deployments,
    features,
    graph,
    groups,
    image_templates,
    network,
    policy_insights,
    purchase_plans,
    registrations,
    tags,
)

_DESCRIBED = (compute.PROVIDER, network.PROVIDER, authorization.PROVIDER, image_templates.PROVIDER)

PROVIDERS: tuple[Provider, ...] = (
    Provider(
        namespace="Microsoft.Resources",
        routes=(*groups.ROUTES, *tags.ROUTES, *deployments.ROUTES, *polling.ROUTES, *registrations.routes(_DESCRIBED)),
    ),
    *_DESCRIBED,
    graph.PROVIDER,
    policy_insights.PROVIDER,
    purchase_plans.PROVIDER,
    features.PROVIDER,
)
