"""March downhill in steps over which no solution can be missed."""

import math

from algorithms.one_dimension import CHEWI, only_one
from oracles import Array, Bound, InputError, Numbers, Oracle, algorithm

SOURCE = f"this project, after {CHEWI}"


def most_queries(numbers: Numbers) -> float | None:
    """From one point to the next, neither of them a solution, f falls by epsilon^2/L or more, and from the last one by
    another epsilon^2/(2L): N steps to no solution need N epsilon^2/L + epsilon^2/(2L) < D.
    """
    smoothness, target = numbers["method.smoothness"], numbers["method.target"]
    if numbers["dimension"] != 1 or smoothness < numbers["smoothness"] or numbers["target"] < target:
        return None
    return 1 + max(0, math.ceil(smoothness * numbers["gap"] / target**2 - 0.5))


RATE = Bound(
    side="upper",
    counted="queries",
    statement="queries <= 1 + ceil(L D/target^2 - 1/2)",
    formula=most_queries,
    source=SOURCE,
    tag="derived",
    exponent=2.0,
)


@algorithm(source=SOURCE, bounds=(RATE,), dimensions=1)
def march(oracle: Oracle, x0: Array, *, smoothness: float, target: float) -> None:
    """x+ = x - 2 epsilon/L sign f'(x), by gradients alone, in one dimension.

    Where |f'| > epsilon at both ends of a step, f' has the same sign at both, as it cannot change by more than 2
    epsilon; in between it may come to 0 and return. A change of sign shows that L is no Lipschitz constant of f', and
    ends the run with an error.

    smoothness: L. target: epsilon.

    Cost: one query per step; at most L D/target^2 + 3/2, which no deterministic method by gradients alone can improve
    by more than a factor that tends to 1.

    Use: to meet the lower bound of gradients alone; with values `trap1d` needs logarithmically many queries.
    """
    only_one(x0, "march")
    x, slope = x0, oracle.gradient(x0)
    direction = 1.0 if slope[0] < 0 else -1.0
    while True:
        x = x + direction * 2.0 * target / smoothness
        slope = oracle.gradient(x)
        if direction * slope[0] > target:
            raise InputError(f"smoothness {smoothness:g} is too small: f' changes sign within 2 target/smoothness")
