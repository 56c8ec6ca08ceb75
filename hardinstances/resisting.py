"""The resisting oracle: an adversary that chooses the directions of a chain while it is asked, against any method."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardinstances.hidden_frame import HiddenFrame
from hardinstances.robust_chain import RobustChain, Transcript, robust_chain
from oracles import Answer, Array, Bound, InputError, Instance, Model, Request, oracle_model
from oracles.claims import TAGS

ADVERSARY = "Nemirovski, Yudin, Problem complexity and method efficiency in optimization, 1983"
REDUCTION = "Carmon, Duchi, Hinder, Sidford, Lower bounds for finding stationary points I, arXiv 1710.11606"
SOURCE = f"{ADVERSARY}; {REDUCTION}; batches: this project"


def for_deterministic(bound: Bound) -> Bound:
    """A lower bound in rounds on zero-respecting methods as one on deterministic methods, whose queries come no further
    along the adversary's columns. Derived at best: the published reduction is that of rounds of one query.
    """
    return replace(
        bound,
        source=f"{bound.source}; resisting oracle: {SOURCE}",
        tag=max(bound.tag, "derived", key=TAGS.index),
        scope=replace(bound.scope, methods="deterministic"),
    )


class Resisting(Model):
    """Answers rounds as f(U^T x), with columns U that are chosen on the way; see `resisting`."""

    def __init__(self, chain: RobustChain, width: int | None, frame: HiddenFrame, *, eager: bool = False) -> None:
        self.dimension, self.width = frame.dimension, width
        self.start, self.progress = np.zeros(frame.dimension), self._progress
        self.bounds = tuple(
            for_deterministic(bound)
            for bound in chain.instance.bounds
            if (bound.side, bound.counted, bound.scope.methods) == ("lower", "rounds", "zero-respecting")
        )
        self._chain, self._frame, self._eager = chain, frame, eager
        self._transcript = Transcript(chain)
        self._begun: tuple[Array, Array] | None = None  # by a Hessian: the round's point, and it along the columns
        self._report: dict[str, Any] = {}

    def answer(self, request: Request) -> Answer:
        """Values and gradients where the columns revealed before this round put the points, at 0 along all others."""
        settled = self._frame.complete
        along = self._along(request.points)
        values, gradients = self._chain.ask(along, self._frame.revealed)
        if not settled:
            self._transcript.rounds.append((request.points, values.copy(), gradients))
        return Answer(values, self._frame.lift(gradients))

    def band(self, point: Array) -> Array:
        """The Hessian U H U^T, dense, by its lower band (d, d)."""
        chain, frame = self._chain, self._frame
        chain.hessian(np.zeros(chain.length), chain.length)  # where there is none, nothing has been revealed yet
        settled = frame.complete
        along = self._along(point[None])
        self._begun = (point, along)
        hessian = chain.hessian(along[0], frame.revealed)
        if not settled:
            self._transcript.hessians.append((point, hessian))
        lifted = frame.columns.T @ hessian[: frame.revealed, : frame.revealed] @ frame.columns
        return np.stack([np.pad(np.diagonal(lifted, -k), (0, k)) for k in range(self.dimension)])

    def _along(self, points: Array) -> Array:
        """The points (K, d) of a round along the columns revealed before it (K, T); reveals at most one more."""
        begun, self._begun = self._begun, None
        if begun is not None and np.array_equal(points, begun[0][None]):
            return begun[1]
        self._frame.include(points)
        along = self._frame.coordinates(points)
        if self._eager or self._chain.furthest(along) == self._frame.revealed:
            self._frame.reveal()
        return along

    def truth(self, points: Array) -> Answer:
        """The answers to `points`, outside of the rounds: kept to by all later answers, but no column is revealed. A
        gradient along the next column gets a direction of its own, so that its norm is right.
        """
        frame = self._frame
        frame.include(points)
        values, gradients = self._chain.ask(frame.coordinates(points), frame.revealed + 1)
        lifted = frame.lift(gradients)
        if not frame.complete:
            self._transcript.rounds.append((points, values.copy(), gradients))
            lifted += np.outer(gradients[:, frame.revealed], frame.unseen())
        return Answer(values, lifted)

    @property
    def columns(self) -> Array:
        """The columns revealed so far, as rows (n, d); after the report all T of them."""
        return self._frame.columns

    def _progress(self, points: Array) -> NDArray[np.int64]:
        """How far `points` (K, d) are along the columns revealed so far."""
        return self._chain.progress(self._frame.coordinates(points))

    def report(self) -> dict[str, Any]:
        """The certificate: the columns are completed, and everything that was answered is asked again of the one
        function f(U^T x). From then on this function answers.
        """
        frame = self._frame
        if not self._report:
            revealed, used = frame.revealed, frame.needed
            while not frame.complete:
                frame.reveal()
            self._report = {
                "disagreement": self._transcript.disagreement(frame),
                "orthonormality_defect": frame.defect(),
                "largest_part_dropped": frame.dropped,
                "dimension": frame.dimension,
                "dimensions_used": used,
                "columns_revealed": revealed,
                "answers_replayed": self._transcript.answers,
            }
        return self._report


@oracle_model(source=SOURCE)
def resisting_oracle(
    instance: Instance,
    width: int | None,
    rng: np.random.Generator,
    *,
    dimension: int | None = None,
    eager: bool = False,
) -> Model:
    """An adversary against every deterministic method: it answers as f(U^T x), where f is a chain of length T and the
    orthonormal columns U are chosen while it is asked, each orthogonal to all points asked before. So no round gains
    more than one link, and the chain's bound on the rounds of zero-respecting methods holds for deterministic ones.

    Needs a chain that does not feel coordinates below some threshold above 0. All answers are those of one function,
    which is known in the end: the report says how far they are from it (`disagreement`), and how far U^T U is from I.
    A method that draws is defeated for its seed alone. Answers of values, gradients, and Hessians where f has them.

    dimension: d, by default T (K + 1) for rounds of K queries, which suffices for T rounds; M rounds may need K M + T.
        A method whose queries lie in the span of the answers needs T. Where none is left, the run ends as exhausted.
    eager: a new column in every round, not only once some query has come past the last one.
    Cost: O(d) for each direction taken and each query, until all columns are revealed; then O(d T) per query.
        Memory O(d^2), and O(d) per query until then.
    """
    chain = robust_chain(instance)
    if dimension is None:
        dimension = chain.length * ((width or 1) + 1)
    if dimension < chain.length:
        raise InputError(f"the resisting oracle needs dimension >= T = {chain.length}, got {dimension}")
    return Resisting(chain, width, HiddenFrame(dimension, chain.length, rng), eager=eager)
