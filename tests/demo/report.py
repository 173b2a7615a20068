# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a capture: its source, each step with its time, its image."""

from __future__ import annotations

from typing import Any


def render(result: dict[str, Any]) -> str:
    """Lay out what vm_image_capture returned."""
    source, image = result["source"], result["image"]
    security = f", {source['security_type']}" if source.get("security_type") else ""
    lines = [
        "Report",
        f"  source  {_name(source['id'])} (vmId {source['vm_id']}{security})",
        *(
            f"  step    {_padded(step['action'].replace('_', ' '))} {step['seconds']:6.1f} s"
            for step in result["steps"]
        ),
    ]
    if image:
        properties = f"{image['os_disk']['os_state']}, Hyper-V {image['hyper_v_generation']}, {image['location']}"
        lines += [f"  image   {image['name']}, {properties}", f"          {image['id']}"]
    for version in result["gallery_versions"]:
        regions = ", ".join(f"{region['name']} x{region['replicas']}" for region in version["regions"])
        name = f"{version['gallery']}/{version['definition']}/{version['version']}"
        lines += [f"  version {name}, {version['os_state']}, Hyper-V {version['hyper_v_generation']}, {regions}"]
        lines += [f"          {version['id']}"]
    return "\n".join(lines)


def _name(resource_id: str) -> str:
    parts = resource_id.split("/")
    return f"{parts[-1]} in {parts[4]}"


def _padded(text: str, width: int = 40) -> str:
    return f"{text} ".ljust(width, ".")
