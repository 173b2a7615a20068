# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the real main() of a module in this process, hundreds of times in a minute."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.common import warnings

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # before ansible-core 2.19
    patch_module_args = None

try:
    from ansible.module_utils import _internal as module_internals
except ImportError:  # before ansible-core 2.19
    module_internals = None

Json = dict[str, Any]


def run_main(module: str, options: Json, check: bool) -> Json:
    """Call a module's main() and read what it prints, with its exit status as ``rc``.

    :raises AssertionError: when it ends otherwise, as with a traceback, or prints anything else.
    """
    main = importlib.import_module(f"ansible_collections.golden.azure.plugins.modules.{module}").main
    # A module lives once: what the one before has warned of is none of its own.
    warnings._global_warnings.clear()
    printed = io.StringIO()
    status: Any = None
    with _arguments({**options, "_ansible_check_mode": check}), _as_a_module(), contextlib.redirect_stdout(printed):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    assert status is not None, "it has not ended as a module does"
    return {**json.loads(printed.getvalue()), "rc": status}


def _as_a_module() -> Any:
    """From ansible-core 2.19 on, warnings go elsewhere once anything of the controller was imported."""
    if hasattr(module_internals, "is_controller"):
        return mock.patch.object(module_internals, "is_controller", False)
    return contextlib.nullcontext()


@contextlib.contextmanager
def _arguments(values: Json) -> Iterator[None]:
    if patch_module_args:
        with patch_module_args(values):
            yield
        return
    with mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": values}).encode()):
        yield
