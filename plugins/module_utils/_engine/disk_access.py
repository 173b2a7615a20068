# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Access to the content of disks: granted as URLs with a signature, which are secrets, and always revoked again."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import poll_operation
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, LostResponse, NotFound, Refused
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

Json = dict[str, Any]

#: Seconds that the access outlasts the task's time limit, as clocks may differ.
_CLOCK_SKEW = 300
#: The maximum duration of the access in seconds: one day.
_MAX_ACCESS = 86_400
#: Azure's error if access to a disk without footer is revoked: the upload remains open.
#: https://github.com/microsoft/AzureStorageExplorer/issues/8800
_INCOMPLETE = "InvalidVhd"
_MAX_ATTEMPTS = 3

#: The URL of a disk's content, and that of the guest state of a disk with Trusted Launch:
#: https://learn.microsoft.com/rest/api/compute/disks/grant-access#accessuri
CONTENT, GUEST_STATE = "accessSAS", "securityDataAccessSAS"


def grant_access(arm: ArmClient, resource: ResourceId, body: Json, deadline: Deadline) -> Json:
    """Request SAS URLs, which are valid until shortly after the deadline.

    :param body: the request body without its duration.
    :returns: CONTENT, and GUEST_STATE if it was requested.
    :raises Failure: if it is refused, or returns no URL.
    """
    duration = int(min(deadline.remaining, _MAX_ACCESS)) + _CLOCK_SKEW
    operation_label = f"Granting access to {resource.label}"
    send = partial(arm.grant_access, resource, {**body, "durationInSeconds": duration})
    answer = _operation_result(arm, send, deadline, operation_label)
    found: Json = answer if answer.get(CONTENT) else ((answer.get("properties") or {}).get("output") or {})
    if not found.get(CONTENT):
        raise Failure(f"{operation_label} failed: Azure returned no URL; run the task again.")
    return found


def end_access(arm: ArmClient, resource: ResourceId, deadline: Deadline) -> None:
    """Revoke the access to a disk, even if its upload is not complete.

    :raises Failure: if that is refused for another reason than an incomplete upload.
    """
    operation_label = f"Revoking access to {resource.label}"
    try:
        _operation_result(arm, partial(arm.revoke_access, resource), deadline, operation_label)
    except Refused as refused:
        if refused.code != _INCOMPLETE:
            raise


def _operation_result(arm: ArmClient, send: Callable[[], Accepted], deadline: Deadline, operation_label: str) -> Json:
    """The result of the operation of a write; a lost one is started again, which is idempotent here.

    :raises Failure: if it fails, or is lost repeatedly.
    """
    lost: Failure | None = None
    for _attempt in range(_MAX_ATTEMPTS):
        try:
            return poll_operation(arm, send(), deadline, operation_label)
        except (LostResponse, NotFound) as failure:
            lost = failure
    raise lost or Failure(f"{operation_label} was given up after {_MAX_ATTEMPTS} attempts.")
