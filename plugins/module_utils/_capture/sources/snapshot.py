# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Snapshots as sources; they are described like disks."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.sources.disk import describe_disk
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import SNAPSHOT, locate
from ansible_collections.golden.azure.plugins.module_utils._model.source import SourceReference


def _parse(options: dict[str, Any], subscription_id: str) -> SourceReference:
    return locate("source_snapshot", options["source_snapshot"], SNAPSHOT, options["resource_group"], subscription_id)


KIND = SourceKind(
    option="source_snapshot",
    specification={"type": "str"},
    resource_types=(SNAPSHOT,),
    parse=_parse,
    describe=describe_disk,
    needs_os_state=True,
)
