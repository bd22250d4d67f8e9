"""The report as a person reads it: what happened, and a line for each check."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vgigw.testing.demo.findings import Report, percentile

_DOORS = {"cec102": "T/CEC 102", "rest": "REST", "soap": "SOAP"}


def show(report: Report, console: Console) -> None:
    """Print the report."""
    verdict = "every check holds" if report.ok else "NOT every check holds"
    style = "green" if report.ok else "red"
    title = f"vgigw demo: {verdict}, {report.seconds:.0f} s"
    parts: list[RenderableType] = [_messages(report), _numbers(report), _checks(report)]
    console.print(Panel(Group(*parts), title=title, border_style=style))


def _messages(report: Report) -> Table:
    table = Table("messages", "sent", "accepted", "refused", "no answer", box=None, padding=(0, 2))
    for name, count in report.messages.items():
        towards, _, door = name.partition(", ")
        codes = ", ".join(f"{code}: {n}" for code, n in sorted(count.refused.items()))
        refused = f"{count.refused.total()} ({codes})" if codes else "0"
        cells = (count.sent, count.accepted, refused, count.unanswered)
        table.add_row(f"{towards} by {_DOORS.get(door, door)}", *map(str, cells))
    return table


def _numbers(report: Report) -> Table:
    figures, held = report.figures, report.figures.comparison
    table = Table("figure", "value", box=None, padding=(0, 2), show_header=False)
    table.add_row("", "")
    if held is not None:
        sign = "=" if held.acknowledged == held.stored else "≠"
        table.add_row(
            "acknowledged = stored",
            f"{held.acknowledged} {sign} {held.stored} records, {held.lost} lost, "
            f"{held.twice} applied twice",
        )
    table.add_row("repeats", f"{figures.duplicates} got the original answer")
    table.add_row(
        "gaps",
        f"{figures.gaps_opened} opened, {figures.gaps_closed} closed, "
        f"{figures.records_missing} records filled in",
    )
    right = sum(each.code == each.expected for each in figures.refusals)
    table.add_row("attacks", f"{right} of {len(figures.refusals)} answered as documented")
    table.add_row("gateway killed", f"{figures.kills} times")
    for name, values in (
        ("latency up", figures.up_ms),
        ("latency down", figures.down_ms),
        ("down and back", figures.round_trip_ms),
    ):
        p50, p99 = percentile(values, 50), percentile(values, 99)
        table.add_row(name, f"p50 {p50} ms, p99 {p99} ms of {len(values)} messages")
    table.add_row("", "")
    return table


def _checks(report: Report) -> Table:
    table = Table("", "check", "found", box=None, padding=(0, 1))
    for check in report.checks:
        mark = Text("✓", "green") if check.passed else Text("✗", "bold red")
        words = Text(check.found)
        if not check.passed:
            words.append(f"\nexpected: {check.expected}", "red")
        table.add_row(mark, f"{check.name} ({check.seconds:.1f} s)", words)
    return table
