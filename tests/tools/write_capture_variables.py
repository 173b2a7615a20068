# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/capture_variables.md from the options of vm_image_capture, playbooks/vars/capture.yml and the surveys."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from capture_variables import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
