"""Findings as tables for the terminal, and as JSON."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.comparison import Finding, Growth, Row
from benchmarks.goals import AtMost, quantity

STYLES = {"met": "green", "missed": "bold red"}


def show(console: Console, findings: Sequence[Finding]) -> None:
    """The comparisons in one table, then growths, those of the same sizes together."""
    comparisons = [finding for finding in findings if isinstance(finding, Row)]
    if comparisons:
        console.print(comparison_table(comparisons))
    growths = [finding for finding in findings if isinstance(finding, Growth)]
    for _, together in groupby(growths, lambda growth: (growth.size, growth.sizes)):
        console.print(growth_table(list(together)))


def comparison_table(rows: Iterable[Row]) -> Table:
    """what, ours, the yardstick and its time, the figure, the goal, met or missed."""
    table = Table(box=None, pad_edge=False)
    for column in ("what", "ours", "yardstick", "theirs", "figure", "goal", "verdict"):
        right = column in ("ours", "theirs", "figure")
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=column != "what")
    for row in rows:
        ours, theirs = (shown(row, number) for number in (row.ours, row.theirs))
        verdict = Text(row.verdict, style=STYLES.get(row.verdict, "dim"))
        table.add_row(row.what, ours, row.yardstick, theirs, row.figure, row.goal.text, verdict)
    return table


def shown(row: Row, number: float | None) -> str:
    """A number of a row as it is printed."""
    if number is None:
        return ""
    return f"{number:.2g}" if isinstance(row.goal, AtMost) and row.goal.pure else quantity(number)


def growth_table(growths: Sequence[Growth]) -> Table:
    """Costs of the same sizes, and the power of the size that each follows over the upper half."""
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{growths[0].size} =")
    for size in growths[0].sizes:
        table.add_column(f"{size:,}", justify="right", no_wrap=True)
    table.add_column("grows as")
    for growth in growths:
        power = "" if growth.exponent is None else f"{growth.size}^{growth.exponent:.2f}"
        costs = (quantity(cost) if growth.unit == "s" else f"{cost:.2g}" for cost in growth.costs)
        table.add_row(growth.what, *costs, power)
    return table


def summary(findings: Iterable[Finding]) -> str:
    """How many goals are met, and which are not."""
    rows = [finding for finding in findings if isinstance(finding, Row)]
    met = sum(row.verdict == "met" for row in rows)
    missed = [row for row in rows if row.verdict == "missed"]
    left = sum(bool(row.goal.text) and not row.measured for row in rows)
    lines = [f"{met} goals met, {len(missed)} missed, {left} not measured"]
    lines += [f"  missed: {row.what}, {row.yardstick or 'alone'}: {row.figure}, goal {row.goal.text}" for row in missed]
    return "\n".join(lines)


def save(file: Path, machine: dict[str, Any], subjects: dict[str, dict[str, Any]]) -> None:
    """Everything that was measured, with all turns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"machine": machine, "subjects": subjects}, indent=1))
