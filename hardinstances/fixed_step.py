"""Bounds for one method alone: gradient descent with the step that a construction is made for."""

from collections.abc import Callable

from oracles import Bound, Numbers, Scope
from oracles.claims import Tag

MARGIN = 1e-9  # relative: rounding moves the gradients of a run by less


def descent_bound(
    length: float,
    queries: Callable[[float], float | None],
    *,
    statement: str,
    source: str,
    tag: Tag = "derived",
    exponent: float | None = None,
) -> Bound:
    """Gradient descent x - t grad f(x) with t = length, from the start of the instance, needs so many queries.

    queries: of the target, raised by the relative `MARGIN`. It says nothing of another step, nor of another method.
    """

    def count(numbers: Numbers) -> float | None:
        step = numbers["method.step"] / numbers["method.smoothness"]
        return queries(numbers["target"] * (1 + MARGIN)) if abs(step - length) <= 1e-12 * length else None

    return Bound(
        side="lower",
        counted="queries",
        statement=statement,
        formula=count,
        source=source,
        tag=tag,
        exponent=exponent,
        scope=Scope(width=1, method="gradient_descent"),
    )


def outlasts(steps: int, length: float, floor: float, source: str) -> Bound:
    """N steps of length t, N + 1 queries, see nothing below the floor."""
    return descent_bound(
        length,
        lambda target: steps + 2.0 if target < floor else None,
        statement=f"queries >= N + 2 = {steps + 2} of gradient descent with t = {length:.6g}, target < {floor:.6g}",
        source=source,
    )
