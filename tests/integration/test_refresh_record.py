# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a refresh records of an image that failed its verification, and what it says on the terminal."""

from __future__ import annotations

import re

import pytest
import yaml

from fleet.runs import Fleet


@pytest.mark.sweep
def test_an_image_that_failed_its_verification_is_not_told_to_be_there(fleet: Fleet) -> None:
    checks = fleet.directory / "checks.yml"
    checks.write_text(yaml.safe_dump([{"name": "Look", "ansible.builtin.fail": {"msg": "port 80 is closed"}}]))
    run = fleet.run("checked", "--limit", "win-desk", golden_image_verification={"tasks": str(checks)})
    record = run.image("win-desk")
    assert record["failure"]["stage"] == "verify", record["failure"]
    assert record["images"] == []
    assert not run.came, run.came
    assert record["host"] == "win-desk"
    assert record["todo"] == ["build", "customise", "prepare", "capture", "verify", "promote", "prune"]
    assert "Not reached: promote, prune." in run.page.read_text()
    said = re.search(
        r"The image win-desk failed\..*cause: .*port 80 is closed.*next: The resources that it created were removed\.",
        run.output,
        re.DOTALL,
    )
    assert said, run.output[-5000:]
    assert f"Full report: {run.page}" in run.output
    assert run.page.stat().st_mode & 0o777 == 0o600
