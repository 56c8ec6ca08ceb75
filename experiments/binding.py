"""Where a method's numbers come from: what the user gives, the instance's claims, the run itself, the defaults."""

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from oracles import Algorithm, InputError, Instance, Model, Numbers
from oracles.claims import Tag
from oracles.registry import checked_parameters

OF_FUNCTION = ("smoothness", "hessian_smoothness", "third_order_smoothness", "gap")
CLAIMED = (*OF_FUNCTION, "mean_squared_smoothness", "noise", "components")
TABLE = (*CLAIMED, "target", "width", "dimension", "lower", "upper", "rng")


def bind(
    method: Algorithm,
    instance: Instance,
    given: Mapping[str, Any],
    *,
    target: float,
    width: int | None,
    seed: int,
    model: Model,
) -> dict[str, Any]:
    """Values for all numbers of `method`.

    In this order: what was given; the table of names that a method may know (default claims, what is known of the
    answers, target, width, the box, the dimension, a seeded generator); the method's own default. One line names what
    is unknown or missing.
    """
    table: dict[str, Any] = {
        **instance.claims.defaults(),
        **known_of_answers(instance, model),
        "target": target,
        "dimension": model.dimension,
        "rng": np.random.default_rng(seed),
    }
    if width is not None:
        table["width"] = width
    if instance.domain is not None:
        table["lower"], table["upper"] = instance.domain.lower, instance.domain.upper
    what = f"the method {method.name}"
    numbers = dict(given)
    for name, parameter in method.numbers.items():
        if name in numbers:
            continue
        if name in TABLE and name in table:
            numbers[name] = table[name]
        elif parameter.default is inspect.Parameter.empty:
            hint = "nobody claims it of this instance, so give it" if name in TABLE and name != "width" else "give it"
            raise InputError(f"{what} needs a number for {name!r}; {hint}")
    numbers = checked_parameters(method.function, numbers, what)
    for name, value in numbers.items():
        if isinstance(value, float) and not np.isfinite(value):
            raise InputError(f"{name} of {what} must be finite, got {value}")
    return numbers


def first_order(method: Algorithm, instance: Instance) -> bool:
    """Whether a method asks for exact values and gradients, and `instance` claims what it has to know."""
    return method.traits.order == 1 and not method.samples and not unclaimed(method, instance)


def unclaimed(method: Algorithm, instance: Instance) -> list[str]:
    """The numbers that `method` has no default for and takes from claims, where nobody claims them of the instance, and
    exact answers do not tell them either.
    """
    needed = [name for name, one in method.numbers.items() if one.default is inspect.Parameter.empty]
    return [name for name in needed if name in OF_FUNCTION and instance.claims.default(name) is None]


def known_of_answers(instance: Instance, model: Model) -> dict[str, float]:
    """What is known of the answers: the model's numbers; exact ones are one sample without noise, as smooth as f."""
    if model.exact:
        smoothness = instance.claims.default("smoothness")
        smooth = {} if smoothness is None else {"mean_squared_smoothness": smoothness.value}
        return {"noise": 0.0, "components": 1, **smooth, **model.numbers}
    return {**model.numbers, **({} if model.components is None else {"components": model.components})}


def tags_of_answers(instance: Instance, model: Model) -> dict[str, Tag]:
    """How far to trust what is known of the answers."""
    smoothness = instance.claims.default("smoothness") if model.exact else None
    return {**({} if smoothness is None else {"mean_squared_smoothness": smoothness.tag}), **model.tags}


def bound_numbers(
    instance: Instance,
    numbers: Mapping[str, Any],
    target: float,
    dimension: int | None = None,
    answers: Mapping[str, float] = MappingProxyType({}),
) -> Numbers:
    """What a bound's formula may use: default claims, what is known of the answers, target, dimension, the domain, and
    the method's numbers.

    dimension: that of the space which the method saw; by default the instance's.
    """
    return {
        **instance.claims.defaults(),
        **answers,
        **_numbers_of_domain(instance),
        "dimension": float(instance.dimension if dimension is None else dimension),
        "target": target,
        **{f"method.{name}": float(value) for name, value in numbers.items() if isinstance(value, int | float)},
    }


def _numbers_of_domain(instance: Instance) -> dict[str, float]:
    """`boxed` where there is a domain, and its `side` where it is a cube."""
    if instance.domain is None:
        return {}
    sides = instance.domain.upper - instance.domain.lower
    return {"boxed": 1.0, **({"side": float(sides[0])} if (sides == sides[0]).all() else {})}
