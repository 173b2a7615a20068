# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purchase plans of the marketplace, which apply to an image and to every virtual machine created from a copy of it; pure.

Azure stores a plan on virtual machines, disks, snapshots and image definitions, not on managed images, and refuses to create from
one without the plan: https://learn.microsoft.com/azure/virtual-machines/marketplace-images
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._core.tags import PREFIX, tag_value

Json = dict[str, Any]

#: On images of sources with a purchase plan: publisher, product and name of the plan.
PURCHASE_PLAN_TAG = f"{PREFIX}purchase_plan"
_WORDS = ("publisher", "product", "name")


def plain_plan(plan: Json | None) -> Json | None:
    """Publisher, product and name of a plan; None if it is incomplete."""
    if not plan or not all(plan.get(word) for word in _WORDS):
        return None
    return {word: str(plan[word]) for word in _WORDS}


def plan_tags(plan: Json | None) -> dict[str, str]:
    """The tag that stores the plan of an image; none without a plan."""
    found = plain_plan(plan)
    return {PURCHASE_PLAN_TAG: describe_plan(found)} if found else {}


def recorded_plan(tags: Json | None) -> Json | None:
    """The plan from the tags of an image."""
    words = (tag_value(tags, PURCHASE_PLAN_TAG) or "").split(":")
    return plain_plan(dict(zip(_WORDS, words))) if len(words) == len(_WORDS) else None


def describe_plan(plan: Json) -> str:
    """A plan as one text, as in publisher:product:name."""
    return ":".join(str(plan[word]) for word in _WORDS)


def agreement_path(subscription_id: str, plan: Json) -> str:
    """The path that shows whether a subscription has accepted the terms of a plan.

    Source: https://learn.microsoft.com/rest/api/marketplaceordering/marketplace-agreements/get
    """
    publisher, product, name = (quote(str(plan[word]), safe="") for word in _WORDS)
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/"
        f"{publisher}/offers/{product}/plans/{name}/agreements/current"
    )
