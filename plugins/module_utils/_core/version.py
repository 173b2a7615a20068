# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The collection's version, as in galaxy.yml; a test compares them."""

from __future__ import annotations

COLLECTION_VERSION = "1.0.0"
