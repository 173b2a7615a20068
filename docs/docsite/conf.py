# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration of Sphinx for the documentation site; `make docs` lays this file beside the pages."""

from __future__ import annotations

project = "golden.azure"
author = "golden.azure contributors"
copyright = f"2026 {author}"
title = html_title = html_short_title = "golden.azure"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext", "myst_parser"]
# The inventory is written by tests/support/docs_site.py: nothing is fetched.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}

source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_theme_options = {
    "source_repository": "https://github.com/golden-azure/golden.azure/",
    "source_branch": "main",
    "source_directory": "",
}
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
