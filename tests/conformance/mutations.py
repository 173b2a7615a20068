# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much the comparison notices: answers that match are spoiled in one place, and compared again."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .compare import CLOSED_SETS, Answer
from .documented import reason_for
from .replay import Result

STATUS, VALUE, KEY = "one wrong status", "one wrong value of a closed set", "one dropped key"
#: The share of mutations of each kind that must be noticed.
NOTICED = 0.95
# Of each kind, for one answer.
_MOST = 24
_DROPPED = object()
_OTHER_STATUS = {200: 201, 201: 200, 202: 200, 204: 200}

# A way through a body: names of objects and numbers of lists.
Way = tuple[Any, ...]


@dataclass(frozen=True)
class Mutation:
    """One spoiled answer: which kind of fault, where, and the answer."""

    kind: str
    where: str
    answer: Answer


def mutations(recorded: Any, answer: Answer) -> Iterator[Mutation]:
    """Answers that differ from one in one place of which the recorded body says something; of long bodies some of them."""
    yield Mutation(STATUS, "status", replace(answer, status=_OTHER_STATUS.get(answer.status, 500)))
    shared = list(_shared(recorded, answer.body, ()))
    for way, _value in _some([(way, value) for way, value in shared if isinstance(way[-1], str)]):
        yield Mutation(KEY, _place(way), replace(answer, body=_spoiled(answer.body, way, _DROPPED)))
    for way, value in _some([(way, value) for way, value in shared if CLOSED_SETS.holds(_name(way), value)]):
        other = CLOSED_SETS.others(_name(way), value)[0]
        yield Mutation(VALUE, _place(way), replace(answer, body=_spoiled(answer.body, way, other)))


def _some(ways: list[tuple[Way, Any]]) -> list[tuple[Way, Any]]:
    """As many as are compared of one answer, evenly chosen."""
    return ways[:: -(-len(ways) // _MOST)] if ways else []


def _name(way: Way) -> str:
    return next((part for part in reversed(way) if isinstance(part, str)), "")


def _place(way: Way) -> str:
    return ".".join("[]" if isinstance(part, int) else part for part in way)


def _shared(recorded: Any, ours: Any, way: Way) -> Iterator[tuple[Way, Any]]:
    """Every place that both bodies have, with our value; items of lists where both have as many."""
    pairs: Iterable[tuple[Any, Any, Any]] = ()
    if isinstance(recorded, dict) and isinstance(ours, dict):
        pairs = [(key, value, ours[key]) for key, value in recorded.items() if key in ours]
    elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        pairs = [(number, *pair) for number, pair in enumerate(zip(recorded, ours, strict=True))]
    for part, theirs, value in pairs:
        yield (*way, part), value
        yield from _shared(theirs, value, (*way, part))


def _spoiled(node: Any, way: Way, value: Any) -> Any:
    """A copy of a body with another value at one place, or with none."""
    spoiled = copy.copy(node)
    if len(way) > 1:
        spoiled[way[0]] = _spoiled(node[way[0]], way[1:], value)
    elif value is _DROPPED:
        del spoiled[way[0]]
    else:
        spoiled[way[0]] = value
    return spoiled


class MutationTest:
    """Counts of mutations and of those noticed, by kind; `missed` has the place of each that was not."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.noticed: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()

    def spoil(self, results: Iterable[Result]) -> Iterator[Result]:
        """Pass results on, after comparing each answer that matches with what it would be if it were wrong."""
        for result in results:
            if result.matched and result.answer is not None and result.judge is not None:
                for mutation in mutations(result.recorded.answer, result.answer):
                    self._count(result, mutation)
            yield result

    def _count(self, result: Result, mutation: Mutation) -> None:
        assert result.judge is not None
        found = result.judge(mutation.answer)
        self.made[mutation.kind] += 1
        if any(reason_for(result.recorded.op, difference) is None for difference in found):
            self.noticed[mutation.kind] += 1
        else:
            self.missed[f"{result.recorded.op} {mutation.where}"] += 1

    @property
    def passed(self) -> bool:
        """Whether enough of each kind is noticed."""
        return all(self.noticed[kind] >= NOTICED * count for kind, count in self.made.items())

    def text(self) -> str:
        """A table, and the places where most was missed."""
        lines = ["", f"mutations of answers that match (at least {NOTICED:.0%} of each kind are to be noticed):"]
        for kind, count in self.made.items():
            lines.append(f"{self.noticed[kind]:7} of {count:7} ({self.noticed[kind] / count:.1%})  {kind}")
        lines += [f"{count:7}  missed: {place}" for place, count in self.missed.most_common(10)]
        return "\n".join(lines)
