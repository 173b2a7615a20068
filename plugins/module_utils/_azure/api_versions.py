# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The API versions, and the SDK operations for each resource type."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

#: Resource type -> the SDK's operation group, whose methods take the resource group and the names in order, and the key
#: of its version below. They are used for writes; reads do not need the SDK's models.
OPERATION_GROUPS = {
    "microsoft.compute/virtualmachines": ("virtual_machines", "compute"),
    "microsoft.compute/virtualmachines/extensions": ("virtual_machine_extensions", "compute"),
    "microsoft.compute/images": ("images", "images"),
    "microsoft.compute/disks": ("disks", "disks"),
    "microsoft.compute/snapshots": ("snapshots", "disks"),
    "microsoft.compute/galleries": ("galleries", "galleries"),
    "microsoft.compute/galleries/images": ("gallery_images", "galleries"),
    "microsoft.compute/galleries/images/versions": ("gallery_image_versions", "galleries"),
}

#: Types without operations in the SDK for Compute: plain requests are sent through its pipeline, with the version below.
PLAIN_TYPES = {
    "microsoft.network/networkinterfaces": "network",
    "microsoft.network/publicipaddresses": "network",
    "microsoft.network/networksecuritygroups": "network",
    "microsoft.network/virtualnetworks": "network",
    "microsoft.resources/resourcegroups": "resource_groups",
    # It is only read.
    "microsoft.compute/diskencryptionsets": "disks",
    # The SDK names their operations otherwise than those of other types, and not all of them are long-running.
    "microsoft.compute/restorepointcollections": "restore_points",
    "microsoft.compute/restorepointcollections/restorepoints": "restore_points",
    # The SDK has operations for these, but no plain get().
    "microsoft.compute/virtualmachines/runcommands": "compute",
}

#: The tested API versions, which are used regardless of the defaults of the SDK's release, unless Azure does not know them.
#: Listings and resources of other providers are sent through the SDK's pipeline without its models.
#: Since 2025, Compute's resources have systemData, which contains their creation date.
API_VERSIONS = {
    "compute": "2026-04-01",
    "disks": "2026-03-02",
    "features": "2021-07-01",
    "galleries": "2026-03-03",
    "images": "2026-04-01",
    "image_templates": "2024-02-01",
    "locks": "2020-05-01",
    "locations": "2022-12-01",
    "marketplace_ordering": "2021-01-01",
    "network": "2024-05-01",
    "permissions": "2022-04-01",
    "policy_definitions": "2021-06-01",
    "policy_restrictions": "2022-03-01",
    "resource_groups": "2022-09-01",
    "resources": "2022-09-01",
    "resource_graph": "2022-10-01",
    "restore_points": "2026-04-01",
    "skus": "2021-07-01",
    "subscriptions": "2022-12-01",
    "tags": "2021-04-01",
}

#: The oldest API versions that this collection can use. They contain the properties that identify resources, such as uniqueId of
#: disks, and all operations that are used. Properties that were added later are listed in api_properties.py.
#: Sources: the models of azure-mgmt-compute 33, which contains all API versions until 2024, the OpenAPI files
#: (https://github.com/Azure/azure-rest-api-specs), and the versions of Azure Stack Hub
#: (https://learn.microsoft.com/azure-stack/user/azure-stack-profiles-azure-resource-manager-versions).
OLDEST_VERSIONS = {
    "compute": "2020-06-01",
    "disks": "2019-07-01",
    "features": "2015-12-01",
    "galleries": "2021-10-01",
    "images": "2020-06-01",
    "image_templates": "2020-02-14",
    "locks": "2016-09-01",
    "locations": "2016-06-01",
    "marketplace_ordering": "2015-06-01",
    "network": "2018-11-01",
    "permissions": "2015-07-01",
    "policy_definitions": "2016-12-01",
    "policy_restrictions": "2020-07-01",
    "resource_groups": "2016-06-01",
    "resources": "2016-06-01",
    "resource_graph": "2019-04-01",
    # The first one with crash-consistent restore points: https://learn.microsoft.com/azure/virtual-machines/concepts-restore-points
    "restore_points": "2021-07-01",
    "skus": "2017-09-01",
    "subscriptions": "2016-06-01",
    "tags": "2019-10-01",
}

#: What uses each API version, for messages.
PROVIDERS = {
    "compute": "Microsoft.Compute/virtualMachines",
    "disks": "Microsoft.Compute/disks",
    "features": "Microsoft.Features",
    "galleries": "Microsoft.Compute/galleries",
    "images": "Microsoft.Compute/images",
    "image_templates": "Microsoft.VirtualMachineImages/imageTemplates",
    "locks": "Microsoft.Authorization/locks",
    "locations": "Microsoft.Resources/subscriptions/locations",
    "marketplace_ordering": "Microsoft.MarketplaceOrdering",
    "network": "Microsoft.Network",
    "permissions": "Microsoft.Authorization/permissions",
    "policy_definitions": "Microsoft.Authorization/policyDefinitions",
    "policy_restrictions": "Microsoft.PolicyInsights",
    "resource_groups": "Microsoft.Resources/resourceGroups",
    "resources": "Microsoft.Resources/resources",
    "resource_graph": "Microsoft.ResourceGraph",
    "restore_points": "Microsoft.Compute/restorePointCollections",
    "skus": "Microsoft.Compute/skus",
    "subscriptions": "Microsoft.Resources/subscriptions",
    "tags": "Microsoft.Resources/tags",
}


def api_version_key_of(resource: ResourceId) -> str:
    """The key into API_VERSIONS for the type of a resource."""
    resource_type = resource.resource_type.lower()
    return PLAIN_TYPES.get(resource_type) or OPERATION_GROUPS[resource_type][1]
