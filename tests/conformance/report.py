# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a replay found, one line per operation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .replay import Result

_EXAMPLES = 3


class Report:
    """Counts and the first differences of every operation."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = list(results)
        self.covered = [result for result in self.results if result.covered]
        self.matched = sum(result.matched for result in self.covered)

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
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        uncovered: Counter[str] = Counter()
        for result in self.results:
            op = result.recorded.op
            if not result.covered:
                uncovered[op] += 1
                continue
            total[op] += 1
            good[op] += result.matched
            if result.differences:
                line = "; ".join(str(item) for item in result.differences[:4])
                differing[op].append(f"    {result.recorded.place}: {line}"[:400])
                kinds[op].update({str(item)[:120] for item in result.differences})
        lines = []
        for op, count in sorted(total.items(), key=lambda item: (item[1] - good[item[0]], item[0]), reverse=True):
            lines.append(f"{good[op]:5} of {count:5}  {op}")
            lines += differing[op][:examples]
        lines += ["", "not covered:"]
        lines += [f"{count:5}  {op}" for op, count in uncovered.most_common()]
        covered, core = self.core_coverage()
        lines += [
            "",
            f"coverage of Microsoft.Compute and resource groups without polls: {covered} of {core} "
            f"({covered / max(core, 1):.1%})",
            f"conformance: matched {self.matched} of {len(self.covered)} "
            f"({self.matched / max(len(self.covered), 1):.1%})",
        ]
        return "\n".join(lines)
