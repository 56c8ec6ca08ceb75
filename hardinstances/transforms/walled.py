"""The wall: queries far out see a bounded part of the function, and a slope that leads back."""

import math

from hardinstances.transforms.radial import ask_pulled, length_of, pulled
from oracles import Array, InputError, Instance, compiled, kernel
from oracles.composition import OWN

REACH = 1.5  # no query sees f farther out than this times the radius
BEND = 1.5  # |D^2 (x h/n)| <= BEND / R


@compiled
def wall(n: float, radius: float, strength: float) -> tuple[float, float, float, float]:
    """h/n, h', w, w' at n: h' falls from 1 to 0 on [R, 2R] as 1 - 3u^2 + 2u^3; w = (strength/2) (n - R)^2 beyond R."""
    if n <= radius:
        return 1.0, 1.0, 0.0, 0.0
    beyond = n - radius
    u = min(beyond / radius, 1.0)
    h = radius * (1.0 + u - u**3 + 0.5 * u**4)
    return h / n, 1.0 - u * u * (3.0 - 2.0 * u), 0.5 * strength * beyond * beyond, strength * beyond


@kernel
def walled_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """f(x h/n) + w; parameters: the inner function, radius, strength."""
    length = length_of(x, dimension)
    profile = wall(length, parameters[OWN], parameters[OWN + 1])
    return ask_pulled(parameters, x, gradient, dimension, length, profile)


def walled(instance: Instance, *, radius: float, strength: float = 1.0) -> Instance:
    """f(x h(n)/n) + (strength/2) (n - R)_+^2 with n = |x|; it is f itself, to the last bit, for n <= R.

    h(n) = n up to R and 1.5 R from 2R on, h' = 1 - 3u^2 + 2u^3 with u = (n - R)/R between: no query sees f beyond
    1.5 R. radius: R, at least |x0|.
    Claims: the gap of f (w >= 0, and nothing changes at the start); smoothness L + 1.5 G/R + strength where L and G
    are claimed of f ("smoothness", "lipschitz"), because |h''| <= 1.5/R and |(h/n)'| <= 0.375/R. What else holds
    depends on f, see `walled_chain`. Cost: O(d) above that of f.
    """
    for name, number in (("radius", radius), ("strength", strength)):
        if not 0 < number < math.inf:
            raise InputError(f"{name} of a wall must be positive, got {number:g}")
    return pulled(
        instance,
        walled_kernel,
        wall,
        (radius, strength),
        name="walled",
        smoothness=lambda smooth, steepest: smooth + BEND * steepest / radius + strength,
        because=f"this project: L + 1.5 G/R + {strength:g} of the wall",
    )
