"""``make bench``: what we take beside what others take, in one run; the numbers are kept as JSON."""

import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks import machine, report
from benchmarks.comparison import Finding, Row
from benchmarks.effort import Effort
from benchmarks.goals import AtMost

SUBJECTS = ("chain", "queries", "runs", "rotation", "moved", "batches", "sweep", "startup", "growth", "peers")
SAVED = Path("results/bench.json")
WIDTH = 140


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--list", "listed", is_flag=True, help="List the subjects.")
@click.option("--quick", is_flag=True, help="Smaller sizes and fewer turns, for a first look.")
@click.option("--full", is_flag=True, help="Also what takes minutes: a run of 10^8 queries.")
@click.option("--out", type=click.Path(path_type=Path), default=SAVED, show_default=True, help="The file of results.")
def main(subjects: Sequence[str], listed: bool, quick: bool, full: bool, out: Path) -> None:
    """Measure, print, save; all subjects, or those named."""
    unknown = [name for name in subjects if name not in SUBJECTS]
    if unknown:
        raise click.UsageError(f"no subject {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    if listed:
        for name in SUBJECTS:
            click.echo(f"{name:<10} {first_line(name)}")
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    described = machine.description()
    console.print(f"{described['processor']}, {described['cores']} cores, load {described['load']}\n")
    found: dict[str, list[Finding]] = {}
    kept: dict[str, dict[str, Any]] = {}
    for name in subjects or SUBJECTS:
        console.print(f"[bold]{first_line(name)}[/bold]")
        load, began = machine.load(), time.perf_counter()
        found[name] = list(findings(name, Effort(quick, full)))
        seconds = time.perf_counter() - began
        report.show(console, found[name])
        console.print(f"[dim]{name}: {seconds:.0f} s, load {' '.join(map(str, load[:1]))} at its start[/dim]\n")
        kept[name] = {"load": load, "seconds": seconds, "findings": [one.as_dict() for one in found[name]]}
        report.save(out, described, kept)
    everything = [one for several in found.values() for one in several]
    console.print(report.summary(everything))
    console.print(f"saved in {out}")
    sys.exit(1 if any(isinstance(one, Row) and one.note.startswith(BROKEN) for one in everything) else 0)


BROKEN = "broken: "


def findings(subject: str, effort: Effort) -> Iterator[Finding]:
    """What a subject finds; an error in it becomes its last row, so that the others are still measured."""
    try:
        yield from importlib.import_module(f"benchmarks.{subject}").rows(effort)
    except Exception as error:
        message = " ".join(str(error).split())
        yield Row(subject, AtMost(), note=f"{BROKEN}{type(error).__name__}: {message}")


def first_line(subject: str) -> str:
    """The sentence of a subject."""
    return (importlib.import_module(f"benchmarks.{subject}").__doc__ or "").strip().splitlines()[0].rstrip(".")


if __name__ == "__main__":
    main()
