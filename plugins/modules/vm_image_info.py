#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find images, and what contains them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_info
short_description: Get information about images
version_added: 1.0.0
description:
  - Returns managed images, image versions in Azure Compute Galleries, marketplace images, and image versions in community
    galleries and in galleries that are shared with the subscription.
  - Can return a single image by name, or the images of a resource group, a subscription, or several of these. Can filter
    the images by their properties, return only the newest images of each family, return only selected properties, and
    return the resources that use each image.
  - With O(level), returns what contains the images instead, such as galleries, image definitions without versions, or the
    publishers of Azure Marketplace, or what a virtual machine can be captured into.
  - If an image does not exist, the result is an empty list. If a resource group does not exist in any of the subscriptions,
    the task fails.
  - A listing is complete, or the task fails. Requests that are throttled or fail, or whose connection is lost, are repeated
    within O(timeout).
author:
  - golden.azure contributors (@golden-azure)
options:
  source:
    description:
      - One or more sources to search. V(managed) are managed images, V(gallery) are image versions in your own galleries,
        V(shared) are image versions in galleries that are shared with the subscription or its tenant.
      - V(marketplace), V(community) and V(shared) require O(location).
      - V(community) without O(gallery), or with a pattern, lists the community galleries of the region. Azure Resource
        Manager has no such listing, so it requires access to Azure Resource Graph.
    type: list
    elements: str
    choices: [managed, gallery, marketplace, community, shared]
    default: [managed]
  level:
    description:
      - What is returned. V(images) are managed images and image versions.
      - V(definitions) are image definitions, with or without versions, and V(galleries) are galleries, both with
        O(source=gallery), O(source=community) and O(source=shared).
      - V(publishers), V(offers) and V(skus) are those of Azure Marketplace, with O(source=marketplace).
      - V(targets) are the possible targets of a capture of O(source_vm), as M(golden.azure.vm_image_capture) would decide.
        O(source) is ignored.
    type: str
    choices: [images, definitions, galleries, publishers, offers, skus, targets]
    default: images
  name:
    description:
      - Name of a managed image in O(resource_group), or its full resource ID.
      - With O(source=gallery), the version number, such as V(1.0.0), in O(resource_group), O(gallery) and O(definition), or
        the full resource ID of the version.
      - With other sources, the version number.
      - V(latest) selects, for each image definition or SKU, the version that Azure uses as latest. In galleries, this is
        the highest version number among the versions that were created successfully, are not excluded from latest, are not
        soft-deleted, and, if O(location) is set, are replicated to that region. The end-of-life date is not taken into
        account. In Azure Marketplace, it is the highest version number that is not deprecated.
      - Can be used with a single O(source) only.
    type: str
  resource_group:
    description:
      - Resource group to search, for O(source=managed) and O(source=gallery). If it is not set, O(name) must be a full
        resource ID, or whole subscriptions are listed.
    type: str
  subscriptions:
    description:
      - IDs of the subscriptions to search. The default is the subscription of the task.
      - The contents of Azure Marketplace and community galleries are the same for all subscriptions, so they are read with
        the first subscription only.
    type: list
    elements: str
  gallery:
    description:
      - With O(source=gallery), return only what is in galleries with this name.
      - With O(source=community), the public name of the gallery. With O(source=shared), the unique name of the gallery. If
        it is not set, all community galleries of the region, or all galleries that are shared with the subscription or its
        tenant, are searched.
      - May contain the wildcards V(*) and V(?).
      - Applies to these three sources only. Images of other sources are not filtered by it.
    type: str
  definition:
    description: For galleries, return only image definitions with this name, or their versions. May contain the wildcards
      V(*) and V(?).
    type: str
  location:
    description: Region. For marketplace, community and shared images, the region to search. For your own images, a filter.
    type: str
  publisher:
    description:
      - Return only images of this publisher. May contain the wildcards V(*) and V(?), like O(offer) and O(sku).
      - In Azure Marketplace, each name that is set without wildcards reduces the number of requests, see O(max_requests).
    type: str
  offer:
    description: Return only images of this offer. May contain wildcards.
    type: str
  sku:
    description: Return only images of this SKU. May contain wildcards.
    type: str
  name_pattern:
    description: Return only images whose name (for a version, its number) matches this pattern with the wildcards V(*) and
      V(?). Matching is case-insensitive. With O(level), the name of the gallery, the definition, the publisher and so on.
    type: str
  tags:
    description:
      - Return only images that have these tags. An empty value matches any value.
      - Tag names are case-insensitive, as in Azure. Tag values are case-sensitive.
    type: dict
  os_type:
    description: Return only images with this operating system.
    type: str
    choices: [linux, windows]
  os_state:
    description: Return only images in this state.
    type: str
    choices: [generalized, specialized]
  hyper_v_generation:
    description: Return only images for virtual machines of this generation.
    type: str
    choices: [V1, V2]
  architecture:
    description: Return only images of this architecture.
    type: str
    choices: [x64, Arm64]
  security_type:
    description:
      - Return only images of this security type, such as V(TrustedLaunchSupported), V(TrustedLaunch) or V(ConfidentialVM).
        V(Standard) matches images without a security type.
    type: str
  source_vm:
    description:
      - Return only images that were captured from this virtual machine, specified by its name or its full resource ID.
      - With O(level=targets), the virtual machine whose possible targets are returned. A name requires O(resource_group).
    type: str
  created_after:
    description: Return only images that were created after this timestamp, such as V(2026-01-31T12:00:00Z). Images of
      unknown age do not match.
    type: str
  created_before:
    description: Return only images that were created before this timestamp. Images of unknown age do not match.
    type: str
  has_data_disks:
    description: V(true) returns only images with data disks, V(false) only images without data disks.
    type: bool
  deprecated:
    description: V(true) returns only deprecated images, V(false) only images that are not deprecated. See
      RV(images[].deprecated).
    type: bool
  family:
    description:
      - Return only images of this family.
      - If O(family_tag) is set, the family is the value of that tag. Otherwise, it is the name of an image definition,
        optionally with its gallery (V(gallery/definition)), or V(publisher:offer:sku).
    type: str
  family_tag:
    description: Name of the tag whose value is the family of an image. Managed images have no family without this option.
    type: str
  has_versions:
    description: With O(level=definitions), V(true) returns only image definitions with versions, V(false) only image
      definitions without versions.
    type: bool
  soft_deleted:
    description:
      - Return soft-deleted versions, which can still be restored, instead of existing versions. Only galleries with soft
        delete enabled can have such versions.
    type: bool
    default: false
  newest_per_family:
    description:
      - Return only this number of images of each family, the newest first, regardless of their O(source).
      - Versions of one image definition or SKU are compared by their version numbers. Managed images are compared by their
        creation date, as are families that O(family_tag) forms from several definitions or sources.
    type: int
  properties:
    description:
      - Return only these properties of each image. Use dots for nested properties, such as V(os_disk.size_gb).
      - Fewer properties reduce the resource usage of a task that returns many images. For 4,000 managed images, a task with all
        properties takes 1.9 seconds of CPU time, with eight properties 0.9 seconds, and with two properties 0.5 seconds.
    type: list
    elements: str
  page_size:
    description: Return only this number of images (or of what O(level) returns), the page O(page) of them. Azure is read
      completely for each page. If it is not set, all are returned.
    type: int
  page:
    description: The page that is returned, from V(1). See RV(next_page).
    type: int
    default: 1
  max_requests:
    description:
      - Maximum number of requests for images of others, with O(source=marketplace), O(source=community) and
        O(source=shared). A search that would need more fails before it sends them. RV(request_count) is the number that was
        sent.
      - Azure Marketplace needs one request for its publishers, one for the offers of each publisher, one for the SKUs of
        each offer, and one for the versions of each SKU. A region has more than 2,000 publishers. A name that is set without
        wildcards is not looked for.
      - Galleries of others need one request for the galleries, one for the image definitions of each gallery, and one for
        the versions of each definition.
    type: int
    default: 500
  include_usage:
    description:
      - Whether to also return the virtual machines, scale sets, gallery image versions and image templates that use each
        image. For O(source=managed) and O(source=gallery) only.
      - Usage is determined in the subscriptions of the images, and in all other subscriptions that the identity can access.
      - A reference to an image definition counts as a use of its latest version. Usage in other tenants, and usage by Azure
        services that do not expose it, such as Azure Batch pools, cannot be determined.
    type: bool
    default: false
  query_backend:
    description:
      - Service that is used to list whole subscriptions. V(graph) uses Azure Resource Graph, which needs a tenth of the
        requests, can be some minutes behind, and returns the resources that the identity can read. If access to Resource
        Graph is denied, Azure Resource Manager is used instead.
      - V(arm) uses Azure Resource Manager, which is always up to date.
      - Resource Graph does not return the creation date of managed images. If it is required (O(created_after),
        O(created_before), O(newest_per_family), RV(images[].created_at) in O(properties)), managed images are listed with
        Azure Resource Manager.
      - Single images and resource groups are always read with Azure Resource Manager.
    type: str
    choices: [graph, arm]
    default: graph
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes.info
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Get one image
  golden.azure.vm_image_info:
    resource_group: images
    name: golden-web

- name: List all images of a team
  golden.azure.vm_image_info:
    tags:
      team: web

- name: Get the newest version of each image definition in a gallery
  golden.azure.vm_image_info:
    source: gallery
    gallery: golden
    deprecated: false
    newest_per_family: 1

- name: List the families of the images and gallery versions of two subscriptions
  golden.azure.vm_image_info:
    source: [managed, gallery]
    subscriptions:
      - 00000000-0000-0000-0000-000000000000
      - 11111111-1111-1111-1111-111111111111
    family_tag: product
    properties: [family, source]

- name: List old images with the resources that use them
  golden.azure.vm_image_info:
    created_before: "2026-01-01T00:00:00Z"
    include_usage: true
    properties:
      - id
      - created_at
      - used_by

- name: List the publishers of Azure Marketplace whose names contain debian
  golden.azure.vm_image_info:
    source: marketplace
    level: publishers
    location: westeurope
    publisher: "*debian*"

- name: List the latest version of each SKU for Arm64, whose offers begin with ubuntu
  golden.azure.vm_image_info:
    source: marketplace
    location: westeurope
    publisher: Canonical
    offer: ubuntu*
    architecture: Arm64
    name: latest

- name: List the community galleries of a region with their publishers
  golden.azure.vm_image_info:
    source: community
    level: galleries
    location: westeurope
    properties: [name, publisher_uri, publisher_contact, eula]

- name: List the image definitions without versions
  golden.azure.vm_image_info:
    source: gallery
    level: definitions
    has_versions: false

- name: List the images with data disks, with name and family only
  golden.azure.vm_image_info:
    source: [managed, gallery]
    has_data_disks: true
    properties: [name, family]

- name: Ask what a virtual machine can be captured into
  golden.azure.vm_image_info:
    level: targets
    resource_group: images
    source_vm: web-build

- name: Get the latest marketplace image that is not deprecated
  golden.azure.vm_image_info:
    source: marketplace
    location: westeurope
    publisher: Debian
    offer: debian-13
    sku: 13-gen2
    name: latest
"""

RETURN = r"""
findings:
  description:
    - The reason why no image is returned, with C(code) and C(message). Empty if an image is returned. The task does not
      fail if no image is found.
    - The code is C(nothing_found) if the searched location contains no images, and C(nothing_matched) if it contains images
      but none matches the filters. The same applies to what O(level) returns.
  returned: success
  type: list
  elements: dict
  sample: []
images:
  description:
    - The images. All images have the properties up to RV(images[].data_disks). The other properties depend on the source.
    - If O(properties) is set, the images contain these properties only.
  returned: with O(level=images)
  type: list
  elements: dict
  contains: &image
    id:
      description: Full resource ID. For marketplace, community and shared images, their unique ID.
      type: str
      returned: always
    name:
      description: Name. For a version, its version number.
      type: str
      returned: always
    source:
      description: V(managed), V(gallery), V(marketplace), V(community) or V(shared).
      type: str
      returned: always
    family:
      description: Family, as in O(family). V(null) for an image without a family.
      type: str
      returned: always
    resource_group:
      description: Resource group.
      type: str
      returned: always
    subscription_id:
      description: Subscription.
      type: str
      returned: always
    location:
      description: Region.
      type: str
      returned: always
    tags:
      description: Tags.
      type: dict
      returned: always
    provisioning_state:
      description: V(Succeeded), V(Creating), V(Updating), V(Deleting) or V(Failed); V(SoftDeleted) with O(soft_deleted).
      type: str
      returned: always
    hyper_v_generation:
      description: V(V1) or V(V2).
      type: str
      returned: always
    os_type:
      description: V(linux) or V(windows).
      type: str
      returned: always
    os_state:
      description: V(generalized) or V(specialized).
      type: str
      returned: always
    architecture:
      description: V(x64) or V(Arm64).
      type: str
      returned: always
    security_type:
      description: Security type. V(Standard) for an image without a security type.
      type: str
      returned: always
    publisher:
      description: Publisher of the image definition or the marketplace image.
      type: str
      returned: always
    offer:
      description: Offer of the image definition or the marketplace image.
      type: str
      returned: always
    sku:
      description: SKU of the image definition or the marketplace image.
      type: str
      returned: always
    source_vm:
      description: ID of the virtual machine that the image was captured from, if any.
      type: str
      returned: always
    created_at:
      description:
        - Creation date that Azure reports. For gallery image versions, the publishing date if there is no creation date. If
          Azure reports neither, the value of the tag C(golden.azure.created_at).
      type: str
      returned: always
    deprecated:
      description:
        - Whether the image should no longer be used. A gallery image version is deprecated if it is excluded from latest or
          its end-of-life date has passed, a managed image if it has the tag C(golden.azure.deprecated_at), and a
          marketplace image if its publisher has deprecated it.
      type: bool
      returned: always
    deprecated_at:
      description: Date of the deprecation, if known.
      type: str
      returned: always
    os_disk:
      description:
        - The OS disk. For managed images, os_type, os_state, size_gb, caching, storage_account_type, the source of its
          contents (managed_disk, snapshot, blob_uri), and disk_encryption_set.
        - For versions, size_gb and caching.
      type: dict
      returned: unless O(soft_deleted)
    data_disks:
      description: The data disks, each with lun and the same keys as the OS disk.
      type: list
      elements: dict
      returned: always
    zone_resilient:
      description: Whether the image is stored in several availability zones.
      type: bool
      returned: for managed images
    gallery:
      description: The gallery, with the name that was used to search for it.
      type: str
      returned: for versions in galleries
    definition:
      description: The image definition.
      type: str
      returned: for versions in galleries
    version:
      description: The version.
      type: str
      returned: for versions in galleries and in the marketplace
    source_image:
      description: ID of the image, version, disk or snapshot that the version was created from, if any.
      type: str
      returned: for versions in galleries of your own
    exclude_from_latest:
      description: Whether the version is excluded from latest.
      type: bool
      returned: for versions in galleries
    end_of_life:
      description: End-of-life date.
      type: str
      returned: for versions in galleries
    block_deletion_before_end_of_life:
      description: Whether Azure prevents the deletion of the version before its end-of-life date.
      type: bool
      returned: for versions in galleries of your own
    regions:
      description:
        - The regions that the version is replicated to, each with name, replicas, storage_account_type and
          exclude_from_latest, which states whether the version is excluded from latest in that region only.
      type: list
      elements: dict
      returned: for versions in galleries of your own
    replication_mode:
      description: V(full) or V(shallow).
      type: str
      returned: for versions in galleries of your own
    soft_deleted_at:
      description: Date of the deletion.
      type: str
      returned: with O(soft_deleted)
    consumption_ends_at:
      description: Date until which the version can be used if its version number is specified.
      type: str
      returned: with O(soft_deleted)
    hard_deletion_at:
      description: Date until which the version can be restored with M(golden.azure.vm_image_version).
      type: str
      returned: with O(soft_deleted)
    urn:
      description: URN in the format publisher:offer:sku:version.
      type: str
      returned: for marketplace images
    deprecation_state:
      description: V(Active), V(ScheduledForDeprecation) or V(Deprecated).
      type: str
      returned: for marketplace images
    purchase_plan:
      description:
        - Purchase plan whose terms must be accepted before the image can be used, with publisher, product and name. V(null)
          if there is none. Azure does not report the purchase plan of a managed image. It is read from the tag
          C(golden.azure.purchase_plan), which a capture sets.
      type: dict
      returned: for marketplace images, managed images, and versions in galleries
    used_by:
      description: The resources that use the image, each with id, name and kind.
      type: list
      elements: dict
      returned: with O(include_usage)
    usage_complete:
      description:
        - Whether all resources that could use the image were read. If not, RV(images[].used_by) may be incomplete, and a
          warning states what could not be read.
      type: bool
      returned: with O(include_usage)
definitions:
  description: The image definitions.
  returned: with O(level=definitions)
  type: list
  elements: dict
  contains:
    id: &id
      description: Full resource ID. For galleries of others, the unique ID.
      type: str
      returned: always
    name: &name
      description: Name. For a community gallery, its public name.
      type: str
      returned: always
    source: &source
      description: V(gallery), V(community) or V(shared).
      type: str
      returned: always
    resource_group: &resource_group
      description: Resource group. V(null) for galleries of others.
      type: str
      returned: always
    subscription_id: &subscription_id
      description: Subscription.
      type: str
      returned: always
    location: &location
      description: Region.
      type: str
      returned: always
    tags: &tags
      description: Tags.
      type: dict
      returned: always
    provisioning_state: &provisioning_state
      description: V(Succeeded), V(Creating), V(Updating), V(Deleting) or V(Failed).
      type: str
      returned: always
    gallery:
      description: Name of the gallery.
      type: str
      returned: always
    version_count:
      description: Number of its versions; in galleries of others, of those in O(location).
      type: int
      returned: always
    description:
      description: Description.
      type: str
      returned: always
    os_type:
      description: V(linux) or V(windows).
      type: str
      returned: always
    os_state:
      description: V(generalized) or V(specialized).
      type: str
      returned: always
    hyper_v_generation:
      description: V(V1) or V(V2).
      type: str
      returned: always
    architecture:
      description: V(x64) or V(Arm64).
      type: str
      returned: always
    security_type:
      description: Security type. V(Standard) for a definition without one.
      type: str
      returned: always
    publisher:
      description: Publisher.
      type: str
      returned: always
    offer:
      description: Offer.
      type: str
      returned: always
    sku:
      description: SKU.
      type: str
      returned: always
    disk_controller_types:
      description: Disk controllers that the images support.
      type: list
      elements: str
      returned: always
    accelerated_networking:
      description: Whether the images support accelerated networking.
      type: bool
      returned: always
    hibernation:
      description: Whether the images support hibernation.
      type: bool
      returned: always
    features:
      description: All features as Azure names them, such as C(SecurityType), C(DiskControllerTypes) and
        C(IsAcceleratedNetworkSupported), with their values.
      type: dict
      returned: always
    recommended:
      description: Recommended sizes of virtual machines, as C(vcpus) and C(memory_gb), each with C(min) and C(max).
      type: dict
      returned: always
    disallowed_disk_types:
      description: Storage account types of disks that are not allowed.
      type: list
      elements: str
      returned: always
    purchase_plan: &purchase_plan
      description: Purchase plan, with publisher, product and name. V(null) if there is none.
      type: dict
      returned: always
    end_of_life:
      description: End-of-life date.
      type: str
      returned: always
    eula: &eula
      description: End-user license agreement.
      type: str
      returned: always
    privacy_statement_uri: &privacy_statement_uri
      description: Privacy statement.
      type: str
      returned: always
    release_note_uri:
      description: Release notes.
      type: str
      returned: always
galleries:
  description: The galleries.
  returned: with O(level=galleries)
  type: list
  elements: dict
  contains:
    id: *id
    name: *name
    source: *source
    resource_group: *resource_group
    subscription_id: *subscription_id
    location: *location
    tags: *tags
    provisioning_state: *provisioning_state
    description:
      description: Description.
      type: str
      returned: always
    unique_name:
      description: Unique name, under which the gallery is shared with subscriptions and tenants.
      type: str
      returned: always
    sharing:
      description: V(private), V(groups) (with subscriptions or tenants) or V(community).
      type: str
      returned: always
    soft_delete:
      description: Whether soft delete is enabled. V(null) for galleries of others.
      type: bool
      returned: always
    public_names:
      description: Public names of a community gallery.
      type: list
      elements: str
      returned: always
    publisher_uri:
      description: Website of the publisher of a community gallery.
      type: str
      returned: always
    publisher_contact:
      description: Email address of the publisher of a community gallery.
      type: str
      returned: always
    eula: *eula
    privacy_statement_uri: *privacy_statement_uri
publishers:
  description: The publishers of Azure Marketplace, each with id, name, source, location and publisher.
  returned: with O(level=publishers)
  type: list
  elements: dict
offers:
  description: The offers, each with id, name, source, location, publisher and offer.
  returned: with O(level=offers)
  type: list
  elements: dict
skus:
  description: The SKUs, each with id, name, source, location, publisher, offer and sku.
  returned: with O(level=skus)
  type: list
  elements: dict
targets:
  description:
    - What the virtual machine O(source_vm) can be captured into. A managed image, a generalized gallery image version, and a
      specialized one, in this order. Empty if the virtual machine does not exist.
    - It depends on the disks, the disk controllers, the security type, the architecture and the generation of the virtual
      machine. Whether the targets exist already, and what else a task requires, is determined by
      M(golden.azure.vm_image_capture) in check mode.
  returned: with O(level=targets)
  type: list
  elements: dict
  contains:
    option:
      description: The option of M(golden.azure.vm_image_capture) for the target, V(image) or V(gallery_versions).
      type: str
      returned: always
    os_state:
      description: V(generalized) or V(specialized).
      type: str
      returned: always
    possible:
      description: Whether the target is possible.
      type: bool
      returned: always
    reasons:
      description: The reasons why it is not possible, each with C(code) and C(message). The codes are those of the blockers
        of M(golden.azure.vm_image_capture).
      type: list
      elements: dict
      returned: always
    os_type:
      description: V(linux) or V(windows).
      type: str
      returned: always
    hyper_v_generation:
      description: V(V1) or V(V2).
      type: str
      returned: always
    architecture:
      description: V(x64) or V(Arm64).
      type: str
      returned: always
    features:
      description: The features of virtual machines that are created from it, as Azure names them in image definitions. A
        managed image declares none, so that it supports only SCSI disk controllers and the security type Standard.
      type: dict
      returned: always
    data_disk_luns:
      description: LUNs of the data disks that are captured.
      type: list
      elements: int
      returned: always
    purchase_plan: *purchase_plan
total:
  description: Number of images, or of what O(level) returns, on all pages.
  returned: unless O(level=targets)
  type: int
  sample: 2
next_page:
  description: Value of O(page) for the next page. V(null) on the last one.
  returned: unless O(level=targets)
  type: int
  sample: null
request_count:
  description: Number of requests that were sent for images of others. See O(max_requests).
  returned: with O(source=marketplace), O(source=community) and O(source=shared)
  type: int
  sample: 4
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
  sample:
    subscription_id: 00000000-0000-0000-0000-000000000000
    client_id: 11111111-1111-1111-1111-111111111111
    auth_method: client_secret
"""

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._info import run as info


def main() -> None:
    """Run the module."""
    run_module(info.execute, info.OPTIONS)


if __name__ == "__main__":
    main()
