"""Random numbers by address: a sample gives the same numbers wherever it is asked, and nothing is stored."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from oracles.arrays import Ids
from oracles.errors import InputError
from oracles.models import Request

OWN, NAMED = range(2)  # the streams of samples: the model's own, and those that the method named
WORD_RANGE = 2**64


class Sample(NamedTuple):
    """Where a query's randomness lies: (OWN, round, row) or (NAMED, id, 0)."""

    stream: int
    first: int
    second: int


class Draws:
    """What the samples of one run are made of: a counter-based generator, keyed once from the model's `rng`.

    The counter's words are the position in a sample and the three numbers of the sample's address, so that the numbers
    of different samples never meet and an engine that asks in another order gets the same ones.

    fresh: whether each query of a round that names no sample has its own, or the queries of a round share one; then a
        round that names several is an `InputError`.
    Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011): Philox.
    """

    def __init__(self, rng: np.random.Generator, *, fresh: bool) -> None:
        self._fresh = fresh
        self._philox = np.random.Philox(key=rng.integers(WORD_RANGE, size=2, dtype=np.uint64))
        self._generator = np.random.Generator(self._philox)
        self._unread = self._philox.state
        self._told: Callable[[Sample, int], Any] | None = None

    def samples(self, request: Request) -> list[Sample]:
        """The sample of each of the K queries of a round."""
        if request.samples is not None:
            self._check_one(request.samples)
            return [Sample(NAMED, int(name), 0) for name in request.samples]
        return [Sample(OWN, request.round, row if self._fresh else 0) for row in range(len(request.points))]

    def at(self, sample: Sample, position: int = 0) -> np.random.Generator:
        """The generator of a sample from a position on, until the next call. From one position to the next there are
        256 random bits.
        """
        if self._told is not None:
            generator: np.random.Generator = self._told(sample, position)
            return generator
        self._unread["state"]["counter"][:] = (position, sample.first, sample.second, sample.stream)
        self._philox.state = self._unread
        return self._generator

    def tell(self, told: Callable[[Sample, int], Any] | None) -> None:
        """From now on `at` gives what is told for a sample and a position, in place of a generator; None: as before.

        So the law of an answer can be enumerated: `told` returns something with the methods of a generator that are
        needed, such as `random()`.
        """
        self._told = told

    def _check_one(self, samples: Ids) -> None:
        if self._fresh:
            return
        other = samples != samples[0]
        if other.any():
            two = f"{samples[0]} and {samples[other][0]}"
            raise InputError(f"the queries of a round share one sample here (fresh=False), got samples {two}")
