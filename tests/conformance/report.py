# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a replay found, one line per operation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .documented import reason_for
from .replay import Result

_EXAMPLES = 3
CAP = 0.02
EITHER_CAP = 0.002


class Report:
    """Counts and the first differences of every operation."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = list(results)
        self.covered = [result for result in self.results if result.covered]
        self.exact = sum(result.matched for result in self.covered)
        self.allowed = sum(result.allowed for result in self.covered)
        self.either = sum(result.either for result in self.covered)

    @property
    def within_cap(self) -> bool:
        """Whether the documented differences are few enough to be believed."""
        return self.allowed <= CAP * len(self.covered)

    @property
    def matched(self) -> int:
        """Exact matches, documented differences as long as these stay below their cap, and either of two ways up to its cap."""
        allowed = self.allowed if self.within_cap else 0
        return self.exact + allowed + min(self.either, int(EITHER_CAP * len(self.covered)))

    def core_coverage(self) -> tuple[int, int]:
        """Covered and all exchanges on Microsoft.Compute and resource groups, polls left out."""
        core = [
            result
            for result in self.results
            if not result.recorded.is_poll
            and (" Compute:" in result.recorded.op or " resourceGroups" in result.recorded.op)
        ]
        return sum(result.covered for result in core), len(core)

    def text(self, examples: int = _EXAMPLES) -> str:
        """The report."""
        total: Counter[str] = Counter()
        good: Counter[str] = Counter()
        differing: dict[str, list[str]] = defaultdict(list)
        uncovered: Counter[str] = Counter()
        reasons: Counter[str | None] = Counter()
        for result in self.results:
            op = result.recorded.op
            if not result.covered:
                uncovered[op] += 1
                continue
            total[op] += 1
            good[op] += result.matched or result.allowed or result.either
            if result.allowed:
                reasons.update({reason_for(op, item) for item in result.differences})
            elif result.differences and not result.either:
                line = "; ".join(str(item) for item in result.differences[:4])
                differing[op].append(f"    {result.recorded.place}: {line}"[:400])
        lines = []
        for op, count in sorted(total.items(), key=lambda item: (item[1] - good[item[0]], item[0]), reverse=True):
            lines.append(f"{good[op]:5} of {count:5}  {op}")
            lines += differing[op][:examples]
        lines += ["", "not covered:"]
        lines += [f"{count:5}  {op}" for op, count in uncovered.most_common()]
        lines += ["", "documented differences:"]
        lines += [f"{count:5}  {reason}" for reason, count in reasons.most_common()]
        covered, core = self.core_coverage()
        lines += [
            "",
            f"coverage of Microsoft.Compute and resource groups without polls: {covered} of {core} "
            f"({covered / max(core, 1):.1%})",
            f"documented differences: {self.allowed} of {len(self.covered)} exchanges "
            f"({self.allowed / max(len(self.covered), 1):.1%}, at most {CAP:.0%}"
            f"{'' if self.within_cap else ': too many, none is counted as a match'})",
            f"answered in one of two recorded ways: {self.either} of {len(self.covered)} exchanges "
            f"(at most {int(EITHER_CAP * len(self.covered))} are counted as matches)",
            f"with what is not covered counted as a miss: matched {self.matched} of {len(self.results)} "
            f"({self.matched / max(len(self.results), 1):.1%})",
            f"conformance: matched {self.matched} of {len(self.covered)} "
            f"({self.matched / max(len(self.covered), 1):.1%})",
        ]
        return "\n".join(lines)
