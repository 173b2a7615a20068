# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purchase plans of the marketplace: what is bought with an image, and with every machine that is made of a copy of it; pure.

Azure keeps a plan on machines, disks, snapshots and image definitions, not on managed images, and refuses machines that are made of
one without naming it: https://learn.microsoft.com/azure/virtual-machines/marketplace-images
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._core.tags import PREFIX, tag_value

Json = dict[str, Any]

#: On images that were captured from what was bought: publisher, product and name of the plan.
PURCHASE_PLAN_TAG = f"{PREFIX}purchase_plan"
_WORDS = ("publisher", "product", "name")


def plain_plan(plan: Json | None) -> Json | None:
    """Publisher, product and name of a plan; None where it is none that a machine can be bought by."""
    if not plan or not all(plan.get(word) for word in _WORDS):
        return None
    return {word: str(plan[word]) for word in _WORDS}


def plan_tags(plan: Json | None) -> dict[str, str]:
    """The tag by which an image keeps its plan; none where there is no plan."""
    found = plain_plan(plan)
    return {PURCHASE_PLAN_TAG: describe_plan(found)} if found else {}


def recorded_plan(tags: Json | None) -> Json | None:
    """The plan that an image keeps in its tags."""
    words = (tag_value(tags, PURCHASE_PLAN_TAG) or "").split(":")
    return plain_plan(dict(zip(_WORDS, words))) if len(words) == len(_WORDS) else None


def describe_plan(plan: Json) -> str:
    """A plan as one text, as in publisher:product:name."""
    return ":".join(str(plan[word]) for word in _WORDS)


def agreement_path(subscription_id: str, plan: Json) -> str:
    """Where Azure tells whether a subscription has accepted the terms of a plan.

    Source: https://learn.microsoft.com/rest/api/marketplaceordering/marketplace-agreements/get
    """
    publisher, product, name = (quote(str(plan[word]), safe="") for word in _WORDS)
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/"
        f"{publisher}/offers/{product}/plans/{name}/agreements/current"
    )
