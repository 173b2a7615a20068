# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Blockers of the encryption that the task requests for an instance; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/disks-enable-host-based-encryption-portal and .../disk-encryption-migrate
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._model.disk_encryption import was_used
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import (
    EncryptionUse,
    encryption_blockers,
)

ENCRYPTION_AT_HOST = "EncryptionAtHost"


def machine_encryption_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """Blockers for an unregistered feature, a missing disk encryption set, and disks that do not support encryption at host."""
    subscription = request.machine.subscription_id
    if request.encryption_at_host and state.host_encryption_registered is False:
        yield Finding(
            "encryption_at_host_not_registered",
            f"The subscription '{subscription}' has not registered encryption at host, so that Azure does not create the "
            f"{request.machine.label}; register it with 'az feature register --namespace Microsoft.Compute --name {ENCRYPTION_AT_HOST} "
            f"--subscription {subscription}', wait until it is Registered, then run 'az provider register --namespace "
            f"Microsoft.Compute --subscription {subscription}'.",
        )
    if request.encryption_at_host and state.copied and was_used(state.copied, state.copied_disks):
        yield Finding(
            "encryption_at_host_refused",
            f"The {request.source.label} is or was encrypted with Azure Disk Encryption, so Azure does not support encryption at host for "
            "it and its copies; omit 'encryption_at_host', or build the image from a virtual machine that was never encrypted in this way.",
        )
    if request.encryption_set:
        use = EncryptionUse(
            str(request.encryption_set), f"the {request.machine.label}", state.location or "", subscription
        )
        yield from encryption_blockers([use], state.encryption_sets)
