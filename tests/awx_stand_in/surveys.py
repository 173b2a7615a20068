# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surveys: what AWX takes for one, and what answers to it give to a job.

Source: JobTemplateSurveySpec of awx/api/views and SurveyJobTemplateMixin of awx/main/models/mixins.py.
"""

from __future__ import annotations

from typing import Any

from .credential_types import HIDDEN

#: Types of defaults (SURVEY_TYPE_MAPPING of awx/main/constants.py). Of a multiselect it is text, a choice on each line,
#: though an answer to it is a list.
TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": (int, float),
}


def survey_error(survey: dict[str, Any]) -> str | None:
    """Why AWX would refuse a survey; None when it would not."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(name), kind):
            return f"Field '{name}' is missing from survey spec, or has the wrong type."
    if not survey["spec"]:
        return "'spec' doesn't contain any items."
    if not all(isinstance(question, dict) for question in survey["spec"]):
        return "Survey question is not a json object."
    variables = [question.get("variable") for question in survey["spec"]]
    if len(variables) != len(set(variables)):
        return "'variable' duplicated in survey question."
    return next((f"survey question {number}: {reason}" for number, reason in _wrong(survey["spec"])), None)


def _wrong(questions: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(number, reason) for number, question in enumerate(questions) if (reason := _question_error(question))]


def _question_error(question: dict[str, Any]) -> str | None:
    for name, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(name), kind):
            return f"'{name}' is missing, or has the wrong type"
    kind, default = question["type"], question.get("default", "")
    if kind not in TYPES:
        return f"'{kind}' is not one of the allowed question types"
    if any(not isinstance(question.get(limit), (int, type(None))) for limit in ("min", "max")):
        return "a limit is expected to be integer"
    if "choices" not in question and kind in ("multiplechoice", "multiselect"):
        return "must specify choices"
    return _default_error(question, default)


def _default_error(question: dict[str, Any], default: Any) -> str | None:
    kind = question["type"]
    if isinstance(default, str) and default.startswith(HIDDEN):
        return f"{HIDDEN} is a reserved keyword, and may not be used for a new default"
    if default != "" and not isinstance(default, TYPES[kind]):
        return f"Default value {default} expected to be {kind}"
    if kind not in ("multiplechoice", "multiselect"):
        return None
    if kind == "multiplechoice" and len(_lines(default)) > 1:
        return "Multiple Choice (Single Select) can only have one default value."
    wrong = set(_lines(default)) - set(_lines(question["choices"]))
    return "Default choice must be answered from the choices listed." if wrong else None


def answers_given(survey: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The variables that a job gets: answers, and defaults that are answers. Of other questions it gets none."""
    defaults = {one["variable"]: one["default"] for one in survey["spec"] if _is_answer(one, one.get("default"))}
    return {**defaults, **answers}


def answer_errors(questions: list[dict[str, Any]], answers: dict[str, Any], required: bool = True) -> list[str]:
    """What is wrong with answers. A question that must be answered is not answered by its default."""
    errors = []
    for question in questions:
        name = question["variable"]
        if name not in answers:
            errors += [f"'{name}' value missing"] if required and question["required"] else []
        elif not _is_answer(question, answers[name]):
            errors.append(f"Value {answers[name]} for '{name}' is not an answer.")
    return errors


def _is_answer(question: dict[str, Any], value: Any) -> bool:
    kind = question["type"]
    if kind == "multiselect":
        return isinstance(value, list) and set(value) <= set(_lines(question["choices"]))
    if kind == "multiplechoice":
        return value in _lines(question["choices"])
    if not isinstance(value, TYPES[kind]) or isinstance(value, bool):
        return False
    size = len(value) if isinstance(value, str) else value
    low, high = (question.get(limit) for limit in ("min", "max"))
    return (low in ("", None) or size >= low) and (high in ("", None) or size <= high)


def _lines(choices: str | list[str]) -> list[str]:
    return [line for line in choices.splitlines() if line.strip()] if isinstance(choices, str) else choices
