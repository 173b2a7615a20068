# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Indent the lists of a YAML file, as ansible-lint and with it Red Hat's certification want them: indent_lists.py FILE

antsibull-changelog writes changelog.yaml without that, and reads it either way.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


class _Dumper(yaml.SafeDumper):
    """Lists lie deeper than their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(
        yaml.dump(content, Dumper=_Dumper, explicit_start=True, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
