# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions of plan steps: how each write is sent, and by which effect on its resource its completion is detected.

Nothing is sent from here: an executor executes a step by calling the function of its action.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Protocol

from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect, Observation
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    Failure,
    InvalidInput,
    NotFound,
    Refused,
    Throttled,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    IMAGE,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
)
from ansible_collections.golden.azure.plugins.module_utils._model import effects
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import provisioning_failure
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import BYPASS, SoftDeletePolicy
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import is_generalized

Observe = Callable[[Any], Observation]

#: The URL parameters of a read that returns whom a gallery is shared with:
#: https://learn.microsoft.com/rest/api/compute/galleries/get
SHARING = {"expand": "SharingProfile/Groups"}

#: Seconds for which Azure may still count the last child of a resource after that child was deleted.
_CHILD_DELETION_GRACE = 60


class Executor(Protocol):
    """The methods of the executor that actions use."""

    arm: Any
    deadline: Deadline

    def write(self, step: Step, send: Callable[[], Any], effect: Observe) -> str | None:
        """Send a write and wait for it."""

    def start(self, step: Step, send: Callable[[], Any], effect: Observe) -> str | None:
        """Send a write without waiting for it."""

    def publish(self, step: Step, effect: Callable[[Step], Observe]) -> str | None:
        """Write a gallery version, and wait until it is replicated to each of its regions."""

    def wait_for_replication(self, step: Step) -> None:
        """Wait until a gallery version is replicated to each of its regions."""

    def join(self, step: Step, effect: Observe, limit: Deadline | None = None, late: str = "") -> Any:
        """Wait for an operation that another process started."""

    def read(self, step: Step) -> dict[str, Any] | None:
        """Read the step's resource."""

    def claim_counts(self, vm: dict[str, Any]) -> bool:
        """Whether the claim of a run on a virtual machine is still valid."""

    def refusal(self, step: Step, code: str, message: str | None, request_id: str | None) -> Failure:
        """The error of a step that Azure has refused for this reason."""

    def retry(self, step: Step, attempt: Callable[[], str | None], code: str, seconds: float) -> str | None:
        """Repeat a request that Azure refuses with this code."""

    def upload(self, step: Step) -> str | None:
        """Send a file to the step's disk."""

    def create_blob(self, step: Step) -> str | None:
        """Create the blob that the step's disk is copied to."""

    def export(self, step: Step) -> str | None:
        """Transfer the step's disk to a file or a blob."""

    def verify_export(self, step: Step) -> str | None:
        """Verify an exported file or blob."""

    def end_access(self, step: Step) -> None:
        """Revoke the access to a disk whether or not its upload is complete."""


def _put(effect: Observe, executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.put, step.resource, _body(executor, step)), effect)


def _body(executor: Executor, step: Step) -> dict[str, Any]:
    """The body of a step, completed with what an earlier step has created."""
    if step.late is None:
        return step.body or {}
    return step.late.complete(step.body or {}, executor.arm.get(step.late.resource))


def _begin_put(executor: Executor, step: Step) -> str | None:
    return executor.start(step, partial(executor.arm.put, step.resource, step.body or {}), effects.created)


def _patch(effect: Observe, executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.update, step.resource, step.body or {}), effect)


def _delete(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.delete, step.resource), effects.deleted)


def _begin_deletion(executor: Executor, step: Step) -> str | None:
    return executor.start(step, partial(executor.arm.delete, step.resource), effects.deleted)


def _wait_for(effect: Observe, executor: Executor, step: Step) -> Any:
    return executor.join(step, effect)


def _deallocate(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.deallocate, step.resource), effects.deallocated)


def _generalize(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.generalize, step.resource), effects.generalized)


def _update_tags(executor: Executor, step: Step) -> str | None:
    return _patch(partial(effects.tagged, _tags(step)), executor, step)


def _merge_tags(executor: Executor, step: Step) -> str | None:
    tags = _tags(step)
    return executor.write(step, partial(executor.arm.merge_tags, step.resource, tags), partial(effects.tagged, tags))


def _tags(step: Step) -> dict[str, str]:
    return (step.body or {}).get("tags") or {}


def _properties(step: Step) -> dict[str, Any]:
    return (step.body or {}).get("properties") or {}


def _disable_encryption(executor: Executor, step: Step) -> str | None:
    return _put(partial(effects.settings_applied, _properties(step).get("settings") or {}), executor, step)


def _close_access(executor: Executor, step: Step) -> str | None:
    return _patch(partial(effects.closed, _properties(step)), executor, step)


def _publish_version(executor: Executor, step: Step) -> str | None:
    return executor.publish(step, lambda one: partial(effects.published, _properties(one)))


def _wait_for_replication(executor: Executor, step: Step) -> None:
    executor.wait_for_replication(step)


def _restore(executor: Executor, step: Step) -> str | None:
    """Restore a soft-deleted version, in all its regions."""
    operation_id = _put(effects.created, executor, step)
    executor.wait_for_replication(step)
    return operation_id


def _delete_permanently(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.delete, step.resource, **BYPASS), effects.deleted)


def _update_container(executor: Executor, step: Step) -> str | None:
    return _put(partial(effects.applied, step.body or {}), executor, step)


def _share(executor: Executor, step: Step) -> str | None:
    """Change with whom a gallery is shared; only a read that asks for them returns the groups."""
    body = step.body or {}

    def observed(_gallery: Any) -> Observation:
        return effects.shared(body, executor.arm.get(step.resource, **SHARING))

    return executor.write(step, partial(executor.arm.share, step.resource, body), observed)


def _delete_container(executor: Executor, step: Step) -> str | None:
    """Delete a definition or gallery after its last child: Azure still counts a deleted one for 10 to 20 s."""
    return executor.retry(step, partial(_delete, executor, step), "CannotDeleteResource", _CHILD_DELETION_GRACE)


def _wait_until_stopped(executor: Executor, step: Step) -> Any:
    limit = _limit(executor, step)
    late = (
        f"The {step.resource.label} is still running {limit.seconds:g} s after its guest should have shut down; "
        "nothing was changed: check the guest (its serial log, or log in), then run the task again."
    )
    return executor.join(step, effects.stopped, limit, late)


def _wait_for_agent(executor: Executor, step: Step) -> Any:
    limit = _limit(executor, step)
    late = (
        f"The Azure VM agent of {step.resource.label} is not ready {limit.seconds:g} s after the virtual machine was "
        "created: check its serial log ('serial_log'), or set 'wait_for_agent: false' for a guest without an agent."
    )
    return executor.join(step, effects.agent_ready, limit, late)


def _limit(executor: Executor, step: Step) -> Deadline:
    return Deadline(min(step.seconds or 0, executor.deadline.remaining), executor.deadline.clock)


def _wait_for_machine(executor: Executor, step: Step) -> Any:
    """Wait for a virtual machine that another task is creating: the operation, which has the reason of a failure, is unknown."""
    try:
        return executor.join(step, effects.created)
    except Refused as refused:
        code, message = provisioning_failure(executor.read(step))
        if code is None:
            raise
        raise executor.refusal(step, code, message, refused.request_id) from refused


def _try_write(executor: Executor, step: Step) -> str | None:
    """Merge an empty set of tags: any response but an MFA challenge shows that the user may write.

    :raises SignInFailed: if multi-factor authentication is required.
    """
    try:
        operation_id: str | None = executor.arm.merge_tags(step.resource, {}).operation_id
    except (Refused, NotFound):
        return None
    return operation_id


def _claim(executor: Executor, step: Step) -> str | None:
    """Write tags unless the virtual machine has changed since it was read: of two concurrent claims only one succeeds."""
    send = partial(executor.arm.update, step.resource, step.body or {}, step.etag)
    return executor.write(step, send, partial(effects.tagged, _tags(step)))


def _release(executor: Executor, step: Step) -> str | None:
    """Write the tags without the claim."""
    send = partial(executor.arm.update, step.resource, step.body or {}, step.etag)
    return executor.write(step, send, effects.unclaimed)


def _wait_for_capture(executor: Executor, step: Step) -> Any:
    """Wait until the run that claimed a virtual machine has captured it, as long as its claim is valid."""

    def captured(target: dict[str, Any] | None) -> Observation:
        found = effects.created(target)
        if found[0] is not Effect.ABSENT or step.claimed is None:
            return found
        vm = executor.arm.get(step.claimed, expand="instanceView")
        waits = vm is not None and (is_generalized(vm) or executor.claim_counts(vm))
        return (Effect.IN_PROGRESS, "not created yet") if waits else found

    return executor.join(step, captured)


def _prepare(executor: Executor, step: Step) -> None:
    raise InvalidInput(
        f"The guest of {step.resource.label} is not prepared ('guest_prepared: false'): use this setting in check mode "
        "only, run the role that prepares the guest, then capture with 'guest_prepared: true'."
    )


def _upload_file(executor: Executor, step: Step) -> str | None:
    return executor.upload(step)


def _export_disk(executor: Executor, step: Step) -> str | None:
    return executor.export(step)


def _create_blob(executor: Executor, step: Step) -> str | None:
    return executor.create_blob(step)


def _verify_export(executor: Executor, step: Step) -> str | None:
    return executor.verify_export(step)


def _end_access(executor: Executor, step: Step) -> None:
    executor.end_access(step)


def _revoke_access(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.revoke_access, step.resource), effects.revoked)


#: Creates a resource, and is completed when the resource is complete.
_create = partial(_put, effects.created)
_wait_for_creation = partial(_wait_for, effects.created)


def _create_restore_point(executor: Executor, step: Step) -> str | None:
    """Azure creates one at a time, also for backups of others, and three per hour."""
    try:
        return _create(executor, step)
    except (Refused, Throttled) as refused:
        refused.message = (
            f"{refused.message.rstrip('.')}; if another one is being created, such as by a backup, run the task again later, or set "
            "'disk_consistency: per_disk' to do without."
        )
        raise


# -- guests and virtual machines ----------------------------------------------------------------------------------

PREPARE = Action("prepare", _prepare)
TRY_WRITE = Action("try_write", _try_write)
CLAIM_VM = Action("claim_vm", _claim)
RELEASE_VM = Action("release_vm", _release)
WAIT_FOR_CAPTURE = Action("wait_for_capture", _wait_for_capture)
WAIT_UNTIL_STOPPED = Action("wait_until_stopped", _wait_until_stopped)
WAIT_FOR_DEALLOCATION = Action("wait_for_deallocation", partial(_wait_for, effects.deallocated))
DEALLOCATE = Action("deallocate", _deallocate)
GENERALIZE = Action("generalize", _generalize)
MARK_ADDRESSES = Action("mark_addresses", _create)
MARK_BELONGINGS = Action("mark_belongings", partial(_patch, effects.delete_options_set))
DELETE_VM = Action("delete_vm", _delete)
CREATE_MACHINE = Action("create_machine", _create, creates=True)
BEGIN_MACHINE = Action("begin_machine", _begin_put, creates=True)
WAIT_FOR_MACHINE = Action("wait_for_machine", _wait_for_machine)
WAIT_FOR_AGENT = Action("wait_for_agent", _wait_for_agent)
RUN_COMMAND = Action("run_command", _create)
DELETE_RUN_COMMAND = Action("delete_run_command", _delete)
DISABLE_ENCRYPTION = Action("disable_encryption", _disable_encryption)
WAIT_FOR_DECRYPTION = Action("wait_for_decryption", partial(_wait_for, effects.decrypted))
DELETE_EXTENSION = Action("delete_extension", _delete)

# -- images -------------------------------------------------------------------------------------------------------

CREATE_IMAGE = Action("create_image", _create, creates=True)
WAIT_FOR_IMAGE = Action("wait_for_image", _wait_for_creation)
UPDATE_TAGS = Action("update_tags", _update_tags)
DELETE_IMAGE = Action("delete_image", _delete)

# -- galleries ----------------------------------------------------------------------------------------------------

CREATE_GALLERY = Action("create_gallery", _create, creates=True)
WAIT_FOR_GALLERY = Action("wait_for_gallery", _wait_for_creation)
CREATE_DEFINITION = Action("create_definition", _create, creates=True)
WAIT_FOR_DEFINITION = Action("wait_for_definition", _wait_for_creation)
UPDATE_GALLERY = Action("update_gallery", _update_container)
SHARE_GALLERY = Action("share_gallery", _share)
RESET_SHARING = Action("reset_sharing", _share)
DELETE_GALLERY = Action("delete_gallery", _delete_container)
UPDATE_DEFINITION = Action("update_definition", _update_container)
DELETE_DEFINITION = Action("delete_definition", _delete_container)
CREATE_VERSION = Action("create_version", _create, creates=True)
WAIT_FOR_VERSION = Action("wait_for_version", _wait_for_creation)
PUBLISH_VERSION = Action("publish_version", _publish_version)
WAIT_FOR_REPLICATION = Action("wait_for_replication", _wait_for_replication)
RESTORE_VERSION = Action("restore_version", _restore, creates=True)
DEPRECATE_VERSION = Action("deprecate_version", partial(_put, effects.deprecated))
DELETE_VERSION = Action("delete_version", _delete)
SOFT_DELETE_VERSION = Action("soft_delete_version", _delete)
DELETE_VERSION_PERMANENTLY = Action("delete_version_permanently", _delete_permanently)

# -- disks --------------------------------------------------------------------------------------------------------

CREATE_DISK = Action("create_disk", _create, creates=True)
WAIT_FOR_DISK = Action("wait_for_disk", _wait_for_creation)
DELETE_DISK = Action("delete_disk", _delete)
CREATE_SNAPSHOT = Action("create_snapshot", _create, creates=True)
DELETE_SNAPSHOT = Action("delete_snapshot", _delete)
CREATE_RESTORE_POINT_COLLECTION = Action("create_restore_point_collection", _create, creates=True)
CREATE_RESTORE_POINT = Action("create_restore_point", _create_restore_point, creates=True)
WAIT_FOR_RESTORE_POINT = Action("wait_for_restore_point", _wait_for_creation)
DELETE_RESTORE_POINTS = Action("delete_restore_points", _delete)
CLOSE_ACCESS = Action("close_access", _close_access)
UPLOAD_FILE = Action("upload_file", _upload_file)
EXPORT_DISK = Action("export_disk", _export_disk)
CREATE_BLOB = Action("create_blob", _create_blob)
VERIFY_FILE = Action("verify_file", _verify_export)
VERIFY_BLOB = Action("verify_blob", _verify_export)
REVOKE_ACCESS = Action("revoke_access", _revoke_access)
END_ACCESS = Action("end_access", _end_access)

# -- resource groups and networks ---------------------------------------------------------------------------------

CREATE_GROUP = Action("create_group", _create, creates=True)
#: Steps that create containers shared by several captures and later runs.
CREATE_CONTAINERS = (CREATE_GROUP, CREATE_GALLERY, CREATE_DEFINITION)
DELETE_GROUP = Action("delete_group", _delete)
BEGIN_GROUP_REMOVAL = Action("begin_group_removal", _begin_deletion)
WAIT_FOR_REMOVAL = Action("wait_for_removal", partial(_wait_for, effects.deleted))
DELETE_NETWORK_INTERFACE = Action("delete_network_interface", _delete)
DELETE_PUBLIC_IP = Action("delete_public_ip", _delete)
MERGE_TAGS = Action("merge_tags", _merge_tags)

_DELETIONS = {
    kind.lower(): action
    for kind, action in (
        (VIRTUAL_MACHINE, DELETE_VM),
        (IMAGE, DELETE_IMAGE),
        (GALLERY, DELETE_GALLERY),
        (GALLERY_DEFINITION, DELETE_DEFINITION),
        (GALLERY_VERSION, DELETE_VERSION),
        (DISK, DELETE_DISK),
        (SNAPSHOT, DELETE_SNAPSHOT),
        (RESTORE_POINT_COLLECTION, DELETE_RESTORE_POINTS),
        (NETWORK_INTERFACE, DELETE_NETWORK_INTERFACE),
        (PUBLIC_IP_ADDRESS, DELETE_PUBLIC_IP),
    )
}


def deletion_step(resource: ResourceId) -> Step:
    """Delete a resource of one of the types that have an action for that."""
    return Step(
        _DELETIONS[resource.resource_type.lower()],
        resource,
        f"delete the {resource.label}",
        method="DELETE",
        path=str(resource),
    )


def version_deletion_step(version: ResourceId, policy: SoftDeletePolicy, bypass: bool) -> Step:
    """Delete a gallery version, and describe whether it can be restored.

    :param policy: of its gallery.
    :param bypass: whether to delete it permanently nevertheless.
    """
    action, description = DELETE_VERSION, f"delete the {version.label} permanently (irreversible)"
    if policy.enabled and bypass:
        action = DELETE_VERSION_PERMANENTLY
        description = f"{description}, bypassing the soft delete of its gallery"
    elif policy.enabled:
        action, description = (
            SOFT_DELETE_VERSION,
            f"soft-delete the {version.label}, which can be restored {policy.period}",
        )
    return Step(action, version, description, method="DELETE", path=str(version))
