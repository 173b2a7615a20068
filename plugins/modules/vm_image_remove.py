#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_remove
short_description: Remove images, by name or by rules
version_added: 0.1.0
description:
  - Deletes managed images or versions in Azure Compute Galleries. One that is not there is removed already.
  - By name (O(name), O(names)), an image that must not go is an error, and nothing is changed at all. By rules (O(rules)),
    images stay unless everything speaks for their going; each one is listed with its reason.
  - These stay, by name and by rules. What is protected (O(protected_tag)); what is used, unless O(force); what has an end
    of life that has not come; what is being made or changed.
  - What a management lock keeps is an error by name, and stays by rules.
  - By rules, these stay as well. The newest of each family; the version that Azure takes for the latest of its definition,
    which is the one with the highest number, whatever its age; what is younger than O(rules.older_than_days); what is of unknown
    age; what nobody has tagged; what is newer than the newest that counts while it waits for its test or publication; and
    whatever exceeds O(max_removals), the oldest going first.
  - An image is used by virtual machines, scale sets, gallery versions and image templates that refer to it; a reference to
    an image definition is a use of its latest version. Uses that cannot be read count as uses.
  - Uses are looked for in all subscriptions that the identity can see. In those of the images Resource Manager is asked, in
    the others Resource Graph, which may be some minutes behind; where it is not allowed, Resource Manager there, too.
  - Consumers in other tenants cannot be seen, nor can what other services of Azure keep to themselves (such as the pools of
    Azure Batch), nor templates and pipelines outside Azure.
  - The age of an image is when Azure says that it was made; for gallery versions also when they were published; else what
    the tag C(golden.azure.created_at) says; else it is unknown.
  - Each image is read anew right before it is deleted, and what uses images at most half a minute before.
  - Virtual machines made from an image go on running without it. A scale set that refers to it can make no more instances;
    what counts is its model, and instances that have not been upgraded to it go on running, too.
author:
  - golden.azure contributors (@golden-azure)
options:
  source:
    description: What to remove. Managed images, or versions in galleries.
    type: str
    choices: [managed, gallery]
    default: managed
  name:
    description:
      - Name of the image in O(resource_group), or its full resource id.
      - With O(source=gallery) the version, such as V(1.0.0), in O(resource_group), O(gallery) and O(definition), or its full
        resource id.
      - Exactly one of O(name), O(names) and O(rules) is given.
    type: str
  names:
    description: Several images to remove in one task, each as in O(name). If one of them must not go, none does.
    type: list
    elements: str
  resource_group:
    description: Resource group of the images, if they are not named by full ids. With O(rules), only images in there.
    type: str
  subscriptions:
    description:
      - Ids of the subscriptions in which O(rules) applies. By default the one that the task is signed in to.
      - Plain names (O(name), O(names)) are looked for in one subscription only; in several, give full resource ids.
    type: list
    elements: str
  gallery:
    description: With O(source=gallery) the gallery; with O(rules), only versions in galleries of this name.
    type: str
  definition:
    description: With O(source=gallery) the image definition; with O(rules), only versions of definitions of this name.
    type: str
  rules:
    description: Which images go, instead of naming them.
    type: dict
    suboptions:
      family:
        description: Only images of this family; see O(rules.family_tag).
        type: str
      family_tag:
        description:
          - The tag whose value names the family of an image.
          - Without it, an image definition is a family, and all managed images that the rules choose are one. Then the plan warns
            (C(single_family)), and of a whole subscription nothing goes unless O(rules.single_family) is set.
        type: str
      single_family:
        description:
          - Whether all managed images that the rules choose are one family, of which O(rules.keep_newest) stay.
          - Needed without O(rules.family_tag), where neither O(resource_group), O(rules.name_pattern) nor a value in O(rules.tags)
            says which images are meant. Without it such a task is blocked (C(single_family_not_confirmed)), in check mode too.
        type: bool
        default: false
      tags:
        description: Only images with these tags. A value left empty asks for the tag with any value.
        type: dict
      name_pattern:
        description: Only images whose name (of a version, its number) matches this pattern with V(*) and V(?).
        type: str
      keep_newest:
        description:
          - How many of each family stay whatever their age; 1 or more. Which are the newest is decided as by C(newest_per_family) of
            M(golden.azure.vm_image_info).
          - Only images count that are whole, of known age, not deprecated, not excluded from latest, and have not failed
            their test (the tag C(golden.azure.verified)); in a family of which any image bears that tag, all must.
          - This, O(rules.older_than_days), or both must be given. With O(rules.older_than_days) alone the newest one stays.
        type: int
      older_than_days:
        description: Only images go that are older than this many days, 1 or more.
        type: int
      include_untagged:
        description:
          - Whether images go that bear neither a tag of this collection (C(golden.azure.*)), nor O(rules.family_tag), nor one
            of O(rules.tags). They may be anybody's.
        type: bool
        default: false
  deprecate:
    description:
      - Only deprecate what would be removed. A gallery version is excluded from latest, and its end of life is now; a managed
        image, for which Azure has nothing like it, gets the tag C(golden.azure.deprecated_at).
    type: bool
    default: false
  grace_days:
    description:
      - Deprecate first what is to go, and remove it when it has been deprecated for this many days. Run the task regularly.
    type: int
  protected_tag:
    description: Images with this tag stay, whatever its value.
    type: str
    default: golden.azure.protected
  max_removals:
    description:
      - At most this many images are removed, and at most this many deprecated; 1 or more. By rules the oldest go first; if more are named,
        nothing is done.
    type: int
    default: 10
  force:
    description: Whether images go that are used, or whose uses cannot be read. Their uses are not looked for then.
    type: bool
    default: false
  remove_leftovers:
    description:
      - Whether snapshots and unattached disks go with a managed image that were made for it by this collection, as they say by
        the tag C(golden.azure.image).
    type: bool
    default: true
  remove_empty_definitions:
    description:
      - Whether image definitions go that have no version left, to which nothing refers, and that are not protected
        (O(protected_tag)). With O(rules), those in O(resource_group), O(gallery) and O(definition); else those of the named
        versions.
    type: bool
    default: false
  max_concurrency:
    description:
      - How many requests may be under way at once, 64 at most. They leave as fast as Azure takes them.
    type: int
    default: 32
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_capture
"""

EXAMPLES = r"""
- name: Remove an image
  golden.azure.vm_image_remove:
    resource_group: images
    name: golden-web

- name: Show what the rules would remove
  golden.azure.vm_image_remove:
    resource_group: images
    rules:
      family_tag: family
      keep_newest: 3
      older_than_days: 90
    max_removals: 50
  check_mode: true
  diff: true

- name: Deprecate old versions, and remove them a month later
  golden.azure.vm_image_remove:
    source: gallery
    gallery: golden
    rules:
      keep_newest: 2
      older_than_days: 60
    grace_days: 30
    remove_empty_definitions: true
"""

RETURN = r"""
removed:
  description: The images that were removed (would be removed, in check mode), as M(golden.azure.vm_image_info) returns them.
  returned: always, unless nothing was tried
  type: list
  elements: dict
deprecated:
  description: The images that were deprecated (would be, in check mode), as they were before.
  returned: always, unless nothing was tried
  type: list
  elements: dict
kept:
  description: The images that stay, each with its id, the reason, and the reason_code as in RV(results[].reason_code).
  returned: always, unless nothing was tried
  type: list
  elements: dict
  sample:
    - id: /subscriptions/0/resourceGroups/images/providers/Microsoft.Compute/images/golden-web
      reason: used by scale set 'web' in resource group 'shop'
      reason_code: in_use
results:
  description: What became of each image.
  returned: always, unless nothing was tried
  type: list
  elements: dict
  contains:
    id:
      description: Full resource id.
      type: str
      returned: always
    action:
      description: What was decided, V(keep), V(deprecate) or V(remove).
      type: str
      returned: always
    result:
      description:
        - V(removed), V(deprecated), V(kept), V(absent) if somebody else had removed it, V(failed), or V(not_tried) if the time
          was over.
      type: str
      returned: always
    reason:
      description: Why, in words that may change.
      type: str
      returned: always
    reason_code:
      description:
        - Why, as a code that does not change.
        - "It stays, whoever asks: V(state_not_final), V(protected), V(in_use), V(use_unknown), V(locked) or
          V(end_of_life_not_reached)."
        - "It stays by the rules: V(untagged), V(age_unknown), V(newest_of_family), V(latest_version), V(not_old_enough),
          V(not_published_yet), V(removal_limit_reached), V(deprecated_already) or V(grace_not_over)."
        - "It goes or is deprecated: V(named), V(not_retained), V(grace_over) or V(being_deleted)."
        - "It turned out otherwise when its turn came: V(tags_changed), V(not_deprecated_any_more), V(replaced),
          V(removed_already), V(removal_failed), V(time_limit_reached), or one of those by which it stays whoever asks."
      type: str
      returned: always
    seconds:
      description: How long it took.
      type: float
      returned: always
    error:
      description: Azure's code and message and the request_id for its support.
      type: dict
      returned: when it failed
removed_definitions:
  description: Ids of the image definitions that were removed (would be removed, in check mode).
  returned: always, unless nothing was tried
  type: list
  elements: str
plan:
  description: Title, blockers, warnings and steps of what was to be done.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, and all images with their reasons, human-readable.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: success
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The code and message, and where Azure refused the request_id for its support.
  returned: when Azure refused, or options cannot be meant
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal


def main() -> None:
    """Run the module."""
    run_module(removal.execute, removal.OPTIONS)


if __name__ == "__main__":
    main()
