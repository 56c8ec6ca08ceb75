"""Run, sweep, store, fit, tabulate, draw; the studies; the command line.

Names are imported on first use, so that `testbed --help` does not wait for numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.case import Case
    from experiments.fit import Fit, linear, power_law
    from experiments.results import Run
    from experiments.runner import run
    from experiments.store import Store
    from experiments.study import Study, frame_of, study_of
    from experiments.sweeps import sweep
    from experiments.tables import Table
    from experiments.verdicts import Verdict

_HOME = {
    "Case": "case",
    "Fit": "fit",
    "Run": "results",
    "Store": "store",
    "Study": "study",
    "Table": "tables",
    "Verdict": "verdicts",
    "frame_of": "study",
    "linear": "fit",
    "power_law": "fit",
    "run": "runner",
    "study_of": "study",
    "sweep": "sweeps",
}

__all__ = [
    "Case",
    "Fit",
    "Run",
    "Store",
    "Study",
    "Table",
    "Verdict",
    "frame_of",
    "linear",
    "power_law",
    "run",
    "study_of",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    return getattr(import_module(f"experiments.{_HOME[name]}"), name)
