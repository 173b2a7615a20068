#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make virtual machines of images, or copies of running ones, and remove them without a trace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_instance
short_description: Make a virtual machine of an image, or a copy of a running one, and remove it without a trace
version_added: 0.1.0
description:
  - Makes a virtual machine to build an image from, or to try an image with. It is made of a marketplace image, a managed
    image, a version in a gallery, or as a copy of a running machine.
  - The network interface comes with the machine, and everything that is made for it is deleted with it.
  - What it makes bears the tag C(golden.azure.instance). By that and by its name an instance is known again. A run that
    was interrupted is continued by the next one, and a second run changes nothing. Machines without that tag are never
    changed.
  - With O(state=absent) the instance goes with all that was made for it, after which the task looks for anything left and
    fails if there is.
  - An instance that is there is left as it is. What differs from the task is told as a warning.
  - A copy is made from snapshots of the machine's disks. The machine itself is only read. A copy carries its source's
    hostname, accounts, jobs and agents, and is therefore made in O(isolated_subnet) only.
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the virtual machine in O(resource_group), or its full resource id.
    type: str
    required: true
  resource_group:
    description: Resource group of the instance, and of O(image), O(source_vm) and O(security_group) where they are given by name.
    type: str
  state:
    description: Whether the instance is to be there.
    type: str
    choices: [present, absent]
    default: present
  create_resource_group:
    description:
      - Make the resource group if it is not there, for this instance alone. It is then removed with the instance, unless it
        holds something else by then.
      - A group that was there before is never removed.
    type: bool
    default: false
  image:
    description: Managed image to make the instance of. Name or full resource id.
    type: str
  gallery_version_id:
    description:
      - Version in a gallery to make the instance of, by its full resource id.
      - With V(latest) in the place of its number, what M(golden.azure.vm_image_info) finds by that name in the region.
    type: str
  marketplace:
    description: Marketplace image to make the instance of. Its purchase plan, if it has one, is filled in.
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
        description: Version, or V(latest).
        type: str
        default: latest
  source_vm:
    description:
      - Virtual machine to copy with all its disks. Name or full resource id. It may run, and goes on untouched.
      - One of O(image), O(gallery_version_id), O(marketplace) and O(source_vm) is needed for O(state=present).
    type: str
  purchase_plan:
    description:
      - Purchase plan of an image that comes from a marketplace image and does not say so. Those that M(golden.azure.vm_image_capture)
        made do, and image definitions.
      - Where the plan's terms were not accepted in the subscription, Azure makes no machine, and that is a blocker
        (C(terms_not_accepted)). Where they may not be read, a warning says so.
    type: dict
    suboptions:
      name:
        description: Name of the plan, mostly the SKU.
        type: str
        required: true
      product:
        description: Product of the plan, mostly the offer.
        type: str
        required: true
      publisher:
        description: Publisher of the plan.
        type: str
        required: true
  location:
    description: Region of the instance. By default that of its source or its network.
    type: str
  subnet:
    description: Subnet for the instance, by its full resource id. Needed unless it is a copy.
    type: str
  isolated_subnet:
    description:
      - Subnet for a copy, by its full resource id. Needed for O(source_vm), and for nothing else.
      - Name one from which the copy reaches nothing that knows its source, such as directories, databases, message queues
        and monitoring. Azure cannot tell whether that is so. The source's own subnet is refused.
    type: str
  public_ip:
    description:
      - Whether the instance gets a public IP address. Not for copies.
      - Needs O(security_group), and is refused if that lets anybody in to ssh, RDP or WinRM. The service tag C(AzureCloud) is
        anybody, too.
    type: bool
    default: false
  security_group:
    description: Network security group for the instance's network interface. Name or full resource id.
    type: str
  vm_size:
    description:
      - Sizes that the machine may have; the first is taken that has the architecture, the generation, the disk controller and the
        security type that the source needs. Where none has, that is a blocker (C(size_does_not_fit)) that says what each lacks.
      - By default that of the machine copied, else the first that fits of V(Standard_D2s_v5), V(Standard_D2s_v6) (which attaches
        disks by NVMe alone), V(Standard_D2ps_v6) and V(Standard_D2ps_v5) (Arm64).
      - Needed for machines of the security type V(ConfidentialVM), which none of these is for.
    type: list
    elements: str
  priority:
    description: V(spot) uses spare capacity at a lower price. Azure may take the instance away at any time.
    type: str
    choices: [regular, spot]
    default: regular
  security_type:
    description:
      - Security type of the machine. By default what the source needs, or can be on a machine of this size, and V(Standard) for
        O(image) and with O(for_managed_image=true). A copy is of its source's. Secure boot and a virtual TPM come with all others.
      - V(Standard) is sent to Azure only for a source of which it might make a Trusted Launch machine by itself. The versions of
        Azure's interface that are used here take it as it is; where Azure refuses it all the same, the subscription has to
        register the feature C(Microsoft.Compute/UseStandardSecurityType).
    type: str
    choices: [Standard, TrustedLaunch, ConfidentialVM]
  encryption_at_host:
    description:
      - Whether the machine's disks are encrypted at its host. By default as those of the machine copied, else not.
      - The subscription must have registered the feature C(Microsoft.Compute/EncryptionAtHost), else that is a blocker
        (C(encryption_at_host_not_registered)), and the size must have it. Both are read beforehand, which takes
        C(Microsoft.Features/providers/features/read) and C(Microsoft.Compute/skus/read); without, a warning says so.
      - What has or had Azure Disk Encryption cannot have it (C(encryption_at_host_refused)).
    type: bool
  disk_encryption_set:
    description: >-
      Disk encryption set by whose key the instance's disks are encrypted. Name or full resource id. By default Azure's own key, and
      for copies that of the disks copied.
    type: str
  for_managed_image:
    description: Whether a managed image is to be captured from the instance. Azure makes such of V(Standard) machines only.
    type: bool
    default: false
  admin_username:
    description: User to log in as. Default V(azureuser). Azure takes no names that everybody guesses, such as V(root) and V(admin).
    type: str
  ssh_public_key:
    description: Public key of that user, for Linux.
    type: str
  admin_password:
    description: Password of that user. Needed for Windows; for Linux, log-ins by password are possible only if it is given.
    type: str
  custom_data:
    description: Data for the guest's first boot, such as what cloud-init reads, 65,535 bytes at most. It is encoded by the task.
    type: str
  tags:
    description:
      - Tags for everything that is made. Further tags of an instance that is there stay.
      - Those that begin with C(golden.azure.) are how this collection knows its own again, and are refused (C(reserved_tag)). It takes
        C(golden.azure.protected), and C(golden.azure.golden_image) of the role P(golden.azure.golden_image#role).
    type: dict
  wait:
    description:
      - Whether to wait until the machine is made. Without, the task ends as soon as Azure has taken on to make it, so that other
        machines can be made at the same time. The same task with O(wait=true) waits for it then.
      - Snapshots, disks and resource groups that the machine needs are waited for all the same.
      - With O(state=absent), whether to wait until a resource group that was made for the instance is gone with everything in it.
        Without, nothing proves that nothing is left; the same task with O(wait=true) does. Where others share the group, the
        removal is waited for all the same.
    type: bool
    default: true
  wait_for_agent:
    description: Whether to wait until the guest's agent is ready, too.
    type: bool
    default: true
  agent_timeout:
    description: How long that may take, in seconds.
    type: int
    default: 600
  serial_log:
    description:
      - File in which to keep the machine's serial log, on the machine that the task runs on.
      - It is written if the instance does not come up, and with O(state=absent) before it goes.
    type: path
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_run_command
"""

EXAMPLES = r"""
- name: Make a machine to build an image from
  golden.azure.vm_image_instance:
    name: build-web
    resource_group: build-web
    create_resource_group: true
    marketplace:
      publisher: Debian
      offer: debian-12
      sku: 12-gen2
    for_managed_image: true
    subnet: "{{ build_subnet_id }}"
    ssh_public_key: "{{ lookup('file', '~/.ssh/id_ed25519.pub') }}"
  register: build

- name: Have the next plays reach it
  ansible.builtin.add_host:
    name: build-web
    ansible_host: "{{ build.instance.private_ip_address }}"
    ansible_user: "{{ build.instance.admin_username }}"

- name: Copy a machine that goes on running
  golden.azure.vm_image_instance:
    name: web-copy
    resource_group: web-copy
    create_resource_group: true
    source_vm: /subscriptions/0/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web
    isolated_subnet: "{{ quarantine_subnet_id }}"

- name: Have two machines made at the same time, and wait for both
  golden.azure.vm_image_instance:
    name: "{{ item[1] }}"
    resource_group: tests
    image: golden-web
    subnet: "{{ test_subnet_id }}"
    ssh_public_key: "{{ lookup('file', '~/.ssh/id_ed25519.pub') }}"
    wait: "{{ item[0] }}"
  loop: "{{ [false, true] | product(['test-1', 'test-2']) }}"

- name: Remove it with all that was made for it
  golden.azure.vm_image_instance:
    name: web-copy
    resource_group: web-copy
    state: absent
"""

RETURN = r"""
instance:
  description: The instance; V(null) when it is absent, or would be made or changed (check mode).
  returned: success
  type: dict
  contains:
    id:
      description: Full resource id of the virtual machine.
      type: str
      returned: always
    name:
      description: Its name.
      type: str
      returned: always
    resource_group:
      description: Its resource group.
      type: str
      returned: always
    location:
      description: Its region.
      type: str
      returned: always
    vm_id:
      description: >-
        What tells it from a machine that is built again under its name. A copy has its own. The guest shows it as its SMBIOS UUID.
      type: str
      returned: always
    provisioning_state:
      description: V(Succeeded), unless something else is going on.
      type: str
      returned: always
    power_state:
      description: V(running), V(stopped), V(deallocated) and so on.
      type: str
      returned: always
    generalized:
      description: Whether it is marked as generalized.
      type: bool
      returned: always
    agent_ready:
      description: Whether the guest's agent is ready.
      type: bool
      returned: always
    os_type:
      description: V(linux) or V(windows).
      type: str
      returned: always
    admin_username:
      description: The user to log in as; of a copy, its source's.
      type: str
      returned: always
    computer_name:
      description: The hostname it was given; of a copy, its source's.
      type: str
      returned: always
    private_ip_address:
      description: Its first private address.
      type: str
      returned: always
    private_ip_addresses:
      description: All its private addresses.
      type: list
      elements: str
      returned: always
    public_ip_address:
      description: Its first public address; V(null) without one.
      type: str
      returned: always
    public_ip_addresses:
      description: All its public addresses.
      type: list
      elements: str
      returned: always
    vm_size:
      description: Its size.
      type: str
      returned: always
    priority:
      description: V(spot) if it uses spare capacity, else V(regular).
      type: str
      returned: always
    security_type:
      description: Its security type.
      type: str
      returned: always
    encryption_at_host:
      description: Whether its disks are encrypted at its host.
      type: bool
      returned: always
    disk_controller:
      description: How its disks are attached, V(SCSI) or V(NVMe); V(null) where Azure does not say.
      type: str
      returned: always
    source:
      description: What it was made of, as recorded in its tag C(golden.azure.instance_source).
      type: str
      returned: always
    image_version:
      description: Exact version of the image, where it has one.
      type: str
      returned: always
    disks:
      description: Ids of its disks, the operating system's first.
      type: list
      elements: str
      returned: always
    tags:
      description: Its tags.
      type: dict
      returned: always
removed:
  description: Ids of what was deleted (would be deleted, in check mode); what goes along with those is not listed.
  returned: with O(state=absent)
  type: list
  elements: str
remaining:
  description: Ids of what is left.
  returned: when something is left after the removal
  type: list
  elements: str
serial_log:
  description: The file with the serial log; V(null) if it could not be read.
  returned: when the instance did not come up and O(serial_log) is given
  type: str
plan:
  description: Title, blockers, warnings and steps of what was to be done.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, human-readable.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
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
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance


def main() -> None:
    """Run the module."""
    run_module(instance.execute, instance.OPTIONS, **instance.RULES)


if __name__ == "__main__":
    main()
