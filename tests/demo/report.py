# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a capture: its source, each step with its time, its image."""

from __future__ import annotations

from typing import Any


def render(result: dict[str, Any]) -> str:
    """Lay out what vm_image_capture returned."""
    source, image = result["source"], result["image"]
    lines = [
        "Report",
        f"  source  {_name(source['id'])} (vmId {source['vm_id']})",
        *(
            f"  step    {_padded(step['action'].replace('_', ' '))} {step['seconds']:6.1f} s"
            for step in result["steps"]
        ),
        f"  image   {image['name']}, {image['os_disk']['os_state']}, Hyper-V {image['hyper_v_generation']}, {image['location']}",
        f"          {image['id']}",
    ]
    return "\n".join(lines)


def _name(resource_id: str) -> str:
    parts = resource_id.split("/")
    return f"{parts[-1]} in {parts[4]}"


def _padded(text: str, width: int = 40) -> str:
    return f"{text} ".ljust(width, ".")
