# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One reader for all timestamps, the same on every Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core import timestamps
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import InvalidTimestamp, parse_required_timestamp
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2025, 1, 6, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-06T12:00:00Z", NOON),
        ("2025-01-06T12:00:00z", NOON),
        ("2025-01-06T12:00:00", NOON),
        ("2025-01-06 12:00", NOON),
        ("2025-01-06", NOON.replace(hour=0)),
        ("2025-01-06T13:30:00+01:30", NOON),
        ("2025-01-06T11:00:00-0100", NOON),
        # Compute writes seven digits of a second, Resource Graph three, Python six.
        ("2025-01-06T12:00:00.1807377+00:00", NOON.replace(microsecond=180737)),
        ("2025-01-06T12:00:00.5Z", NOON.replace(microsecond=500000)),
        ("2025-01-06T12:00:00.123Z", NOON.replace(microsecond=123000)),
        ("2025-01-06T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
    ],
)
def test_what_azure_and_people_write(text: str, expected: datetime) -> None:
    assert parse_timestamp(text) == expected
    assert parse_required_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "soon",
        # Beyond the calendar in UTC.
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+01:00",
        "2025",
        "20250106",
        "2025-13-01",
        "2025-02-30",
        "2025-01-06T25:00:00Z",
        "2025-W02-1",
        "1736164800",
        "2025-01-06T12:00:00+99:00",
        "2025-01-06T12:00:00Z tomorrow",
        "\uff12\uff10\uff12\uff15-01-06",
    ],
)
def test_what_is_no_timestamp(text: str) -> None:
    assert parse_timestamp(text) is None
    with pytest.raises(InvalidTimestamp):
        parse_required_timestamp(text)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2900, 1, 1)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_whatever_python_writes_is_read(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_timestamp(moment.isoformat()) == moment
    assert parse_timestamp(format_timestamp(moment)) == moment.replace(microsecond=0)


@given(st.text())
def test_nothing_else_raises(text: str) -> None:
    parse_timestamp(text)


def test_the_python_that_modules_run_on_reads_the_same() -> None:
    """MODULE_PYTHON is another one in `make matrix`, down to 3.9."""
    texts = ["2025-01-06T12:00:00.1807377+00:00", "2025-01-06T12:00:00Z", "2025-01-06T12:00:00.5Z", "20250106", "soon"]
    source = Path(timestamps.__file__)
    script = f"import json, sys; sys.path.insert(0, {str(source.parent)!r}); import timestamps; "
    script += "print(json.dumps([str(timestamps.parse_timestamp(text)) for text in json.load(sys.stdin)]))"
    finished = subprocess.run(
        [os.environ.get("MODULE_PYTHON", sys.executable), "-I", "-c", script],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(finished.stdout) == [str(parse_timestamp(text)) for text in texts]
