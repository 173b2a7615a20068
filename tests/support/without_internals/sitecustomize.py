# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loaded by Python at its start: has the collection, and nobody else, find a part of Ansible gone or otherwise.

TAKEN_AWAY says which: ``import MODULE gone``, ``attribute MODULE:CLASS.NAME gone`` or ``... otherwise``.
"""

import builtins
import importlib.abc
import importlib.machinery
import os
import sys

_CALLER = "ansible_collections.golden.azure.plugins.plugin_utils._ansible"


class _Otherwise:
    """A part that is there and is good for nothing that is known."""

    def __call__(self, *arguments, **options):
        raise TypeError("it takes other arguments")


def _is_ours(depth):
    return sys._getframe(depth).f_globals.get("__name__", "").startswith(_CALLER)


def _take_import_away(name):
    original = builtins.__import__

    def without(wanted, *arguments, **options):
        if wanted == name and _is_ours(2):
            raise ImportError(f"cannot import {name}")
        return original(wanted, *arguments, **options)

    builtins.__import__ = without


def _take_attribute_away(owner, name, how):
    original = owner.__getattribute__

    def without(self, wanted):
        if wanted == name and _is_ours(2):
            if how == "gone":
                raise AttributeError(f"no attribute {name}")
            return _Otherwise()
        return original(self, wanted)

    owner.__getattribute__ = without


class _Finder(importlib.abc.MetaPathFinder):
    """Changes a class once its module has been loaded."""

    def __init__(self, module, change):
        self.module = module
        self.change = change

    def find_spec(self, fullname, path, target=None):
        if fullname != self.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        execute = spec.loader.exec_module

        def exec_module(loaded):
            execute(loaded)
            self.change(loaded)

        spec.loader.exec_module = exec_module
        return spec


if os.path.basename(sys.argv[0] if hasattr(sys, "argv") else "").startswith("ansible-playbook") or any(
    os.path.basename(argument) == "ansible-playbook" for argument in getattr(sys, "orig_argv", [])[:3]
):
    kind, part, how = os.environ["TAKEN_AWAY"].split()
    if kind == "import":
        _take_import_away(part)
    elif kind == "attribute":
        module, path = part.split(":")
        owner, name = path.split(".")
        sys.meta_path.insert(0, _Finder(module, lambda loaded: _take_attribute_away(getattr(loaded, owner), name, how)))
