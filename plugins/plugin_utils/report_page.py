# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run as a page that needs nothing but itself.

Names, tags, errors and plans come from guests and from Azure: all of it is text. Jinja escapes whatever it inserts, what
would make the text read otherwise than it stands is replaced, and the page's policy lets no script run and nothing load.
"""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.timeline import (
    duration,
    timeline_of_image,
    timeline_of_run,
)
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

_FOLDER = Path(__file__).with_name("report")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def render_page(report: Mapping[str, Any]) -> str:
    """The page.

    :param report: what refresh_run.build_report gave.
    """
    plain = json.loads(json.dumps(report, default=str))
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = duration
    return environment.get_template("page.html.j2").render(
        report=plain,
        run_timeline=timeline_of_run(plain),
        timelines=[timeline_of_image(image) for image in plain["images"]],
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; form-action 'none'",
    )


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _visible(value: Any) -> Any:
    """Text without control characters, and without those that turn the direction of what follows."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(_REPLACEMENT if _is_hidden(character) else character for character in value)


def _is_hidden(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs")
