#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make images of virtual machines, disks, snapshots, blobs and other images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_capture
short_description: Make images of virtual machines, disks, snapshots, blobs, local files and other images
version_added: 0.1.0
description:
  - Captures a virtual machine with all its disks into a managed image, into versions of Azure Compute Galleries, or both.
  - Makes them of a managed disk, a snapshot or a VHD in a storage account as well, with data disks at the LUNs that the task
    names, and publishes an image that is there already in a gallery.
  - Makes them of a disk in a local file, which it uploads.
  - For a generalized image, the machine's guest must have been prepared, as the role
    P(golden.azure.linux_deprovision#role) does for Linux, and must have shut itself down.
  - The task first makes a plan from what is there. Blockers stop it before anything is changed. Check mode and diff
    show the plan, and the run does just that.
  - What Azure would refuse of the targets is a blocker as well, such as names, tags, regions, replicas, keys, quotas and
    locks. What may not be read for that (permission denied) is a warning, and the run goes on.
  - A run that was interrupted is continued by the next one. A second run finds the image and changes nothing.
  - Of two runs that capture the same machine at once, Azure lets one make each target. The other waits for it, makes it no second
    time, and says by a warning (C(captured_by_another_run)) which run on which machine it was. The tags C(golden.azure.run_id) and
    C(golden.azure.holder) of the target tell. Nothing has to be given back by a run that was killed.
  - Of a managed image that is there, only tags can change, so that another difference from the task is a blocker. A gallery
    version is given the regions, replicas, end of life and tags that it lacks. Its storage, encryption, caching and
    replication mode are fixed, and a difference there is a blocker. What others may have changed since (more regions or
    replicas, whether it is offered as latest) stays, with a warning.
author:
  - golden.azure contributors (@golden-azure)
options:
  source_vm: &source_vm
    description: Name of the virtual machine in O(resource_group), or its full resource id.
    type: str
  source_disk: &source_disk
    description:
      - Name of a managed disk in O(resource_group), or its full resource id, with an operating system on it.
      - The disk of a machine can be taken while the machine is deallocated. Of one that runs, take a snapshot.
    type: str
  source_snapshot: &source_snapshot
    description: Name of a snapshot in O(resource_group), or its full resource id, of a disk with an operating system.
    type: str
  source_blob: &source_blob
    description:
      - Address of a fixed VHD in a storage account, such as V(https://example.blob.core.windows.net/vhds/web.vhd).
      - An address with a query is refused, as that may be a signature. The account that is signed in needs the right to read
        the blob, or to list the keys of its storage account.
    type: str
  source_image: &source_image
    description:
      - Image to publish on in O(gallery_versions). The name of a managed image in O(resource_group), its full resource id, or
        that of a gallery version.
    type: str
  source_file: &source_file
    description:
      - Path of a disk with an operating system on it, in a file where the task runs. A fixed VHD of whole MiB and a raw disk are
        uploaded as they are. A dynamic VHD, a VHDX and a qcow2 are converted by C(qemu-img) first, which must be installed then.
        Their kind is told by their content.
      - The file is uploaded to a managed disk beside the image, named after that with C(-upload) at its end, and the disk is
        deleted once the image is there. Pages of 4 MiB that hold nothing but zeros are not sent.
      - An interrupted upload is continued by the next run, which sends what is missing. The address that is written to is
        known to the running task alone. It is revoked at the end, and by the next run if a run was killed, and ends by itself
        five minutes after O(timeout).
      - An image counts as made if it was made of a file with the same content, whatever its name.
      - Needs O(os_type), O(os_state), O(location) and the Python package C(azure-storage-blob).
    type: path
  work_directory: &work_directory
    description:
      - Directory on the machine where the task runs, for the converted copy of O(source_file) that is there while it is uploaded.
        It takes as much room as the disk holds. By default the directory of the file.
    type: path
  source_vm_id: &source_vm_id
    description:
      - The C(vmId) that O(source_vm) must have, as a plan returned it (C(vm_id) of RV(source)). A machine that was built again under
        its name has another one, and is refused with V(source_is_another_machine).
      - By default the machine that has the name is captured.
    type: str
  storage_account: &storage_account
    description:
      - Name of the storage account of O(source_blob) in O(resource_group), or its full resource id. Galleries want to know it.
        By default the account that the address names, in O(resource_group).
    type: str
  image: &image
    description:
      - Name of the image to make in O(resource_group), or its full resource id.
      - An image of that name counts as made already if it was captured from the same machine. That is told by the
        machine's C(vmId), which the image carries in its tag C(golden.azure.source_vm_id). A machine that was built
        again under its old name is another one.
      - Needed if O(gallery_versions) is not given.
    type: str
    aliases: [name]
  gallery_versions: &gallery_versions
    description:
      - Versions to make in galleries.
      - A version that is there counts as made if it was captured from the same machine, as with O(image).
    type: list
    elements: dict
    suboptions:
      gallery:
        description: Name of the gallery in O(resource_group), or its full resource id.
        type: str
        required: true
        aliases: [gallery_name]
      definition:
        description: Name of the image definition in the gallery.
        type: str
        required: true
        aliases: [gallery_image_name]
      version:
        description:
          - Number of the version, such as V(1.0.0), or V(next). Each part is at most 2147483647.
          - V(next) takes up a version that was made from the same machine already, else the number after the highest.
            Two runs that take V(next) at once may take the same number, since Azure has no guard against it.
        type: str
        default: next
      target_regions:
        description:
          - Regions to replicate to, each once. The source's must be among them. By default that one alone.
          - With O(gallery_versions[].target_regions[].disk_encryption_set) for one of them, each needs one.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the region.
            type: str
            required: true
          regional_replica_count:
            description:
              - Replicas in the region, 1 or more. By default as many as O(concurrent_deployments) needs. A version has at most
                100 in all its regions.
            type: int
          storage_account_type:
            description:
              - Storage of the replicas. V(Standard_LRS), V(Standard_ZRS) in regions with availability zones, V(Premium_LRS), or
                V(PremiumV2_LRS).
            type: str
          disk_encryption_set:
            description: Id of the disk encryption set that the replicas in this region are encrypted with.
            type: str
      exclude_from_latest:
        description: Whether machines that ask for the latest version are not given this one.
        type: bool
        default: false
      end_of_life_date:
        description:
          - Date from which the version should not be used any more, such as V(2027-06-30). It only informs. It must lie ahead
            when it is set.
        type: str
      block_deletion_before_end_of_life:
        description: Whether the version cannot be deleted before O(gallery_versions[].end_of_life_date), which it needs.
        type: bool
        default: false
      replication_mode:
        description: V(shallow) makes versions for tests faster. They have one replica, in the source's region.
        type: str
        choices: [full, shallow]
        default: full
      create_gallery:
        description:
          - Create the gallery if it does not exist, in the region of the source, and with it the definition, as
            O(gallery_versions[].create_definition) does. Its resource group is created by O(create_resource_group).
        type: bool
        default: false
      create_definition:
        description:
          - Create the definition if it does not exist; an empty dictionary does so with all defaults. Operating system, state,
            generation, architecture, security type, disk controllers, accelerated networking, hibernation and purchase plan follow
            the source.
        type: dict
        suboptions:
          publisher:
            description: Publisher of the definition. By default the name of the gallery.
            type: str
          offer:
            description: Offer of the definition. By default the name of the definition, at most 64 characters of it.
            type: str
          sku:
            description:
              - SKU of the definition, by default as O(gallery_versions[].create_definition.offer). Publisher, offer and SKU together
                are unique in a gallery.
            type: str
          description:
            description: What it is for.
            type: str
  os_state: &os_state
    description:
      - V(specialized) captures the machine as it is, with its identity, into O(gallery_versions). It is neither stopped nor
        marked, and can go on.
      - V(generalized) is the default for O(source_vm). Of a disk, a snapshot, a blob or a file nobody but you can tell whether it
        was generalized, so that it must be said. An image has its own.
    type: str
    choices: [generalized, specialized]
  os_type: &os_type
    description: Operating system on the disk, for sources of which Azure does not know it. Always needed for O(source_blob)
      and O(source_file).
    type: str
    choices: [linux, windows]
  hyper_v_generation: &hyper_v_generation
    description: Generation of the machines to be, for sources of which Azure does not know it. Azure takes V(V1) if none is said.
    type: str
    choices: [V1, V2]
  architecture: &architecture
    description: Processors that the system in O(source_file) is for. Azure takes V(x64) if none is said.
    type: str
    choices: [x64, Arm64]
  os_disk: &os_disk
    description:
      - How the image carries the disk of the operating system. With it, the image is made of the machine's disks one by one.
    type: dict
    suboptions:
      host_caching:
        description: Host caching. By default as the source has it.
        type: str
        choices: [None, ReadOnly, ReadWrite]
      storage_account_type:
        description: Storage of a managed image. A gallery version has one for each region.
        type: str
        choices: [Standard_LRS, StandardSSD_LRS, Premium_LRS]
      disk_encryption_set:
        description:
          - Disk encryption set of a managed image, as name in O(resource_group) or full resource id. By default the image is
            encrypted with keys of the platform, or inherits the set of its source.
        type: str
  data_disks: &data_disks
    description:
      - The data disks of the image. By default all that a machine has, and none for other sources. An empty list leaves them all
        out. What a disk that is left out is (Ultra, Premium v2, shared, encrypted) does not matter.
      - Each keeps its LUN.
    type: list
    elements: dict
    suboptions:
      lun:
        description: Logical unit number, which the disk has on the machines to be.
        type: int
        required: true
      disk:
        description: Managed disk with the content, as name in O(resource_group) or full resource id.
        type: str
      snapshot:
        description: Snapshot with the content, as name in O(resource_group) or full resource id.
        type: str
      blob:
        description: Address of a fixed VHD with the content.
        type: str
      host_caching:
        description: Host caching. By default as the machine has it.
        type: str
        choices: [None, ReadOnly, ReadWrite]
      storage_account_type:
        description: Storage of the disk in a managed image.
        type: str
        choices: [Standard_LRS, StandardSSD_LRS, Premium_LRS]
      disk_encryption_set:
        description: Disk encryption set of the disk in a managed image, as name in O(resource_group) or full resource id.
        type: str
  resource_group: &resource_group
    description:
      - Resource group of the virtual machine, of the image and of the galleries, where they are given by name.
      - With a full id as O(source_vm), they lie in the machine's group by default.
    type: str
  generalize: &generalize
    description:
      - Whether the machine may be marked as generalized. That cannot be undone. It never starts again.
      - A machine that is generalized already needs no such consent.
    type: bool
    default: false
  guest_prepared: &guest_prepared
    description:
      - Whether the guest has been prepared, or is shutting down at the end of its preparation.
      - V(false) shows the plan for a machine whose guest is still to be prepared. Running and not generalized are then
        steps and no blockers. It is for check mode, to learn of blockers while the guest is still whole.
      - Outside check mode, V(false) does what comes before the guest is prepared and stops there. First it claims the machine by
        tags that name the run, so that no other run prepares its guest too. Where another one has claimed it, it waits until that
        has made all targets (C(captured_by_another_run)), and the steps of its result hold C(await_capture) and not C(claim_vm).
        A claim counts until its run has ended, and for 2 hours at most where that cannot be told.
      - Then come the backup, and a resource group or image definitions that have to be made. Where an identity may not write the
        machine's tags, it is not claimed (C(machine_not_claimed)), and a signed-in user makes a write that changes nothing, since
        Azure lets only those write who have signed in with multi-factor authentication. Where nothing comes before, it fails.
    type: bool
    default: true
  release_claim: &release_claim
    description:
      - V(true) only takes back the claim of the machine that O(guest_prepared=false) has made in the same run, for a playbook in
        which preparing the guest has failed. The claim of another run stays.
    type: bool
    default: false
  shutdown_timeout: &shutdown_timeout
    description:
      - Seconds to wait for the guest to shut down, if it is still running. By default a running machine is a blocker.
    type: int
    default: 0
  location: &location
    description:
      - Region of the image. It is always the source's, so that another one here is a blocker. To be set only to make sure, and
        for O(source_blob), whose region nobody tells, and O(source_file), which has none yet.
    type: str
  zone_resilient: &zone_resilient
    description:
      - Whether to store the image in several availability zones of its region (ZRS). It cannot be changed later.
    type: bool
  tags: &tags
    description:
      - Tags of the image, and of what is made for it, which are its resource group, image definitions, backups and upload disks.
        Other tags that the image has are kept, and what is there already around it stays as it is.
      - Those that begin with C(golden.azure.) are how this collection knows its own again, and are refused (C(reserved_tag)). It takes
        C(golden.azure.protected), and those of the role P(golden.azure.golden_image#role).
      - Azure takes 50 at most, those of this collection (up to 8) included, with names of 512 characters without C(<>%&\?/),
        and values of 256. A value is a text or a number, never null, a list or a dictionary.
    type: dict
  delete_source_vm: &delete_source_vm
    description:
      - Whether to delete the virtual machine once all targets are there, with what belongs to it, which are its captured disks, its
        network interfaces and their public addresses.
      - They are marked to be deleted with it before it is generalized, so that Azure deletes all at once. Disks that are
        shared or not captured stay, as do networks and security groups. A warning names the disks.
    type: bool
    default: false
  create_resource_group: &create_resource_group
    description:
      - Whether to create the resource group of O(image), and of galleries with O(gallery_versions[].create_gallery), if it does not
        exist. It bears the O(tags), too.
    type: bool
    default: false
  snapshot_disks: &snapshot_disks
    description:
      - Whether to keep the machine's managed disks first, as incremental snapshots beside them.
      - A backup that is there stays as it is, so that a run that goes on after the guest was prepared does not replace it.
      - Backups are never deleted by this collection. They bear the tag C(golden.azure.backup_of).
    type: bool
    default: false
  run_id: &run_id
    description:
      - What tells this run from others in the tags and the provenance of what it makes, such as the number of a job. By default the
        time and some random characters.
    type: str
  concurrent_deployments: &concurrent_deployments
    description:
      - How many machines are to be made from it at once. It gives the replicas of each region of O(gallery_versions), and a
        warning where a managed image is not enough.
    type: int
  deployments_per_replica: &deployments_per_replica
    description: How many machines one replica serves at once.
    type: int
    default: 20
  captures:
    description:
      - Several captures in this one task, each with the options of one, instead of them. O(timeout) and who signs in stay with
        the task.
      - They share one sign-in and one connection, and are carried out side by side, within Azure's limits on requests. That
        takes a fraction of the time and of the requests of a loop.
      - One that fails does not stop the others. The task fails at its end, and names it. RV(results) tells what became of each.
      - Two items that name the same machine or the same target are refused before anything is read.
    type: list
    elements: dict
    suboptions:
      source_vm: *source_vm
      source_disk: *source_disk
      source_snapshot: *source_snapshot
      source_blob: *source_blob
      source_image: *source_image
      source_file: *source_file
      work_directory: *work_directory
      source_vm_id: *source_vm_id
      storage_account: *storage_account
      image: *image
      gallery_versions: *gallery_versions
      resource_group: *resource_group
      os_state: *os_state
      os_type: *os_type
      hyper_v_generation: *hyper_v_generation
      architecture: *architecture
      os_disk: *os_disk
      data_disks: *data_disks
      generalize: *generalize
      guest_prepared: *guest_prepared
      release_claim: *release_claim
      shutdown_timeout: *shutdown_timeout
      location: *location
      zone_resilient: *zone_resilient
      tags: *tags
      delete_source_vm: *delete_source_vm
      concurrent_deployments: *concurrent_deployments
      create_resource_group: *create_resource_group
      snapshot_disks: *snapshot_disks
      run_id: *run_id
      deployments_per_replica: *deployments_per_replica
  max_concurrency:
    description: How many requests of O(captures) may be under way at once, 128 at most.
    type: int
    default: 100
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_remove
  - name: Create a managed image
    description: Microsoft's page on managed images of generalized machines.
    link: https://learn.microsoft.com/azure/virtual-machines/capture-image-resource
"""

EXAMPLES = r"""
- name: Show what a capture would do, while the guest is still whole
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    guest_prepared: false
  check_mode: true

- name: Capture a machine whose guest was prepared and is shutting down
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    shutdown_timeout: 300
    zone_resilient: true
    tags:
      team: web

- name: Publish it in a gallery, for 90 machines at once in two regions, at first without being the latest
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    generalize: true
    concurrent_deployments: 90
    gallery_versions:
      - gallery: golden
        definition: web
        exclude_from_latest: true
        target_regions:
          - name: westeurope
            storage_account_type: Standard_ZRS
          - name: northeurope
        create_definition:
          publisher: Example
          offer: web
          sku: debian-12

- name: Make an image of snapshots, each data disk at its LUN
  golden.azure.vm_image_capture:
    resource_group: images
    source_snapshot: web-os
    os_state: generalized
    os_type: linux
    image: golden-web
    data_disks:
      - lun: 0
        snapshot: web-data
      - lun: 4
        disk: web-logs
        host_caching: ReadOnly

- name: Leave the data disks of a machine out, keep its disks first, and delete it at the end
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    data_disks: []
    snapshot_disks: true
    delete_source_vm: true

- name: Make an image of a VHD in a storage account
  golden.azure.vm_image_capture:
    resource_group: images
    source_blob: https://example.blob.core.windows.net/vhds/web.vhd
    os_type: windows
    os_state: generalized
    hyper_v_generation: V2
    location: westeurope
    image: golden-web

- name: Make an image of a disk that was built elsewhere
  golden.azure.vm_image_capture:
    resource_group: images
    source_file: /srv/images/debian-12.qcow2
    work_directory: /var/tmp
    os_type: linux
    os_state: generalized
    hyper_v_generation: V2
    location: westeurope
    image: golden-debian

- name: Publish an image that is there already
  golden.azure.vm_image_capture:
    resource_group: images
    source_image: golden-web
    gallery_versions:
      - gallery: golden
        definition: web

- name: Capture a whole fleet in one task
  golden.azure.vm_image_capture:
    captures:
      - resource_group: images
        source_vm: web-build
        image: golden-web
        generalize: true
      - resource_group: images
        source_vm: database-build
        image: golden-database
        generalize: true
        tags:
          team: data

- name: Keep a machine as it is, before something is tried on it
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web
    os_state: specialized
    gallery_versions:
      - gallery: golden
        definition: web-as-it-is
"""

RETURN = r"""
image:
  description:
    - The image as M(golden.azure.vm_image_info) returns it, but for its family. In check mode the one that is there, if any.
  returned: success
  type: dict
gallery_versions:
  description:
    - The gallery versions, in the order of the option, as M(golden.azure.vm_image_info) returns them. Empty in check mode.
  returned: success
  type: list
  elements: dict
source:
  description:
    - The source's id and os_type (V(linux) or V(windows)). For a machine its vm_id, power_state and generalized, as they were
      when the plan was made, and for others what tells them apart as unique_id. The vm_id is what the guest of the machine must
      say of itself (role variables C(linux_deprovision_vm_id) and C(windows_sysprep_vm_id)).
  returned: success, or when it is blocked by what was read
  type: dict
provenance:
  description:
    - Where the first target comes from, as its tags say. It has source, source_vm_id, source_unique_id, base, purchase_plan,
      run_id, holder (the machine that the run was on), collection_version and created_at. In check mode that of what is there, if anything.
  returned: success
  type: dict
backups:
  description: The snapshots of O(snapshot_disks), with id, name, disk and created_at.
  returned: success
  type: list
  elements: dict
plan:
  description:
    - Title, blockers, warnings and steps; steps that write carry the method, path and body of their request.
    - Blockers and warnings have a C(code), and some have more for programs, such as the C(scope) and the C(actions) of rights that
      are missing.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, human-readable.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: always, unless the state could not be read
  type: list
  elements: dict
left:
  description: Ids of the image definitions that were made before a step failed; they are left, and the next run uses them.
  returned: when a step failed after one was made
  type: list
  elements: str
results:
  description:
    - What became of each of O(captures), in their order, with C(name), C(failed), and what a task with one capture returns or fails
      with. The plans of all of them, human-readable, are RV(plan_text), and the warnings of all are the task's.
  returned: when O(captures) is given
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description:
    - The code and message, and where Azure refused the request_id for its support.
    - The code is V(mfa_required) where Azure lets the signed-in user read, but not write, for want of multi-factor authentication.
  returned: when Azure refused, or options cannot be meant
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(capture.execute, capture_options.OPTIONS, **capture_options.RULES)


if __name__ == "__main__":
    main()
