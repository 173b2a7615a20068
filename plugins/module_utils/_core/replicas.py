# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How many replicas a region needs."""

from __future__ import annotations

import math


def planned_replicas(deployments: int | None, per_replica: int) -> int:
    """Replicas that a region needs for so many machines at once.

    One replica serves some 20 deployments at a time:
    https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#scaling
    """
    return max(1, math.ceil(deployments / per_replica)) if deployments else 1
