"""A meter of disclosure: exact answers, and a note of how far along the construction each round has seen."""

from typing import Any

import numpy as np

from oracles import Answer, Array, ExactModel, InputError, Instance, Model, Request, oracle_model


class Metered(Model):
    """The exact function. What a round shows is the largest progress of its points."""

    def __init__(self, instance: Instance, width: int | None, per_round: int) -> None:
        if instance.progress is None:
            raise InputError(f"{instance.name} has no progress to be metered")
        if per_round < 1:
            raise InputError(f"per_round of the meter must be at least 1, got {per_round}")
        self._exact = ExactModel(instance, width=width)
        self.dimension, self.width, self.domain = instance.dimension, width, instance.domain
        self.bounds = instance.bounds
        self._progress, self._per_round = instance.progress, per_round
        self._start = self._shown = int(instance.progress(instance.start[None])[0])
        self._ahead = self._queries_ahead = self._leaks = self._rounds = self._last_new = 0
        self._longest = 0.0

    def answer(self, request: Request) -> Answer:
        progress = self._progress(request.points)
        seen = int(progress.max())
        self._rounds += 1
        self._ahead += seen > self._start
        self._queries_ahead += int((progress > self._start).sum())
        self._leaks += seen > self._shown + self._per_round
        if seen > self._shown:
            self._shown, self._last_new = seen, self._rounds
        self._longest = max(self._longest, float(np.linalg.norm(request.points, axis=1).max()))
        return self._exact.answer(request)

    def band(self, point: Array) -> Array:
        return self._exact.band(point)

    def truth(self, points: Array) -> Answer:
        return self._exact.truth(points)

    def report(self) -> dict[str, Any]:
        return {
            "shown": self._shown,
            "last_new_round": self._last_new,
            "rounds_beyond_start": self._ahead,
            "queries_beyond_start": self._queries_ahead,
            "leaks": self._leaks,
            "longest_query": self._longest,
        }


@oracle_model(source="this project")
def disclosure_meter(instance: Instance, width: int | None, rng: np.random.Generator, *, per_round: int = 1) -> Model:
    """Exact answers, with a report of what they showed. For instances that have a progress.

    shown: the largest progress of any query, and last_new_round: when it was reached. rounds_beyond_start: the rounds
    in which some query saw more than the start does, and queries_beyond_start: how many queries did. leaks: the rounds
    in which it rose by more than `per_round`, which takes luck on a chain (1 per round; 2 where progress counts paired
    blocks). longest_query: the largest norm.
    """
    return Metered(instance, width, per_round)
