# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored for a launch: nodes of workflows and schedules may give only what their template asks for.

Source: LaunchConfigurationBaseSerializer.validate of awx/api/serializers.py; _accept_or_ignore_job_kwargs of
awx/main/models/jobs.py, workflow.py and unified_jobs.py; _accept_or_ignore_variables of awx/main/models/mixins.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import surveys
from .variables import parsed

Object = dict[str, Any]
Errors = dict[str, Any]

#: What a template can ask for -> the flag by which it does (get_ask_mapping).
ASKED = {
    "limit": "ask_limit_on_launch",
    "scm_branch": "ask_scm_branch_on_launch",
    "job_tags": "ask_tags_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "inventory": "ask_inventory_on_launch",
    "job_type": "ask_job_type_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "diff_mode": "ask_diff_mode_on_launch",
    "execution_environment": "ask_execution_environment_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "timeout": "ask_timeout_on_launch",
}
_REFUSED = "Field is not configured to prompt on launch."


def launch_errors(new: Object, others: Mapping[int, Object], required: bool) -> Errors:
    """Why AWX would refuse what is stored, by field; nothing when it would not.

    :param required: whether questions must be answered that have to be: those of a node may be at the launch.
    """
    template = others.get(new["unified_job_template"] or 0)
    if template is None:
        return {}
    given = {name: new[name] for name in ASKED if new.get(name) is not None}
    if "survey_spec" not in template:
        # Projects and sources of inventories take nothing at all.
        extra = {"extra_data": new["extra_data"]} if new["extra_data"] else {}
        return {name: ["Field is not allowed on launch."] for name in {**given, **extra}}
    errors = _prompt_errors(template, given, others)
    questions = template["survey_spec"].get("spec", []) if template["survey_enabled"] else []
    wrong = surveys.answer_errors(questions, new["extra_data"], required=required)
    if wrong:
        errors["variables_needed_to_start"] = wrong
    known = {question["variable"] for question in questions}
    own = parsed(template["extra_vars"])
    left = {name for name, value in new["extra_data"].items() if name not in known and own.get(name, _Unset) != value}
    if left and not template["ask_variables_on_launch"]:
        errors["extra_data"] = [f"Variables {', '.join(sorted(left))} are not allowed on launch."]
    return errors


class _Unset:
    """Of a variable that a template does not set."""


def _prompt_errors(template: Object, given: Object, others: Mapping[int, Object]) -> Errors:
    errors: Errors = {}
    for name, value in given.items():
        # A workflow has no flag for most, and its own value of none.
        if value == template.get(name, None if name in template else _Unset):
            continue
        if not template.get(ASKED[name]):
            errors[name] = _REFUSED
        elif name == "job_slice_count" and value > 1 and slices(template, others, value) <= 1:
            errors[name] = "Job inventory does not have enough hosts for slicing"
    return errors


def slices(template: Object, others: Mapping[int, Object], wanted: int | None = None) -> int:
    """The slices of a job when it is launched (JobTemplate.get_effective_slice_ct of awx/main/models/jobs.py)."""
    count = int(template["job_slice_count"] if wanted is None else wanted)
    inventory = others.get(template["inventory"] or 0)
    return min(count, len(inventory["hosts"])) if inventory else count
