# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Community galleries without knowing their public names.

Resource Manager has no listing of them, and reads one gallery by its public name only (azure-mgmt-compute 39 likewise). The Azure portal
and `az sig list-community` ask Resource Graph: https://github.com/Azure/azure-cli/issues/21470, .../22222. The table and its types:
https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources#communitygalleryresources
"""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.resource_graph import GraphNotAllowed, query_graph
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Refused

Json = dict[str, Any]

# The table has its locations in lower case: https://github.com/Azure/azure-cli/pull/22979
_QUERY = (
    "communitygalleryresources | where type =~ 'microsoft.compute/locations/communitygalleries' and location =~ '{location}' "
    "| project id, name, location, properties"
)


def list_community_galleries(arm: ArmClient, location: str) -> list[Json]:
    """The community galleries with images in a region, as rows with name, location and properties.

    :param location: the normalized name of the region: letters and digits.
    :raises Refused: if Resource Graph is not available to the identity, or in this cloud.
    """
    what = f"Listing the community galleries of {location}"
    try:
        # Nothing but letters and digits: a quotation mark would end the text in the query.
        return query_graph(arm, _QUERY.format(location="".join(filter(str.isalnum, location))), None, what)
    except GraphNotAllowed as refused:
        raise Refused(
            f"{refused.message.rstrip('.')}; only Azure Resource Graph lists community galleries: set 'gallery' to the public name "
            "of one, or allow the identity to use Resource Graph.",
            code="community_not_listed",
            request_id=refused.request_id,
        ) from refused
