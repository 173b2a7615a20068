# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the Kusto query language in which Resource Graph is asked for images, machines and their use.

where, project, extend, order by, take, count, summarize count() by; and, or, not, comparisons, the string operators,
in, and the functions tolower, toupper, tostring, isempty, isnotempty, isnull, isnotnull. Anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Expression = Callable[[Row], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)|"
    r"(?P<word>!?[A-Za-z_][\w-]*~?)|(?P<sign>==|!=|=~|!~|>=|<=|[|(),.=<>\[\]]))"
)


class KustoError(Exception):
    """A query that cannot be understood; the message names the word."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tolower": lambda value: _text(value).lower(),
    "toupper": lambda value: _text(value).upper(),
    "tostring": _text,
    "isempty": lambda value: value in (None, "", [], {}),
    "isnotempty": lambda value: value not in (None, "", [], {}),
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "not": lambda value: not value,
}


def _folded(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: compare(_text(left).lower(), _text(right).lower())


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "=~": _folded(lambda left, right: left == right),
    "!~": _folded(lambda left, right: left != right),
    ">": lambda left, right: left is not None and left > right,
    "<": lambda left, right: left is not None and left < right,
    ">=": lambda left, right: left is not None and left >= right,
    "<=": lambda left, right: left is not None and left <= right,
    "contains": _folded(lambda left, right: right in left),
    "!contains": _folded(lambda left, right: right not in left),
    "startswith": _folded(lambda left, right: left.startswith(right)),
    "endswith": _folded(lambda left, right: left.endswith(right)),
    "has": _folded(lambda left, right: right in re.split(r"[^0-9a-z]+", left)),
}
_RESERVED = frozenset({"where", "project", "extend", "order", "sort", "by", "take", "limit", "summarize", "and", "or"})
_TABLES = ("resources", "resourcecontainers", "communitygalleryresources")
_LISTS = {"in": (False, True), "in~": (True, True), "!in": (False, False), "!in~": (True, False)}


def _tokens(query: str) -> list[str]:
    tokens, position, text = [], 0, query.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match or match.end() == position:
            raise KustoError(text[position : position + 20])
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


class Query:
    """A parsed query: the table it starts from and its steps."""

    def __init__(self, query: str) -> None:
        self._tokens = _tokens(query)
        self._at = 0
        self.table = "resources"
        self.steps: list[Callable[[list[Row]], list[Row]]] = []
        if self._peek().lower() in _TABLES:
            self.table = self._next().lower()
        elif self._peek():
            self._step()
        while self._peek():
            self._expect("|")
            self._step()

    def run(self, rows: list[Row]) -> list[Row]:
        """Apply all steps."""
        for step in self.steps:
            rows = step(rows)
        return rows

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        word = self._peek()
        if not word:
            raise KustoError("<EOF>")
        self._at += 1
        return word

    def _expect(self, word: str) -> None:
        found = self._next()
        if found.lower() != word:
            raise KustoError(found)

    def _accept(self, word: str) -> bool:
        if self._peek().lower() != word:
            return False
        self._at += 1
        return True

    def _step(self) -> None:
        word = self._next().lower()
        steps = {
            "where": self._where, "project": self._project, "extend": self._extend, "order": self._order,
            "sort": self._order, "take": self._take, "limit": self._take, "count": self._count,
            "summarize": self._summarize,
        }  # fmt: skip
        if word not in steps:
            raise KustoError(word)
        self.steps.append(steps[word]())

    def _where(self) -> Callable[[list[Row]], list[Row]]:
        condition = self._or()
        return lambda rows: [row for row in rows if condition(row)]

    def _columns(self) -> dict[str, Expression]:
        columns: dict[str, Expression] = {}
        while True:
            start = self._at
            name = self._next()
            if self._accept("="):
                columns[name] = self._or()
            else:
                self._at = start
                expression = self._value()
                columns["_".join(token for token in self._tokens[start : self._at] if token != ".")] = expression
            if not self._accept(","):
                return columns

    def _project(self) -> Callable[[list[Row]], list[Row]]:
        columns = self._columns()
        return lambda rows: [{name: value(row) for name, value in columns.items()} for row in rows]

    def _extend(self) -> Callable[[list[Row]], list[Row]]:
        columns = self._columns()
        return lambda rows: [{**row, **{name: value(row) for name, value in columns.items()}} for row in rows]

    def _order(self) -> Callable[[list[Row]], list[Row]]:
        self._expect("by")
        keys: list[tuple[Expression, bool]] = []
        while True:
            value = self._value()
            descending = not self._accept("asc")
            if descending:
                self._accept("desc")
            keys.append((value, descending))
            if not self._accept(","):
                break

        def step(rows: list[Row]) -> list[Row]:
            for value, descending in reversed(keys):
                rows = sorted(rows, key=lambda row, value=value: _text(value(row)).lower(), reverse=descending)
            return rows

        return step

    def _take(self) -> Callable[[list[Row]], list[Row]]:
        number = int(self._next())
        return lambda rows: rows[:number]

    def _count(self) -> Callable[[list[Row]], list[Row]]:
        return lambda rows: [{"Count": len(rows)}]

    def _summarize(self) -> Callable[[list[Row]], list[Row]]:
        start = self._at
        name = self._next()
        if not self._accept("="):
            self._at, name = start, "count_"
        for word in ("count", "(", ")"):
            self._expect(word)
        columns = self._columns() if self._accept("by") else {}

        def step(rows: list[Row]) -> list[Row]:
            groups: dict[str, Row] = {}
            for row in rows:
                shown = {column: value(row) for column, value in columns.items()}
                group = groups.setdefault(repr(shown), {**shown, name: 0})
                group[name] += 1
            return list(groups.values())

        return step

    def _or(self) -> Expression:
        left = self._and()
        while self._accept("or"):
            left = _either(left, self._and())
        return left

    def _and(self) -> Expression:
        left = self._comparison()
        while self._accept("and"):
            left = _both(left, self._comparison())
        return left

    def _comparison(self) -> Expression:
        if self._accept("("):
            inner = self._or()
            self._expect(")")
            return inner
        left = self._value()
        word = self._peek().lower()
        if word in _LISTS:
            self._next()
            return self._member(left, *_LISTS[word])
        if word in _OPERATORS:
            self._next()
            right, operator = self._value(), _OPERATORS[word]
            return lambda row: operator(left(row), right(row))
        return left

    def _member(self, left: Expression, fold: bool, wanted: bool) -> Expression:
        self._expect("(")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")

        def member(row: Row) -> bool:
            one, all_values = left(row), [value(row) for value in values]
            if fold:
                one, all_values = _text(one).lower(), [_text(value).lower() for value in all_values]
            return (one in all_values) is wanted

        return member

    def _value(self) -> Expression:
        word = self._next()
        if word[0] in "'\"":
            return lambda _row: word[1:-1]
        if word[0].isdigit():
            return lambda _row: float(word) if "." in word else int(word)
        if word.lower() in ("true", "false"):
            return lambda _row: word.lower() == "true"
        if word.lower() in _FUNCTIONS and self._accept("("):
            inner, function = self._or(), _FUNCTIONS[word.lower()]
            self._expect(")")
            return lambda row: function(inner(row))
        if not re.match(r"[A-Za-z_]", word) or word.lower() in _RESERVED:
            raise KustoError(word)
        return self._path(word)

    def _path(self, word: str) -> Expression:
        parts = [word]
        while True:
            if self._accept("."):
                parts.append(self._next())
            elif self._accept("["):
                parts.append(self._next().strip("'\""))
                self._expect("]")
            else:
                return lambda row: _dig(row, parts)


def _either(first: Expression, second: Expression) -> Expression:
    return lambda row: bool(first(row)) or bool(second(row))


def _both(first: Expression, second: Expression) -> Expression:
    return lambda row: bool(first(row)) and bool(second(row))


def _dig(node: Any, parts: list[str]) -> Any:
    for part in parts:
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict):
            node = node.get(part, next((value for key, value in node.items() if key.lower() == part.lower()), None))
        else:
            return None
    return node
