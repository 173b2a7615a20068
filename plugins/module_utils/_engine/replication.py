# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Write a gallery version, and wait until it is replicated to each of its regions.

If the replication to some regions fails, Azure advises to repeat the update, and if that fails as well, to remove these regions
and to add them again: https://github.com/Azure/azure-cli/issues/15539. Regions that are complete are not changed by either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.polling import intervals
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Observation
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, Refused
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model.replication import (
    EXPAND,
    RegionStatus,
    allows_removal,
    failed_regions,
    named,
    pending_regions,
    replication_of,
    shown,
    without_regions,
)
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import provisioning_state

Json = dict[str, Any]

#: The code of a replication that failed although it was repeated.
REPLICATION_FAILED = "replication_failed"

Write = Callable[[Step], "str | None"]


class Publication:
    """A write of one version, with its replication.

    :param executor: the executor of the step.
    :param write: writes the body of a step, and waits for the operation.
    """

    def __init__(self, executor: Any, step: Step, write: Write) -> None:
        self._executor = executor
        self._step = step
        self._write = write
        self._label = step.resource.label
        self._reported = ""

    def run(self) -> str | None:
        """Write the version, and replicate it.

        :returns: the id of the operation.
        :raises Failure: if Azure refuses it, or cannot replicate it to a region.
        """
        operation_id, failure = self._attempt(self._step)
        if failure is None:
            return operation_id
        self._report(f"replication failed in {named(failure.regions)}, it is repeated")
        operation_id, failure = self._attempt(self._step)
        if failure is None:
            return operation_id
        if not self._can_remove(failure.regions):
            raise self._final(failure, removed=False)
        names = [each.region for each in failure.regions]
        self._report(f"replication failed again in {named(failure.regions)}, the region is removed and added again")
        reduced = replace(self._step, body=without_regions(self._step.body or {}, names))
        _operation_id, left = self._attempt(reduced)
        if left:
            raise self._final(left, removed=False)
        operation_id, failure = self._attempt(self._step)
        if failure is None:
            return operation_id
        raise self._final(failure, removed=True)

    def wait(self) -> None:
        """Wait for a replication in progress.

        :raises Failure: if it fails in a region, or exceeds the time limit of the task.
        """
        failure = self._await()
        if failure:
            raise Failure(
                f"The {self._label} could not be replicated to {named(failure.regions)}; run the task again to repeat it.",
                code=REPLICATION_FAILED,
                request_id=failure.request_id,
                details=_details(failure.regions),
            )

    def _attempt(self, step: Step) -> tuple[str | None, _RegionFailure | None]:
        """Write the version once; a failure in some regions is returned."""
        try:
            operation_id = self._write(step)
        except OperationFailed as ended:
            failed = failed_regions(self._read())
            if not failed:
                raise ended.refused from ended
            return None, _RegionFailure(failed, ended.refused.code, ended.refused.request_id)
        return operation_id, self._await()

    def _await(self) -> _RegionFailure | None:
        """Wait until no region is being replicated to any more."""
        interval = intervals()
        while True:
            version = self._read()
            if version is None:
                raise Failure(f"The {self._label} was deleted while it was being replicated.")
            pending = pending_regions(version)
            if not pending and provisioning_state(version) not in ("Creating", "Updating"):
                failed = failed_regions(version)
                return _RegionFailure(failed) if failed else None
            self._report(f"replicating {shown(replication_of(version))}")
            subject = f"Replicating {self._label} to {shown(pending or replication_of(version))}"
            self._executor.deadline.wait(interval(), f"{subject} did not complete")

    def _read(self) -> Json | None:
        version: Json | None = self._executor.arm.get(self._step.resource, expand=EXPAND)
        return version

    def _can_remove(self, regions: list[RegionStatus]) -> bool:
        """Whether the regions can be removed and added again: never the region of the version itself."""
        body = self._step.body or {}
        home = normalized_location(str(body.get("location") or ""))
        return allows_removal(body) and home not in {normalized_location(each.region) for each in regions}

    def _report(self, text: str) -> None:
        if text != self._reported:
            self._reported = text
            self._executor.progress(f"{self._label}: {text}")

    def _final(self, failure: _RegionFailure, removed: bool) -> Failure:
        names = ", ".join(each.region for each in failure.regions)
        azure = f" (Azure's code: {failure.code})" if failure.code else ""
        attempts = "after the region was removed and added again" if removed else "although it was repeated"
        advice = (
            "correct the reason and run the task again, or remove the region with "
            f"'purge_regions' of golden.azure.vm_image_version and add it later, or contact Azure support about {names}"
            if removed
            else "correct the reason and run the task again; to remove the region and add it again, as Azure advises, run "
            "golden.azure.vm_image_version with 'allow_deletion_of_replicated_locations: true'"
        )
        return Failure(
            f"The {self._label} could not be replicated to {named(failure.regions)}, {attempts}{azure}; the other regions are "
            f"complete: {advice}.",
            code=REPLICATION_FAILED,
            request_id=failure.request_id,
            details=_details(failure.regions),
        )


class OperationFailed(Exception):
    """Azure accepted a write, and its operation failed."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


class _RegionFailure:
    """The regions that a version could not be replicated to, with Azure's code if the operation failed."""

    def __init__(self, regions: list[RegionStatus], code: str | None = None, request_id: str | None = None) -> None:
        self.regions = regions
        self.code = code
        self.request_id = request_id


def _details(regions: list[RegionStatus]) -> Json:
    return {"failed_regions": [each.as_dict() for each in regions]}


def accepted_write(
    write: Callable[[Step, Callable[[], Any], Callable[[Any], Observation]], Any],
    send: Callable[[Step], Any],
    effect: Callable[[Step], Callable[[Any], Observation]],
) -> Write:
    """A function that writes the body of a step, and tells failed operations from refused requests.

    :param write: sends a write and waits for it, as :meth:`Executor.write`.
    :param effect: the effect of the step's body.
    """

    def perform(step: Step) -> str | None:
        sent: list[bool] = []

        def send_once() -> Any:
            accepted = send(step)
            sent.append(True)
            return accepted

        try:
            operation_id: str | None = write(step, send_once, effect(step))
        except Refused as refused:
            if sent:
                raise OperationFailed(refused) from refused
            raise
        return operation_id

    return perform
