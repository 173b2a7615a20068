# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide which images are removed and which are kept, each with its reason; pure.

If in doubt, images are kept: for an unknown age, an unreadable usage, or missing tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import takewhile
from typing import Callable

from ansible_collections.golden.azure.plugins.module_utils._model.image_order import Rank, newest_first


class RetentionAction(Enum):
    """The action for an image."""

    KEEP = "keep"
    DEPRECATE = "deprecate"
    REMOVE = "remove"


class Code(Enum):
    """The reason as a code; vm_image_remove documents the values as reason_code."""

    # Kept, even if named.
    STATE_NOT_FINAL = "state_not_final"
    PROTECTED = "protected"
    IN_USE = "in_use"
    USE_UNKNOWN = "use_unknown"
    LOCKED = "locked"
    END_OF_LIFE_NOT_REACHED = "end_of_life_not_reached"
    # Kept by the rules.
    UNTAGGED = "untagged"
    AGE_UNKNOWN = "age_unknown"
    NEWEST_OF_FAMILY = "newest_of_family"
    LATEST_VERSION = "latest_version"
    NOT_OLD_ENOUGH = "not_old_enough"
    NOT_PUBLISHED_YET = "not_published_yet"
    REMOVAL_LIMIT_REACHED = "removal_limit_reached"
    DEPRECATED_ALREADY = "deprecated_already"
    GRACE_NOT_OVER = "grace_not_over"
    # Removed or deprecated.
    NAMED = "named"
    NOT_RETAINED = "not_retained"
    GRACE_OVER = "grace_over"
    BEING_DELETED = "being_deleted"
    # Outcomes of the execution.
    TAGS_CHANGED = "tags_changed"
    NOT_DEPRECATED_ANY_MORE = "not_deprecated_any_more"
    REPLACED = "replaced"
    REMOVED_ALREADY = "removed_already"
    REMOVAL_FAILED = "removal_failed"
    TIME_LIMIT_REACHED = "time_limit_reached"


@dataclass(frozen=True)
class Reason:
    """The reason of a decision.

    :param code: machine-readable.
    :param text: human-readable, without the action: "used by scale set 'web'".
    """

    code: Code
    text: str


#: For deprecated images that are not removed now.
DEPRECATED_ALREADY = Reason(Code.DEPRECATED_ALREADY, "deprecated already")


@dataclass(frozen=True)
class Candidate:
    """An image as the rules see it."""

    identity: str
    #: The family within which the newest images are determined; the last item is its label.
    family: tuple[str, ...]
    #: None if unknown.
    created: datetime | None
    #: The scope of its version numbers, and its own number.
    numbering: tuple[str, ...] = ()
    number: tuple[int, ...] = ()
    #: Provisioning state, as Azure spells it.
    state: str = "Succeeded"
    #: Whether it can count as the newest: not excluded from latest, not deprecated, and its verification did not fail.
    current: bool = True
    #: Whether its verification or publication is pending: it does not count as newest yet, and has not failed either.
    pending: bool = False
    protected: bool = False
    #: Whether it has a tag that identifies images.
    tagged: bool = True
    #: The labels of its users; None if they cannot be read.
    users: tuple[str, ...] | None = ()
    #: The usage that cannot be read, for messages: "virtual machines of subscription ...".
    unread: tuple[str, ...] = ()
    #: Whether Azure uses it as the latest version of its definition, regardless of its age.
    latest: bool = False
    #: Its end of life; None if not set.
    end_of_life: datetime | None = None
    #: The date of its deprecation; None if it is not deprecated, or unknown.
    deprecated_since: datetime | None = None

    @property
    def rank(self) -> Rank:
        """The sort key within its family."""
        return Rank(self.identity, self.created, self.numbering, self.number)

    @property
    def eligible(self) -> bool:
        """Whether it counts as one of the newest: a failed image must not replace the last good one."""
        return self.created is not None and self.state.lower() == "succeeded" and self.current


@dataclass(frozen=True)
class Rules:
    """The retention rules.

    :param keep_newest: how many of each family are kept regardless of age; at least 1.
    :param older_than: only older images are removed; None for any age.
    :param grace: images are deprecated first, and removed after this time; None to remove at once.
    :param deprecate_only: whether images are only deprecated.
    :param max_removals: the maximum number of removals, and of deprecations; None for any number.
    :param force: whether images in use are removed, too.
    :param include_untagged: whether images without a known tag are removed, too.
    """

    keep_newest: int = 1
    older_than: timedelta | None = None
    grace: timedelta | None = None
    deprecate_only: bool = False
    max_removals: int | None = None
    force: bool = False
    include_untagged: bool = False


@dataclass(frozen=True)
class Decision:
    """The action for one image, and the reason."""

    candidate: Candidate
    action: RetentionAction
    reason: Reason


def decide(candidates: Iterable[Candidate], rules: Rules, now: datetime) -> list[Decision]:
    """Decide on each image, the oldest first, those of unknown age last.

    :returns: one decision for each candidate.
    :raises ValueError: for a keep_newest below 1.
    """
    if rules.keep_newest < 1:
        raise ValueError("'keep_newest' is at least 1: the newest image of a family is never removed.")
    ordered = sorted(candidates, key=_age)
    newest = newest_of_families(ordered, rules.keep_newest)
    ahead = _newer_than_eligible(ordered)
    limit = len(ordered) if rules.max_removals is None else rules.max_removals
    left = {RetentionAction.REMOVE: limit, RetentionAction.DEPRECATE: limit}
    decisions = []
    for candidate in ordered:
        action, reason = _judge(candidate, rules, now, newest)
        if action is not RetentionAction.KEEP and candidate.pending and candidate.identity in ahead:
            action = RetentionAction.KEEP
            reason = Reason(
                Code.NOT_PUBLISHED_YET, "newer than the newest eligible image: not published or verified yet"
            )
        if action is not RetentionAction.KEEP:
            if left[action] > 0:
                left[action] -= 1
            else:
                explanation = f"limit of {limit} removals per run reached; otherwise {action.value}: {reason.text}"
                action, reason = RetentionAction.KEEP, Reason(Code.REMOVAL_LIMIT_REACHED, explanation)
        decisions.append(Decision(candidate, action, reason))
    return decisions


def reason_to_keep(candidate: Candidate, force: bool, now: datetime) -> Reason | None:
    """The reason for keeping a named image, or None."""
    return next((reason for reason in (check(candidate, force, now) for check in _SAFETY) if reason), None)


def newest_of_families(candidates: Sequence[Candidate], count: int) -> dict[str, int]:
    """The newest of each family with their ranks, 1 for the newest.

    Only eligible ones count. A family without any keeps its newest image.
    """
    ranks: dict[str, int] = {}
    for members in _families(candidates):
        good = [member for member in members if member.eligible]
        # None is eligible; the newest is kept, so that a family is never removed completely.
        standing = good or [member for member in members if member.created is not None][:1]
        ranks.update({member.identity: rank for rank, member in enumerate(standing[:count], start=1)})
    return ranks


def _families(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """The members of each family, the newest first."""
    families: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in candidates:
        families.setdefault(candidate.family, []).append(candidate)
    return [newest_first(members, lambda member: member.rank) for members in families.values()]


def _newer_than_eligible(candidates: Iterable[Candidate]) -> set[str]:
    """The images of each family that are newer than its newest eligible image."""
    ahead = set()
    for members in _families(candidates):
        dated = [member for member in members if member.created is not None]
        ahead |= {member.identity for member in takewhile(lambda member: not member.eligible, dated)}
    return ahead


def _age(candidate: Candidate) -> tuple[bool, float, tuple[int, ...], str]:
    moment = candidate.created.timestamp() if candidate.created else 0.0
    return (candidate.created is None, moment, candidate.number, candidate.identity)


def _judge(candidate: Candidate, rules: Rules, now: datetime, newest: dict[str, int]) -> tuple[RetentionAction, Reason]:
    reason = reason_to_keep(candidate, rules.force, now)
    if reason:
        return RetentionAction.KEEP, reason
    if not candidate.tagged and not rules.include_untagged:
        return RetentionAction.KEEP, Reason(Code.UNTAGGED, "it has no tag of this collection")
    if candidate.created is None:
        return RetentionAction.KEEP, Reason(Code.AGE_UNKNOWN, "its age is unknown")
    standing = _rank_reason(candidate, rules, newest)
    if standing:
        return RetentionAction.KEEP, standing
    age = now - candidate.created
    if rules.older_than is not None and age <= rules.older_than:
        explanation = f"{_days(age)} old, not older than {_days(rules.older_than)}"
        return RetentionAction.KEEP, Reason(Code.NOT_OLD_ENOUGH, explanation)
    why = f"{_days(age)} old"
    if rules.older_than is not None:
        why = f"{why}, older than {_days(rules.older_than)}"
    return _apply_deprecation(candidate, rules, now, f"{why}, not {_place(candidate, rules.keep_newest)}")


def _rank_reason(candidate: Candidate, rules: Rules, newest: dict[str, int]) -> Reason | None:
    """The reason for keeping it by its rank, or None."""
    rank = newest.get(candidate.identity)
    if rank:
        return Reason(Code.NEWEST_OF_FAMILY, _place(candidate, 1 if rank == 1 else rules.keep_newest))
    if candidate.latest:
        return Reason(Code.LATEST_VERSION, "the version with the highest number of its definition")
    return None


def _place(candidate: Candidate, count: int) -> str:
    """As in "among the newest 3 of 'web'"."""
    place = "the newest" if count == 1 else f"among the newest {count}"
    return f"{place} of '{candidate.family[-1]}'" if any(candidate.family) else place


def _apply_deprecation(candidate: Candidate, rules: Rules, now: datetime, why: str) -> tuple[RetentionAction, Reason]:
    """Deprecate images first, and remove them after the grace period."""
    if rules.deprecate_only:
        if candidate.deprecated_since is None:
            return RetentionAction.DEPRECATE, Reason(Code.NOT_RETAINED, why)
        return RetentionAction.KEEP, DEPRECATED_ALREADY
    if rules.grace is None:
        return RetentionAction.REMOVE, Reason(Code.NOT_RETAINED, why)
    if candidate.deprecated_since is None:
        return RetentionAction.DEPRECATE, Reason(Code.NOT_RETAINED, f"{why}; to be removed after {_days(rules.grace)}")
    waited = now - candidate.deprecated_since
    if waited < rules.grace:
        explanation = f"deprecated {_days(waited)} ago, to be removed after {_days(rules.grace)}"
        return RetentionAction.KEEP, Reason(Code.GRACE_NOT_OVER, explanation)
    return RetentionAction.REMOVE, Reason(Code.GRACE_OVER, f"{why}, deprecated {_days(waited)} ago")


def _by_state(candidate: Candidate, _force: bool, _now: datetime) -> Reason | None:
    state = candidate.state.lower()
    if state in ("succeeded", "failed", "canceled"):
        return None
    return Reason(Code.STATE_NOT_FINAL, f"it is in the state {candidate.state}")


def _by_protection(candidate: Candidate, _force: bool, _now: datetime) -> Reason | None:
    return Reason(Code.PROTECTED, "protected by its tag") if candidate.protected else None


def _by_use(candidate: Candidate, force: bool, _now: datetime) -> Reason | None:
    if force:
        return None
    if candidate.users is None:
        unread = f" ({', '.join(candidate.unread)})" if candidate.unread else ""
        return Reason(Code.USE_UNKNOWN, f"its usage cannot be read{unread}")
    return Reason(Code.IN_USE, f"used by {', '.join(candidate.users)}") if candidate.users else None


def _by_end_of_life(candidate: Candidate, _force: bool, now: datetime) -> Reason | None:
    if candidate.end_of_life is None or candidate.end_of_life <= now:
        return None
    return Reason(Code.END_OF_LIFE_NOT_REACHED, f"its end of life is {candidate.end_of_life:%Y-%m-%d %H:%M} UTC")


_SAFETY: tuple[Callable[[Candidate, bool, datetime], Reason | None], ...] = (
    _by_state,
    _by_protection,
    _by_use,
    _by_end_of_life,
)


def _days(span: timedelta) -> str:
    days = span.total_seconds() / 86400
    if days < 2:
        return f"{span.total_seconds() / 3600:.0f} h"
    return f"{days:.0f} days"
