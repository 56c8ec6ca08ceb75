"""The certificates of all registered instances: on several processes, resumable, each written when it is there."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import joblib
import pandas as pd
from joblib.externals.loky.process_executor import TerminatedWorkerError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from experiments.certificates import certificate_of, sources_of
from experiments.sweeps import SweepError
from experiments.tables import Table
from hardinstances.certify import Certificate, read
from hardinstances.certify.certificate import identity, plain, versions
from hardinstances.certify.finding import Verdict
from oracles import FAMILIES, InputError
from oracles.threads import thread_limit

ORDER: tuple[Verdict, ...] = ("proved", "open", "refuted")
CAPTION = (
    "One line for each registered instance, with the parameters of its example: how many of its claims and properties "
    "are proved, open, and refuted. The certificates say why, see testbed certify."
)


@dataclass(frozen=True)
class Outcome:
    """What became of one instance: its certificate, or what went wrong."""

    name: str
    certificate: Certificate | None
    seconds: float
    message: str = ""

    def line(self) -> str:
        """One line of text."""
        if self.certificate is None:
            return f"{self.name}: failed: {self.message}"
        counts = [f"{self.certificate.count(verdict)} {verdict}" for verdict in ORDER]
        return f"{self.name}: {', '.join(counts)} ({self.seconds:.0f} s)"


def certify_all(
    folder: Path, *, workers: int = 1, fresh: bool = False, names: Sequence[str] | None = None, progress: bool = True
) -> Iterator[Outcome]:
    """Certify the example of every registered instance, or of those named, and yield the outcomes as they come.

    folder: gets NAME.json the moment it is decided. A certificate that is there, and whose instance, sources and
    versions are those of today, is not made again, unless `fresh`. workers: processes; 1 runs in this one.
    """
    if workers < 1:
        raise InputError(f"jobs must be at least 1, got {workers}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"certificates cannot be written to {folder}: {error.strerror}") from None
    wanted = list(FAMILIES) if names is None else list(names)
    done = {} if fresh else {name: found for name in wanted if (found := stored(name, folder)) is not None}
    with bar(progress, len(wanted), len(done)) as tell:
        yield from (Outcome(name, certificate, 0.0) for name, certificate in done.items())
        for outcome in _outcomes([name for name in wanted if name not in done], folder, workers):
            tell(outcome.line())
            yield outcome


def stored(name: str, folder: Path) -> Certificate | None:
    """The certificate of a registered instance in a folder, if it is there, complete, and of today's sources."""
    try:
        found = read(folder / f"{name}.json")
    except InputError:
        return None
    instance = FAMILIES[name].instance(FAMILIES[name].example)
    given = {key: value for key, value in instance.parameters.items() if value is not None}
    same = found.instance == name and found.identity == identity(instance) and found.parameters == plain(given)
    return found if same and found.complete and found.sources == sources_of(name) and _same_makers(found) else None


def _same_makers(found: Certificate) -> bool:
    return dict(found.versions) == versions()


def _outcomes(names: Sequence[str], folder: Path, workers: int) -> Iterator[Outcome]:
    if workers == 1 or len(names) < 2:
        yield from (_one(name, folder) for name in names)
        return
    pool = joblib.Parallel(n_jobs=workers, backend="loky", return_as="generator_unordered", batch_size=1)
    try:
        yield from pool(joblib.delayed(_one)(name, folder) for name in names)
    except TerminatedWorkerError:
        raise SweepError("a worker process was killed; finished certificates are written, run again to go on") from None


def _one(name: str, folder: Path) -> Outcome:
    """One certificate, made in one thread and written; nothing is written of one that was interrupted."""
    begun = time.monotonic()
    try:
        with thread_limit(1):
            certificate = certificate_of(name, FAMILIES[name].example)
    except Exception as error:
        text = " ".join(str(error).split())
        return Outcome(name, None, time.monotonic() - begun, f"{type(error).__name__}: {text}")
    if not certificate.complete:
        raise KeyboardInterrupt
    certificate.write(folder / f"{name}.json")
    return Outcome(name, certificate, time.monotonic() - begun)


def table_of_all(outcomes: Sequence[Outcome]) -> Table:
    """One row for each instance."""
    rows = [
        [one.name, *([str(one.certificate.count(verdict)) for verdict in ORDER] if one.certificate else ["-"] * 3)]
        for one in sorted(outcomes, key=lambda one: one.name)
    ]
    return Table("Certificates", pd.DataFrame(rows, columns=["instance", *ORDER]), CAPTION)


@contextmanager
def bar(wanted: bool, total: int, completed: int) -> Iterator[Callable[[str], None]]:
    """Tells of each outcome: above a bar on a terminal, in plain lines on standard error elsewhere."""
    console = Console(stderr=True, highlight=False, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not (wanted and console.is_terminal)) as progress:
        task = progress.add_task("certify", total=total, completed=completed)

        def tell(line: str) -> None:
            if console.is_terminal and wanted:
                progress.console.print(line)
            elif wanted:
                print(line, file=sys.stderr, flush=True)
            progress.advance(task)

        yield tell


@contextmanager
def telling(wanted: bool) -> Iterator[Callable[[str], None]]:
    """Tells what is being decided: in one line that changes on a terminal, in plain lines elsewhere."""
    console = Console(stderr=True, highlight=False, markup=False)
    if wanted and console.is_terminal:
        with console.status("") as status:
            yield lambda quantity: status.update(f"deciding {quantity.replace('_', ' ')}")
    elif wanted:
        yield lambda quantity: print(f"deciding {quantity.replace('_', ' ')}", file=sys.stderr, flush=True)
    else:
        yield lambda quantity: None
