"""The course of a run, round by round, in bounded memory."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One round: its number, the queries charged by its end, the order asked (0: values only, 1: gradients too),
    its width, the best merit and the furthest progress so far (-1 where the instance has none), and the number that
    the method noted of it, if any.
    """

    round: int
    queries: int
    order: int
    width: int
    best_merit: float
    progress: int
    note: float | None = None


class Remark(NamedTuple):
    """Plain data that the method gave after a round, by name: the round, and the queries charged by its end."""

    round: int
    queries: int
    data: dict[str, Any]


@dataclass
class Trace:
    """Every `stride`-th round; when `limit` steps are held, every second is dropped and the stride doubles. Of what the
    method remarked, the last `limit` remarks.
    """

    limit: int = 4096
    stride: int = 1
    steps: list[Step] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Keep the step if its round is one of those that are kept."""
        if (step.round - 1) % self.stride:
            return
        if len(self.steps) >= self.limit:
            self.steps = self.steps[::2]
            self.stride *= 2
            if (step.round - 1) % self.stride:
                return
        self.steps.append(step)

    def note(self, round: int, number: float) -> None:
        """Keep what the method noted of its last round, if that is one of those that are kept."""
        if self.steps and self.steps[-1].round == round:
            self.steps[-1] = self.steps[-1]._replace(note=number)

    def remark(self, round: int, queries: int, data: dict[str, Any]) -> None:
        """Keep what the method gave after a round."""
        if len(self.remarks) >= self.limit:
            del self.remarks[0]
        self.remarks.append(Remark(round, queries, data))
