"""The adversary of one dimension: all gradients are alike for as long as some function of the class allows it."""

import math
from typing import Any

import numpy as np

from hardinstances.gap_tree import GapTree
from oracles import Answer, Array, Bound, InputError, Instance, Model, Numbers, Request, Scope, oracle_model

SOURCE = "this project; the order 1/epsilon^2 is that of Chewi, Bubeck, Salim, arXiv 2209.07513"
EXCESS = 1 + 1e-6  # s / epsilon


class CompletedLine:
    """The largest f' with slopes within L that is -s at the points 0 < x_1 < .. < x_n and at 0: -s up to 0, a tent of
    slopes +-L over each gap, and behind the last point a rise to 0, where it stays. f is piecewise quadratic, f(0) = 0.
    """

    def __init__(self, points: Array, slope: float, smoothness: float) -> None:
        at = np.concatenate(([0.0], np.sort(points)))
        middle, peaks = (at[1:] + at[:-1]) / 2, smoothness * np.diff(at) / 2 - slope
        self.nodes = np.append(np.column_stack((at, np.append(middle, at[-1] + slope / smoothness))).ravel(), np.inf)[
            :-1
        ]
        self.slopes = np.column_stack((np.full(len(at), -slope), np.append(peaks, 0.0))).ravel()
        steps = np.diff(self.nodes) * (self.slopes[1:] + self.slopes[:-1]) / 2
        self.values = np.concatenate(([0.0], np.cumsum(steps)))

    def slope(self, x: Array) -> Array:
        """The derivative at numbers (K,)."""
        return np.asarray(np.interp(x, self.nodes, self.slopes))

    @property
    def lowest(self) -> float:
        """The least value of f: at a node, or where f' passes 0 from below between two."""
        below, above = self.slopes[:-1], self.slopes[1:]
        widths = np.diff(self.nodes)
        passing = (below < 0) & (above > 0)
        share = below[passing] / (below[passing] - above[passing])
        dips = self.values[:-1][passing] + below[passing] * share * widths[passing] / 2
        return float(min(self.values.min(), dips.min(initial=np.inf)))

    @property
    def steepest(self) -> float:
        """The largest difference quotient of f' between nodes, where these are far enough apart to tell."""
        widths = np.diff(self.nodes)
        told = widths > 1e-9 * np.maximum(1.0, np.abs(self.nodes[1:]))
        return float(np.abs(np.diff(self.slopes)[told] / widths[told]).max())


class ResistingLine(Model):
    """Answers -s along x_1 until no function with the constants L and D allows it; see `resisting_line`."""

    def __init__(self, dimension: int, width: int | None, smoothness: float, gap: float, target: float) -> None:
        self.dimension, self.width, self.start = dimension, width, np.zeros(dimension)
        self.smoothness, self.gap, self.slope_kept = smoothness, gap, EXCESS * target
        self.tree = GapTree(self.slope_kept, smoothness)
        self.line: CompletedLine | None = None
        self.forced, self._values_asked = 0, 0
        self._asked: list[float] = []
        self._answers: list[float] = []
        self.bounds = (self._bound(target),)

    def _bound(self, target: float) -> Bound:
        s = self.slope_kept

        def queries(numbers: Numbers) -> float | None:
            if numbers["target"] > target:
                return None
            return max(1.0, math.floor((self.smoothness * self.gap / s**2 - 0.5) * (1 - 1e-12)) + 1.0)

        return Bound(
            side="lower",
            counted="queries",
            statement="queries >= floor(L D / s^2 - 1/2) + 1, s = 1.000001 epsilon, of methods that see no values",
            formula=queries,
            source=f"{SOURCE}: a point lowers f by at most s^2 / L, and the last dip by s^2 / (2 L)",
            tag="derived",
            exponent=2.0,
            scope=Scope(methods="deterministic"),
        )

    def answer(self, request: Request) -> Answer:
        """One point after the other, so that what is counted is queries. Values are +inf: they tell nothing."""
        self._values_asked += int(request.values.sum())
        gradients = np.zeros_like(request.points)
        gradients[:, 0] = [self._slope(float(x)) for x in request.points[:, 0]]
        return Answer(np.full(len(gradients), np.inf), gradients)

    def answer_one(
        self, point: Array, value: bool, gradient: bool, round: int, sample: int | None = None
    ) -> tuple[float, Array]:
        self._values_asked += value
        out = np.zeros(self.dimension)
        out[0] = self._slope(float(point[0]))
        return math.inf, out

    def truth(self, points: Array) -> Answer:
        """Answers that later ones keep to; the values are told by the completed function alone, in the end."""
        return Answer(np.full(len(points), np.inf), np.column_stack([self._all(points), np.zeros_like(points[:, 1:])]))

    def _all(self, points: Array) -> Array:
        return np.array([self._slope(float(x)) for x in points[:, 0]])

    def _slope(self, x: float) -> float:
        """-s where some completion allows it, else what the completion of the earlier answers says."""
        if self.line is None and x > 0 and self.tree.add(x) and self.tree.lowest < -self.gap:
            self.line = CompletedLine(self.tree.points[:-1], self.slope_kept, self.smoothness)
        found = -self.slope_kept if self.line is None else float(self.line.slope(np.array(x)))
        self.forced += self.line is None
        self._asked.append(x)
        self._answers.append(found)
        return found

    def report(self) -> dict[str, Any]:
        """The certificate: the completed function, of which everything that was answered is asked again."""
        line = self.line or CompletedLine(self.tree.points, self.slope_kept, self.smoothness)
        again = line.slope(np.array(self._asked))
        return {
            "disagreement": float(np.abs(again - np.array(self._answers)).max(initial=0.0)),
            "forced": self.forced + 1,
            "gap": -line.lowest,
            "smoothness": line.steepest,
            "answers_replayed": len(self._asked),
            "pieces": len(line.nodes) + 1,
            "values_asked": self._values_asked,
        }


@oracle_model(source=SOURCE)
def resisting_line(
    instance: Instance,
    width: int | None,
    rng: np.random.Generator,
    *,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    dimension: int | None = None,
) -> Model:
    """An adversary against methods that see gradients alone, in any dimension: f(x) = phi(x_1), and every gradient is
    (-s, 0, .., 0), s = 1.000001 epsilon, for as long as some phi with phi(0) - inf phi <= D and an L-Lipschitz
    derivative is -s at all points asked so far. Whether one is, is decided exactly, by the largest such phi'.

    At least L D / s^2 - 1/2 queries get this answer, and to march by 2 epsilon / L gets no more; descent with step 1/L
    gets 4/3 as many. The first query that does not fit is answered, like all later ones, by the largest completion of
    the earlier ones. The report holds the certificate: how far the answers are from the completed function
    (`disagreement`), its gap and its smoothness, and how many queries were forced. Values are answered by +inf, which
    tells nothing; a method that needs them is none that the bound speaks of (`values_asked`). A method that draws is
    defeated for its seed alone.

    smoothness, gap, target: L, D and epsilon; by default the instance's. dimension: d, by default the instance's.
    Cost: O(log n) for the n-th query, O(d) for each. Memory O(n).
    """
    numbers: dict[str, float] = {}
    for name, given in (("smoothness", smoothness), ("gap", gap), ("target", target)):
        claim = instance.target if name == "target" else instance.claims.defaults().get(name)
        value = claim if given is None else given
        if value is None or not 0 < value < math.inf:
            raise InputError(f"resisting_line needs a positive {name}, got {value}; {instance.name} tells none")
        numbers[name] = float(value)
    if dimension is not None and dimension < 1:
        raise InputError(f"resisting_line needs dimension >= 1, got {dimension}")
    return ResistingLine(dimension or instance.dimension, width, **numbers)
