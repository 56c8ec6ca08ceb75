"""Methods of other libraries: any callable that minimises, run against an oracle, counted and stopped by it."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

from oracles import Algorithm, Array, InputError, Oracle
from oracles.bounds import Traits

CALLS = ("fun", "jac", "x0")


def outside(
    solve: Callable[..., Any],
    *,
    name: str | None = None,
    source: str = "another library",
    zero_respecting: bool = False,
    deterministic: bool = False,
) -> Callable[..., Any]:
    """A method of a callable, which is called in one of two forms, by what it takes:

    solve(fun, x0): fun(x) is the pair of the value and the gradient (d,) at x (d,), one query, as SciPy's ``jac=True``.
    solve(fun, jac, x0): fun(x) is the value, jac(x) the gradient, each of them a query, also at the same point.

    The arguments are passed by these names where they are names of parameters, else by position: two or three. The
    keyword-only parameters of `solve` are the numbers of the method. What `solve` returns, or the ``x`` of it, is
    measured. Once the oracle is closed fun and jac raise `Stop`; a callable that goes on regardless is ended.

    name: by default that of the callable. source: whose method it is. zero_respecting, deterministic: what is known of
    it; bounds of these classes are compared with it only then.

    Errors: `InputError` for a callable of another form, and in the run for one that returns without having asked.
    """
    known_as = name or str(getattr(solve, "__name__", type(solve).__name__))
    taken, numbers = _form_of(solve, known_as)

    def method(oracle: Oracle, x0: Array, **given: Any) -> Any:
        asked = False

        def answering(ask: Callable[[Array], Any]) -> Callable[[Array], Any]:
            def answer(x: Array) -> Any:
                nonlocal asked
                asked = True
                return ask(x)

            return answer

        apart = "jac" in taken
        calls = {"fun": answering(oracle.value if apart else oracle.value_and_gradient), "x0": x0}
        if apart:
            calls["jac"] = answering(oracle.gradient)
        positional = [calls[what] for what, named in taken.items() if not named]
        result = solve(*positional, **{what: calls[what] for what, named in taken.items() if named}, **given)
        if not asked:
            raise InputError(f"{known_as} returned without having asked")
        return result

    own = [inspect.Parameter(what, inspect.Parameter.POSITIONAL_OR_KEYWORD) for what in ("oracle", "x0")]
    method.__name__, method.__doc__ = known_as, getattr(solve, "__doc__", None)
    method.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)  # where it is defined, as for named tuples
    traits = Traits(zero_respecting, deterministic, 1, known_as)
    record = Algorithm(known_as, method, source, traits)
    vars(method).update(__signature__=inspect.Signature([*own, *numbers]), solve=solve, record=record)
    return method


def _form_of(solve: Callable[..., Any], known_as: str) -> tuple[dict[str, bool], list[inspect.Parameter]]:
    """What of fun, jac, x0 it takes, in this order, and whether by name; and its numbers."""
    try:
        parameters = list(inspect.signature(solve, eval_str=True).parameters.values())
    except (TypeError, ValueError, NameError) as error:
        raise InputError(f"what {known_as} takes cannot be found out: wrap it in a function of fun and x0") from error
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    numbers = [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in CALLS]
    if {"fun", "x0"} <= named:
        return {what: True for what in CALLS if what in named}, numbers
    needed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]
    if len(needed) not in (2, 3):
        taken = ", ".join(map(str, parameters))
        raise InputError(f"{known_as}({taken}) is neither solve(fun, x0) nor solve(fun, jac, x0): wrap it in one")
    return {what: False for what in CALLS if what != "jac" or len(needed) == 3}, numbers
