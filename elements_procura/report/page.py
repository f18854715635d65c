"""The figures of a report as one page of HTML: no script, no network, light and dark, printable.

Every chart is a table whose last column is drawn: it reads aloud, copies and prints as what it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from elements_procura.redact import shown_id, shown_subject
from elements_procura.registry import names, spec_of
from elements_procura.report.charts import STYLE, charts, errors_of, moment_text, seconds_text
from elements_procura.report.metrics import tenant_name

MARK = '<meta name="generator" content="elements-procura report">'
"""The mark of a page that a later one may replace."""
_MOST_ROWS = 500
_MANY = 5  # columns: on a narrow screen each row becomes a list
_WIDE = 200  # pixels of the longest bar

_STYLE = (
    """
:root { color-scheme: light dark; --bar: #1f6feb; --line: #8886; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --bar: #6cb0ff; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { margin-top: 2.5rem; border-bottom: 2px solid var(--line); }
h1, h2, p, figcaption, summary { overflow-wrap: break-word; }
h3 { margin: 1.8rem 0 .3rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; } caption { text-align: left; padding: .2rem 0; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { display: block; } rect { fill: var(--bar); } .bad { color: var(--bad); font-weight: 600; }
svg.bar { width: 200px; } summary { cursor: pointer; }
@media (max-width: 40rem) {
  body { margin: 1rem auto; } th, td { padding-right: .6rem; } svg.bar { width: 22vw; }
  .many thead, .many td[data-name=""], .many td:empty { display: none; }
  .many, .many tbody { display: block; }
  .many tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .many th, .many td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
    padding: .1rem 0; }
  .many td::before { content: attr(data-name); }
}
@media print {
  body { margin: 0; max-width: none; } tr, figure { break-inside: avoid; }
  rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
    + STYLE
)
_MOST_OWNERS = 3
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(figures: dict[str, Any]) -> str:
    """A whole HTML document.

    Args:
        figures: From :func:`elements_procura.report.figures`.
    """
    versions = " · ".join(f"{name} {version}" for name, version in figures["versions"].items())
    owners = dict.fromkeys(_owner(api, found) for api, found in figures["apis"].items())
    shown = owners if len(owners) <= _MOST_OWNERS else [f"{len(owners):,} tenants"]
    named = " · ".join(["Harvest report", *filter(None, shown)])
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        MARK,
        f"<title>{_text(named)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{_text(named)}</h1>\n<p>Made {_text(figures['made'])} · {_text(versions)}</p>",
    ]
    for api, found in figures["apis"].items():
        parts += _api(api, found)
        if found["quota"] is not None:
            parts += _quota(found["quota"], of=api.rpartition("/")[0])
    if figures["quota"] is not None:
        parts += _quota(figures["quota"])
    return "\n".join([*parts, "</main>\n</body>\n</html>\n"])


def _title(name: str) -> str:
    """An API as people spell it, after its tenant; a store's own name where that names no API."""
    tenant, slash, api = name.rpartition("/")
    title = spec_of(api).title if api in names() else api
    return f"{tenant}: {title}" if slash else title


def _owner(api: str, found: dict[str, Any]) -> str:
    """Tenant and host, as far as they are known."""
    tenant = tenant_name(found["tenant"], api=api.rpartition("/")[2])
    return " at ".join(filter(None, [tenant, found["host"]]))


def _api(api: str, found: dict[str, Any]) -> Iterator[str]:
    yield f"<section>\n<h2>{_text(_title(api))}</h2>"
    yield _totals(found)
    yield from _traffic(found)
    states = found["dossiers"]["states"]
    yield "<h3>Dossiers by state</h3>" + _bars(("state", "dossiers"), states.items())
    made = {"made": found["requests"], **{f"saved: {k}": n for k, n in found["saved"].items()}}
    yield "<h3>Requests, made and saved</h3>" + _bars(("requests", "count"), made.items())
    stale = found["stale"]
    yield (
        "<h3>How long ago dossiers were fetched</h3>\n"
        f"<p>Median {_days(stale['median_days'])}, 95th percentile {_days(stale['p95_days'])}, "
        f"oldest {_days(stale['oldest_days'])}.</p>"
    )
    yield _bars(
        ("age", "dossiers"),
        zip(
            _ages(stale["histogram"]), [bar["dossiers"] for bar in stale["histogram"]], strict=True
        ),
    )
    yield from _parts(stale["parts"])
    yield "<h3>Kinds of resource</h3>" + _kinds(found["kinds"])
    yield from _concerns(found.get("concerns", ()))
    yield from _quarantine(found["quarantine"])
    yield from _drift(found["drift"])
    yield "</section>"


def _totals(found: dict[str, Any]) -> str:
    dossiers = found["dossiers"]
    deleted = [f"{count:,} {evidence}" for evidence, count in dossiers["deleted"].items()]
    rows = {
        "store": f"{found['store']}, schema version {found['schema_version']}",
        "harvest": "complete" if found["complete"] else "not complete",
        "dossiers": f"{dossiers['all']:,}",
        "refreshes under way": f"{dossiers['refreshing']:,}",
        "missing from the listing": f"{dossiers['unlisted']:,}",
        "missing from a listing that is doubted": f"{dossiers['doubted']:,}",
        "deleted, by evidence": ", ".join(deleted) or "0",
        "bodies stored": f"{found['resources']['stored']:,}",
        "resources to go": f"{found['resources']['queued']:,}",
        "bytes stored": f"{sum(kind['bytes'] for kind in found['kinds']):,}",
        "requests": f"{found['requests']:,}",
        "requests saved": f"{found['requests_saved']:,}",
        "newest answer": found["newest_answer"] or "none",
    }
    return _table(("", ""), rows.items())


def _traffic(found: dict[str, Any]) -> Iterator[str]:
    """How requests went, and over time."""
    traffic, over_time = found["traffic"], found["over_time"]
    if not over_time:
        return
    attempts = max(traffic["attempts"], 1)
    yield "<h3>Traffic</h3>"
    yield from charts(over_time, traffic)
    rows = {
        "attempts": f"{traffic['attempts']:,}",
        "sent again": f"{traffic['repeated']:,}",
        "waiting for the quota, on average": seconds_text(traffic["waited_seconds"] / attempts),
        "interruptions": f"{traffic['interruptions']:,}",
        "server away, in all": seconds_text(traffic["away_seconds"]),
    }
    yield _table(("", ""), rows.items())
    columns = ("from (UTC)", "attempts", "errors", "median", "95 %")
    cells = [
        [
            _cell(moment_text(each["start"]), head=True),
            _cell(each["attempts"]),
            _cell(errors_of(each)),
            *(
                f'<td class="n">{_text(seconds_text(each["latency_seconds"][name]))}</td>'
                for name in ("p50", "p95")
            ),
        ]
        for each in over_time
    ]
    table = _rows(columns, cells, numbers=range(1, len(columns)))
    yield f"<details><summary>The same as a table</summary>{table}</details>"


def _kinds(kinds: Sequence[dict[str, Any]]) -> str:
    longest = max((kind["bytes"] for kind in kinds), default=0)
    names = ("kind", "stored", "queued", "gone", "quarantined", "bytes")
    rows = [
        [_cell(kind["kind"], head=True)]
        + [_cell(kind[name]) for name in names[1:]]
        + [f"<td>{_bar(kind['bytes'], longest)}</td>"]
        for kind in kinds
    ]
    return _rows((*names, ""), rows, numbers=range(1, len(names)))


def _parts(parts: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """The age of each part, where dossiers are refreshed part by part."""
    if not parts:
        return
    yield "<h3>How long ago parts of dossiers were fetched</h3>"
    names = ("median_days", "p95_days", "oldest_days")
    rows = [(part, *(_days(each[name]) for name in names)) for part, each in parts.items()]
    yield _table(("part", "median", "95th percentile", "oldest"), rows)


def _concerns(concerns: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not concerns:
        return
    yield "<h3>Doubted, forbidden, put aside</h3>"
    rows = [
        (subject, each["state"], each["count"], each["accepted"], f"--accept {subject}")
        for each in concerns[:_MOST_ROWS]
        for subject in (shown_subject(each["subject"]),)
    ]
    yield _table(("subject", "state", "count", "accepted", "settled by"), rows)
    yield from _more(len(concerns))
    yield (
        "<p>What was stored stays and is exported. Acknowledge one: "
        "<code>harvest … --accept SUBJECT</code>; what is doubted is gone by that.</p>"
    )


def _quarantine(quarantine: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "<h3>In quarantine</h3>"
    if not quarantine:
        yield "<p>Nothing.</p>"
        return
    shown = [
        (shown_id(each["dossier"]), each["kind"], each["code"]) for each in quarantine[:_MOST_ROWS]
    ]
    yield _table(("dossier", "kind", "error"), shown)
    yield from _more(len(quarantine))
    yield "<p>Ask again: <code>harvest … --resume --retry-quarantined</code></p>"


def _drift(drift: dict[str, Any]) -> Iterator[str]:
    findings = drift["findings"]
    breaking = sum(each["severity"] == "breaking" for each in findings)
    yield "<h3>What this version does not know</h3>"
    told = (
        f"{len(findings):,} found in {drift['bodies']:,} bodies, {breaking:,} of them breaking; "
        f"{drift['unmodelled']:,} bodies that no model describes and {drift['binary']:,} that "
        "are no JSON were not looked at."
    )
    yield f"<p>{told}</p>"
    if findings:
        columns = ("severity", "sort", "kind", "path", "detail", "bodies")
        yield _table(columns, [[each[name] for name in columns] for each in findings[:_MOST_ROWS]])
        yield from _more(len(findings))


def _quota(quota: dict[str, Any], *, of: str = "") -> Iterator[str]:
    yield f"<section>\n<h2>Quota{_text(f' of {of}' if of else '')}</h2>"
    yield "<p>Requests that were counted, of all who share the quota.</p>"
    rows = [
        (_span(each["seconds"]), each["used"], each["used_by_harvests"])
        for each in quota["windows"]
    ]
    yield _table(("in the last", "requests", "by harvests"), rows)
    yield "<h3>By day (UTC)</h3>"
    yield _bars(("day", "requests"), [(each["day"], each["requests"]) for each in quota["days"]])
    yield "</section>"


def _more(count: int) -> Iterator[str]:
    if count > _MOST_ROWS:
        yield f"<p>And {count - _MOST_ROWS:,} more: <code>report --json</code> names them.</p>"


def _ages(histogram: Sequence[dict[str, Any]]) -> Iterator[str]:
    low = 0
    for bar in histogram:
        high = bar["most_days"]
        yield f"over {low} days" if high is None else f"{low} to {high} days"
        low = high or low


def _bars(names: tuple[str, str], values: Iterable[tuple[str, int]]) -> str:
    found = list(values)
    longest = max((count for _, count in found), default=0)
    rows = [
        [_cell(name, head=True), _cell(count), f"<td>{_bar(count, longest)}</td>"]
        for name, count in found
    ]
    return _rows((*names, ""), rows, numbers=(1,))


def _bar(value: int, longest: int) -> str:
    width = round(_WIDE * value / longest, 1) if longest else 0
    return (
        f'<svg class="bar" viewBox="0 0 {_WIDE} 18" height="18" preserveAspectRatio="none" '
        f'aria-hidden="true">'
        f'<rect y="3" height="12" rx="2" width="{width:g}"/></svg>'
    )


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    made = [[_cell(cell, head=number == 0) for number, cell in enumerate(row)] for row in rows]
    return _rows(names, made)


def _rows(
    names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()
) -> str:
    heads = "".join(
        f'<th scope="col"{" class=n" if at in numbers else ""}>{_text(name)}</th>'
        for at, name in enumerate(names)
    )
    head = f"<thead><tr>{heads}</tr></thead>" if any(names) else ""
    is_long = len(names) >= _MANY
    body = "\n".join(
        f"<tr>{''.join(map(_named, names, row) if is_long else row)}</tr>" for row in rows
    )
    kind = ' class="many"' if is_long else ""
    return f'<div class="table"><table{kind}>{head}<tbody>\n{body}\n</tbody></table></div>'


def _named(name: str, cell: str) -> str:
    """A cell that says its column's name where a row is shown as a list."""
    return cell.replace("<td", f'<td data-name="{_text(name)}"', 1)


def _cell(value: Any, *, head: bool = False) -> str:
    if head:
        return f'<th scope="row">{_text(value)}</th>'
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    shown = f'<span class="bad">{_text(value)}</span>' if value == "breaking" else _text(value)
    return f"<td>{shown}</td>"


def _text(value: Any) -> str:
    return escape(str(value))


def _days(days: float) -> str:
    return f"{days:,.1f} days"


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:g} hours" if hours >= 1 else f"{seconds:g} seconds"
