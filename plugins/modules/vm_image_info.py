#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_info
short_description: Find images
version_added: 0.1.0
description:
  - Finds managed images, versions in Azure Compute Galleries, marketplace images, and the images of community galleries and
    of galleries that others share with the subscription.
  - Looks for one by its name, or in a resource group, a subscription, or several; chooses by what the images are; can
    return the newest of each family, only some properties, and what uses each image.
  - An image that is not there is an empty list, not an error; a resource group that is in none of the subscriptions is an
    error.
  - A listing is complete, or the task fails. Pages that are throttled, fail, or whose connection is lost are asked for
    again for as long as O(timeout) allows.
author:
  - golden.azure contributors (@golden-azure)
options:
  source:
    description:
      - Where to look, in one place or in several. V(managed) are managed images, V(gallery) the versions in galleries of your
        own, V(shared) the versions in galleries that others share with the subscription or its tenant.
      - V(marketplace) needs O(location) and O(publisher), V(community) needs O(location) and O(gallery), V(shared) needs
        O(location).
    type: list
    elements: str
    choices: [managed, gallery, marketplace, community, shared]
    default: [managed]
  name:
    description:
      - Name of a managed image in O(resource_group), or its full resource id.
      - With O(source=gallery) the version, such as V(1.0.0), in O(resource_group), O(gallery) and O(definition), or its full
        resource id.
      - With the other sources the version.
      - V(latest) means of each image definition or SKU what Azure itself takes. In galleries that is the highest number among
        the versions that are whole, neither excluded from latest nor soft-deleted, and in the region O(location), if that is
        given. Ends of life do not matter to it. In the marketplace it is the highest number that is not deprecated.
      - Only with one O(source).
    type: str
  resource_group:
    description:
      - Resource group to look in, for O(source=managed) and O(source=gallery). Without it, O(name) is a full id, or whole
        subscriptions are listed.
    type: str
  subscriptions:
    description:
      - Ids of the subscriptions to look in. By default the one that the task is signed in to.
      - The marketplace and community galleries are the same for all of them; the first one is asked.
    type: list
    elements: str
  gallery:
    description:
      - With O(source=gallery) only versions in galleries of this name.
      - With O(source=community) the public name of the gallery. With O(source=shared) its unique name; without it, all
        galleries that are shared with the subscription or its tenant.
      - Only with one of these three; images of other sources are not chosen by it.
    type: str
  definition:
    description: Of versions in galleries, only those of image definitions of this name.
    type: str
  location:
    description: The region. Where to look for images of others, and a filter for your own.
    type: str
  publisher:
    description: Only images of this publisher.
    type: str
  offer:
    description: Only images of this offer.
    type: str
  sku:
    description: Only images of this SKU.
    type: str
  name_pattern:
    description: Only images whose name (of a version, its number) matches this pattern with V(*) and V(?), without regard to case.
    type: str
  tags:
    description:
      - Tags that an image must have. A value left empty asks for the tag with any value.
      - Names are compared without regard to case, as Azure does, values with it.
    type: dict
  os_type:
    description: Only images with this operating system.
    type: str
    choices: [linux, windows]
  os_state:
    description: Only images in this state.
    type: str
    choices: [generalized, specialized]
  hyper_v_generation:
    description: Only images for machines of this generation.
    type: str
    choices: [V1, V2]
  architecture:
    description: Only images of this architecture.
    type: str
    choices: [x64, Arm64]
  security_type:
    description:
      - Only images of this security type, such as V(TrustedLaunchSupported), V(TrustedLaunch) or V(ConfidentialVM).
        V(Standard) are those without one.
    type: str
  source_vm:
    description: Only images that were captured from this virtual machine, by its name or its full resource id.
    type: str
  created_after:
    description: Only images made after this moment, such as V(2026-01-31T12:00:00Z). One of unknown age does not match.
    type: str
  created_before:
    description: Only images made before this moment. One of unknown age does not match.
    type: str
  has_data_disks:
    description: Only images with data disks, or only those without.
    type: bool
  deprecated:
    description: Only images that are deprecated, or only those that are not; see RV(images[].deprecated).
    type: bool
  family:
    description:
      - Only images of this family.
      - It is the value of O(family_tag) if that is set; else the name of an image definition, with or without its gallery
        (V(gallery/definition)), or V(publisher:offer:sku).
    type: str
  family_tag:
    description: The tag whose value names the family of an image. Managed images have no other family.
    type: str
  soft_deleted:
    description:
      - Instead of the versions that are there, those that were deleted and can still be had back. Only galleries with soft
        deletion have any.
    type: bool
    default: false
  newest_per_family:
    description:
      - Only that many of each family, newest first, whatever their O(source).
      - Versions of one definition or SKU are compared by their numbers. Managed images are compared by their age, and so are
        families that O(family_tag) makes of several definitions or sources.
    type: int
  properties:
    description:
      - Return only these properties of each image. A property of a property has dots in it, such as V(os_disk.size_gb).
      - The fewer there are, the less a task over many images costs.
    type: list
    elements: str
  include_usage:
    description:
      - Also find out which virtual machines, scale sets, gallery versions and image templates use each image; for
        O(source=managed) and O(source=gallery) only.
      - Uses are looked for in the subscriptions of the images, and in all others that the identity can see.
      - A reference to an image definition is a use of its latest version. Consumers in other tenants cannot be seen, nor can
        what other services of Azure keep to themselves, such as the pools of Azure Batch.
    type: bool
    default: false
  query_backend:
    description:
      - How whole subscriptions are listed. V(graph) asks Resource Graph, which takes a tenth of the requests, may be some
        minutes behind, and shows what the identity may read; where it is not allowed, Resource Manager is asked instead.
      - V(arm) asks Resource Manager, which is always up to date.
      - Resource Graph does not tell when a managed image was made. Where that is asked for (O(created_after),
        O(created_before), O(newest_per_family), RV(images[].created_at) in O(properties)), managed images are listed by Resource Manager.
      - Single images and resource groups are always read by Resource Manager.
    type: str
    choices: [graph, arm]
    default: graph
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes.info
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Find one image
  golden.azure.vm_image_info:
    resource_group: images
    name: golden-web

- name: Find all images of a team
  golden.azure.vm_image_info:
    tags:
      team: web

- name: Find the newest version of each image definition in a gallery
  golden.azure.vm_image_info:
    source: gallery
    gallery: golden
    deprecated: false
    newest_per_family: 1

- name: Count the images and gallery versions of two subscriptions by family
  golden.azure.vm_image_info:
    source: [managed, gallery]
    subscriptions:
      - 00000000-0000-0000-0000-000000000000
      - 11111111-1111-1111-1111-111111111111
    family_tag: product
    properties: [family, source]

- name: List what is old, with who still uses it, and little else
  golden.azure.vm_image_info:
    created_before: "2026-01-01T00:00:00Z"
    include_usage: true
    properties:
      - id
      - created_at
      - used_by

- name: Find the newest marketplace image that is not deprecated
  golden.azure.vm_image_info:
    source: marketplace
    location: westeurope
    publisher: Debian
    offer: debian-12
    sku: 12-gen2
    name: latest
"""

RETURN = r"""
findings:
  description:
    - Why no image is returned, with C(code) and C(message); empty if there is one. That there is none is no failure.
    - C(nothing_found) if none is there, C(nothing_matched) if none of those that are there meets the filters.
  returned: success
  type: list
  elements: dict
  sample: []
images:
  description:
    - The images found. All of them have the properties up to RV(images[].data_disks); the others depend on the source.
    - With O(properties) only those.
  returned: success
  type: list
  elements: dict
  contains: &image
    id:
      description: Full resource id; of images of others, their unique id.
      type: str
      returned: always
    name:
      description: Name; of a version, its number.
      type: str
      returned: always
    source:
      description: V(managed), V(gallery), V(marketplace), V(community) or V(shared).
      type: str
      returned: always
    family:
      description: The family, as O(family) takes it; nothing for an image of no family.
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
      description: The security type, V(Standard) where there is none.
      type: str
      returned: always
    publisher:
      description: Publisher, as the image definition or the marketplace has it.
      type: str
      returned: always
    offer:
      description: Offer, as the image definition or the marketplace has it.
      type: str
      returned: always
    sku:
      description: SKU, as the image definition or the marketplace has it.
      type: str
      returned: always
    source_vm:
      description: Id of the virtual machine it was captured from, if it was.
      type: str
      returned: always
    created_at:
      description:
        - When it was made, where Azure says so; of gallery versions also when they were published; else what the tag
          C(golden.azure.created_at) says.
      type: str
      returned: always
    deprecated:
      description:
        - Whether it is not to be used any more. A gallery version is when it is excluded from latest or its end of life has
          come, a managed image when it has the tag C(golden.azure.deprecated_at), a marketplace image when its publisher says so.
      type: bool
      returned: always
    deprecated_at:
      description: Since when it is deprecated, as far as is known.
      type: str
      returned: always
    os_disk:
      description:
        - The operating system's disk. Of managed images its os_type, os_state, size_gb, caching, storage_account_type, and
          where its content came from (managed_disk, snapshot, blob_uri), and its disk_encryption_set.
        - Of versions its size_gb and caching.
      type: dict
      returned: unless O(soft_deleted)
    data_disks:
      description: The data disks, with their lun and otherwise as the operating system's.
      type: list
      elements: dict
      returned: always
    zone_resilient:
      description: Whether the image is stored in several availability zones.
      type: bool
      returned: for managed images
    gallery:
      description: The gallery, by the name under which it was looked for.
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
      description: Id of the image, version, disk or snapshot that it was made from, if it was.
      type: str
      returned: for versions in galleries of your own
    exclude_from_latest:
      description: Whether it is passed over where the latest version is asked for.
      type: bool
      returned: for versions in galleries
    end_of_life:
      description: Its end of life.
      type: str
      returned: for versions in galleries
    block_deletion_before_end_of_life:
      description: Whether Azure refuses to delete it before its end of life.
      type: bool
      returned: for versions in galleries of your own
    regions:
      description:
        - The regions that it is replicated to, with name, replicas, storage_account_type and exclude_from_latest, which says
          whether it is passed over there alone.
      type: list
      elements: dict
      returned: for versions in galleries of your own
    replication_mode:
      description: V(full) or V(shallow).
      type: str
      returned: for versions in galleries of your own
    soft_deleted_at:
      description: When it was deleted.
      type: str
      returned: with O(soft_deleted)
    urn:
      description: publisher:offer:sku:version.
      type: str
      returned: for marketplace images
    deprecation_state:
      description: V(Active), V(ScheduledForDeprecation) or V(Deprecated).
      type: str
      returned: for marketplace images
    purchase_plan:
      description:
        - The plan that must be accepted before the image can be used, with publisher, product and name; nothing if there is none.
          What a capture was made of tells it of managed images by the tag C(golden.azure.purchase_plan), which Azure itself does not.
      type: dict
      returned: for marketplace images, managed images, and versions in galleries of your own
    used_by:
      description: What uses it, each with its id, name and kind.
      type: list
      elements: dict
      returned: with O(include_usage)
    usage_complete:
      description:
        - Whether all that could use it could be read. If not, RV(images[].used_by) may lack something; a warning says what.
      type: bool
      returned: with O(include_usage)
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
