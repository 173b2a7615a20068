# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the documentation site: which files they are, and how they are laid out for Sphinx.

The pages are files of the repository, which are read there as well. They keep their paths on the site, so that links among them work in
both places; links to anything else lead to the repository. What a page would repeat of another file is put in place of a marker.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from code_register import as_markdown, load
from repository import ROOT

REPOSITORY = "https://github.com/golden-azure/golden.azure"
INDEX = "docs/docsite/index.md"
#: Files of Sphinx, and where it looks for them.
SETTINGS = {"docs/docsite/conf.py": "conf.py", "docs/docsite/site.css": "_static/site.css"}
INVENTORY = "ansible.inv"
#: Where antsibull-docs writes the pages of modules, roles and plugins.
PLUGINS = "collections"
#: Kinds of codes that stop a run: those that somebody looks up to continue.
STOPPING = ("blocker", "refusal")

_PATTERNS = (
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/guides/*.md",
    "roles/*/README.md",
    "tests/azure/README.md",
    "tests/embedded_azure/README.md",
)
#: Labels of Ansible's documentation: the place below its address, and the title.
_IN_ANSIBLE = {
    "action_plugins": ("plugins/action.html#action-plugins", "Action plugins"),
    "ansible_configuration_settings": (
        "reference_appendices/config.html#ansible-configuration-settings",
        "Ansible Configuration Settings",
    ),
    "common_return_values": ("reference_appendices/common_return_values.html#common-return-values", "Return Values"),
}
#: Findings of one investigation, which nobody looks for on a site.
_LEFT_OUT = {"docs/windows_sysprep_findings.md"}
_LICENCE = re.compile(r"\A<!--\nCopyright.*?-->\n+", re.DOTALL)
_LINK = re.compile(r"(\[[^\]\n]*(?:\n[^\]\n]*)?\]\()([^)\s]+)(\))")
_MARKER = re.compile(r"^<!-- (the .+) -->$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[str]:
    """Paths of the pages in the repository, without the index."""
    found = {str(path.relative_to(ROOT)) for pattern in _PATTERNS for path in ROOT.glob(pattern)}
    return sorted(found - _LEFT_OUT)


def lay_out(target: Path) -> None:
    """Write all pages and the settings of Sphinx into an empty folder.

    :raises ValueError: for a link to a file that is not there, and for a marker that means nothing.
    """
    for path in pages():
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(page(path), encoding="utf-8")
    (target / "index.md").write_text(index(), encoding="utf-8")
    for path, place in SETTINGS.items():
        (target / place).parent.mkdir(exist_ok=True)
        (target / place).write_bytes((ROOT / path).read_bytes())
    (target / INVENTORY).write_bytes(inventory())


def index() -> str:
    """The first page. Before the first release there is no changelog."""
    text = _LICENCE.sub("", (ROOT / INDEX).read_text(encoding="utf-8"))
    released = (ROOT / "changelogs" / "changelog.yaml").exists()
    return text if released else text.replace(f"{PLUGINS}/changelog\n", "")


def inventory() -> bytes:
    """Sphinx's inventory of what antsibull-docs refers to in Ansible's documentation, so that a build fetches nothing."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version:\n# The remainder of this file is compressed using zlib.\n"
    lines = "".join(f"{label} std:label -1 {place} {title}\n" for label, (place, title) in _IN_ANSIBLE.items())
    return head.encode() + zlib.compress(lines.encode())


def page(path: str) -> str:
    """The text of a page as the site has it."""
    text = _LICENCE.sub("", (ROOT / path).read_text(encoding="utf-8"))
    text = _MARKER.sub(lambda found: _put_in(path, found[1]), text)
    return "".join(part if fenced else _linked(path, part) for part, fenced in _parts(text))


def troubleshooting(register: Mapping[str, Mapping[str, Any]]) -> str:
    """A section for each code that stops a run: what has caused it, and what to do."""
    sections = [
        f"### `{code}`\n\n"
        f"{as_markdown(entry['cause'])}\n\n"
        f"**What to do:** {as_markdown(entry['cure'])}\n\n"
        f"*{' and '.join(entry['kind'])} of {', '.join(entry['from'])}*\n"
        for code, entry in register.items()
        if set(entry["kind"]) & set(STOPPING)
    ]
    return f"## The {len(sections)} codes that stop a run\n\n" + "\n".join(sections)


def _role_definition() -> str:
    text = (ROOT / "docs" / "guides" / "golden_image_builder.json").read_text(encoding="utf-8")
    return f"```json\n{text.rstrip()}\n```"


def _distributions() -> str:
    text = (ROOT / "roles" / "linux_deprovision" / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| distribution \|.*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    return table


_MARKERS: dict[str, Callable[[], str]] = {
    "the codes of docs/codes.yml": lambda: troubleshooting(load()),
    "the distributions of linux_deprovision": _distributions,
    "the role of golden_image_builder.json": _role_definition,
}


def _put_in(path: str, marker: str) -> str:
    if marker not in _MARKERS:
        raise ValueError(f"{path} has the marker '{marker}', which means nothing: {', '.join(_MARKERS)}.")
    return _MARKERS[marker]()


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """What is in fences, which is left as it is, and what is not."""
    end = 0
    for found in _FENCED.finditer(text):
        yield text[end : found.start()], False
        yield found[0], True
        end = found.end()
    yield text[end:], False


def _linked(path: str, text: str) -> str:
    return _LINK.sub(lambda found: found[1] + _target(path, found[2]) + found[3], text)


def _target(path: str, link: str) -> str:
    """Where a link of a page leads on the site."""
    blob = f"{REPOSITORY}/blob/main/"
    here = PurePosixPath(path).parent
    if link.startswith(blob):
        name, _hash, anchor = link.removeprefix(blob).partition("#")
        if name not in pages():
            return link
        return os.path.relpath(name, here) + (f"#{anchor}" if anchor else "")
    if re.match(r"\w+:", link) or link.startswith("#"):
        return link
    name, _hash, anchor = link.partition("#")
    target = os.path.normpath(here / name)
    if target in pages():
        return link
    if not (ROOT / target).exists():
        raise ValueError(f"{path} has a link to {target}, which is not there.")
    kind = "tree" if (ROOT / target).is_dir() else "blob"
    return f"{REPOSITORY}/{kind}/main/{target}" + (f"#{anchor}" if anchor else "")
