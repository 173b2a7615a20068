# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' code against embedded Azure, both on one clock that only the code's own waits move."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import (
    Code,
    Invocation,
    full_specification,
)

from embedded_azure import EmbeddedAzure
from embedded_azure.clock import DrivenClock, DrivingClock


@contextmanager
def driven_azure(start: datetime | None = None, **settings: Any) -> Iterator[EmbeddedAzure]:
    """An embedded Azure on a driven clock, which the environment points to.

    :param start: its time, for code that compares the ages of resources with the time of the controller.
    """
    with EmbeddedAzure(clock=DrivenClock(start), **settings) as azure, mock.patch.dict(os.environ, azure.environment()):
        yield azure


def run_code(
    azure: EmbeddedAzure,
    code: Code,
    specification: dict[str, Any],
    check: bool = False,
    progress: Callable[[str], None] = lambda line: None,
    **options: Any,
) -> Any:
    """Validate options and run a module's code, as module and action plugin do."""
    checked = ArgumentSpecValidator(full_specification(specification)).validate(options)
    assert not checked.error_messages, checked.error_messages
    return code(Invocation(checked.validated_parameters, check, clock=DrivingClock(azure.clock), progress=progress))


def arm_requests(azure: EmbeddedAzure) -> list[Any]:
    """What Resource Manager was asked, without signing in and without looking at operations."""
    return [
        exchange
        for exchange in azure.requests
        if exchange.path.lower().startswith("/subscriptions/") and "/operations/" not in exchange.path.lower()
    ]
