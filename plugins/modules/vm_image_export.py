#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Export a gallery image version, a managed disk or a snapshot to a VHD, in a file or in a storage account."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_export
short_description: Export a gallery image version, a managed disk or a snapshot to a VHD, in a file or in a storage account
version_added: 1.0.0
description:
  - Writes the content of a gallery image version, a managed disk or a snapshot to a VHD. With O(path), it is a file on the host
    where the task runs, which is usually the controller; with O(blob), a page blob in a storage account. To create an image from it,
    use O(golden.azure.vm_image_capture#module:source_file) or O(golden.azure.vm_image_capture#module:source_blob).
  - Only ranges that contain data are transferred, and a file is sparse. If a run is interrupted, the next run continues it.
  - Azure provides no sum of a disk. Each part of a file is compared with the MD5 that storage computes, and the complete file with what
    was downloaded. The SHA-256 of the file is recorded in O(path) with the suffix C(.json). If the file exists already, it is read
    and compared with the record, and nothing is downloaded if it is the export of the current content.
  - For O(blob), the storage account reads the disk itself, so that nothing of the disk passes the host where the task runs. Size, footer
    and the written ranges of the blob are compared with those of the disk; no sum is computed, as that would require downloading it. The
    ETag of the blob is recorded in a blob with the suffix C(.json). It changes with each write, so that a later run detects a
    modification.
  - The content is read from a managed disk that is created from the source and deleted afterwards. Its access is revoked as soon
    as the transfer ends, even if it fails. If a run was killed, the next run with the same source and target revokes the access
    that it left, and deletes the disk. The plan shows these steps.
  - Settings of the source that forbid exports (its network access policy, its public network access and its data access
    authentication mode) are blockers, although its copy would not have them.
  - Azure cannot create a disk from a managed image. To export one, create an image version from it first, with
    O(golden.azure.vm_image_capture#module:source_image).
author:
  - golden.azure contributors (@golden-azure)
options:
  gallery_version_id:
    description:
      - Gallery image version to export, specified by its full resource ID.
      - Exactly one of O(gallery_version_id), O(gallery_version), O(disk) and O(snapshot) is required.
    type: str
  gallery_version:
    description: Gallery image version in O(gallery) and O(definition), specified by its version number, such as V(1.4.0).
    type: str
  gallery:
    description: Gallery of O(gallery_version), specified by its name in O(resource_group) or by its full resource ID.
    type: str
  definition:
    description: Name of the image definition of O(gallery_version).
    type: str
  disk:
    description:
      - Managed disk to export, specified by its name in O(resource_group) or by its full resource ID.
      - It must not be attached to a virtual machine that is not deallocated; of such a disk, export a snapshot.
    type: str
  snapshot:
    description: Snapshot to export, specified by its name in O(resource_group) or by its full resource ID.
    type: str
  resource_group:
    description: Resource group of O(gallery), O(disk) or O(snapshot), if they are specified by name.
    type: str
  lun:
    description: LUN of the data disk of the gallery image version to export. By default, its OS disk is exported.
    type: int
  path:
    description:
      - The VHD file to write. Its directory must exist.
      - Beside it, C(PATH.json) contains the record of the export. During the download there are a partial file and its journal,
        whose names start with a dot.
      - Only the user that runs the task can read these files, because they contain everything that is on the disk.
      - Exactly one of O(path) and O(blob) is required.
    type: path
  blob:
    description:
      - URL of the page blob to write, such as V(https://example.blob.core.windows.net/vhds/web.vhd). Its container must exist.
      - Beside it, the page blob C(BLOB.json) contains the record of the export.
      - A URL with a query string is rejected, because it may contain a signature. The signed-in identity requires the role
        C(Storage Blob Data Contributor) on the container or its storage account.
      - The host of the URL must be that of a storage account of the cloud, as the identity's token is sent to it.
      - Containers that allow anonymous access, and those with an immutability policy or a legal hold, are rejected, and storage
        accounts of kinds that do not support page blobs.
    type: str
  guest_state:
    description:
      - Whether to export the guest state (vTPM and UEFI variables) as well, if the source has one, to a file or blob with the name of
        O(path) or O(blob) and the suffix C(.vmgs). Disks with Trusted Launch and their snapshots have one, and specialized image
        versions for Trusted Launch.
      - The guest state contains secrets of the virtual machine, such as those that unlock its encrypted volumes.
    type: bool
    default: true
  force:
    description:
      - Whether to replace O(path) or O(blob) if it exists and is not the export of the current content of the source. Until the new
        file is complete, the existing file is kept. An existing blob is replaced as soon as the export begins.
    type: bool
    default: false
  temporary_resource_group:
    description:
      - Name of the resource group for the disk that the content is read from, in the subscription of the task.
      - By default, it is created in the resource group of the source.
    type: str
  tags:
    description: Tags of that disk, for example those that a policy requires.
    type: dict
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
requirements:
  - azure-storage-blob
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_info
"""

EXAMPLES = r"""
- name: Export version 1.4.0 to a file
  golden.azure.vm_image_export:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0
    path: "{{ exports }}/web-1.4.0.vhd"
  register: exported

- name: Verify the file with its recorded sum, as sha256sum would
  ansible.builtin.stat:
    path: "{{ exported.export.path }}"
    checksum_algorithm: sha256
  register: file
  failed_when: file.stat.checksum != exported.export.sha256

- name: Export a snapshot, from a disk in another resource group
  golden.azure.vm_image_export:
    resource_group: images
    snapshot: web-before-preparation
    path: "{{ exports }}/web-before-preparation.vhd"
    temporary_resource_group: exports
    tags:
      owner: images

- name: Copy version 1.4.0 to a storage account, for example as a backup in another region
  golden.azure.vm_image_export:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0
    blob: https://examplebackups.blob.core.windows.net/vhds/web-1.4.0.vhd
"""

RETURN = r"""
export:
  description:
    - The exported file or blob. V(null) in check mode, if it does not exist yet or would be replaced.
    - The record beside it has the same content.
  returned: success
  type: dict
  contains:
    path:
      description: Absolute path of the VHD.
      returned: with O(path)
      type: str
    blob:
      description: URL of the VHD, which can be the O(golden.azure.vm_image_capture#module:source_blob) of a capture.
      returned: with O(blob)
      type: str
    etag:
      description: ETag of the blob.
      returned: with O(blob)
      type: str
    size:
      description: Its size in bytes, including its footer.
      type: int
    sha256:
      description: Its SHA-256, as C(sha256sum) prints it; V(null) for blobs.
      type: str
    digest:
      description:
        - SHA-256 of its size and its non-empty pages, which can be computed without reading its holes. Images that are created from
          the file have it as their source_unique_id. V(null) for blobs.
      type: str
    guest_state:
      description: The guest state, with path, size, sha256 and digest of its file, or blob, size and etag of its blob; V(null) if
        there is none.
      type: dict
    source:
      description: Resource ID of the source.
      type: str
    lun:
      description: LUN of the exported data disk; V(null) for OS disks.
      type: int
    content:
      description: Identifies the content of the source at the time of the export.
      type: str
    os_type:
      description: Operating system, V(linux) or V(windows); V(null) for data disks.
      type: str
    os_state:
      description: V(generalized) or V(specialized); V(null) for disks and snapshots, of which Azure does not know it.
      type: str
    hyper_v_generation:
      description: Hyper-V generation.
      type: str
    architecture:
      description: Architecture.
      type: str
    security_type:
      description: Security type of the source, such as V(TrustedLaunch).
      type: str
    exported_at:
      description: When it was exported (ISO 8601).
      type: str
    collection_version:
      description: Version of this collection that exported it.
      type: str
    schema_version:
      description: Version of the format of the record.
      type: int
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
left:
  description: Resource ID of the disk that the next run continues with, and deletes.
  returned: when a step failed, and the disk exists
  type: list
  elements: str
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
from ansible_collections.golden.azure.plugins.module_utils._export import run as export


def main() -> None:
    """Run the module."""
    run_module(export.execute, export.OPTIONS, **export.RULES)


if __name__ == "__main__":
    main()
