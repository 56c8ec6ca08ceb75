"""Functions pulled towards the origin: f(q x) + w with q and w functions of n = |x| alone.

With h(n) = n q(n), u = x/n and g = grad f(q x), the gradient is q g + ((h' - q) <u, g> + w') u.
"""

from collections.abc import Callable

import numpy as np
from numba import carray

from hardinstances.progress import Within
from hardinstances.transforms.carrying import only_stationarity
from oracles import Array, Claim, Claims, InputError, Instance, Kernel, compiled, norm
from oracles.claims import weakest, without_certificate
from oracles.composition import ask_inner, compose
from oracles.lowlevel import address_of, reals

Profile = Callable[[float, float, float], tuple[float, float, float, float]]  # n, numbers -> q, h', w, w'


@compiled
def length_of(x: Array, dimension: int) -> float:
    """The Euclidean norm; array or pointer."""
    return norm(carray(reals(address_of(x)), dimension))


@compiled
def ask_pulled(
    parameters: Array, x: Array, gradient: Array, dimension: int, length: float, profile: tuple[float, ...]
) -> float:
    """f(q x) + w with its gradient filled in; where q = h' = 1 and w = 0 it is f(x), bit for bit."""
    pull, slope, height, push = profile
    point = np.empty(dimension)
    for i in range(dimension):
        point[i] = pull * x[i]
    value = ask_inner(parameters, point, gradient)
    if pull == 1.0 and slope == 1.0 and push == 0.0:
        return value
    along = 0.0
    for i in range(dimension):
        along += x[i] / length * gradient[i]
    outward = (slope - pull) * along + push
    for i in range(dimension):
        gradient[i] = pull * gradient[i] + outward * (x[i] / length)
    return value + height


def pulled(
    instance: Instance,
    kernel: Kernel,
    profile: Profile,
    numbers: tuple[float, float],
    *,
    name: str,
    smoothness: Callable[[float, float], float],
    because: str,
) -> Instance:
    """The instance f(q x) + w, with what holds of every such function.

    The gap and the length stay, if q = h' = 1 and w = 0 at the start. smoothness: of the new function, from those of f
    and of its gradient. Nothing else is known: the floor, the target and the bounds are gone.
    """
    only_stationarity(instance, name)
    if instance.domain is not None:
        raise InputError(f"{instance.name} has a box for its domain, which cannot be {name}")
    if profile(float(np.linalg.norm(instance.start)), *numbers) != (1.0, 1.0, 0.0, 0.0):
        raise InputError(f"the start of {instance.name} is too far from 0: {name}, the function would change there")
    progress = instance.progress

    def profiles(points: Array) -> tuple[Array, Array]:
        lengths = np.array([norm(point) for point in points])
        return lengths, np.array([profile(length, *numbers) for length in lengths]).reshape(-1, 4)

    def enter(points: Array) -> Array:
        return profiles(points)[1][:, :1] * points

    def leave(points: Array, values: Array, gradients: Array) -> tuple[Array, Array]:
        lengths, rows = profiles(points)
        pull, slope, height, push = rows.T
        directions = points / np.where(lengths > 0, lengths, 1.0)[:, None]
        outward = (slope - pull) * (directions * gradients).sum(axis=1) + push
        return values + height, pull[:, None] * gradients + outward[:, None] * directions

    return Instance(
        name=f"{name}({instance.name})",
        function=compose(instance.function, instance.dimension, kernel, np.array(numbers), enter=enter, leave=leave),
        start=instance.start,
        claims=Claims(*_pulled_claims(instance.claims, smoothness, because)),
        progress=None if progress is None else Within(progress, enter),
        parameters=instance.parameters,
    )


def _pulled_claims(claims: Claims, smoothness: Callable[[float, float], float], because: str) -> list[Claim]:
    """Gap and length as they are; each smoothness together with the default Lipschitz constant of f."""
    kept = [without_certificate(claim) for claim in claims if claim.quantity in ("gap", "length")]
    steepest = claims.default("lipschitz")
    if steepest is None:
        return kept
    return kept + [
        Claim(
            "smoothness",
            smoothness(claim.value, steepest.value),
            weakest(claim.tag, steepest.tag, "derived"),
            f"{because}, L: {claim.source}, G: {steepest.source}",
        )
        for claim in claims.on("smoothness")
    ]
