"""Comparisons: what was measured, beside what, and what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.goals import Goal
from benchmarks.timing import Candidate, Clock, Sample, Turn

Build = Callable[[], Candidate]


class Unavailable(Exception):
    """Why something cannot be measured here, in few words: no C compiler, not installed, not there."""


@dataclass(frozen=True)
class Row:
    """One comparison. `ours`, `theirs`: seconds, or a number of another kind for `AtMost`; None with a `note` on why.

    raw: the seconds of every turn, by candidate.
    """

    what: str
    goal: Goal
    ours: float | None = None
    yardstick: str = ""
    theirs: float | None = None
    note: str = ""
    raw: Mapping[str, Sequence[Turn]] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether both numbers are there that the goal needs."""
        return self.ours is not None and (self.goal.alone or self.theirs is not None)

    @property
    def figure(self) -> str:
        """The number that the goal speaks of; empty without it."""
        return self.goal.figure(self.ours, self.theirs) if self.ours is not None and self.measured else ""

    @property
    def verdict(self) -> str:
        """met, missed, why there is no number, or nothing where there is no goal."""
        if self.ours is None or not self.measured:
            return self.note
        met = self.goal.met(self.ours, self.theirs)
        return "" if met is None else "met" if met else "missed"

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        numbers = {"ours": self.ours, "yardstick": self.yardstick, "theirs": self.theirs, "note": self.note}
        said = {"figure": self.figure, "goal": self.goal.text, "verdict": self.verdict}
        return {"what": self.what, **numbers, **said, "raw": {name: list(turns) for name, turns in self.raw.items()}}


@dataclass(frozen=True)
class Growth:
    """How the cost of a unit changes with a size: one of `costs` for each of `sizes`, in seconds ("s") or a number."""

    what: str
    size: str
    sizes: tuple[int, ...]
    costs: tuple[float, ...]
    unit: str = "s"
    raw: Mapping[str, Sequence[Turn]] = field(default_factory=dict)

    @property
    def exponent(self) -> float | None:
        """The power of the size that the cost follows over the upper half of the sizes, at least three."""
        upper = max(3, (len(self.sizes) + 1) // 2)
        sizes, costs = self.sizes[-upper:], self.costs[-upper:]
        if len(sizes) < 3 or self.unit != "s":
            return None
        return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        numbers = {"sizes": list(self.sizes), "costs": list(self.costs), "unit": self.unit, "exponent": self.exponent}
        return {"what": self.what, "size": self.size, **numbers, "raw": {k: list(v) for k, v in self.raw.items()}}


Finding = Row | Growth


@dataclass(frozen=True)
class Yardstick:
    """What ours is held against: `build` makes the candidate, or says that it is `Unavailable`."""

    name: str
    goal: Goal
    build: Build


def contest(clock: Clock, what: str, ours: Build, yardsticks: Sequence[Yardstick]) -> Iterator[Row]:
    """Time ours and all yardsticks in turns; one row for each yardstick, also for those that are not available."""
    builds = {"ours": ours} | {one.name: one.build for one in yardsticks}
    samples, notes = measured(clock, builds)
    raw = {name: sample.turns for name, sample in samples.items()}
    for one in yardsticks:
        found = [samples[name].seconds if name in samples else None for name in ("ours", one.name)]
        note = notes.get("ours") or notes.get(one.name, "")
        both = {name: raw[name] for name in ("ours", one.name) if name in raw}
        yield Row(what, one.goal, found[0], one.name, found[1], note, both)


def measured(clock: Clock, builds: Mapping[str, Build]) -> tuple[dict[str, Sample], dict[str, str]]:
    """The samples of what is available, timed in turns, and the notes on what is not."""
    candidates: dict[str, Candidate] = {}
    notes: dict[str, str] = {}
    for name, build in builds.items():
        try:
            candidates[name] = build()
        except Unavailable as missing:
            notes[name] = str(missing)
    return clock.measure(candidates), notes


def alone(clock: Clock, what: str, goal: Goal, build: Build) -> Row:
    """Time ours without a yardstick."""
    samples, notes = measured(clock, {"ours": build})
    if "ours" not in samples:
        return Row(what, goal, note=notes["ours"])
    return Row(what, goal, samples["ours"].seconds, raw={"ours": samples["ours"].turns})
