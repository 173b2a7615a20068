# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments, durations, listings, and text that comes from outside."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import (
    InvalidTimestamp,
    duration,
    format_time,
    format_time_span,
    listed,
    shortened,
    visible,
    width_on_terminal,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-21T08:15:03.999999Z", "2026-11-21 08:15:03 UTC"),
        ("2026-11-21T08:15:03+02:00", "2026-11-21 06:15:03 UTC"),
        ("2026-11-21T08:15:03", "2026-11-21 08:15:03 UTC"),
    ],
)
def test_a_moment_is_shown_to_the_second_with_its_zone(text: str, shown: str) -> None:
    assert format_time(text) == shown


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(InvalidTimestamp, match="'tomorrow' is not a valid timestamp"):
        format_time("tomorrow")


def test_a_span_says_its_day_once() -> None:
    first = "2026-11-21T08:15:03Z"
    assert format_time_span(first, "2026-11-21T09:00:00Z") == "2026-11-21 08:15:03 UTC to 09:00:00 UTC"
    assert format_time_span(first, "2026-11-22T00:00:00Z") == "2026-11-21 08:15:03 UTC to 2026-11-22 00:00:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.44, "< 1 s"),
        (2.1, "2 s"),
        (9.97, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (72, "1 min 12 s"),
        (3599.6, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_in_a_sentence(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_a_long_text_ends_between_words() -> None:
    assert shortened("one two three", 9) == "one two …"
    assert shortened("x" * 20, 9) == "x" * 9 + " …"
    assert shortened("one two", 9) == "one two"


@pytest.mark.parametrize(
    "text",
    ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f\u200d\U0001f525", "\u0645\u06cc\u200c\u062e", "תמונה"],
)
def test_emoji_and_other_scripts_stay_whole(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["a\u202eb", "a\x1b[31m", "a\u200db", "\u200d", "\u2066x\u2069", "a\x00"])
def test_what_would_read_otherwise_than_it_stands_is_replaced(text: str) -> None:
    assert "\ufffd" in visible(text)


@given(st.text())
def test_no_text_keeps_what_turns_its_direction_or_drives_a_terminal(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not set(shown) & {
        "\x1b",
        "\x07",
        "\u202a",
        "\u202b",
        "\u202d",
        "\u202e",
        "\u2066",
        "\u2067",
        "\u2068",
        "\u2069",
    }


def test_width_counts_columns() -> None:
    assert width_on_terminal("web") == 3
    assert width_on_terminal("東京") == 4
    assert width_on_terminal("e\u0301") == 1
