"""A model that keeps what it is asked, round by round."""

from typing import Any

from oracles import Answer, Array, Model, Request

SAME = ("dimension", "width", "domain", "exact", "components", "numbers", "tags", "bounds", "start", "progress")


class Recorder(Model):
    """Answers as `inner` does, and keeps the points (K, d) of each round. It has no door, so it runs in Python."""

    def __init__(self, inner: Model) -> None:
        self.inner, self.rounds = inner, list[Array]()
        for name in SAME:
            setattr(self, name, getattr(inner, name))

    def answer(self, request: Request) -> Answer:
        self.rounds.append(request.points.copy())
        return self.inner.answer(request)

    def band(self, point: Array) -> Array:
        self.rounds.append(point[None].copy())
        return self.inner.band(point)

    def report(self) -> dict[str, Any]:
        return self.inner.report()

    def truth(self, points: Array) -> Answer:
        return self.inner.truth(points)
