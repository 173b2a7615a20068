# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the real main() of a module against a scripted wire, on a clock that only the module's own waits move."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import responses
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible_collections.golden.azure.plugins.module_utils._core import deadline

from scripted_azure.wire import Wire, install

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # before ansible-core 2.19
    patch_module_args = None

try:
    from ansible.module_utils import _internal as module_internals
except ImportError:  # before ansible-core 2.19
    module_internals = None

ENVIRONMENT = {
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000001",
    "AZURE_CLIENT_ID": "the-client",
    "AZURE_SECRET": "the-secret",
    "AZURE_TENANT": "the-tenant",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> pytest.MonkeyPatch:
    """Credentials in the environment, and a home without any."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "ANSIBLE_AZURE_")):
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


class StepClock:
    """Time that passes only in sleep()."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> StepClock:
    """The clock that deadlines go by."""
    stepping = StepClock()
    monkeypatch.setattr(deadline, "time", stepping)
    return stepping


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The scripted wire; at its end the script must have been followed."""
    scripted = Wire()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        install(mock, scripted)
        yield scripted
    scripted.verify()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Call a module's main() and read the JSON it prints, with its exit status as ``rc``."""
    # From ansible-core 2.19 on, warnings go elsewhere once anything of the controller was imported, as other tests do.
    if hasattr(module_internals, "is_controller"):
        monkeypatch.setattr(module_internals, "is_controller", False)

    def call(module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        main = importlib.import_module(f"ansible_collections.golden.azure.plugins.modules.{module}").main
        # A module lives once: what the one before has warned of is none of its own.
        warnings._global_warnings.clear()
        with _arguments({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit) as ended:
            main()
        result = json.loads(capsys.readouterr().out)
        # From ansible-core 2.22 on, a module tells its controller what to mask; nobody else sees it.
        result.pop("_ansible_new_secrets", None)
        assert "the-secret" not in json.dumps(result)
        return {**result, "rc": ended.value.code}

    return call


@contextlib.contextmanager
def _arguments(values: dict[str, Any]) -> Iterator[None]:
    """Arguments as the module wrapper hands them over, in all supported versions of ansible-core."""
    if patch_module_args:
        with patch_module_args(values):
            yield
        return
    before = basic._ANSIBLE_ARGS
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": values}).encode()
    yield
    basic._ANSIBLE_ARGS = before
