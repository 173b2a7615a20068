# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The power state of a machine, which the guest itself can change by shutting down."""

from __future__ import annotations

from ..cloud import Cloud
from ..model import Call
from ..store import Resource


def power_state(cloud: Cloud, vm: Resource) -> str:
    """One of starting, running, stopped, deallocating, deallocated.

    A machine whose guest has powered itself off reads stopped: still billed, and free to be generalized.
    """
    known = vm.private["power"]
    if known == "running" and not cloud.guests.is_running(vm.id.lower()):
        return "stopped"
    return known


def begin(cloud: Cloud, vm: Resource) -> None:
    """The machine runs from now on."""
    vm.private.update(power="running", booted=cloud.clock.now())


def has_reported(cloud: Cloud, vm: Resource) -> bool:
    """Whether the agent of a running guest has told Azure of itself; that takes it the setting `agent_delay`.

    One that is still being created has not.
    """
    booted = vm.private.get("booted")
    return bool(booted and (cloud.clock.now() - booted).total_seconds() >= cloud.settings.agent_delay)


def is_running(cloud: Cloud, vm: Resource) -> bool:
    """Whether the guest runs or is about to."""
    return power_state(cloud, vm) in ("running", "starting")


def running_parent(call: Call) -> Resource:
    """The machine an extension or run command lies in; it must run."""
    vm = call.find(call.path.parent.id if call.path.parent else None, "Virtual Machine")
    call.require(
        is_running(call.cloud, vm),
        "not_allowed",
        reason="Cannot modify extensions in the VM when the VM is not running.",
    )
    return vm
