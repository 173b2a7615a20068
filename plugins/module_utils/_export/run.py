# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_export: options -> ids -> state -> plan -> steps -> the record of the export."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Plan
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._export import blob_copy, download
from ansible_collections.golden.azure.plugins.module_utils._export.blob_state import BlobRefused, read_record_blob
from ansible_collections.golden.azure.plugins.module_utils._export.plan import plan_export
from ansible_collections.golden.azure.plugins.module_utils._export.request import (
    OPTIONS,
    RULES,
    ExportRequest,
    export_request,
)
from ansible_collections.golden.azure.plugins.module_utils._export.state import read_state
from ansible_collections.golden.azure.plugins.module_utils._local.export_record import read_record
from ansible_collections.golden.azure.plugins.module_utils._local.partial_file import discard
from ansible_collections.golden.azure.plugins.module_utils._model.actions import (
    CREATE_BLOB,
    CREATE_DISK,
    DELETE_DISK,
    VERIFY_BLOB,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run, new_run_id

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]

#: Codes of failures after which a blob is no longer that of the export.
_BY_OTHERS = ("export_blob_changed", "export_blob_damaged")


def execute(invocation: Invocation) -> Json:
    """Export a gallery version, a disk or a snapshot to a file or a blob.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, fails, or exceeds its time limit; the access to the content is revoked.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = export_request(invocation.options, arm.subscription_id, arm.storage.is_account)
        now = datetime.now(timezone.utc)
        run = Run(moment=now.isoformat(timespec="seconds"), run_id=new_run_id(now))
        state = read_state(arm, request)
        plan = checked(arm, with_locks(arm, plan_export(request, state, run)), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            _carry_out(arm, deadline, invocation, request, plan, results)
            if not request.is_blob:
                for path in (request.target, request.guest_state_target) if state.target.intact else ():
                    discard(path)
        exported = bool(results) or state.target.intact
        return {
            "changed": plan.changed,
            "export": _export(arm, request) if exported else None,
            **result_fields(arm, plan, results),
        }
    finally:
        arm.close()


class _FileExporter:
    """What the executor calls for the steps of an export to a file."""

    export_disk = staticmethod(download.export_disk)
    verify = staticmethod(download.verify_file)


class _BlobExporter:
    """What the executor calls for the steps of an export to a blob."""

    create_blob = staticmethod(blob_copy.create_blob)
    export_disk = staticmethod(blob_copy.export_disk)
    verify = staticmethod(blob_copy.verify)


def _carry_out(
    arm: ArmClient,
    deadline: Deadline,
    invocation: Invocation,
    request: ExportRequest,
    plan: Plan,
    results: list[StepResult],
) -> None:
    try:
        exporter: Any = _BlobExporter if request.is_blob else _FileExporter
        Executor(arm, deadline, invocation.progress, exporter=exporter).run(plan, results)
    except Failure as failure:
        _add_what_is_left(failure, request, plan, [result.step.action for result in results])
        raise


def _add_what_is_left(failure: Failure, request: ExportRequest, plan: Plan, done: list[Action]) -> None:
    """Say what the next run continues with."""
    planned = [step.action for step in plan.steps]
    left = []
    if (CREATE_DISK in done or CREATE_DISK not in planned) and DELETE_DISK not in done[-1:]:
        left.append(f"the {request.disk.label} is kept for the next run, which deletes it")
        failure.details = {**failure.details, "left": [str(request.disk)]}
    if CREATE_BLOB in done:
        # The step is no request to Resource Manager, from which the executor would know.
        failure.details = {**failure.details, "changed": True}
    begun = request.is_blob and VERIFY_BLOB not in done and (CREATE_BLOB in done or CREATE_BLOB not in planned)
    if begun and failure.code not in _BY_OTHERS:
        left.append(f"the {request.label} is incomplete, and the next run continues it")
    if left:
        failure.message = f"{'; '.join([failure.message.rstrip('.'), *left])}."


def _export(arm: ArmClient, request: ExportRequest) -> Json | None:
    """The record of the export, with the absolute paths of its files or the URLs of its blobs."""
    record = _blob_record(arm, request) if request.is_blob else read_record(request.target)
    if record is None:
        return None
    name, beside = "blob" if request.is_blob else "path", record.get("guest_state")
    return {
        **record,
        name: request.target,
        "guest_state": {**beside, name: request.guest_state_target} if isinstance(beside, dict) else None,
    }


def _blob_record(arm: ArmClient, request: ExportRequest) -> Json | None:
    try:
        return read_record_blob(arm, request.target)
    except BlobRefused as refused:
        raise Failure(refused.finding.message, code=refused.finding.code) from None
