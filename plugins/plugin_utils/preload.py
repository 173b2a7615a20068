# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import the filters of this collection once, in Ansible's parent process.

To find one filter, Ansible imports all filters of a collection, from their sources (Jinja2Loader in ansible/plugins/loader.py). Tasks
run in workers, forks of the parent process that end with their task, so that every task with a filter of this collection would import
them again. Modules that the parent process has imported are inherited.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import pkgutil

_FILTERS = "ansible_collections.golden.azure.plugins.filter"


def preload_filters() -> None:
    """Import the filters if this is the parent process; if one cannot be imported, Ansible reports it when it is used."""
    if multiprocessing.parent_process() is not None:
        return
    try:
        folders = importlib.import_module(_FILTERS).__path__
    except ImportError:
        return
    for found in pkgutil.iter_modules(folders, prefix=f"{_FILTERS}."):
        # Whatever an import raises, it raises it again where the filter is used.
        with contextlib.suppress(Exception):
            importlib.import_module(found.name)
