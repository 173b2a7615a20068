# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Disk types that support neither images nor snapshots."""

from __future__ import annotations

#: Azure cannot capture these: https://learn.microsoft.com/azure/virtual-machines/disks-enable-ultra-ssd
#: Their snapshots are copied in the background for a long time, during which they must be kept, so that they are not copied either:
#: https://learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots
UNSUPPORTED_DISKS = ("ultrassd_lrs", "premiumv2_lrs")
