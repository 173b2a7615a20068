# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What keeps an instance from being encrypted as the task asks, and what ends of how it is; pure.

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
    """A feature that the subscription lacks, a key that is not there, and disks that cannot have it."""
    subscription = request.machine.subscription_id
    if request.encryption_at_host and state.host_encryption_registered is False:
        yield Finding(
            "encryption_at_host_not_registered",
            f"The subscription '{subscription}' has not registered encryption at host, so that Azure does not make the "
            f"{request.machine.label}; register it by 'az feature register --namespace Microsoft.Compute --name {ENCRYPTION_AT_HOST} "
            f"--subscription {subscription}', wait until it is Registered, then run 'az provider register --namespace "
            f"Microsoft.Compute --subscription {subscription}'.",
        )
    if request.encryption_at_host and state.copied and was_used(state.copied, state.copied_disks):
        yield Finding(
            "encryption_at_host_refused",
            f"The {request.source.label} has or had Azure Disk Encryption, and Azure encrypts neither it nor its copies at their host; "
            "leave 'encryption_at_host' out, or build the image from a machine that never had it.",
        )
    if request.encryption_set:
        use = EncryptionUse(
            str(request.encryption_set), f"the {request.machine.label}", state.location or "", subscription
        )
        yield from encryption_blockers([use], state.encryption_sets)
