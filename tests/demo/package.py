# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Debian package to recognize a machine by, built here: the guests have no network to install one from."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAME = "golden-demo"
_CONTROL = f"""\
Package: {NAME}
Version: 1.0
Architecture: all
Maintainer: golden.azure contributors <root@localhost>
Description: Tells by its presence that a machine was made from the demo's image
"""


def build(directory: Path) -> Path:
    """Build the package in a directory and give its file."""
    tree = directory / NAME
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "DEBIAN" / "control").write_text(_CONTROL)
    (tree / "usr/share" / NAME).mkdir(parents=True, exist_ok=True)
    (tree / "usr/share" / NAME / "made-by").write_text("golden.azure\n")
    archive = directory / f"{NAME}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(archive)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return archive
