"""The soft projection onto a ball: queries far out see the function on its boundary."""

import math

from hardinstances.transforms.radial import ask_pulled, length_of, pulled
from oracles import Array, InputError, Instance, compiled, kernel
from oracles.composition import OWN

BEND = 0.859  # |D^2 rho| <= BEND / R: the maximum of 3u (1 + u^2)^(-5/2), at u = 1/2, is 0.8587


@compiled
def ball(n: float, radius: float, curvature: float) -> tuple[float, float, float, float]:
    """h/n, h', w, w' at n: h = n / sqrt(1 + n^2/R^2), w = (curvature/2) n^2."""
    stretch = math.hypot(1.0, n / radius)
    return 1.0 / stretch, 1.0 / stretch / stretch / stretch, 0.5 * curvature * n * n, curvature * n


@kernel
def soft_projected_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """f(rho(x)) + (curvature/2) |x|^2; parameters: the inner function, radius, curvature."""
    length = length_of(x, dimension)
    profile = ball(length, parameters[OWN], parameters[OWN + 1])
    return ask_pulled(parameters, x, gradient, dimension, length, profile)


def soft_projected(instance: Instance, *, radius: float, curvature: float = 0.2) -> Instance:
    """f(rho(x)) + (curvature/2) |x|^2 with rho(x) = x / sqrt(1 + |x|^2/R^2), so that |rho(x)| < R. The start must be 0.

    Its gradient is (g - rho <rho, g>/R^2) / sqrt(1 + |x|^2/R^2) + curvature x with g = grad f(rho(x)).
    Claims: the gap of f (the quadratic is >= 0, and 0 at the start); smoothness L + 0.859 G/R + curvature where L and G
    are claimed of f ("smoothness", "lipschitz"). What else holds depends on f, see `projected_chain`.
    Cost: O(d) above that of f. Source: Carmon et al. I, as in `projected_chain`.
    """
    for name, number in (("radius", radius), ("curvature", curvature)):
        if not 0 < number < math.inf:
            raise InputError(f"{name} of a soft projection must be positive, got {number:g}")
    return pulled(
        instance,
        soft_projected_kernel,
        ball,
        (radius, curvature),
        name="soft_projected",
        smoothness=lambda smooth, steepest: smooth + BEND * steepest / radius + curvature,
        because=f"this project: L + 0.859 G/R + {curvature:g} of the quadratic",
    )
