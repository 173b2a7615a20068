#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create virtual machines from images, or copies of running ones, and delete them with their resources."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_instance
short_description: Create a virtual machine from an image, or a copy of a virtual machine, and delete it with its resources
version_added: 1.0.0
description:
  - Creates a virtual machine to build an image from, or to test an image with. It is created from a marketplace image, a
    managed image or a gallery image version, or as a copy of an existing virtual machine.
  - The network interface is created together with the virtual machine. Everything that is created for the virtual machine
    is deleted together with it.
  - The created resources have the tag C(golden.azure.instance). The module identifies an instance by this tag and by its
    name. If a run was interrupted, the next run continues it, and a second run changes nothing. Virtual machines without
    this tag are never changed.
  - With O(state=absent), the module deletes the instance and everything that was created for it. It then verifies that
    nothing remains, and fails if something does.
  - An existing instance is not changed, except for its tags. Differences from the task are reported as warnings.
  - A copy is created from a restore point or from snapshots of the disks of the virtual machine (O(disk_consistency)), which are
    deleted afterwards. The source virtual machine is only read. A copy has the hostname, accounts, scheduled jobs and agents of
    its source. It is therefore created in O(isolated_subnet) only.
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the virtual machine in O(resource_group), or its full resource ID.
    type: str
    required: true
  resource_group:
    description: Resource group of the instance. Also the resource group of O(image), O(source_vm) and O(security_group), if
      they are specified by name.
    type: str
  state:
    description: V(present) creates the instance, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  create_resource_group:
    description:
      - Whether to create the resource group if it does not exist, for this instance only. It is then deleted together with
        the instance, unless it contains other resources at that time.
      - A resource group that existed before is never deleted.
    type: bool
    default: false
  image:
    description: Managed image to create the instance from, specified by its name in O(resource_group) or its full resource
      ID.
    type: str
  gallery_version_id:
    description:
      - Gallery image version to create the instance from, specified by its full resource ID.
      - If the version number in it is V(latest), the version that M(golden.azure.vm_image_info) returns for that name in
        the region is used.
    type: str
  marketplace:
    description: Marketplace image to create the instance from. Its purchase plan, if it has one, is set automatically.
    type: dict
    suboptions:
      publisher:
        description: Publisher of the image.
        type: str
        required: true
      offer:
        description: Offer of the publisher.
        type: str
        required: true
      sku:
        description: SKU of the offer.
        type: str
        required: true
      version:
        description: Version number, or V(latest).
        type: str
        default: latest
  source_vm:
    description:
      - Virtual machine to copy with all its disks, specified by its name in O(resource_group) or its full resource ID. It
        can be running, and is not changed.
      - One of O(image), O(gallery_version_id), O(marketplace) and O(source_vm) is required for O(state=present).
    type: str
  purchase_plan:
    description:
      - Purchase plan of an image that originates from a marketplace image, if the image does not record it. Images that were
        created by M(golden.azure.vm_image_capture) and image definitions record it.
      - If the terms of the plan were not accepted in the subscription, Azure does not create the virtual machine, which is
        a blocker (C(terms_not_accepted)). If the terms cannot be read because of missing permissions, a warning is reported.
    type: dict
    suboptions:
      name:
        description: Name of the plan, in most cases the SKU.
        type: str
        required: true
      product:
        description: Product of the plan, in most cases the offer.
        type: str
        required: true
      publisher:
        description: Publisher of the plan.
        type: str
        required: true
  location:
    description: Region of the instance. The default is the region of its source or of its network.
    type: str
  subnet:
    description: Full resource ID of the subnet of the instance. Required unless the instance is a copy.
    type: str
  isolated_subnet:
    description:
      - Full resource ID of the subnet of a copy. Required for O(source_vm), and not allowed otherwise.
      - Specify a subnet from which the copy cannot connect to anything that communicates with its source, such as
        directories, databases, message queues and monitoring. Azure cannot determine whether this is the case. The subnet of
        the source is rejected.
    type: str
  public_ip:
    description:
      - Whether to assign a public IP address to the instance. Not supported for copies.
      - Requires O(security_group). The instance is not created if that network security group allows inbound SSH, RDP or
        WinRM connections from any address. The service tag C(AzureCloud) counts as any address as well.
    type: bool
    default: false
  security_group:
    description: Network security group of the network interface of the instance, specified by its name in
      O(resource_group) or its full resource ID.
    type: str
  vm_size:
    description:
      - Allowed sizes of the virtual machine. The first size is used that supports the architecture, the generation, the
        disk controller and the security type of the source. If none does, this is a blocker (C(size_does_not_fit)) that
        lists what each size lacks.
      - Of the sizes that fit, the first is used that the subscription can have in the region, according to the restrictions
        that Azure reports. If there is none, this is a blocker (C(size_not_available)). If its cores exceed a quota of its
        family or of the region, this is a blocker (C(quota_exhausted)) with the figures. Zones are not considered, because
        the virtual machine is created without one.
      - The default is the size of the copied virtual machine. Without one, it is the first size that fits of
        V(Standard_D2s_v5), V(Standard_D2s_v6) (NVMe only), V(Standard_D2ps_v6) and V(Standard_D2ps_v5) (Arm64).
      - Required for virtual machines with the security type V(ConfidentialVM), which none of these default sizes supports.
    type: list
    elements: str
  priority:
    description: V(spot) uses spare capacity at a lower price. Azure may evict the instance at any time.
    type: str
    choices: [regular, spot]
    default: regular
  security_type:
    description:
      - Security type of the virtual machine. The default is the security type that the source requires, or supports on a
        virtual machine of this size. It is V(Standard) for O(image) and with O(for_managed_image=true). A copy has the
        security type of its source. Secure boot and a virtual TPM are enabled with all other security types.
      - V(Standard) is sent to Azure only for a source from which Azure might create a Trusted Launch virtual machine by
        default. The API versions that are used here accept it. If Azure rejects it nevertheless, register the feature
        C(Microsoft.Compute/UseStandardSecurityType) in the subscription.
    type: str
    choices: [Standard, TrustedLaunch, ConfidentialVM]
  encryption_at_host:
    description:
      - Whether to enable encryption at host for the virtual machine. By default, it is enabled if it is enabled for the
        copied virtual machine, and disabled otherwise.
      - Requires that the feature C(Microsoft.Compute/EncryptionAtHost) is registered in the subscription, which is a blocker
        otherwise (C(encryption_at_host_not_registered)), and a size that supports it. To check both in advance, the
        permissions C(Microsoft.Features/providers/features/read) and C(Microsoft.Compute/skus/read) are required. Without
        them, a warning is reported.
      - Not supported for disks that are or were encrypted with Azure Disk Encryption (C(encryption_at_host_refused)).
    type: bool
  disk_controller:
    description:
      - Disk controller of the virtual machine. By default, it is SCSI, and NVMe if the size or the image supports NVMe only. A copy
        has the disk controller of its source.
      - An image that does not support it is a blocker (C(disk_controller_not_supported)), and so are sizes that do not
        (C(size_does_not_fit)).
    type: str
    choices: [SCSI, NVMe]
  accelerated_networking:
    description:
      - Whether to enable accelerated networking for the network interface. By default, it is not requested, and Azure leaves it disabled.
      - If none of the sizes supports it, this is a blocker (C(size_does_not_fit)). To check this in advance, the permission
        C(Microsoft.Compute/skus/read) is required. Without it, a warning is reported.
    type: bool
  disk_encryption_set:
    description: >-
      Disk encryption set for the disks of the instance, specified by its name in O(resource_group) or its full resource ID. By default,
      the disks are encrypted with platform-managed keys, and the disks of a copy with the keys of the copied disks.
    type: str
  disk_consistency:
    description:
      - How consistent the disks of a copy must be with each other, if the copied virtual machine is running and has several disks.
        Only for O(source_vm).
      - V(auto) creates a crash-consistent restore point, which contains all disks at the same time. If Azure does not support
        that, the disks are snapshotted one after the other, with a warning (C(snapshots_not_consistent)).
      - V(crash_consistent) does the same, and blocks the copy if Azure does not support it
        (C(crash_consistency_not_supported)).
      - V(per_disk) snapshots the disks one after the other.
      - Azure does not support it for Ultra disks, Premium SSD v2 disks, shared disks, disks with write accelerator,
        confidential virtual machines, and sizes without premium storage. It is not used for a copy in another subscription.
        Azure does not guarantee it for disks with C(ReadWrite) host caching, which is the default of OS disks, and for sizes of
        the 6th (Intel) and 7th (AMD) generation with several data disks (C(consistency_not_guaranteed)).
      - Azure allows three restore points of a virtual machine per hour, and only one at a time. The task waits until the next
        one is allowed, at most for O(timeout). While it has a restore point, a virtual machine cannot be moved.
      - RV(instance.disk_consistency) contains what was achieved.
    type: str
    choices: [auto, crash_consistent, per_disk]
    default: auto
  for_managed_image:
    description: Whether a managed image will be captured from the instance. Azure creates managed images from virtual
      machines with the security type V(Standard) only.
    type: bool
    default: false
  admin_username:
    description: User name for logging in. The default is V(azureuser). Azure rejects well-known names such as V(root) and
      V(admin).
    type: str
  ssh_public_key:
    description: SSH public key of that user, for Linux.
    type: str
  admin_password:
    description: Password of that user. Required for Windows. On Linux, logging in with a password is enabled only if it is
      set.
    type: str
  custom_data:
    description: Data for the first boot of the guest, such as user data for cloud-init, at most 65,535 bytes. The module
      encodes it.
    type: str
  tags:
    description:
      - Tags of all created resources. Other tags of an existing instance are kept.
      - Tags with the prefix C(golden.azure.) are reserved for this collection and are rejected (C(reserved_tag)), except for
        C(golden.azure.protected), and C(golden.azure.golden_image) of the role P(golden.azure.golden_image#role).
    type: dict
  wait:
    description:
      - Whether to wait until the virtual machine is created. If V(false), the task ends as soon as Azure has accepted the
        request, so that several virtual machines can be created at the same time. To wait for the virtual machine later,
        run the same task with O(wait=true).
      - The task always waits for restore points, snapshots, disks and resource groups that the virtual machine requires.
      - With O(state=absent), whether to wait until a resource group that was created for the instance is deleted with
        everything in it. If V(false), it is not verified that nothing remains. To verify it later, run the same task with
        O(wait=true). If the resource group contains other resources, the task always waits for the deletion.
    type: bool
    default: true
  wait_for_agent:
    description: Whether to wait until the VM agent of the guest is ready as well.
    type: bool
    default: true
  agent_timeout:
    description: Time limit in seconds for waiting for the VM agent.
    type: int
    default: 600
  serial_log:
    description:
      - File on the host that runs the task, in which to store the serial log of the virtual machine.
      - It is written if the instance could not be created or did not become ready, and with O(state=absent) before the
        instance is deleted.
    type: path
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_run_command
"""

EXAMPLES = r"""
- name: Create a virtual machine to build an image from
  golden.azure.vm_image_instance:
    name: build-web
    resource_group: build-web
    create_resource_group: true
    marketplace:
      publisher: Debian
      offer: debian-13
      sku: 13-gen2
    for_managed_image: true
    subnet: "{{ build_subnet_id }}"
    ssh_public_key: "{{ lookup('file', '~/.ssh/id_ed25519.pub') }}"
  register: build

- name: Add the virtual machine to the inventory for the following plays
  ansible.builtin.add_host:
    name: build-web
    ansible_host: "{{ build.instance.private_ip_address }}"
    ansible_user: "{{ build.instance.admin_username }}"

- name: Copy a virtual machine that continues to run
  golden.azure.vm_image_instance:
    name: web-copy
    resource_group: web-copy
    create_resource_group: true
    source_vm: /subscriptions/0/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web
    isolated_subnet: "{{ quarantine_subnet_id }}"
    disk_consistency: crash_consistent

- name: Create two virtual machines at the same time, and wait for both
  golden.azure.vm_image_instance:
    name: "{{ item[1] }}"
    resource_group: tests
    image: golden-web
    subnet: "{{ test_subnet_id }}"
    ssh_public_key: "{{ lookup('file', '~/.ssh/id_ed25519.pub') }}"
    wait: "{{ item[0] }}"
  loop: "{{ [false, true] | product(['test-1', 'test-2']) }}"

- name: Delete a virtual machine and everything that was created for it
  golden.azure.vm_image_instance:
    name: web-copy
    resource_group: web-copy
    state: absent
"""

RETURN = r"""
instance:
  description: The instance. V(null) if it does not exist, and in check mode if it would be created or changed.
  returned: success
  type: dict
  contains:
    id:
      description: Full resource ID of the virtual machine.
      type: str
      returned: always
    name:
      description: Name of the virtual machine.
      type: str
      returned: always
    resource_group:
      description: Resource group of the virtual machine.
      type: str
      returned: always
    location:
      description: Region of the virtual machine.
      type: str
      returned: always
    vm_id:
      description: >-
        Unique ID of the virtual machine (C(vmId)), which distinguishes it from a virtual machine that was recreated with the same name.
        A copy has its own. The guest reports it as its SMBIOS UUID.
      type: str
      returned: always
    provisioning_state:
      description: V(Succeeded), unless an operation is in progress or has failed.
      type: str
      returned: always
    power_state:
      description: V(running), V(stopped), V(deallocated) and so on.
      type: str
      returned: always
    generalized:
      description: Whether the virtual machine is marked as generalized.
      type: bool
      returned: always
    agent_ready:
      description: Whether the VM agent of the guest is ready.
      type: bool
      returned: always
    os_type:
      description: V(linux) or V(windows).
      type: str
      returned: always
    admin_username:
      description: User name for logging in. For a copy, that of its source.
      type: str
      returned: always
    computer_name:
      description: Hostname that was assigned to the guest. For a copy, that of its source.
      type: str
      returned: always
    private_ip_address:
      description: First private IP address.
      type: str
      returned: always
    private_ip_addresses:
      description: All private IP addresses.
      type: list
      elements: str
      returned: always
    public_ip_address:
      description: First public IP address. V(null) if there is none.
      type: str
      returned: always
    public_ip_addresses:
      description: All public IP addresses.
      type: list
      elements: str
      returned: always
    vm_size:
      description: Size of the virtual machine.
      type: str
      returned: always
    priority:
      description: V(spot) if it uses spare capacity, otherwise V(regular).
      type: str
      returned: always
    security_type:
      description: Security type of the virtual machine.
      type: str
      returned: always
    encryption_at_host:
      description: Whether encryption at host is enabled.
      type: bool
      returned: always
    disk_controller:
      description: Disk controller type, V(SCSI) or V(NVMe). V(null) if Azure does not report it.
      type: str
      returned: always
    accelerated_networking:
      description: Whether accelerated networking is enabled for the primary network interface.
      type: bool
      returned: always
    source:
      description: Source of the virtual machine, as recorded in its tag C(golden.azure.instance_source).
      type: str
      returned: always
    disk_consistency:
      description:
        - How consistent the disks of a copy were with each other when they were copied. V(crash_consistent) if they were captured at
          the same time. V(not_guaranteed) if they were captured by a restore point of which Azure does not guarantee that.
          V(stopped) if the copied virtual machine was stopped. V(per_disk) if they differ in time.
        - V(null) for other instances, and for copies of earlier releases.
      type: str
      returned: always
    image_version:
      description: Exact version of the image, if it has one.
      type: str
      returned: always
    disks:
      description: IDs of the disks, the OS disk first.
      type: list
      elements: str
      returned: always
    tags:
      description: Tags of the virtual machine.
      type: dict
      returned: always
removed:
  description: IDs of the deleted resources (in check mode, that would be deleted). Resources that are deleted together with
    these are not listed.
  returned: with O(state=absent)
  type: list
  elements: str
remaining:
  description: IDs of the remaining resources.
  returned: when something remains after the deletion
  type: list
  elements: str
serial_log:
  description: Path of the file with the serial log. V(null) if the log could not be read.
  returned: when the instance could not be created or did not become ready, and O(serial_log) is set
  type: str
plan:
  description: The plan, with title, blockers, warnings and steps. Steps that write contain the method, path and body of their
    request. The ID of a disk restore point, to which Azure appends a random suffix, is contained without it.
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
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance


def main() -> None:
    """Run the module."""
    run_module(instance.execute, instance.OPTIONS, **instance.RULES)


if __name__ == "__main__":
    main()
