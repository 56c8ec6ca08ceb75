"""Side-by-side timing on a noisy machine: candidates take turns, and each is judged by its best turn."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

Turn = tuple[float, ...]  # the seconds that one turn measured


class Candidate(ABC):
    """Something to be timed."""

    @abstractmethod
    def turn(self, clock: "Clock") -> Callable[[], Turn]:
        """Warm up, and return what one turn does."""

    @abstractmethod
    def seconds(self, turns: Sequence[Turn]) -> float:
        """Seconds per unit, by the best turns."""


@dataclass(frozen=True)
class Steady(Candidate):
    """A call that costs the same each time; a turn makes as many as fill it. `units`: how many a call is worth."""

    call: Callable[[], object]
    units: float = 1.0

    def turn(self, clock: "Clock") -> Callable[[], Turn]:
        self.call()
        count = 1
        while (spent := self._spent(clock, count)) < clock.seconds / 4:
            count *= 2
        repeats = max(1, int(count * clock.seconds / spent))
        return lambda: (self._spent(clock, repeats) / repeats,)

    def seconds(self, turns: Sequence[Turn]) -> float:
        return min(seconds for (seconds,) in turns) / self.units

    def _spent(self, clock: "Clock", count: int) -> float:
        call = self.call
        began = clock.now()
        for _ in range(count):
            call()
        return clock.now() - began


@dataclass(frozen=True)
class Whole(Candidate):
    """A long call, made once per turn and not warmed up."""

    call: Callable[[], object]
    units: float = 1.0

    def turn(self, clock: "Clock") -> Callable[[], Turn]:
        def once() -> Turn:
            began = clock.now()
            self.call()
            return (clock.now() - began,)

        return once

    def seconds(self, turns: Sequence[Turn]) -> float:
        return min(seconds for (seconds,) in turns) / self.units


@dataclass(frozen=True)
class Marginal(Candidate):
    """What one more unit costs, apart from what a run costs anyway: (T(2n) - T(n)) / n for `run(n)`."""

    run: Callable[[int], object]
    count: int

    def turn(self, clock: "Clock") -> Callable[[], Turn]:
        self.run(self.count)

        def both() -> Turn:
            began = clock.now()
            self.run(self.count)
            half = clock.now()
            self.run(2 * self.count)
            return half - began, clock.now() - half

        return both

    def seconds(self, turns: Sequence[Turn]) -> float:
        return (min(long for _, long in turns) - min(short for short, _ in turns)) / self.count


@dataclass(frozen=True)
class Sample:
    """Seconds per unit by the best turns, and the seconds of all turns."""

    seconds: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Clock:
    """How many turns each candidate gets, how long a turn of short calls lasts, and which clock is read.

    Processor time by default, which other processes disturb less; wall time where other processes or threads work.
    """

    turns: int = 15
    seconds: float = 0.02
    now: Callable[[], float] = time.process_time

    def wall(self, turns: int | None = None) -> "Clock":
        """The same with wall time, and with other turns if given."""
        return replace(self, now=time.perf_counter, turns=turns or self.turns)

    def fewer(self, turns: int) -> "Clock":
        """At most so many turns, for what takes long."""
        return replace(self, turns=min(turns, self.turns))

    def measure(self, candidates: Mapping[str, Candidate]) -> dict[str, Sample]:
        """Let the candidates take turns, and sum up each."""
        taking = {name: candidate.turn(self) for name, candidate in candidates.items()}
        turns: dict[str, list[Turn]] = {name: [] for name in candidates}
        for _ in range(self.turns):
            for name, turn in taking.items():
                turns[name].append(turn())
        return {name: Sample(candidates[name].seconds(turns[name]), tuple(turns[name])) for name in candidates}
