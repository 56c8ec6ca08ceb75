"""The doctor: is this installation sound?"""

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PACKAGES = ("oracles", "hardinstances", "algorithms", "experiments")  # named here too: ours may be hidden

DEPENDENCIES = ("numpy", "numba", "scipy", "pandas", "joblib", "matplotlib", "click", "rich", "jinja2", "threadpoolctl")


@dataclass(frozen=True)
class Finding:
    """One check: its name, whether it passed, and what was seen."""

    name: str
    sound: bool
    detail: str


def examine() -> Iterator[Finding]:
    """All checks, each in its turn; a check that raises has failed."""
    checks: dict[str, Callable[[], tuple[bool, str]]] = {
        "python": _python,
        "libraries": _libraries,
        **{f"package {name}": lambda name=name: _package(name) for name in PACKAGES},  # type: ignore[misc]
        "machine code": _machine_code,
        "code cache": _code_cache,
        "threads": _threads,
        "sqlite": _sqlite,
        "c compiler": _compiler,
    }
    for name, check in checks.items():
        try:
            yield Finding(name, *check())
        except Exception as error:
            yield Finding(name, False, f"{type(error).__name__}: {' '.join(str(error).split())}")


def _python() -> tuple[bool, str]:
    return sys.version_info >= (3, 11), f"{platform.python_version()} on {os.cpu_count()} cores; needs 3.11 or newer"


def _libraries() -> tuple[bool, str]:
    return True, ", ".join(f"{name} {version(name)}" for name in DEPENDENCIES)


def _package(name: str) -> tuple[bool, str]:
    """Our packages have plain names; another one of the same name may hide them."""
    found = find_spec(name)
    file = Path(found.origin or "") if found is not None else Path()
    ours = file.resolve().is_relative_to(HERE / name)
    return ours, str(file) if ours else f"is hidden by {file}: use a virtual environment of its own"


def _machine_code() -> tuple[bool, str]:
    from hardinstances import carmon_chain
    from oracles import ExactModel, Ledger, Oracle, Referee

    chain = carmon_chain(length=2, first_link=1.0)
    value, _ = Oracle(Referee(ExactModel(chain), Ledger((1e-9,)))).value_and_gradient(chain.start)
    return abs(value + 2.0663656770612465) < 1e-12, f"f(0) of the published chain is {value:.15g}"


def _code_cache() -> tuple[bool, str]:
    from oracles.codecache import cache_folder, cache_root

    folder = cache_folder()
    return folder is not None, str(folder) if folder else f"{cache_root()} cannot be written: set TESTBED_CACHE"


def _threads() -> tuple[bool, str]:
    from threadpoolctl import threadpool_info

    pools = ", ".join(f"{pool['internal_api']} x{pool['num_threads']}" for pool in threadpool_info())
    from oracles.threads import WIDE, threads

    wide = f"rounds of {WIDE:,} entries or more take {threads()}"
    return True, f"{wide}; linear algebra: {pools or 'none loaded'}"


def _sqlite() -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "probe.sqlite")
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        connection.close()
    return True, f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"


def _compiler() -> tuple[bool, str]:
    found = shutil.which("gcc") or shutil.which("cc")
    return True, found or "none; only the comparison with C in the benchmarks needs one"
