"""The adversary of the plane: a hidden staircase whose path is chosen while it is asked, against any method."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardinstances.hidden_staircase import FLOOR, HERE, staircase_kernel
from hardinstances.lazy_path import Cell, LazyPath
from hardinstances.valley_kernel import CELLS, FREE, TABLE, WIDTH, path_table
from oracles import (
    Answer,
    Array,
    Bound,
    InputError,
    Instance,
    KernelFunction,
    Model,
    Numbers,
    Request,
    Scope,
    oracle_model,
)
from oracles.kernels import answer_point


class LazyStaircase(Model):
    """Answers as a staircase whose path is known as far as it had to be; see `lazy_staircase`."""

    def __init__(self, instance: Instance, function: KernelFunction, width: int | None) -> None:
        self.dimension, self.width, self.domain = 2, width, instance.domain
        self.progress = self._progress
        self.path = LazyPath(int(function.parameters[CELLS]))
        self._given = function.parameters
        self._width, self._free = float(self._given[WIDTH]), bool(self._given[FREE] != 0.0)
        self._known = function.parameters.copy()
        self._known[TABLE:] = -5.0  # no cell: the background answers
        self._filled = 0
        self._transcript: list[tuple[Array, float, Array]] = []
        self.bounds = (self._bound(float(instance.target or 0.0)),)

    def _bound(self, target: float) -> Bound:
        cells = self.path.cells

        def queries(numbers: Numbers) -> float | None:
            return float(cells) if numbers["target"] <= FLOOR * target else None

        return Bound(
            side="lower",
            counted="queries",
            statement=f"queries >= N = {cells}: no earlier one lies in the last cell",
            formula=queries,
            source=f"{HERE}; the stationary points are searched, the count of queries is proved",
            tag="measured",
            exponent=0.5 if self.domain is not None else 1.0,
            scope=Scope(methods="deterministic"),
        )

    def answer(self, request: Request) -> Answer:
        """One point after the other, so that what is counted is queries."""
        pairs = [self._answer_one(point) for point in request.points]
        return Answer(np.array([value for value, _ in pairs]), np.stack([gradient for _, gradient in pairs]))

    def answer_one(
        self, point: Array, value: bool, gradient: bool, round: int, sample: int | None = None
    ) -> tuple[float, Array]:
        return self._answer_one(point)

    def truth(self, points: Array) -> Answer:
        """Answers that later ones keep to: the path is chosen as for queries, which are charged to nobody."""
        return self.answer(Request(points, np.ones(len(points), bool), np.ones(len(points), bool), 0))

    def _answer_one(self, point: Array) -> tuple[float, Array]:
        cell = self.cell(point)
        if cell is not None:
            self.path.ask(cell)
            self._fill(self.path.fixed, self._filled)
        value, gradient = answer_point(staircase_kernel, point, self._known)
        self._transcript.append((point.copy(), value, gradient.copy()))
        return value, gradient

    def cell(self, point: Array) -> Cell | None:
        """The cell in which the kernel takes a point to lie; None outside of the grid."""
        cells = self.path.cells
        i, j = (math.floor(min(max(t / self._width, -1.0), cells)) for t in point.tolist())
        if self._free and not (0 <= i < cells and 0 <= j < cells):
            return None
        return min(max(i, 0), cells - 1), min(max(j, 0), cells - 1)

    def _fill(self, path: list[Cell], first: int) -> None:
        """Enter the path's cells from `first` on, with their steps in and out."""
        if len(path) == first:
            return
        known = [*path, self.path.end] if self.path.end is not None and path is self.path.fixed else path
        self._known[TABLE : TABLE + 4 * len(path)] = self._rows(np.array(known))[: 4 * len(path)]
        self._filled = len(path)

    def _rows(self, cells: NDArray[np.int64]) -> Array:
        """The table of a path; a free valley begins straight."""
        moves = np.diff(cells, axis=0)
        first = int(moves[0].argmax()) + 1 if self._free and len(moves) else 2
        return path_table(cells, first).ravel()

    def _progress(self, points: Array) -> NDArray[np.int64]:
        """The number of the known path's cell in which each point lies, else 0."""
        number = {cell: k + 1 for k, cell in enumerate(self.path.fixed)}
        cells = [self.cell(point) for point in points]
        return np.array([0 if cell is None else number.get(cell, 0) for cell in cells], dtype=np.int64)

    def report(self) -> dict[str, Any]:
        """The certificate: the queries that the forced steps are charged to, and the completed function, of which
        everything that was answered is asked again.
        """
        path, parameters = self.path.completed(), self._given.copy()
        parameters[TABLE:] = self._rows(np.array(path))
        off = 0.0
        for point, value, gradient in self._transcript:
            again, slope = answer_point(staircase_kernel, point, parameters)
            off = max(off, abs(again - value), float(np.abs(slope - gradient).max()))
        axes = "".join(str(int(move)) for move in np.diff(np.array(path), axis=0).argmax(axis=1))
        return {
            "disagreement": off,
            "charged": self.path.proof(),
            "steps": [[step.query, len(step.charged)] for step in self.path.steps],
            "antidiagonals": len(self.path.fixed),
            "finished": self.path.end is None,
            "answers_replayed": len(self._transcript),
            "path": axes,
        }


@oracle_model(source=HERE)
def lazy_staircase(instance: Instance, width: int | None, rng: np.random.Generator) -> Model:
    """An adversary against every method in the plane, with values and gradients: a `hidden_staircase` or a
    `free_staircase` of N cells whose path is not chosen before it is met. A query is answered by the background while
    some path avoids its cell, by the valley where none does.

    Each forced step of m + 1 cells is charged to m + 1 queries, which no other step is charged to, so the first query
    in the last cell, where alone the (projected) gradient falls to epsilon, is the N-th at least. The points of a round
    are served one after the other: the bound counts queries. All answers are those of one function, which is known in
    the end. The report holds the proof: the steps with the numbers of queries charged (`steps`), their sum
    (`charged`), how far the answers are from the completed function (`disagreement`), and its `path`, which makes a
    `hidden_staircase` of it. A method that draws is defeated for its seed alone.

    Cost: O(1) per query, O(N^2) where the path has to be planned again.
    """
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not staircase_kernel or instance.dimension != 2:
        raise InputError(
            f"lazy_staircase needs a hidden_staircase or free_staircase of dimension 2, not {instance.name}"
        )
    return LazyStaircase(instance, function, width)
