"""Bounds on expected counts as bounds on counts: Markov's inequality, with the confidence stated."""

from collections.abc import Callable
from typing import NamedTuple

from oracles import Bound, Numbers
from oracles.bounds import Counted

CONFIDENCE = 0.95


class Expected(NamedTuple):
    """The queries up to the first at a point that meets the target: `certain`, and more with a mean of `mean`."""

    certain: float
    mean: float

    @property
    def total(self) -> float:
        """The bound on the expected count."""
        return self.certain + self.mean


def with_confidence(
    expected: Callable[[Numbers], Expected | None],
    words: str,
    *,
    source: str,
    exponent: float,
    counted: Counted = "queries",
) -> Bound:
    """The certain queries and 1 / (1 - CONFIDENCE) times the mean of the others, which CONFIDENCE of all runs keep.

    expected: what is proved of the expectation. words: the same in symbols.
    The proofs have one form: up to the hit, a potential falls by some c > 0 at each step in conditional expectation, so
    that the expected number of steps is at most its first value / c, by optional stopping; and what a step costs does
    not depend on what comes after it (Wald). They speak of all queries; an observer that looks at some rounds alone may
    see the hit later.
    """
    factor = 1 / (1 - CONFIDENCE)

    def formula(numbers: Numbers) -> float | None:
        count = expected(numbers)
        return None if count is None else count.certain + factor * count.mean

    return Bound(
        side="upper",
        counted=counted,
        statement=f"with probability {CONFIDENCE:g}, {counted} <= c + {factor:.0f} m, "
        f"where E {counted} <= c + m = {words}",
        formula=formula,
        source=f"this project, after {source}",
        tag="derived",
        exponent=exponent,
    )


def speaks_of(numbers: Numbers, *, smoothness: str = "smoothness", noise: bool = True) -> bool:
    """Whether a theorem's numbers are what is known of the answers: the method was given constants that are large
    enough, and a target that is no larger than the one in question. `KeyError` where nothing is known.
    """
    return (
        numbers[f"method.{smoothness}"] >= numbers[smoothness]
        and (not noise or numbers["method.noise"] >= numbers["noise"])
        and ("method.target" not in numbers or numbers["method.target"] <= numbers["target"])
    )
