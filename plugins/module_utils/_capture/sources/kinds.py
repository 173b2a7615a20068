# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of sources, each from its own file."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._capture.sources import blob, disk, file, image, snapshot, vm
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind
from ansible_collections.golden.azure.plugins.module_utils._model.source import SourceReference

KINDS = (
    vm.KIND,
    disk.KIND,
    snapshot.KIND,
    blob.KIND,
    image.KIND,
    file.KIND,
)


def kind_of(source: SourceReference) -> SourceKind:
    """The kind of a source."""
    return next(kind for kind in KINDS if source.resource_type in kind.resource_types)
