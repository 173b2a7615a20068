# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Shorten Azure's messages to one sentence: causes such as policies, disks or limits are kept, links and support ids removed; pure."""

from __future__ import annotations

import json
import re
from typing import Any

#: Maximum number of characters; some messages list all regions, or hundreds of resources.
_MAX_LENGTH = 1200

_END = re.compile(r"[.!]+\s+(?=[A-Z\[('\"])")
#: Sentences that refer to further information or support.
_MORE = re.compile(
    r"(?i)https?://(aka\.ms|go\.microsoft|learn\.microsoft|docs\.microsoft|portal\.azure|support\.|[\w.]*microsoft\.com)|aka\.ms/|"
    r"\btrace id\b|\btracking id\b|\bcorrelation ?id\b|\bactivity ?id\b|\baudit logs\b|\basking for support\b|"
    r"\brecently granted\b|^setup alerts|^see error details|\binner errors? for details\b"
)
_POLICIES = re.compile(r"\s*Policy identifiers: '(?P<policies>\[.*\])'\.?", re.DOTALL)


def reason_of(error: dict[str, Any]) -> str:
    """The reason of a refusal, without a full stop at its end.

    :param error: the ``error`` object of a response or of an operation.
    """
    message = str(error.get("message") or "")
    policies = _violated(error) or _named_in(message)
    sentences = _kept(_POLICIES.sub("", message))
    # Details that the message does not contain; some contain JSON errors of services behind Resource Manager.
    for detail in error.get("details") or []:
        detail_text = _unwrapped(str(detail.get("message") or "")) if isinstance(detail, dict) else ""
        policies = policies or (_violated(detail) or _named_in(detail_text) if detail_text else [])
        sentences += [
            each for each in _kept(_POLICIES.sub("", detail_text)) if each not in message and each not in sentences
        ]
    if policies:
        sentences = [*sentences[:1], f"policies: {', '.join(policies)}", *sentences[1:]]
    text = "; ".join(sentences) or " ".join(message.split()).rstrip(".") or "no reason given"
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]} ..."


def first_sentence(text: str) -> str:
    """The first sentence of a text, which may be an HTML page, without a full stop at its end."""
    line = " ".join(text.split("\n", maxsplit=1)[0].split())
    return _END.split(line, maxsplit=1)[0].rstrip(". ")


def _kept(message: str) -> list[str]:
    """The sentences of a message that describe the cause."""
    sentences = [sentence.strip().rstrip(". ") for sentence in _END.split(" ".join(message.split()))]
    return list(dict.fromkeys(sentence for sentence in sentences if sentence and not _MORE.search(sentence)))


def _violated(error: dict[str, Any]) -> list[str]:
    """The display names of the violated policies."""
    infos = (
        item.get("info") or {}
        for item in error.get("additionalInfo") or []
        if isinstance(item, dict) and item.get("type") == "PolicyViolation"
    )
    names = (info.get("policyDefinitionDisplayName") or info.get("policyAssignmentName") for info in infos)
    return list(dict.fromkeys(str(name) for name in names if name))


def _named_in(message: str) -> list[str]:
    """The names of the policies in the identifiers of a message."""
    found = _POLICIES.search(message)
    try:
        policies = json.loads(found["policies"]) if found else []
        names = [each["policyDefinition"].get("name") or each["policyAssignment"].get("name") for each in policies]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return list(dict.fromkeys(str(name) for name in names if name))


def _unwrapped(message: str) -> str:
    """The inner message of a message that contains a JSON error."""
    try:
        return str(json.loads(message)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return message
