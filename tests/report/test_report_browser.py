"""The report's page in headless Chromium, at the width of a desk's screen and of a telephone's.

``nox -s browser`` says which browser; without that the tests are left out where there is none.
Screenshots are kept in the folder that ``ELEMENTS_PROCURA_SCREENSHOTS`` names.
"""

import asyncio
import html
import itertools
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from elements_procura.harvest import Latency, Store, Traffic
from elements_procura.report import figures, page
from elements_procura.scheduler import Count, Rate, SqliteLedger
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.clock import FakeClock
from tests.report.test_report_page import DAY, NOW, store_at

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
WIDTHS = (1280, 390)
MEASURE = """
const page = document.querySelector("iframe").contentDocument;
page.querySelectorAll("details").forEach(each => { each.open = true; });
const inner = page.documentElement.clientWidth;
const found = {width: inner, scrolls: page.documentElement.scrollWidth, broken: [], cut: [],
  words: 0, charts: [], small: [], sideways: 0};
for (const each of page.querySelectorAll(".table")) {
  found.sideways += each.scrollWidth > each.clientWidth + 1;
}
const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, holder = node.parentElement.closest("td, th, p, figcaption, h1");
  if (!holder) continue;
  const size = parseFloat(page.defaultView.getComputedStyle(node.parentElement).fontSize);
  for (const match of node.data.matchAll(/[^\\s-]+/g)) {
    const range = page.createRange();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].length);
    const lines = new Set([...range.getClientRects()].map(each => Math.round(each.top)));
    const word = range.getBoundingClientRect(), box = holder.getBoundingClientRect();
    found.words += 1;
    if (lines.size > 1) found.broken.push(match[0]);
    if (word.right > box.right + 1 || word.left < box.left - 1) found.cut.push(match[0]);
    if (size < 12) found.small.push(match[0]);
  }
}
for (const each of page.querySelectorAll("svg.chart")) {
  const box = each.getBoundingClientRect();
  const bars = [...each.querySelectorAll("rect")].map(bar => bar.getBoundingClientRect());
  found.charts.push({wide: box.width, high: box.height, bars: bars.length,
    inside: bars.every(bar => bar.left >= box.left - 1 && bar.right <= box.right + 1
      && bar.top >= box.top - 1)});
}
document.title = JSON.stringify(found);
"""


@pytest.fixture(scope="module")
def browser() -> str:
    """The program of a browser."""
    found = os.environ.get("ELEMENTS_PROCURA_BROWSER") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if found is None:
        pytest.skip("chromium is missing; `nox -s browser` says so and fails")
    return found


async def opened(browser: str, folder: Path, *arguments: str) -> str:
    """What a browser prints that is started, and has ended."""
    process = await asyncio.create_subprocess_exec(
        browser,
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


def night(path: Path) -> None:
    """A procura store after some nights, one of them in bad weather."""
    clock = FakeClock(wall=NOW)
    tenant = "procura gemeente https://gemeente.example"
    with Store.create(path, tenant=tenant, clock=clock) as store:
        store.begin_listing(api="procura", host="gemeente.example")
        for each in range(3):
            want = Want("birth", f"/b/{each}")
            root = Root(f"{'lang' * 6}-{each}", Discovery((), {"a row": 40}), (want, Row(b"{}")))
            store.add_dossiers([root])
        store.finish_listing(include=["details"], requests=1)
        for evening, minute in itertools.product(range(4), range(90)):
            clock.set_wall(NOW - (4 - evening) * DAY + 60 * minute)
            store.add_traffic(in_minute(minute, is_bad=evening == 2 and 30 <= minute < 40))


def in_minute(minute: int, *, is_bad: bool) -> Traffic:
    """What a minute of a harvest saw."""
    latency = Latency({24 + minute % 3: 120, 33 + minute % 9: 30} | ({44: 2} if is_bad else {}), 20)
    if not is_bad:
        return Traffic(throttled=2 * (minute == 70), waited=90, latency=latency)
    return Traffic(9, 0, 25, 30, 90, 1, 60, latency)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    store_at(tmp_path / "elements.sqlite")
    night(tmp_path / "procura.sqlite")
    ledger = SqliteLedger(tmp_path / "quota.sqlite")
    for day in range(5):
        ledger.add(Rate(100_000, DAY), Count(NOW - day * DAY, 70_000 - 900 * day, 60_000))
    ledger.close()
    stores: dict[str, Any] = {name: tmp_path / f"{name}.sqlite" for name in ("elements", "procura")}
    told = figures(stores, ledger=tmp_path / "quota.sqlite", now=NOW)
    file = tmp_path / "report.html"
    file.write_text(page(told))
    return file


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_column_is_narrower_than_its_longest_word(
    report: Path, browser: str, tmp_path: Path, width: int
) -> None:
    # A window has a least width of its own; a frame has not. The page's own rules forbid scripts,
    # so it is measured from outside.
    frame = f'<iframe srcdoc="{html.escape(report.read_text())}" width="{width}" height="900">'
    around = tmp_path / "around.html"
    around.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">{frame}</iframe>'
        f"<script>addEventListener('load', () => {{{MEASURE}}})</script>"
    )
    shown = await opened(browser, tmp_path, "--dump-dom", around.as_uri())
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert title is not None
    found = json.loads(html.unescape(title[1]))
    assert abs(found["width"] - width) <= 20  # the frame's edge and its bar
    assert found["words"] > 300
    assert found["broken"] == []
    assert found["cut"] == []
    assert found["small"] == []
    assert found["scrolls"] <= found["width"]
    assert found["sideways"] == 0
    assert len(found["charts"]) == 3
    for chart in found["charts"]:
        assert chart["inside"]
        assert chart["wide"] >= 0.85 * min(found["width"], 900)
        assert chart["high"] >= 60
        assert chart["bars"] >= 4


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_screenshot_shows_it(
    report: Path, browser: str, tmp_path: Path, width: int
) -> None:
    folder = Path(os.environ.get("ELEMENTS_PROCURA_SCREENSHOTS") or tmp_path)
    picture = folder / f"report-{width}.png"
    size = (f"--window-size={width},3000", f"--screenshot={picture}")
    await opened(browser, tmp_path, *size, report.as_uri())
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == width
    assert len(data) > 20_000
