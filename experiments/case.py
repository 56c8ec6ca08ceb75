"""Cases: what a sweep runs. Names and plain parameters only, so that a case prints, hashes and crosses processes."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from experiments.binding import bound_numbers
from experiments.resolve import family_of, file_of, method_of, model_of, spec_of
from experiments.results import Run
from experiments.runner import DEFAULT_BUDGET, compile_ahead, run
from oracles import Algorithm, Instance, Status, tightest
from oracles.referee import Watch
from oracles.sources import HERE, fingerprint, package_fingerprint, users_fingerprint

LIBRARIES = ("numpy", "numba", "scipy")


@dataclass(frozen=True)
class Case:
    """One run of a study.

    instance, method, model: registered names, `file.py:name`, or functions of a user's file (kept as file and name).
    targets: by default the one that the instance speaks of.
    label: which part of the study the case belongs to. repeat: which of several runs that differ in their seed alone.
    """

    instance: str | Callable[..., Any]
    method: str | Callable[..., Any]
    instance_parameters: Mapping[str, Any] = field(default_factory=dict)
    method_parameters: Mapping[str, Any] = field(default_factory=dict)
    targets: Sequence[float] | float | None = None
    width: int | None = None
    max_queries: int | None = DEFAULT_BUDGET
    max_rounds: int | None = None
    max_seconds: float | None = None
    engine: str = "auto"
    model: str | Callable[..., Any] = "exact"
    model_parameters: Mapping[str, Any] = field(default_factory=dict)
    observe: Watch = "powers"
    trace: int = 0
    label: str = ""
    repeat: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "instance", spec_of(self.instance))
        object.__setattr__(self, "method", spec_of(self.method))
        object.__setattr__(self, "model", spec_of(self.model))
        for name in ("instance_parameters", "method_parameters", "model_parameters"):
            given = getattr(self, name).items()
            object.__setattr__(self, name, {k: v.item() if hasattr(v, "item") else v for k, v in given})

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        targets = None if self.targets is None else np.atleast_1d(self.targets).astype(float).tolist()
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        settings = ("instance_parameters", "method_parameters", "model_parameters")
        return content | {name: dict(content[name]) for name in settings} | {"targets": targets}

    def key(self, study: str, seed: int) -> str:
        """A hash of the case, of the study it belongs to, and of the sources that its result comes from."""
        named = map(file_of, map(str, (self.instance, self.method, self.model)))
        files = [file for file in named if file is not None]
        sources = [package_fingerprint("oracles", "hardinstances", "algorithms"), _runner_fingerprint()]
        sources += [users_fingerprint(file) for file in files]
        return _digest([study, seed, self._content(), sources])

    def seed(self, study: str, seed: int) -> int:
        """The seed of the run: a function of the study, its seed and the case alone, not of the other cases."""
        words = int(_digest([study, self._content()]), 16)
        return int(np.random.SeedSequence([seed, words]).generate_state(1)[0])

    def _content(self) -> dict[str, Any]:
        """Plain data in which a user's file goes by its name, not by its folder."""
        content = self.as_dict()
        if self.repeat == 0:
            del content["repeat"]  # a case that is not repeated is the case that it was
        return content | {side: content[side].rpartition("/")[2] for side in ("instance", "method", "model")}


def compile_case(case: Case) -> None:
    """Put what a case needs into the code cache."""
    instance = family_of(str(case.instance)).instance(case.instance_parameters)
    compile_ahead(
        method_of(str(case.method)),
        instance,
        target=case.targets,
        parameters=case.method_parameters,
        width=case.width,
        model=model_of(str(case.model)),
        model_parameters=case.model_parameters,
        engine=case.engine,
    )


def perform(case: Case, seed: int) -> dict[str, Any]:
    """Run a case; whatever goes wrong becomes a row with the status "failed"."""
    try:
        family, method = family_of(str(case.instance)), method_of(str(case.method))
        instance = family.instance(case.instance_parameters)
        outcome = run(
            method,
            instance,
            target=case.targets,
            parameters=case.method_parameters,
            width=case.width,
            max_queries=case.max_queries,
            max_rounds=case.max_rounds,
            max_seconds=case.max_seconds,
            engine=case.engine,
            model=model_of(str(case.model)),
            model_parameters=case.model_parameters,
            observe=case.observe,
            trace=case.trace,
            seed=seed,
        )
    except Exception as error:
        message = f"{type(error).__name__}: {' '.join(str(error).split())}"
        result: dict[str, Any] = {
            "instance": str(case.instance),
            "method": str(case.method),
            "model": str(case.model),
            "status": str(Status.FAILED),
            "message": message,
            "targets": case.as_dict()["targets"] or [],
        }
    else:
        result = outcome.as_dict() | {"at": counts_at_targets(outcome, instance, method)}
        if outcome.trace is not None:
            result["trace"] = [list(step) for step in outcome.trace.steps]
        for point in ("returned", "proposed", "found"):
            result.pop(point)
    return result | {"case": case.as_dict(), "seed": seed, **provenance()}


def counts_at_targets(outcome: Run, instance: Instance, method: Algorithm) -> list[dict[str, Any]]:
    """For each target the count and the bounds that speak of this method at this width: one row of a table each."""
    rows = []
    for target in outcome.targets:
        hit = outcome.hit(target)
        part = next((part for part in outcome.parts if target in part.targets), outcome)
        numbers = bound_numbers(instance, part.numbers, target, outcome.dimension, part.answers)
        row: dict[str, Any] = {
            "target": target,
            "met": hit is not None,
            "status": str(part.status),
            "rounds": hit.round if hit else part.rounds,
            "queries": hit.charged if hit else part.queries,
            "hit_query": hit.query if hit else None,
            "best_merit": part.best_merit if np.isfinite(part.best_merit) else None,
        }
        bounds = [bound for bound in (*outcome.bounds, *method.bounds) if bound.scope.covers(method.traits, part.width)]
        for side in ("lower", "upper"):
            for counted in ("rounds", "queries"):
                asked = [bound for bound in bounds if bound.side == side and bound.counted == counted]
                chosen = tightest(asked, numbers, instance.claims.tags() | part.answer_tags)
                if chosen is not None:
                    row[f"{side}_{counted}"] = chosen.value
                    row[f"{side}_{counted}_tag"] = chosen.tag
                    row[f"{side}_{counted}_source"] = chosen.bound.source
        rows.append(row)
    return rows


@cache
def provenance() -> dict[str, Any]:
    """Versions and commit, for every row."""
    versions = {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()}
    git = ["git", "-C", str(HERE), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        commit = subprocess.run(git, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = ""
    return {"versions": versions, "commit": commit}


@cache
def _runner_fingerprint() -> str:
    folder = Path(__file__).parent
    return fingerprint(folder / f"{name}.py" for name in ("binding", "case", "guard", "results", "runner"))


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:24]
