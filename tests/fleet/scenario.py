# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three runs of the refresh: everything is new; nothing has changed; a role's file has changed. And what must come of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from demo.console import Console

from .runs import Fleet, Run

LINUX = ("database", "shop", "web")
WINDOWS = ("win-desk", "win-server")
GOOD = LINUX + WINDOWS
BROKEN = "broken"
#: The role whose file is edited, and who uses it.
EDITED = "web"
USERS = ("shop", "web")


@dataclass
class Scenario:
    """The three runs."""

    fleet: Fleet
    console: Console

    def run(self) -> bool:
        """Do it all.

        :returns: whether everything is as it must be.
        """
        before = set(self.fleet.azure.resources())
        faults = [
            *self._expect("Refresh six golden images, which are all new", "first", dict.fromkeys(GOOD, "promoted")),
            *self._expect("Refresh them again: nothing has changed", "second", dict.fromkeys(GOOD, "skipped")),
        ]
        with (self.fleet.directory / "roles" / EDITED / "files" / EDITED).open("a") as file:
            file.write("and changed\n")
        wanted = {name: "promoted" if name in USERS else "skipped" for name in GOOD}
        faults += self._expect(f"Refresh them after a file of the role '{EDITED}' was edited", "third", wanted)
        left = sorted(one for one in set(self.fleet.azure.resources()) - before if "/images/" not in one)
        faults += [f"left behind: {one}" for one in left]
        self.console.block(
            f"\nResources of embedded Azure: {len(before)} before, {len(self.fleet.azure.resources())} after; "
            f"what has come are images, versions and their definitions, and {len(left)} other things."
        )
        for fault in faults:
            self.console.block(f"FAILED: {fault}")
        return not faults

    def _expect(self, title: str, name: str, wanted: dict[str, str]) -> Iterator[str]:
        with self.console.stage(title):
            run = self.fleet.run(name)
        self._show(run)
        yield from _faults(run, name, wanted)

    def _show(self, run: Run) -> None:
        for image in run.report["images"]:
            cause = (
                f"{image['failure']['stage']}: {image['failure']['message']}"
                if image["failure"]
                else f"found: {image['reason']}"
            )
            shown = " ".join(cause.split())
            self.console.line(f"{image['name']:<11}{image['result']:<9}{image['seconds']:6.0f} s  {shown[:110]}")
        longest = run.report.get("longest") or {"name": "none", "seconds": 0}
        self.console.line(
            f"all of them {run.report['seconds']:.0f} s; the longest, {longest['name']}, {longest['seconds']:.0f} s; "
            f"one after the other {sum(image['seconds'] for image in run.report['images']):.0f} s"
        )
        pruned = [one["id"] for image in run.report["images"] for one in image["pruned"]]
        if pruned:
            self.console.line(f"pruned: {', '.join('/'.join(one.split('/')[-3:]) for one in pruned)}")


def _faults(run: Run, name: str, wanted: dict[str, str]) -> Iterator[str]:
    found = {image["name"]: image["result"] for image in run.report["images"]}
    for image, result in {**wanted, BROKEN: "failed"}.items():
        if found.get(image) != result:
            yield f"{name} run: {image} is {found.get(image)} and not {result}"
    if run.status == 0:
        yield f"{name} run: it says that all went well, although {BROKEN} failed"
    if run.leftovers:
        yield f"{name} run: it has left {', '.join(sorted(run.leftovers))}"
    if BROKEN in found and "not-there.deb" not in run.image(BROKEN)["failure"].get("message", ""):
        yield f"{name} run: the report does not tell why {BROKEN} failed"
    if not found:
        yield f"{name} run: no report was written; the run's last words: {run.output[-2000:]}"
