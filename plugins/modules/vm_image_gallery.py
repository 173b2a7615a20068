#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, change, share and delete galleries."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_gallery
short_description: Create, change, share and delete Azure Compute Galleries
version_added: 1.0.0
description:
  - Creates an Azure Compute Gallery, changes its properties, and shares it with subscriptions, tenants or all users of Azure.
  - An option that is not set leaves the property of an existing gallery unchanged. Existing tags are kept.
  - Azure sets how a gallery is shared when the gallery is created. Afterwards, sharing can only be reset, which makes the
    gallery private. What Azure would refuse is a blocker of the plan (C(sharing_not_changeable) and others), which states
    what to do instead.
  - The image definitions of a gallery are managed by M(golden.azure.vm_image_definition).
author:
  - golden.azure contributors (@golden-azure)
options:
  gallery:
    description:
      - Name of the gallery in O(resource_group), or its full resource ID. The name must be unique in the subscription.
    type: str
    required: true
    aliases: [name, gallery_name]
  resource_group:
    description: Resource group of the gallery. It must exist.
    type: str
  state:
    description:
      - V(absent) deletes the gallery, which must not contain image definitions (C(gallery_not_empty)). If the gallery is
        public, its sharing is reset first, because Azure requires it. O(golden.azure.vm_image_remove#module:whole) deletes a
        gallery with everything in it.
    type: str
    choices: [present, absent]
    default: present
  location:
    description: Region of a new gallery. The default is the region of its resource group.
    type: str
  description:
    description: Description of the gallery.
    type: str
  identity:
    description: Managed identities of the gallery. The gallery has exactly these identities.
    type: dict
    suboptions:
      system_assigned:
        description: Whether the gallery has an identity of its own.
        type: bool
        default: false
      user_assigned:
        description: User-assigned managed identities, each specified by its name in the resource group of the gallery or its
          full resource ID.
        type: list
        elements: str
        default: []
  sharing:
    description:
      - How the gallery is shared, besides role assignments. V(groups) allows sharing with O(subscriptions) and O(tenants)
        (direct shared gallery, a preview for which the subscription must be registered). V(community) allows making it
        O(public).
      - V(private) resets the sharing of an existing gallery. This is irreversible. Azure cannot share the gallery again in
        this way (warning C(sharing_ends)).
      - By default, a new gallery is private.
    type: str
    choices: [private, groups, community]
    aliases: [permissions]
  subscriptions:
    description:
      - IDs of up to 30 subscriptions whose users can create virtual machines from the images of the gallery. Requires
        O(sharing=groups).
      - Sharing requires the action C(Microsoft.Compute/galleries/share/action), which the roles Owner and Compute Gallery
        Sharing Admin contain.
    type: list
    elements: str
  tenants:
    description: IDs of up to 5 Microsoft Entra tenants with which the gallery is shared. Requires O(sharing=groups).
    type: list
    elements: str
  exact_sharing:
    description: Whether to end sharing with subscriptions and tenants that O(subscriptions) and O(tenants) do not contain. A
      list that is not set is not changed.
    type: bool
    default: false
  public_name_prefix:
    description: Prefix of the public name of a community gallery, with 5 to 16 letters and digits. Azure adds an ID to it.
      Requires O(sharing=community), for which a new gallery needs it. It cannot be changed later.
    type: str
  publisher_uri:
    description: Website of the publisher, visible to all users. Required for a new community gallery.
    type: str
  publisher_contact:
    description: Email address of the publisher, visible to all users. Required for a new community gallery.
    type: str
  eula:
    description: Legal agreement for the images of a community gallery, visible to all users.
    type: str
  public:
    description:
      - Whether all users of Azure can create virtual machines from the images of the gallery. Requires
        O(sharing=community).
      - Azure can end this only by resetting the sharing, with O(sharing=private).
    type: bool
  soft_delete:
    description:
      - Whether versions that are deleted can be restored for a time. The subscription must have registered the feature
        C(SIGSoftDelete) of C(Microsoft.Compute).
      - If it is disabled, soft-deleted versions may no longer be restored (warning C(soft_deleted_versions_lost)).
    type: bool
  retention_period_in_days:
    description: Number of days for which a soft-deleted version can still be used and restored. Requires O(soft_delete).
    type: int
  grace_period_in_days:
    description: Number of further days for which it can be restored but not used. Requires O(soft_delete).
    type: int
  tags:
    description:
      - Tags to add to the gallery. Other tags are kept.
      - Tags with the prefix C(golden.azure.) are reserved for this collection and are rejected (C(reserved_tag)).
    type: dict
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_definition
  - module: golden.azure.vm_image_capture
  - name: Share a gallery
    description: Documentation of Azure on how galleries can be shared.
    link: https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#sharing
"""

EXAMPLES = r"""
- name: Create a gallery
  golden.azure.vm_image_gallery:
    resource_group: images
    gallery: golden
    description: Golden images of the web team
    tags:
      team: web

- name: Create a gallery for two subscriptions and a tenant, from which deleted versions can be restored
  golden.azure.vm_image_gallery:
    resource_group: images
    gallery: shared
    sharing: groups
    subscriptions:
      - 00000000-0000-0000-0000-000000000000
      - 11111111-1111-1111-1111-111111111111
    tenants:
      - 22222222-2222-2222-2222-222222222222
    soft_delete: true

- name: Create a gallery for everybody
  golden.azure.vm_image_gallery:
    resource_group: images
    gallery: open
    sharing: community
    public_name_prefix: example
    publisher_uri: https://www.example.com
    publisher_contact: images@example.com
    eula: https://www.example.com/eula
    public: true

- name: Delete an empty gallery
  golden.azure.vm_image_gallery:
    resource_group: images
    gallery: old
    state: absent
"""

RETURN = r"""
id:
  description: Full resource ID of the gallery.
  returned: success
  type: str
gallery:
  description:
    - The gallery, in the words of the options. V(null) if it does not exist. In check mode, the gallery before the task.
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
    description:
      description: Description.
      type: str
      returned: always
    unique_name:
      description: Name by which subscriptions and tenants with which the gallery is shared find it.
      type: str
      returned: always
    identity:
      description: Managed identities, with system_assigned and user_assigned.
      type: dict
      returned: always
    principal_id:
      description: Principal ID of the gallery's own identity.
      type: str
      returned: always
    tenant_id:
      description: Tenant of the gallery's own identity.
      type: str
      returned: always
    sharing:
      description: V(private), V(groups) or V(community).
      type: str
      returned: always
    subscriptions:
      description: IDs of the subscriptions with which it is shared.
      type: list
      elements: str
      returned: always
    tenants:
      description: IDs of the tenants with which it is shared.
      type: list
      elements: str
      returned: always
    public_name_prefix:
      description: Prefix of its public names.
      type: str
      returned: always
    publisher_uri:
      description: Website of the publisher of a community gallery.
      type: str
      returned: always
    publisher_contact:
      description: Email address of the publisher of a community gallery.
      type: str
      returned: always
    eula:
      description: Legal agreement of a community gallery.
      type: str
      returned: always
    privacy_statement_uri:
      description: Privacy statement of a community gallery.
      type: str
      returned: always
    public:
      description: Whether all users of Azure can use it.
      type: bool
      returned: always
    public_names:
      description: Names by which M(golden.azure.vm_image_info) finds a community gallery.
      type: list
      elements: str
      returned: always
    soft_delete:
      description: Whether deleted versions can be restored.
      type: bool
      returned: always
    retention_period_in_days:
      description: Number of days for which a soft-deleted version can be used.
      type: int
      returned: always
    grace_period_in_days:
      description: Number of further days for which it can be restored.
      type: int
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

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._gallery import run as gallery


def main() -> None:
    """Run the module."""
    run_module(gallery.execute, gallery.OPTIONS, **gallery.RULES)


if __name__ == "__main__":
    main()
