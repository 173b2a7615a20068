#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create images from virtual machines, disks, snapshots, blobs, local files and other images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_capture
short_description: Create images from virtual machines, disks, snapshots, blobs, local files and other images
version_added: 1.0.0
description:
  - Captures a virtual machine with all its disks into a managed image, into image versions in Azure Compute Galleries, or
    both.
  - Also creates images from a managed disk, a snapshot or a VHD in a storage account, with data disks at the LUNs that the
    task specifies, and publishes an existing image to a gallery.
  - Also uploads a disk from a local file and creates images from it.
  - For a generalized image, the guest of the virtual machine must have been prepared and shut down from within, as the role
    P(golden.azure.linux_deprovision#role) does for Linux.
  - The module first creates a plan from the existing resources. If the plan contains blockers, the task fails before
    anything is changed. Check mode and diff mode show the plan. A run executes exactly this plan.
  - Target properties that Azure would reject are blockers as well, such as names, tags, regions, replicas, encryption keys,
    quotas and locks. If a check is not possible because of missing permissions (permission denied), the task reports a
    warning and continues.
  - If a run was interrupted, the next run continues it. If the image already exists, a run changes nothing.
  - If two runs capture the same virtual machine at the same time, only one of them creates each target. The other run waits
    until the target exists, does not create it again, and reports the warning C(captured_by_another_run), which states the
    other run and its controller. It reads them from the tags C(golden.azure.run_id) and C(golden.azure.holder) of the
    target. If a run was killed, no cleanup is required.
  - Only the tags of an existing managed image can be changed. Any other difference from the task is a blocker. For an
    existing gallery image version, missing regions, replicas, end-of-life date and tags are added. Its storage type,
    encryption, caching and replication mode cannot be changed, and a difference is a blocker. Properties that may have been
    changed since then by someone else (more regions or replicas, exclusion from latest) are kept, with a warning.
author:
  - golden.azure contributors (@golden-azure)
options:
  source_vm: &source_vm
    description: Name of the virtual machine in O(resource_group), or its full resource ID.
    type: str
  source_disk: &source_disk
    description:
      - Name of a managed disk in O(resource_group), or its full resource ID. The disk must contain an operating system.
      - A disk that is attached to a virtual machine can be used only if the virtual machine is deallocated. If the virtual
        machine is running, create a snapshot and use O(source_snapshot).
    type: str
  source_snapshot: &source_snapshot
    description: Name of a snapshot of an OS disk in O(resource_group), or its full resource ID.
    type: str
  source_blob: &source_blob
    description:
      - URL of a fixed VHD in a storage account, such as V(https://example.blob.core.windows.net/vhds/web.vhd).
      - A URL with a query string is rejected, because it may contain a signature. The signed-in identity needs permission
        to read the blob, or to list the keys of its storage account.
    type: str
  source_image: &source_image
    description:
      - Image to publish to O(gallery_versions). The name of a managed image in O(resource_group), its full resource ID, or
        the full resource ID of a gallery image version.
    type: str
  source_file: &source_file
    description:
      - Path of a file on the host that runs the task. The file must contain a disk with an operating system. A fixed VHD
        whose size is a multiple of 1 MiB and a raw disk are uploaded unchanged. A dynamic VHD, a VHDX and a qcow2 file are
        converted with C(qemu-img) first, which must be installed on that host. The format is detected from the contents of
        the file.
      - The file is uploaded to a managed disk in the same resource group as the image. The name of the disk is the name of
        the image with the suffix C(-upload). The disk is deleted after the image was created. Pages of 4 MiB that contain
        only zeros are not uploaded.
      - If an upload was interrupted, the next run uploads the missing parts. The upload URL is known only to the running
        task. It is revoked at the end of the upload, or by the next run if a run was killed, and expires five minutes after
        O(timeout).
      - An existing image is considered up to date if it was created from a file with the same contents, regardless of the
        file's name.
      - Requires O(os_type), O(os_state), O(location) and the Python package C(azure-storage-blob).
    type: path
  work_directory: &work_directory
    description:
      - Directory on the host that runs the task, for the converted copy of O(source_file) during the upload. It needs as
        much free space as the size of the disk. The default is the directory of the file.
    type: path
  source_vm_id: &source_vm_id
    description:
      - Expected C(vmId) of O(source_vm), as returned by a plan (C(vm_id) of RV(source)). If the virtual machine was
        recreated with the same name, its C(vmId) differs, and the task fails with V(source_is_another_machine).
      - By default, the virtual machine with the specified name is captured regardless of its C(vmId).
    type: str
  copy_name: &copy_name
    description:
      - Name of a copy of O(source_vm) to capture instead of O(source_vm). The copy is the virtual machine with this name in the
        resource group with the same name, as created by M(golden.azure.vm_image_instance). O(source_vm) is not changed.
      - If the copy does not exist, check mode plans the capture of a copy that is still to be created. Outside check mode, the
        copy must exist, unless all targets exist.
      - By default, targets are created in the resource group of O(source_vm), as without a copy.
    type: str
  storage_account: &storage_account
    description:
      - Name of the storage account of O(source_blob) in O(resource_group), or its full resource ID. It is required for
        galleries. The default is the account in the URL, in O(resource_group).
    type: str
  image: &image
    description:
      - Name of the image to create in O(resource_group), or its full resource ID.
      - An existing image with that name is considered up to date if it was captured from the same virtual machine. The
        module compares the C(vmId) of the virtual machine with the image's tag C(golden.azure.source_vm_id). A virtual
        machine that was recreated with the same name is not the same virtual machine.
      - Required if O(gallery_versions) is not set.
    type: str
    aliases: [name]
  gallery_versions: &gallery_versions
    description:
      - Image versions to create in galleries.
      - An existing version is considered up to date if it was captured from the same virtual machine, as for O(image).
    type: list
    elements: dict
    suboptions:
      gallery:
        description: Name of the gallery in O(resource_group), or its full resource ID.
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
          - Version number, such as V(1.0.0), or V(next). Each part is at most 2147483647.
          - V(next) selects an existing version that was created from the same virtual machine, or else the number after the
            highest existing one. Two runs that use V(next) at the same time may select the same number, because Azure does
            not prevent this.
        type: str
        default: next
      target_regions:
        description:
          - Regions to replicate the version to, each listed once. They must include the region of the source. By default,
            the version is created in the region of the source only.
          - If O(gallery_versions[].target_regions[].disk_encryption_set) is set for one region, it must be set for all
            regions.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the region.
            type: str
            required: true
          regional_replica_count:
            description:
              - Number of replicas in the region, at least 1. The default is calculated from O(concurrent_deployments). A
                version can have at most 100 replicas in all regions together.
            type: int
          storage_account_type:
            description:
              - Storage account type of the replicas. V(Standard_LRS), V(Standard_ZRS) in regions with availability zones,
                V(Premium_LRS), or V(PremiumV2_LRS).
            type: str
          disk_encryption_set:
            description: Resource ID of the disk encryption set for the replicas in this region.
            type: str
      exclude_from_latest:
        description: Whether to exclude the version from latest. An excluded version is not used for virtual machines that
          are created from the latest version.
        type: bool
        default: false
      end_of_life_date:
        description:
          - Date after which the version should no longer be used, such as V(2027-06-30). The date is informational. It must
            be in the future when it is set.
        type: str
      block_deletion_before_end_of_life:
        description: Whether to prevent the deletion of the version before O(gallery_versions[].end_of_life_date), which is
          required for this option.
        type: bool
        default: false
      allow_deletion_of_replicated_locations:
        description: Whether the version may be removed from single regions later, for example with
          M(golden.azure.vm_image_version). Azure stores this with the version. By default, it is not set, and Azure does not
          allow it.
        type: bool
      replication_mode:
        description: V(shallow) creates test versions faster. They have only one replica, in the region of the source.
        type: str
        choices: [full, shallow]
        default: full
      create_gallery:
        description:
          - Create the gallery if it does not exist, in the region of the source. Also creates the image definition, as with
            O(gallery_versions[].create_definition). To create the resource group of the gallery, set
            O(create_resource_group).
        type: bool
        default: false
      create_definition:
        description:
          - Create the image definition if it does not exist. Specify an empty dictionary to use all defaults. Operating
            system, OS state, generation, architecture, security type, disk controller types, accelerated networking,
            hibernation and purchase plan are taken from the source.
        type: dict
        suboptions:
          publisher:
            description: Publisher of the image definition. The default is the name of the gallery.
            type: str
          offer:
            description: Offer of the image definition. The default is the name of the image definition, truncated to 64
              characters.
            type: str
          sku:
            description:
              - SKU of the image definition. The default is the same as for O(gallery_versions[].create_definition.offer).
                The combination of publisher, offer and SKU must be unique in a gallery.
            type: str
          description:
            description: Description of the image definition.
            type: str
  os_state: &os_state
    description:
      - V(specialized) captures the virtual machine with its current identity into O(gallery_versions). The virtual machine
        is neither stopped nor marked as generalized, and can continue to run.
      - V(generalized) is the default for O(source_vm). For a disk, a snapshot, a blob or a file, it cannot be detected
        whether the operating system was generalized, so this option is required. For an image, the state of the image is
        used.
    type: str
    choices: [generalized, specialized]
  os_type: &os_type
    description: Operating system on the disk, for sources for which Azure does not report it. Required for O(source_blob)
      and O(source_file).
    type: str
    choices: [linux, windows]
  hyper_v_generation: &hyper_v_generation
    description: Hyper-V generation of the virtual machines to be created from the image, for sources for which Azure does
      not report it. Azure uses V(V1) by default.
    type: str
    choices: [V1, V2]
  architecture: &architecture
    description: CPU architecture of the operating system in O(source_file). Azure uses V(x64) by default.
    type: str
    choices: [x64, Arm64]
  os_disk: &os_disk
    description:
      - Properties of the OS disk in the image. If this option is set, the image is created from the individual disks of the
        virtual machine.
    type: dict
    suboptions:
      host_caching:
        description: Host caching. The default is the host caching of the source.
        type: str
        choices: [None, ReadOnly, ReadWrite]
      storage_account_type:
        description: Storage account type of the disk in a managed image. For gallery image versions, set it for each
          region.
        type: str
        choices: [Standard_LRS, StandardSSD_LRS, Premium_LRS]
      disk_encryption_set:
        description:
          - Disk encryption set of the disk in a managed image, specified by its name in O(resource_group) or its full
            resource ID. By default, the image is encrypted with platform-managed keys, or inherits the disk encryption set
            of its source.
        type: str
  data_disks: &data_disks
    description:
      - Data disks of the image. By default, all data disks of a virtual machine are included, and none for other sources.
        Specify an empty list to exclude all data disks. An excluded disk can be of any kind (Ultra Disk, Premium SSD v2,
        shared, encrypted).
      - The disks keep their LUNs.
    type: list
    elements: dict
    suboptions:
      lun:
        description: Logical unit number of the disk on virtual machines created from the image.
        type: int
        required: true
      disk:
        description: Managed disk to create the data disk from, specified by its name in O(resource_group) or its full
          resource ID.
        type: str
      snapshot:
        description: Snapshot to create the data disk from, specified by its name in O(resource_group) or its full resource
          ID.
        type: str
      blob:
        description: URL of a fixed VHD to create the data disk from.
        type: str
      host_caching:
        description: Host caching. The default is the host caching of the disk on the virtual machine.
        type: str
        choices: [None, ReadOnly, ReadWrite]
      storage_account_type:
        description: Storage account type of the disk in a managed image.
        type: str
        choices: [Standard_LRS, StandardSSD_LRS, Premium_LRS]
      disk_encryption_set:
        description: Disk encryption set of the disk in a managed image, specified by its name in O(resource_group) or its
          full resource ID.
        type: str
  resource_group: &resource_group
    description:
      - Resource group of the virtual machine, the image and the galleries, if they are specified by name.
      - If O(source_vm) is a full resource ID, the default is the resource group of the virtual machine.
    type: str
  generalize: &generalize
    description:
      - Whether the module may mark the virtual machine as generalized. This is irreversible. A generalized virtual machine
        can never be started again.
      - Not required if the virtual machine is already generalized.
    type: bool
    default: false
  guest_prepared: &guest_prepared
    description:
      - Whether the guest has been prepared, or is shutting down at the end of its preparation.
      - In check mode, V(false) shows the plan for a virtual machine whose guest has not been prepared yet. That the virtual
        machine is running and not generalized is then not a blocker, but results in steps. Use it to detect blockers before
        the guest is changed.
      - Outside check mode, V(false) executes the steps that come before the preparation of the guest, and then stops.
        First, it claims the virtual machine by setting tags that identify the run, so that no other run prepares the same
        guest. If another run has claimed the virtual machine, it waits until that run has created all targets
        (C(captured_by_another_run)); its RV(steps) then contain C(wait_for_capture) instead of C(claim_vm). A claim is valid
        until its run has ended. If it cannot be determined whether the run has ended, the claim is valid for 2 hours.
      - Next, it creates the backup snapshots, and the resource group or image definitions if required. If the identity is
        not allowed to write the tags of the virtual machine, the virtual machine is not claimed (C(machine_not_claimed)).
        For a signed-in user, the module then sends a write request that changes nothing, because Azure accepts write
        requests only from users who signed in with multi-factor authentication. If there is no such step, the task fails.
    type: bool
    default: true
  release_claim: &release_claim
    description:
      - V(true) only releases the claim on the virtual machine that O(guest_prepared=false) created in the same run, for a
        playbook in which the preparation of the guest has failed. Claims of other runs are not released.
    type: bool
    default: false
  shutdown_timeout: &shutdown_timeout
    description:
      - Time in seconds to wait for the guest to shut down if it is still running. By default, a running virtual machine is
        a blocker.
    type: int
    default: 0
  location: &location
    description:
      - Region of the image. It must be the region of the source, so a different region is a blocker. Set it only as a
        safety check, for O(source_blob), whose region cannot be detected, and for O(source_file).
    type: str
  zone_resilient: &zone_resilient
    description:
      - Whether to store the image in several availability zones of its region (ZRS). This cannot be changed later.
    type: bool
  tags: &tags
    description:
      - Tags of the image and of the resources that are created for it, which are the resource group, image definitions,
        backup snapshots and upload disks. Other existing tags of the image are kept. Other existing resources are not
        changed.
      - Tags with the prefix C(golden.azure.) are reserved for this collection and are rejected (C(reserved_tag)), except
        for C(golden.azure.protected) and the tags of the role P(golden.azure.golden_image#role).
      - Azure allows at most 50 tags, including up to 8 tags of this collection. A tag name can have up to 512 characters
        without C(<>%&\?/), a tag value up to 256 characters. A value must be a string or a number.
    type: dict
  delete_source_vm: &delete_source_vm
    description:
      - Whether to delete the virtual machine after all targets were created, together with its captured disks, its network
        interfaces and their public IP addresses.
      - Before the virtual machine is generalized, the delete options of these resources are set, so that Azure deletes them
        together with the virtual machine. Shared disks and disks that were not captured are kept and are listed in a
        warning. Networks and security groups are kept as well.
    type: bool
    default: false
  create_resource_group: &create_resource_group
    description:
      - Whether to create the resource group of O(image), and of galleries with O(gallery_versions[].create_gallery), if it
        does not exist. The O(tags) are also applied to the resource group.
    type: bool
    default: false
  snapshot_disks: &snapshot_disks
    description:
      - Whether to create incremental snapshots of the managed disks of the virtual machine first, in the resource groups of
        the disks.
      - An existing backup snapshot is not changed, so a run that continues after the guest was prepared does not replace
        it.
      - Backup snapshots are never deleted by this collection. They have the tag C(golden.azure.backup_of).
      - Several disks of a running virtual machine are captured at the same time by a restore point, if Azure supports that
        (O(disk_consistency)). The snapshots are then created from temporary disks, so that they are not based on earlier snapshots
        of the disks. The temporary disks and the restore point are deleted before the guest is prepared, also by the next run if
        this one is interrupted.
    type: bool
    default: false
  disk_consistency: &disk_consistency
    description:
      - How consistent the snapshots of O(snapshot_disks) must be with each other, if the virtual machine is running and has
        several disks.
      - V(auto) creates a crash-consistent restore point, which contains all disks at the same time. If Azure does not support
        that, the disks are snapshotted one after the other, with a warning (C(snapshots_not_consistent)).
      - V(crash_consistent) does the same, and blocks the capture if Azure does not support it
        (C(crash_consistency_not_supported)).
      - V(per_disk) snapshots the disks one after the other.
      - Azure does not support it for Ultra disks, Premium SSD v2 disks, shared disks, disks with write accelerator,
        confidential virtual machines, and sizes without premium storage. Azure does not guarantee it for disks with
        C(ReadWrite) host caching, which is the default of OS disks, and for sizes of the 6th (Intel) and 7th (AMD) generation
        with several data disks (C(consistency_not_guaranteed)). It is not used if a management lock prevents the deletion of
        the restore point.
      - Azure allows three restore points of a virtual machine per hour, and only one at a time. The task waits until the next
        one is allowed, at most for O(timeout). While it has a restore point, a virtual machine cannot be moved.
      - RV(backups[].disk_consistency) contains what was achieved.
    type: str
    choices: [auto, crash_consistent, per_disk]
    default: auto
  run_id: &run_id
    description:
      - Identifier of the run in the tags and the provenance of the created resources, such as a job number. The default is
        the current time with random characters.
    type: str
  concurrent_deployments: &concurrent_deployments
    description:
      - Number of virtual machines that are to be created from the image at the same time. It determines the number of
        replicas in each region of O(gallery_versions). A warning is reported if a managed image does not support that
        number.
    type: int
  deployments_per_replica: &deployments_per_replica
    description: Number of concurrent deployments per replica.
    type: int
    default: 20
  captures:
    description:
      - List of captures to perform in this task, each with the options of a single capture. O(timeout) and the
        authentication options are set for the whole task.
      - The captures share one sign-in and one connection, and run concurrently within Azure's request limits. Compared to a
        loop, this takes a fraction of the time and of the requests.
      - If a capture fails, the others continue. The task fails at the end and lists the failed captures. RV(results)
        contains the result of each capture.
      - If two items specify the same virtual machine or the same target, the task fails before anything is read.
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
      copy_name: *copy_name
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
      disk_consistency: *disk_consistency
      run_id: *run_id
      deployments_per_replica: *deployments_per_replica
  max_concurrency:
    description: Maximum number of concurrent requests for O(captures), at most 128.
    type: int
    default: 100
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_definition
  - module: golden.azure.vm_image_gallery
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_remove
  - name: Create a managed image
    description: Documentation of Azure on creating a managed image of a generalized virtual machine.
    link: https://learn.microsoft.com/azure/virtual-machines/capture-image-resource
"""

EXAMPLES = r"""
- name: Show the plan of a capture before the guest is prepared
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    guest_prepared: false
  check_mode: true

- name: Capture a virtual machine whose guest was prepared and is shutting down
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    shutdown_timeout: 300
    zone_resilient: true
    tags:
      team: web

- name: Capture into a gallery for 90 concurrent deployments in two regions, excluded from latest
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
          sku: debian-13

- name: Create an image from snapshots and a disk, each data disk at its LUN
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

- name: Back up the disks, capture without data disks, and delete the virtual machine
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    data_disks: []
    snapshot_disks: true
    delete_source_vm: true

- name: Create an image from a VHD in a storage account
  golden.azure.vm_image_capture:
    resource_group: images
    source_blob: https://example.blob.core.windows.net/vhds/web.vhd
    os_type: windows
    os_state: generalized
    hyper_v_generation: V2
    location: westeurope
    image: golden-web

- name: Create an image from a local disk file
  golden.azure.vm_image_capture:
    resource_group: images
    source_file: /srv/images/debian-13.qcow2
    work_directory: /var/tmp
    os_type: linux
    os_state: generalized
    hyper_v_generation: V2
    location: westeurope
    image: golden-debian

- name: Publish an existing managed image to a gallery
  golden.azure.vm_image_capture:
    resource_group: images
    source_image: golden-web
    gallery_versions:
      - gallery: golden
        definition: web

- name: Capture several virtual machines in one task
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

- name: Capture a running virtual machine as a specialized image
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
    - The managed image, as returned by M(golden.azure.vm_image_info), except for its family. In check mode, the existing
      image, if there is one.
  returned: success
  type: dict
gallery_versions:
  description:
    - The gallery image versions in the order of the option, as returned by M(golden.azure.vm_image_info). Empty in check
      mode.
  returned: success
  type: list
  elements: dict
source:
  description:
    - The id and os_type (V(linux) or V(windows)) of the source. For a virtual machine, also its vm_id, and the power_state
      and generalized state at the time of the plan. For other sources, also their unique_id. The vm_id is the ID that the
      guest of the virtual machine must report (role variables C(linux_deprovision_vm_id) and C(windows_sysprep_vm_id)).
    - With O(copy_name), the source is the copy, and C(copy_of) the ID of O(source_vm). The vm_id of a copy that does not exist is
      V(null).
  returned: success, or when it is blocked by what was read
  type: dict
provenance:
  description:
    - Provenance of the first target, from its tags. Contains source, source_vm_id, source_unique_id, base, purchase_plan,
      run_id, holder (the host on which the run was started), collection_version and created_at. In check mode, the
      provenance of the existing target, if there is one.
  returned: success
  type: dict
backups:
  description: The snapshots created by O(snapshot_disks).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Full resource ID of the snapshot.
      type: str
      returned: always
    name:
      description: Name of the snapshot.
      type: str
      returned: always
    disk:
      description: Full resource ID of the disk that it backs up.
      type: str
      returned: always
    created_at:
      description: When the run that created it started.
      type: str
      returned: always
    disk_consistency:
      description:
        - How consistent the snapshots of the virtual machine are with each other. V(crash_consistent) if they contain all disks
          at the same time. V(not_guaranteed) if they were created by a restore point of which Azure does not guarantee that.
          V(stopped) if the virtual machine was stopped. V(per_disk) if they differ in time.
        - V(null) for snapshots of earlier releases.
      type: str
      returned: always
plan:
  description:
    - The plan, with title, blockers, warnings and steps. Steps that write contain the method, path and body of their
      request. The ID of a disk restore point, to which Azure appends a random suffix, is contained without it.
    - Blockers and warnings have a C(code). Some have additional keys, such as the C(scope) and the C(actions) of missing
      permissions.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: always, unless the current state could not be read
  type: list
  elements: dict
left:
  description: IDs of the image definitions that were created before a step failed. They are not deleted, and the next run
    uses them.
  returned: when a step failed after an image definition was created
  type: list
  elements: str
results:
  description:
    - The result of each of the O(captures), in the same order, with C(name), C(failed), and the return values or the error
      of a task with a single capture. The human-readable plans of all captures are in RV(plan_text), and the warnings of
      all captures are reported as warnings of the task.
  returned: when O(captures) is given
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description:
    - The error code and message and, if Azure rejected a request, the request_id for Azure support.
    - The code is V(mfa_required) if Azure accepts read requests of the signed-in user but rejects write requests because
      multi-factor authentication was not used.
  returned: when Azure rejected a request, or options are invalid
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
