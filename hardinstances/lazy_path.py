"""A monotone path of cells that is chosen while its cells are asked for, no sooner than it must be."""

import itertools
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracles import compiled

Cell = tuple[int, int]


@compiled
def completion(off: NDArray[np.bool_], i: int, j: int, to_i: int, to_j: int) -> NDArray[np.int64]:
    """A monotone path (n, 2) of free cells from (i, j) to (to_i, to_j), or, for (-1, -1), to the last antidiagonal.
    Empty where there is none. It turns to the axis that is behind, if it can.
    """
    last = off.shape[0] - 1
    if to_i >= 0:
        last = to_i + to_j
    alive = np.zeros((off.shape[0] + 1, off.shape[0] + 1), np.bool_)
    for level in range(last, i + j - 1, -1):
        for a in range(i, level - j + 1):
            b = level - a
            ends = level == last and (to_i < 0 or a == to_i)
            alive[a, b] = not off[a, b] and (ends or (level < last and (alive[a + 1, b] or alive[a, b + 1])))
    if not alive[i, j]:
        return np.empty((0, 2), np.int64)
    path = np.empty((last - i - j + 1, 2), np.int64)
    for k in range(len(path)):
        path[k, 0], path[k, 1] = i, j
        if k < len(path) - 1:
            if alive[i + 1, j] and (i <= j or not alive[i, j + 1]):
                i += 1
            else:
                j += 1
    return path


class Step(NamedTuple):
    """A forced step: the number of the query that forced it, its cell, and the cells that it charges, with that one."""

    query: int
    cell: Cell
    charged: tuple[Cell, ...]


@dataclass
class LazyPath:
    """The game on the cells (i, j), i + j < N. `off`: cells that the path will avoid; `fixed`: the path so far, whose
    cells have their exits; `end`: its next cell, whose exit is open, or None in the end.

    A cell is refused while some completion avoids it. Where none does, the path is extended to it. If (m_1, m_2) are
    the steps from the end to the cell, each of these m_1 columns has a refused cell above the extension and each of the
    m_2 rows one on its right, or a completion could have left there; with the cell itself they are m + 1, outside of
    all later cones. So each step is charged to m + 1 queries of its own, and gains m + 1 antidiagonals of N.
    """

    cells: int
    fixed: list[Cell] = field(default_factory=list)
    end: Cell | None = (0, 0)
    asked: dict[Cell, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    queries: int = 0

    def __post_init__(self) -> None:
        self.off = np.zeros((self.cells, self.cells), dtype=np.bool_)
        self._plan = self._path(0, 0)

    def _path(self, i: int, j: int, to: Cell = (-1, -1)) -> list[Cell]:
        return [(int(a), int(b)) for a, b in completion(self.off, i, j, *to)]

    def ask(self, cell: Cell) -> None:
        """One query in a cell of the grid: afterwards it is on `fixed`, or it will never be on the path."""
        self.queries += 1
        self.asked.setdefault(cell, self.queries)
        i, j = cell
        if self.end is None or i + j >= self.cells or i < self.end[0] or j < self.end[1] or self.off[cell]:
            return
        if cell not in self._plan:
            self.off[cell] = True
            return
        self.off[cell] = True
        plan = self._path(*self.end)
        if plan:
            self._plan = plan
            return
        self.off[cell] = False
        self._extend(self.end, cell)

    def _extend(self, end: Cell, cell: Cell) -> None:
        """Commit the path to a cell that all completions meet, and its exit."""
        way = self._path(*end, cell)
        self.steps.append(Step(self.queries, cell, (*self._charged(way), cell)))
        self.fixed += way
        rest = self._path(*cell)
        self._plan = rest[1:]
        self.end = self._plan[0] if self._plan else None

    def _charged(self, way: list[Cell]) -> list[Cell]:
        """For each column that the way leaves a refused cell above it, for each row one on its right."""
        found = []
        for (i, j), (next_i, _) in itertools.pairwise(way):
            if next_i > i:
                found.append(next((i, b) for b in range(j + 1, self.cells - i) if self.off[i, b]))
            else:
                found.append(next((a, j) for a in range(i + 1, self.cells - j) if self.off[a, j]))
        return found

    def completed(self) -> list[Cell]:
        """The whole path: that so far, and a completion."""
        return self.fixed + self._plan

    def proof(self) -> int:
        """The sum of m + 1 over the steps, once it was checked that they are charged to as many queries: all in
        different cells, each asked no later than its step. `AssertionError` where they are not.
        """
        charged = [cell for step in self.steps for cell in step.charged]
        on_time = all(self.asked[cell] <= step.query for step in self.steps for cell in step.charged)
        if len(set(charged)) != len(charged) or not on_time:
            raise AssertionError("a query of the lazy path is charged twice")
        return len(charged)
