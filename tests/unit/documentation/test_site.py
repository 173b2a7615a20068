# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the documentation site: all of them in its contents, each code that stops a run among them, and no link into nowhere."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import docs_site
import pytest
from code_register import load
from repository import ROOT

#: What the site has to have.
SUBJECTS = {
    "quick_start",
    "authentication",
    "capture",
    "golden_images",
    "gallery",
    "export",
    "finding",
    "retention",
    "awx",
    "windows",
    "linux",
    "troubleshooting",
    "migrating",
    "rights",
    "embedded_azure",
    "releases",
}


def test_every_page_is_in_the_contents() -> None:
    contents = "\n".join(re.findall(r"```\{toctree\}\n(.*?)```", docs_site.index(), re.DOTALL))
    listed = re.findall(r"^(?:.*<)?([\w/]+)>?$", contents, re.MULTILINE)
    without = {name for name in listed if not name.startswith(docs_site.PLUGINS)}
    assert sorted(without) == [page.removesuffix(".md") for page in docs_site.pages()]
    assert len(listed) == len(set(listed))


def test_every_subject_has_a_page() -> None:
    assert {path.stem for path in (ROOT / "docs" / "guides").glob("*.md")} == SUBJECTS


def test_the_site_is_laid_out(tmp_path: Path) -> None:
    docs_site.lay_out(tmp_path)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {*docs_site.pages(), "index.md", *docs_site.SETTINGS.values(), docs_site.INVENTORY}
    for page in docs_site.pages():
        text = (tmp_path / page).read_text()
        assert text.startswith("# "), page
        assert "<!-- the " not in text, page


def test_every_code_that_stops_a_run_is_on_the_page() -> None:
    register = load()
    text = docs_site.page("docs/guides/troubleshooting.md")
    sections = re.findall(r"^### `(\w+)`\n\n(.+)\n\n\*\*What to do:\*\* (.+)\n\n\*(.+)\*$", text, re.MULTILINE)
    stopping = [code for code, entry in register.items() if {"blocker", "refusal"} & set(entry["kind"])]
    assert [code for code, *_texts in sections] == stopping
    assert f"## The {len(stopping)} codes that stop a run" in text
    for code, _cause, _cure, givers in sections:
        assert all(giver in givers for giver in register[code]["from"])


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("../codes.md", "../codes.md"),
        ("../codes.md#codes", "../codes.md#codes"),
        ("#here", "#here"),
        ("https://example.com/a", "https://example.com/a"),
        ("../seed.yml", f"{docs_site.REPOSITORY}/blob/main/docs/seed.yml"),
        ("../../awx/project", f"{docs_site.REPOSITORY}/tree/main/awx/project"),
        (f"{docs_site.REPOSITORY}/blob/main/docs/guides/awx.md#here", "awx.md#here"),
        (f"{docs_site.REPOSITORY}/blob/main/CHANGELOG.rst", f"{docs_site.REPOSITORY}/blob/main/CHANGELOG.rst"),
    ],
)
def test_where_links_lead(link: str, target: str) -> None:
    assert docs_site._linked("docs/guides/capture.md", f"[a]({link})") == f"[a]({target})"


def test_links_and_markers_that_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"has a link to docs/absent\.md, which is not there"):
        docs_site._linked("docs/guides/capture.md", "[a](../absent.md)")
    with pytest.raises(ValueError, match="has the marker 'the absent', which means nothing"):
        docs_site._put_in("docs/guides/capture.md", "the absent")


def test_what_is_in_fences_stays() -> None:
    text = "```text\n[a](../absent.md)\n```\n"
    assert list(docs_site._parts(text)) == [("", False), (text.rstrip("\n"), True), ("\n", False)]


def test_the_inventory_of_ansible() -> None:
    head, _separator, packed = docs_site.inventory().partition(b"zlib.\n")
    assert head.startswith(b"# Sphinx inventory version 2\n")
    lines = zlib.decompress(packed).decode().splitlines()
    assert all(re.fullmatch(r"\w+ std:label -1 [\w/]+\.html#[\w-]+ .+", line) for line in lines) and len(lines) == 3
