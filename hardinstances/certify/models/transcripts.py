"""Adversaries that choose the function while they are asked: transcripts, held against the function in the end.

A player asks a model until it has enough. When it is done the model reports, and shows its columns U; from then on all
that was answered is asked again of f(U x), by the instance's own function and by nothing that the model remembers.
"""

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from hardinstances.certify.finding import Finding, Witness
from hardinstances.certify.models.subject import Subject
from hardinstances.progress import LastAbove
from oracles import Array, Exhausted, Model, OracleModel, Request, norm, norms

ROUNDS = 40
AGREES, ORTHONORMAL = 1e-11, 1e-12  # relative; what rounding in O(d) sums leaves is below 1e-12 and 1e-14

CONSISTENT = (
    "the largest |answer - that of f(U x)|, of gradients in units of |grad f(0)|, of values of that times the unit"
)
FRAME = "the largest entry of U U' - 1"
REVEALED = "how far prog(U x) is beyond the number of earlier rounds"
RECIPES = {"consistent": CONSISTENT, "orthonormal": FRAME, "one link a round": REVEALED}
TOLERANCES = {"consistent": AGREES, "orthonormal": ORTHONORMAL, "one link a round": 0.0}


@runtime_checkable
class Resists(Protocol):
    """A model whose function is f(U x) with rows U (n, d) that it shows after its report."""

    @property
    def columns(self) -> Array:
        """U."""
        ...


class Recorder(Model):
    """A model with a record of its rounds."""

    def __init__(self, model: Model) -> None:
        self.model, self.rounds = model, list[tuple[Array, Array, Array]]()
        self.dimension, self.width, self.domain, self.exact = model.dimension, model.width, model.domain, model.exact
        self.start, self.progress, self.numbers, self.bounds = model.start, model.progress, model.numbers, model.bounds

    def answer(self, request: Request) -> Any:
        answer = self.model.answer(request)
        if request.values.all() and request.gradients.all():
            self.rounds.append((request.points.copy(), answer.values.copy(), answer.gradients.copy()))
        else:
            self.rounds.append((request.points.copy(), *self._masked(request, answer)))
        return answer

    def _masked(self, request: Request, answer: Any) -> tuple[Array, Array]:
        values = np.where(request.values, answer.values, np.nan)
        return values, np.where(request.gradients[:, None], answer.gradients, np.nan)

    def truth(self, points: Array) -> Any:
        return self.model.truth(points)

    def band(self, point: Array) -> Array:
        return self.model.band(point)


Player = Callable[[Subject, OracleModel], None]  # runs against the kind it is given, whose models are recorded


def recording(subject: Subject) -> tuple[OracleModel, list[Recorder]]:
    """The subject's kind with models that record, and the list of those that were made."""
    made: list[Recorder] = []

    def make(instance: Any, width: int | None, rng: np.random.Generator, **parameters: Any) -> Model:
        made.append(Recorder(subject.kind.model(instance, width, rng, parameters)))
        return made[-1]

    class Kind(OracleModel):
        def model(self, instance: Any, width: Any, rng: np.random.Generator, parameters: Mapping[str, Any]) -> Model:
            return make(instance, width, rng, **parameters)

    return Kind(subject.kind.name, make), made


def _asked(model: Model, points: Array, round: int) -> Array:
    every = np.ones(len(points), dtype=bool)
    gradients: Array = model.answer(Request(np.ascontiguousarray(points), every, every, round)).gradients
    return gradients


def steps(subject: Subject, kind: OracleModel) -> None:
    """X - 2 unit g / |g|, from 0."""
    model, unit = kind.model(subject.instance, None, np.random.default_rng(0), subject.parameters), _unit(subject)
    x = np.zeros(model.dimension)
    for round in range(1, ROUNDS + 1):
        gradient = _asked(model, x[None], round)[0]
        x = x - 2 * unit * gradient / (norm(gradient) or 1.0)


def probes(subject: Subject, kind: OracleModel) -> None:
    """Sums of all answers with the same random weights each time, and far points along single answers."""
    model, unit = kind.model(subject.instance, None, np.random.default_rng(0), subject.parameters), _unit(subject)
    rng, seen = np.random.default_rng(1), [np.ones(model.dimension) / np.sqrt(model.dimension)]
    for round in range(1, ROUNDS + 1):
        weights = rng.standard_normal(len(seen)) * (3.0 if round % 3 else 30.0)
        x = unit * (weights @ np.array(seen))
        gradient = _asked(model, x[None], round)[0]
        if norm(gradient) > 0:
            seen.append(gradient / norm(gradient))


PLAYERS: dict[str, Player] = {"steps": steps, "probes": probes}


def _unit(subject: Subject) -> float:
    progress = subject.instance.progress
    return 2 * progress.threshold if isinstance(progress, LastAbove) and progress.threshold > 0 else 1.0


@dataclass
class Played:
    """What players met: for each property the largest value with its query, and a hash of each transcript."""

    worst: dict[str, tuple[float, Array]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    answers: int = 0


def play(subject: Subject, players: Mapping[str, Player]) -> Played:
    """Let each player ask a new model, and hold its transcript against the function in the end."""
    found = Played()
    for name, player in players.items():
        kind, made = recording(subject)
        with contextlib.suppress(Exhausted):  # what was answered until then counts
            player(subject, kind)
        digest = hashlib.sha256()
        for one in made:
            _hold(subject, one, found)
            for points, values, gradients in one.rounds:
                digest.update(points.tobytes() + values.tobytes() + gradients.tobytes())
        found.hashes[name] = digest.hexdigest()[:12]
    return found


def _hold(subject: Subject, recorder: Recorder, found: Played) -> None:
    recorder.model.report()
    columns: Array = np.asarray(recorder.model.columns)
    instance, unit = subject.instance, _unit(subject)

    def note(quantity: str, value: float, point: Array) -> None:
        if quantity not in found.worst or not value <= found.worst[quantity][0]:
            found.worst[quantity] = value, point[None]

    if columns.shape != (instance.dimension, recorder.dimension):
        note("orthonormal", np.inf, np.zeros(recorder.dimension))
        return
    gram = np.abs(columns @ columns.T - np.eye(len(columns)))
    note("orthonormal", float(gram.max()), columns[int(gram.max(axis=1).argmax())])
    zero = np.zeros((1, instance.dimension))
    steepness = norm(instance.function.evaluate(zero, np.ones(1, bool), np.ones(1, bool))[1][0])
    for before, (points, values, gradients) in enumerate(recorder.rounds):
        along, every = np.ascontiguousarray(points @ columns.T), np.ones(len(points), dtype=bool)
        true_values, true_gradients = instance.function.evaluate(along, every, every)
        off = np.fmax(np.abs(values - true_values) / unit, norms(np.nan_to_num(gradients - true_gradients @ columns)))
        off = off / (steepness * np.maximum(1.0, norms(points) / unit))
        note("consistent", float(np.nanmax(off)), points[int(np.nanargmax(off))])
        found.answers += len(points)
        if instance.progress is not None:
            reached = instance.progress(along) - before
            note("one link a round", max(0.0, float(reached.max())), points[int(reached.argmax())])


def held(subject: Subject, players: Mapping[str, Player]) -> list[Finding]:
    """The findings on the transcripts of all players."""
    played = play(subject, players)
    transcripts = ", ".join(f"{name} {digest}" for name, digest in played.hashes.items())
    findings = []
    for quantity, (value, point) in played.worst.items():
        recipe = f"{RECIPES[quantity]}; transcripts: {transcripts}"
        wrong = not value <= TOLERANCES[quantity]
        reason = (
            f"{RECIPES[quantity]}: {value:.3g} in {played.answers} answers, rounding leaves {TOLERANCES[quantity]:g}"
        )
        witness = Witness(float(value), point, recipe)
        findings.append(Finding(quantity, "refuted" if wrong else "open", None, float(value), np.inf, reason, witness))
    return findings
