#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_remove
short_description: Remove images by name or by retention rules
version_added: 1.0.0
description:
  - Deletes managed images or image versions in Azure Compute Galleries. If an image does not exist, nothing is changed.
  - If images are specified by name (O(name), O(names), O(whole)) and one of them must not be removed, the task fails and nothing is
    changed. With retention rules (O(rules)), an image is kept unless all conditions for its removal are met, and each image
    is listed with the reason for the decision.
  - In both cases, the following images are kept. Protected images (O(protected_tag)); images in use, unless O(force) is
    set; images whose end-of-life date is in the future; images that are being created or changed.
  - An image that is protected by a management lock is an error if it is specified by name, and is kept with retention
    rules.
  - With retention rules, the following images are kept as well. The newest images of each family; the version that Azure
    uses as the latest of its image definition, which is the version with the highest number, regardless of its age; images
    that are not older than O(rules.older_than_days); images of unknown age; images without relevant tags; images that are
    newer than the newest image that is counted and that are not yet verified or published; and all images beyond
    O(max_removals), where the oldest images are removed first.
  - An image is in use if virtual machines, scale sets, gallery image versions or image templates reference it. A reference
    to an image definition counts as a use of its latest version. If the usage cannot be read, the image is considered to be
    in use.
  - Usage is determined in all subscriptions that the identity can access. In the subscriptions of the images, it is read
    from Azure Resource Manager. In other subscriptions, it is read from Azure Resource Graph, which can be some minutes
    behind, or, if access to Resource Graph is denied, from Azure Resource Manager.
  - Usage in other tenants, usage by Azure services that do not expose it (such as Azure Batch pools), and usage by
    templates and pipelines outside Azure cannot be determined.
  - The age of an image is determined from the creation date that Azure reports; for gallery image versions, also from the
    publishing date; otherwise from the tag C(golden.azure.created_at). If there is none of these, the age is unknown.
  - Each image is read again immediately before it is deleted, and its usage not more than half a minute before.
  - Virtual machines that were created from an image continue to run after the image was deleted. A scale set whose model
    references a deleted image cannot create new instances. Only the model of a scale set is taken into account. Instances
    that have not been upgraded to the model continue to run as well.
author:
  - golden.azure contributors (@golden-azure)
options:
  source:
    description: Kind of images to remove, managed images or gallery image versions.
    type: str
    choices: [managed, gallery]
    default: managed
  name:
    description:
      - Name of the image in O(resource_group), or its full resource ID.
      - With O(source=gallery), the version number, such as V(1.0.0), in O(resource_group), O(gallery) and O(definition), or
        the full resource ID of the version.
      - Exactly one of O(name), O(names), O(rules) and O(whole) is required.
    type: str
  names:
    description: Several images to remove in one task, each specified as in O(name). If one of them must not be removed,
      none is removed.
    type: list
    elements: str
  whole:
    description:
      - With O(source=gallery), remove the complete image definition O(definition) or the complete gallery O(gallery) in
        O(resource_group), with everything in it.
      - The same images must not be removed as with O(names). If one of them, or an image definition or the gallery itself, is
        protected, in use or locked, nothing is changed.
      - If the gallery has soft delete, image definitions can only be removed with O(bypass_soft_delete). Otherwise, their
        versions are soft-deleted, and the image definitions and the gallery are kept. A warning (C(soft_deleted_versions_left))
        contains the date from which they can be removed.
      - The sharing of a public gallery is reset first, which is irreversible.
    type: str
    choices: [definition, gallery]
  resource_group:
    description: Resource group of the images, if they are not specified by full resource IDs. With O(rules), only images in
      this resource group are removed.
    type: str
  subscriptions:
    description:
      - IDs of the subscriptions to which O(rules) applies. The default is the subscription of the task.
      - Names without a resource ID (O(name), O(names)) are supported in a single subscription only. With several
        subscriptions, specify full resource IDs.
    type: list
    elements: str
  gallery:
    description: With O(source=gallery), the name of the gallery. With O(rules), only versions in galleries with this name
      are removed.
    type: str
  definition:
    description: With O(source=gallery), the name of the image definition. With O(rules), only versions of image definitions
      with this name are removed.
    type: str
  rules:
    description: Retention rules that select the images to remove, instead of names.
    type: dict
    suboptions:
      family:
        description: Only images of this family. See O(rules.family_tag).
        type: str
      family_tag:
        description:
          - Name of the tag whose value is the family of an image.
          - Without this option, each image definition is a family, and all managed images that the rules select are one
            family. In that case, the plan contains a warning (C(single_family)), and managed images of a whole subscription
            are removed only if O(rules.single_family) is set.
        type: str
      single_family:
        description:
          - Confirms that all managed images that the rules select are one family, of which O(rules.keep_newest) images are
            kept.
          - Required if neither O(rules.family_tag), O(resource_group), O(rules.name_pattern) nor a value in O(rules.tags)
            restricts the images. Otherwise, the task is blocked (C(single_family_not_confirmed)), in check mode, too.
        type: bool
        default: false
      tags:
        description: Only images with these tags. An empty value matches any value.
        type: dict
      name_pattern:
        description: Only images whose name (for a version, its number) matches this pattern with the wildcards V(*) and
          V(?).
        type: str
      keep_newest:
        description:
          - Number of images of each family to keep regardless of their age, at least 1. The newest images are determined as
            for C(newest_per_family) of M(golden.azure.vm_image_info).
          - Only images are counted that were created successfully, are of known age, are not deprecated or excluded from
            latest, and have not failed their verification (the tag C(golden.azure.verified)). If any image of a family has
            that tag, only images with that tag are counted.
          - At least one of O(rules.keep_newest) and O(rules.older_than_days) is required. With O(rules.older_than_days)
            alone, the newest image of each family is kept.
        type: int
      older_than_days:
        description: Remove only images that are older than this number of days, at least 1.
        type: int
      include_untagged:
        description:
          - Whether to also remove images that have neither a tag of this collection (C(golden.azure.*)), nor
            O(rules.family_tag), nor one of O(rules.tags). Such images may belong to someone else.
        type: bool
        default: false
  deprecate:
    description:
      - Only deprecate the images instead of removing them. A gallery image version is excluded from latest, and its
        end-of-life date is set to the current time. A managed image gets the tag C(golden.azure.deprecated_at), because
        Azure does not support deprecation for managed images.
    type: bool
    default: false
  grace_days:
    description:
      - Deprecate images first, and remove them after they have been deprecated for this number of days. Run the task
        regularly to use this option.
    type: int
  protected_tag:
    description: Images with this tag are kept, regardless of its value.
    type: str
    default: golden.azure.protected
  max_removals:
    description:
      - Maximum number of images to remove, and maximum number of images to deprecate, at least 1. With retention rules, the
        oldest images are removed first. If more images are specified by name, nothing is changed.
    type: int
    default: 10
  force:
    description: Whether to remove images that are in use or whose usage cannot be read. The usage is not determined in this
      case.
    type: bool
    default: false
  remove_leftovers:
    description:
      - Whether to remove the snapshots and unattached disks that this collection created for a managed image (tag
        C(golden.azure.image)) together with that image.
    type: bool
    default: true
  remove_empty_definitions:
    description:
      - Whether to remove image definitions that have no versions left, are not referenced, and are not protected
        (O(protected_tag)). With O(rules), this applies to the image definitions in O(resource_group), O(gallery) and
        O(definition). Otherwise, it applies to the image definitions of the specified versions.
    type: bool
    default: false
  bypass_soft_delete:
    description:
      - Whether to delete gallery image versions permanently although their gallery has soft delete, so that they cannot be
        restored. By default, such versions are soft-deleted, as the plan shows, and their storage may still be billed.
      - Soft-deleted versions are restored with M(golden.azure.vm_image_version). Image definitions with soft-deleted versions
        are not removed.
    type: bool
    default: false
  max_concurrency:
    description:
      - Maximum number of concurrent requests, at most 64. Requests are sent as fast as Azure accepts them.
    type: int
    default: 32
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_cleanup
  - module: golden.azure.vm_image_version
"""

EXAMPLES = r"""
- name: Remove an image
  golden.azure.vm_image_remove:
    resource_group: images
    name: golden-web

- name: Show which images the retention rules would remove
  golden.azure.vm_image_remove:
    resource_group: images
    rules:
      family_tag: family
      keep_newest: 3
      older_than_days: 90
    max_removals: 50
  check_mode: true
  diff: true

- name: Deprecate old versions, and remove them after 30 days
  golden.azure.vm_image_remove:
    source: gallery
    gallery: golden
    rules:
      keep_newest: 2
      older_than_days: 60
    grace_days: 30
    remove_empty_definitions: true

- name: Remove an image definition with all its versions, permanently
  golden.azure.vm_image_remove:
    source: gallery
    resource_group: images
    gallery: golden
    definition: web
    whole: definition
    bypass_soft_delete: true
    max_removals: 100
"""

RETURN = r"""
removed:
  description: The images that were removed (in check mode, that would be removed), as returned by
    M(golden.azure.vm_image_info).
  returned: always, unless the task failed before any attempt to remove an image
  type: list
  elements: dict
deprecated:
  description: The images that were deprecated (in check mode, that would be deprecated), as they were before the task.
  returned: always, unless the task failed before any attempt to remove an image
  type: list
  elements: dict
kept:
  description: The images that were kept, each with id, reason, and reason_code as in RV(results[].reason_code).
  returned: always, unless the task failed before any attempt to remove an image
  type: list
  elements: dict
  sample:
    - id: /subscriptions/0/resourceGroups/images/providers/Microsoft.Compute/images/golden-web
      reason: used by scale set 'web' in resource group 'shop'
      reason_code: in_use
results:
  description: The result for each image.
  returned: always, unless the task failed before any attempt to remove an image
  type: list
  elements: dict
  contains:
    id:
      description: Full resource id.
      type: str
      returned: always
    action:
      description: The decision, V(keep), V(deprecate) or V(remove).
      type: str
      returned: always
    result:
      description:
        - V(removed), V(deprecated), V(kept), V(absent) if someone else had already removed the image, V(failed), or
          V(not_tried) if the time limit was exceeded.
      type: str
      returned: always
    reason:
      description: Human-readable reason. The wording may change between releases.
      type: str
      returned: always
    reason_code:
      description:
        - Reason as a stable code.
        - "Kept, by name or by rules: V(state_not_final), V(protected), V(in_use), V(use_unknown), V(locked) or
          V(end_of_life_not_reached)."
        - "Kept by the rules: V(untagged), V(age_unknown), V(newest_of_family), V(latest_version), V(not_old_enough),
          V(not_published_yet), V(removal_limit_reached), V(deprecated_already) or V(grace_not_over)."
        - "Removed or deprecated: V(named), V(not_retained), V(grace_over) or V(being_deleted)."
        - "Decided differently immediately before the removal: V(tags_changed), V(not_deprecated_any_more), V(replaced),
          V(removed_already), V(removal_failed), V(time_limit_reached), or one of the codes for images that are kept by name
          or by rules."
      type: str
      returned: always
    seconds:
      description: Duration in seconds.
      type: float
      returned: always
    error:
      description: Error code and message of Azure, and the request_id for Azure support.
      type: dict
      returned: when the removal or deprecation failed
removed_definitions:
  description: IDs of the image definitions that were removed (in check mode, that would be removed).
  returned: always, unless the task failed before any attempt to remove an image
  type: list
  elements: str
removed_gallery:
  description: ID of the gallery that was removed (in check mode, that would be removed), or V(null). See O(whole).
  returned: always, unless the task failed before any attempt to remove an image
  type: str
plan:
  description: The plan, with title, blockers, warnings and steps.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan, and all images with the reasons for the decisions, in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: success
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
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal


def main() -> None:
    """Run the module."""
    run_module(removal.execute, removal.OPTIONS)


if __name__ == "__main__":
    main()
