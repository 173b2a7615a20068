#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, change and delete image definitions."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_definition
short_description: Create, change and delete image definitions in Azure Compute Galleries
version_added: 1.0.0
description:
  - Creates an image definition in a gallery, and changes the properties that Azure allows to change.
  - An option that is not set leaves the property of an existing definition unchanged. Existing tags are kept.
  - Most properties of a definition cannot be changed after its creation. A difference is a blocker of the plan
    (C(definition_property_fixed)), before anything is sent. O(description), O(release_note_uri), O(end_of_life_date),
    O(recommended), O(disallowed_disk_types) and tags can be changed, and the features (O(security_type),
    O(disk_controller_types), O(accelerated_networking), O(hibernation)) with O(allow_update_image).
  - M(golden.azure.vm_image_capture) can create a definition that fits its source (C(create_definition)). Use this module if
    the definition is to exist before, or to have other properties.
author:
  - golden.azure contributors (@golden-azure)
options:
  definition:
    description: Name of the image definition in O(gallery), or its full resource ID.
    type: str
    required: true
    aliases: [name, gallery_image_name]
  gallery:
    description: Name of the gallery in O(resource_group), or its full resource ID. Required unless O(definition) is a full
      resource ID.
    type: str
    aliases: [gallery_name]
  resource_group:
    description: Resource group of the gallery.
    type: str
  state:
    description:
      - V(absent) deletes the definition, which must contain neither versions (C(definition_not_empty)) nor, while its gallery
        has soft delete enabled, soft-deleted versions (C(soft_deleted_versions_left)).
        O(golden.azure.vm_image_remove#module:whole) deletes a definition with all its versions.
    type: str
    choices: [present, absent]
    default: present
  location:
    description: Region of a new definition. The default is the region of its gallery.
    type: str
  os_type:
    description: Operating system. Required for a new definition.
    type: str
    choices: [linux, windows]
  os_state:
    description: Whether the images are generalized or specialized. By default, a new definition is for generalized images.
    type: str
    choices: [generalized, specialized]
  hyper_v_generation:
    description: Generation of the virtual machines. By default, a new definition is for generation V(V2). Security types,
      NVMe and Arm64 need V(V2).
    type: str
    choices: [V1, V2]
  architecture:
    description: CPU architecture. By default, a new definition is for V(x64).
    type: str
    choices: [x64, Arm64]
  publisher:
    description: Publisher. The default for a new definition is the name of the gallery. The combination of publisher, offer
      and SKU must be unique in a gallery.
    type: str
  offer:
    description: Offer. The default for a new definition is its name, truncated to 64 characters.
    type: str
  sku:
    description: SKU. The default is the same as for O(offer).
    type: str
  security_type:
    description:
      - Security type of the images. Required for a new definition of generation V(V2), because it must fit what is captured
        and cannot be changed without O(allow_update_image).
      - V(TrustedLaunch) is for images that are captured from virtual machines with Trusted Launch, V(Standard) for those that
        are captured from virtual machines without a security type. With V(TrustedLaunchSupported),
        V(ConfidentialVMSupported) and V(TrustedLaunchAndConfidentialVmSupported), virtual machines with and without that
        security type can be created, and Azure accepts managed images, blobs and versions as sources, not virtual machines.
      - V(TrustedLaunch) and V(ConfidentialVM) are supported in private galleries only.
    type: str
    choices:
      - Standard
      - TrustedLaunchSupported
      - TrustedLaunch
      - ConfidentialVMSupported
      - ConfidentialVM
      - TrustedLaunchAndConfidentialVmSupported
  disk_controller_types:
    description: Disk controllers that the images support. VM sizes from v6 on need V(NVMe). A definition without it is for
      SCSI.
    type: list
    elements: str
    choices: [SCSI, NVMe]
  accelerated_networking:
    description: Whether the images support accelerated networking.
    type: bool
  hibernation:
    description: Whether the images support hibernation.
    type: bool
  allow_update_image:
    description:
      - Whether to change features of an existing definition that differ from the options. Requires O(starts_at_version).
      - Without it, such a difference is a blocker (C(definition_features_differ)).
    type: bool
    default: false
  starts_at_version:
    description: Number of the first version that supports the changed features, such as V(2.0.0). Features that the
      definition already has are not changed, and keep the version from which they apply.
    type: str
  purchase_plan:
    description: Purchase plan of the marketplace image that the images are based on.
    type: dict
    suboptions:
      publisher:
        description: Publisher of the plan.
        type: str
        required: true
      product:
        description: Product of the plan.
        type: str
        required: true
      name:
        description: Name of the plan.
        type: str
        required: true
  description:
    description: Description of the image definition.
    type: str
  eula:
    description: End-user license agreement of the images.
    type: str
  privacy_statement_uri:
    description: URI of the privacy statement of the images.
    type: str
  release_note_uri:
    description: URI of the release notes of the images.
    type: str
  end_of_life_date:
    description: Date after which the images should no longer be used, such as V(2027-06-30). The date is informational. It
      must be in the future when it is set, and can be changed but not removed.
    type: str
    aliases: [end_of_life]
  recommended:
    description: Recommended sizes of virtual machines. A limit that is not set is not changed.
    type: dict
    suboptions:
      vcpus:
        description: Number of vCPUs.
        type: dict
        suboptions:
          min:
            description: Minimum.
            type: int
          max:
            description: Maximum.
            type: int
      memory_gb:
        description: Memory in GB.
        type: dict
        suboptions:
          min:
            description: Minimum.
            type: int
          max:
            description: Maximum.
            type: int
  disallowed_disk_types:
    description: Storage account types of disks that the images are not suited for.
    type: list
    elements: str
    choices: [Standard_LRS, StandardSSD_LRS, StandardSSD_ZRS, Premium_LRS, Premium_ZRS, PremiumV2_LRS, UltraSSD_LRS]
  tags:
    description:
      - Tags to add to the image definition. Other tags are kept.
      - Tags with the prefix C(golden.azure.) are reserved for this collection and are rejected (C(reserved_tag)).
    type: dict
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_gallery
  - module: golden.azure.vm_image_capture
  - name: Image definitions
    description: Documentation of Azure on the properties of image definitions.
    link: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions
"""

EXAMPLES = r"""
- name: Create a definition for Linux virtual machines with Trusted Launch
  golden.azure.vm_image_definition:
    resource_group: images
    gallery: golden
    definition: web
    os_type: linux
    security_type: TrustedLaunch
    disk_controller_types: [SCSI, NVMe]
    accelerated_networking: true
    publisher: Example
    offer: web
    sku: debian-13
    description: Web servers
    recommended:
      vcpus: {min: 2, max: 16}
      memory_gb: {min: 4}
    disallowed_disk_types: [Standard_LRS]

- name: Offer hibernation from version 2.0.0 on
  golden.azure.vm_image_definition:
    resource_group: images
    gallery: golden
    definition: web
    hibernation: true
    allow_update_image: true
    starts_at_version: 2.0.0

- name: Set the end of life of a definition
  golden.azure.vm_image_definition:
    resource_group: images
    gallery: golden
    definition: web
    end_of_life_date: "2036-06-30"

- name: Delete an empty definition
  golden.azure.vm_image_definition:
    resource_group: images
    gallery: golden
    definition: old
    state: absent
"""

RETURN = r"""
id:
  description: Full resource ID of the image definition.
  returned: success
  type: str
definition:
  description:
    - The image definition, in the words of the options. V(null) if it does not exist. In check mode, the definition before
      the task.
  returned: success
  type: dict
  contains:
    id:
      description: Full resource ID.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    gallery:
      description: Gallery.
      type: str
      returned: always
    definition:
      description: Name, as other modules take it.
      type: str
      returned: always
    source:
      description: V(gallery).
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
    created_at:
      description: Creation date that Azure reports.
      type: str
      returned: always
    provisioning_state:
      description: V(Succeeded), V(Creating), V(Updating), V(Deleting) or V(Failed).
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
    security_type:
      description: Security type. V(Standard) without one.
      type: str
      returned: always
    disk_controller_types:
      description: Disk controllers.
      type: list
      elements: str
      returned: always
    accelerated_networking:
      description: Whether accelerated networking is supported.
      type: bool
      returned: always
    hibernation:
      description: Whether hibernation is supported.
      type: bool
      returned: always
    features:
      description: All features, as Azure names them, with their values.
      type: dict
      returned: always
    feature_start_versions:
      description: The version from which a feature applies, by the names of those features that do not apply to all versions.
      type: dict
      returned: always
    purchase_plan:
      description: Purchase plan, with publisher, product and name. V(null) if there is none.
      type: dict
      returned: always
    description:
      description: Description.
      type: str
      returned: always
    eula:
      description: End-user license agreement.
      type: str
      returned: always
    privacy_statement_uri:
      description: URI of the privacy statement.
      type: str
      returned: always
    release_note_uri:
      description: URI of the release notes.
      type: str
      returned: always
    end_of_life:
      description: End-of-life date.
      type: str
      returned: always
    recommended:
      description: Recommended sizes, as vcpus and memory_gb, each with min and max.
      type: dict
      returned: always
    disallowed_disk_types:
      description: Storage account types of disks that the images are not suited for.
      type: list
      elements: str
      returned: always
plan:
  description: The plan, with title, blockers, warnings and steps.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The error code and message and, if Azure rejected a request, the request_id for Azure support.
  returned: when Azure rejected a request, or options are invalid
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils._definition import run as definition
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(definition.execute, definition.OPTIONS, **definition.RULES)


if __name__ == "__main__":
    main()
