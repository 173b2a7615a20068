# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run as a self-contained HTML page.

Names, tags, errors and plans come from guests and from Azure, and are treated as text. Jinja escapes all values, characters that
would change the appearance of text are replaced, and the content security policy prevents scripts and external resources.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.plugin_utils import formatting
from ansible_collections.golden.azure.plugins.plugin_utils._refresh import advice as refresh_advice
from ansible_collections.golden.azure.plugins.plugin_utils._refresh import summary_text
from ansible_collections.golden.azure.plugins.plugin_utils._report import parts as report_parts
from ansible_collections.golden.azure.plugins.plugin_utils._report import stage_table, timeline, verification
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

_FOLDER = Path(__file__).with_name("page_templates")
#: Maximum number of characters of a cause that is shown at once; the rest can be unfolded.
_CAUSE = 600


def render_page(report: Mapping[str, Any]) -> str:
    """The page.

    :param report: as returned by build_report().
    """
    plain = json.loads(json.dumps(report, default=str))
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    makers = [record for record in plain["images"] if "capture" in summary_text.stages_done(record)]
    made = [image for record in makers for image in record.get("images") or []]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=plain,
            verdict=summary_text.verdict(plain),
            failures=refresh_advice.failures(plain),
            commands=refresh_advice.commands(plain),
            one_by_one=sum(record["seconds"] for record in plain["images"]),
            made=made,
            made_size=report_parts.total_size(made),
            timeline=timeline.timeline_of_run(plain),
            stages_run=timeline.stages_run(plain),
            table=stage_table.stage_table(plain),
            long_steps=stage_table.longest_steps(plain),
            scale=(plain["longest"] or {}).get("seconds", 0),
            data_file=quote(f"refresh-{plain['run']}.json"),
            style=style,
            policy=f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; form-action 'none'",
        )
    )


def _environment() -> Environment:
    """The environment of the templates, with escaping and the functions that describe a report."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        advice=refresh_advice.advice,
        cleanup_status=refresh_advice.cleanup_status,
        breakable=_breakable,
        cause=summary_text.cause,
        cut=lambda text: formatting.shortened(text, _CAUSE),
        is_cut=lambda text: len(text) > _CAUSE,
        duration=formatting.duration,
        facts=report_parts.facts,
        moment=formatting.format_time,
        not_reached=summary_text.stages_not_reached,
        number_of_failure=_number_of_failure,
        number=timeline.number_of,
        outcome=summary_text.outcome,
        place_of_failure=summary_text.place_of_failure,
        plan_entries=report_parts.plan_entries,
        regions=report_parts.regions,
        short_name=report_parts.short_name,
        sizes=report_parts.sizes,
        stages=timeline.stages_of_image,
        tags=report_parts.tags,
        verifications=verification.verifications,
        warnings=report_parts.warnings,
    )
    environment.globals.update(span=formatting.format_time_span, known_stages=timeline.STAGES)
    return environment


def _number_of_failure(failures: list[refresh_advice.Failure], image: Mapping[str, Any]) -> int:
    """The number of the failure of an image, from 1."""
    return next(number for number, failure in enumerate(failures, start=1) if image in failure.images)


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _visible(value: Any) -> Any:
    return formatting.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _breakable(text: Any) -> Markup:
    """A resource id with line break opportunities after each slash, which do not change copied text."""
    return Markup("/<wbr>").join(escape(_visible(part)) for part in str(text).split("/"))
