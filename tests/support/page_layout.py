# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page in a real browser, opened from disk, and what is wrong with its layout, measured there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

#: No request of the browser's own: neither the page nor the test needs a network.
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Least contrast of text, by the Web Content Accessibility Guidelines, level AA.
LEAST_CONTRAST = 4.5
#: Every piece of text that is to be seen, with its element and where it lies; a pixel more or less is none.
_TEXTS = """
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const folded = [...document.querySelectorAll('thead')].filter(one => getComputedStyle(one).clipPath != 'none');
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest('title') || folded.some(one => one.contains(element))) continue;
    if (!element.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const place of range.getClientRects())
      if (place.width > 1 && place.height > 1) found.push({node, element, text: node.data.trim().slice(0, 60), place});
  }
"""
_FAULTS = {
    "wider than its place": """
      () => [...document.querySelectorAll('html, body, body *:not(svg *)')]
        .filter(one => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 && !one.closest('thead'))
        .map(one => `${one.tagName} ${one.className} ${one.scrollWidth} > ${one.clientWidth}: ${one.textContent.trim().slice(0, 60)}`)
    """,
    "cut off": f"""
      () => {{ {_TEXTS}
        const hides = new Map();
        const hiding = one => {{
          if (!hides.has(one)) {{
            const style = getComputedStyle(one);
            hides.set(one, !(one instanceof SVGElement) && style.display != 'inline' && style.overflowX != 'visible');
          }}
          return hides.get(one);
        }};
        return found.filter(({{element, place}}) => {{
          if (place.left < -1 || place.right > document.documentElement.clientWidth + 1) return true;
          for (let one = element; one && one != document.body; one = one.parentElement) {{
            const box = hiding(one) && one.getBoundingClientRect();
            if (box && (place.left < box.left - 1 || place.right > box.right + 1)) return true;
            if (box && (place.top < box.top - 1 || place.bottom > box.bottom + 1)) return true;
          }}
          return getComputedStyle(element).textOverflow == 'ellipsis';
        }}).map(one => one.text);
      }}
    """,
    "on top of another": f"""
      () => {{ {_TEXTS}
        found.sort((one, other) => one.place.top - other.place.top);
        const faults = [];
        found.forEach((one, index) => {{
          for (let next = index + 1; next < found.length; next++) {{
            const other = found[next];
            if (other.place.top >= one.place.bottom - 2) break;
            const wide = Math.min(one.place.right, other.place.right) - Math.max(one.place.left, other.place.left);
            if (wide > 1 && one.node != other.node) faults.push(`${{one.text}} | ${{other.text}}`);
          }}
        }});
        return faults;
      }}
    """,
    "beside its picture": """
      () => [...document.querySelectorAll('svg')].flatMap(svg => {
        const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('rect, text')].filter(one => {
          const place = one.getBoundingClientRect();
          return place.width && (place.left < box.left - 2 || place.right > box.right + 2);
        }).map(one => one.outerHTML.slice(0, 120));
      })
    """,
}
#: The contrast of each text with what is painted behind it.
_CONTRASTS = f"""
  () => {{ {_TEXTS}
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {{willReadFrequently: true}});
    const painted = colours => {{
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {{ canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }}
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }};
    const linear = one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4;
    const light = colours => {{
      const [red, green, blue] = painted(colours).map(one => linear(one / 255));
      return .2126 * red + .7152 * green + .0722 * blue;
    }};
    const known = new Map();
    return found.map(({{element, text}}) => {{
      const behind = [];
      for (let one = element; one; one = one.parentElement) behind.unshift(getComputedStyle(one).backgroundColor);
      const bar = element instanceof SVGElement && element.parentElement.querySelector('rect');
      if (bar) behind.push(getComputedStyle(bar).fill);
      const style = getComputedStyle(element);
      const colours = [...behind, element instanceof SVGElement ? style.fill : style.color];
      const key = colours.join();
      if (!known.has(key)) {{
        const [dark, bright] = [light(behind), light(colours)].sort((one, other) => one - other);
        known.set(key, (bright + .05) / (dark + .05));
      }}
      return [known.get(key), text];
    }});
  }}
"""


@dataclass
class Opened:
    """A page, and what the browser said and asked for since it was opened."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def unfold(self) -> None:
        """Open whatever is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    def faults(self) -> dict[str, list[str]]:
        """What is wrong with the layout, by its kind; nothing where nothing is."""
        found = {kind: self.page.evaluate(measure)[:5] for kind, measure in _FAULTS.items()}
        return {kind: faults for kind, faults in found.items() if faults}

    def faint_texts(self) -> list[tuple[float, str]]:
        """Texts that are hard to read on what is behind them, with their contrast."""
        return [(contrast, text) for contrast, text in self.page.evaluate(_CONTRASTS) if contrast < LEAST_CONTRAST]


@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """Chromium as Debian packages it, without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_SWITCHES, timeout=120_000)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def opened(browser: Browser, file: Path, **context: Any) -> Iterator[Opened]:
    """A page from disk.

    :param context: what playwright calls so, such as viewport and color_scheme.
    """
    with browser.new_context(**context) as surroundings:
        page = Opened(surroundings.new_page())
        page.page.on("console", lambda message: page.said.append(message.text))
        page.page.on("pageerror", lambda error: page.said.append(str(error)))
        page.page.on("request", lambda request: page.asked.append(request.url))
        page.page.goto(file.as_uri(), wait_until="load", timeout=60_000)
        yield page
