# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute: its resource types and routes, gathered."""

from __future__ import annotations

from .. import quotas
from ..model import Provider, Route
from . import (
    disk_accesses,
    disks,
    encryption_sets,
    extensions,
    galleries,
    gallery_versions,
    images,
    marketplace,
    restore_points,
    run_commands,
    scale_sets,
    shared_galleries,
    soft_deletion,
    virtual_machines,
)

_USAGES = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages"

PROVIDER = Provider(
    namespace="Microsoft.Compute",
    types=(
        virtual_machines.TYPE,
        extensions.TYPE,
        run_commands.TYPE,
        images.TYPE,
        disks.DISK_TYPE,
        disks.SNAPSHOT_TYPE,
        galleries.GALLERY_TYPE,
        galleries.DEFINITION_TYPE,
        gallery_versions.TYPE,
        encryption_sets.TYPE,
        disk_accesses.TYPE,
        restore_points.COLLECTION_TYPE,
        restore_points.POINT_TYPE,
        restore_points.DISK_POINT_TYPE,
        scale_sets.TYPE,
    ),
    routes=(
        *marketplace.ROUTES,
        *shared_galleries.ROUTES,
        *run_commands.ROUTES,
        *soft_deletion.ROUTES,
        Route("GET", _USAGES, quotas.usages),
    ),
)
