# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The number of replicas that a region requires."""

from __future__ import annotations

import math


def planned_replicas(deployments: int | None, per_replica: int) -> int:
    """The number of replicas for a number of concurrent deployments in a region.

    One replica supports about 20 concurrent deployments:
    https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#scaling
    """
    return max(1, math.ceil(deployments / per_replica)) if deployments else 1
