"""A chain of quadratic pieces: the constant of the 1/epsilon^2 bound with three numbers, against gradients only."""

import numpy as np

from hardinstances.progress import last_above
from hardinstances.scaling import one_per_round, scaled_to_class
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Scope, compiled, family, kernel
from oracles.lowlevel import tail

HERE = "this project"
COUPLING, DESCENT, ASCENT = 0.21, 0.24, 0.16


@compiled
def potential(t: float, descent: float, ascent: float) -> tuple[float, float]:
    """W(t) and W'(t): W(0) = W'(0) = 0, W'' = h below 0 and above 1, -m between."""
    if t < 0.0:
        return 0.5 * ascent * t * t, ascent * t
    if t < 1.0:
        return -0.5 * descent * t * t, -descent * t
    beyond = t - 1.0
    return -0.5 * descent - descent * beyond + 0.5 * ascent * beyond * beyond, -descent + ascent * beyond


@kernel
def sharp_chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f_T(x / width); parameters: a, m, h, width, height."""
    coupling, descent, ascent = parameters[0], parameters[1], parameters[2]
    width, height = parameters[3], parameters[4]
    slope_height = height / width
    stretch = x[0] / width - (1.0 + descent / ascent)
    value = 0.5 * coupling * stretch * stretch
    for i in range(dimension):
        t = x[i] / width
        well, well_slope = potential(t, descent, ascent)
        following = (x[i + 1] / width if i + 1 < dimension else 0.0) - t
        value += well + 0.5 * coupling * following * following
        gradient[i] = (well_slope + coupling * (stretch - following)) * slope_height
        stretch = following
    return value * height


@compiled
def sharp_chain_band(x: Array, diagonal: Array, off_diagonal: Array, dimension: int, parameters: Array) -> None:
    """Fill the Hessian: its diagonal (d,) and the entries beside it (d - 1,); on a kink of W', from the right."""
    coupling, descent, ascent = parameters[0], parameters[1], parameters[2]
    width, height = parameters[3], parameters[4]
    curvature_height = height / (width * width)
    for i in range(dimension):
        t = x[i] / width
        diagonal[i] = (2.0 * coupling + (-descent if 0.0 <= t < 1.0 else ascent)) * curvature_height
        if i + 1 < dimension:
            off_diagonal[i] = -coupling * curvature_height


@kernel
def sharp_chain_hessian(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The two diagonals of the Hessian, one after the other."""
    band[2 * dimension - 1] = 0.0
    sharp_chain_band(x, band, tail(band, dimension), dimension, parameters)
    return 0.0


def unit_claims(length: int, coupling: float, descent: float, ascent: float) -> Claims:
    """What is claimed of f_T in its own units; the floor holds while x_T = 0."""
    end = 1 + descent / ascent
    claims = [
        Claim("smoothness", max(4 * coupling + ascent, descent), "proved", "path Laplacian in [0, 4], W'' in [-m, h]"),
        Claim("gap", coupling * end**2 / 2 + length * descent * end / 2, "proved", "f(0) = a x*^2 / 2, f >= T W(x*)"),
        Claim("length", float(length), "derived", "the number of links"),
    ]
    if (coupling, descent, ascent) == (COUPLING, DESCENT, ASCENT):
        claims += [
            Claim("floor", 0.24913, "measured", f"{HERE}: least over the pieces, T <= 40; tends to sqrt(9/145)"),
            Claim("floor", 0.2485, "proved", f"{HERE}: hardinstances/certify, shortest path over cells, every T"),
        ]
    return Claims(*claims)


@family(example={"length": 5}, source=HERE)
def sharp_chain(
    *,
    length: int | None = None,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    coupling: float = COUPLING,
    descent: float = DESCENT,
    ascent: float = ASCENT,
) -> Instance:
    """f_T(x) = sum_{i=1..T} W(x_i) + (a/2) sum_{i=0..T} (x_{i+1} - x_i)^2, x_0 = x* = 1 + m/h, x_{T+1} = 0, start 0.

    W(0) = W'(0) = 0, W'' = h for t < 0, -m on (0, 1), h for t > 1. The gradient is 1-Lipschitz with the default
    numbers, and supported on {1 .. i + 1} at a point supported on {1 .. i}: one coordinate per round. While x_T = 0
    its norm stays above the floor, so that T + 1 rounds are needed: T = (L D G^2 / epsilon^2 - 0.65625) / 0.3, where
    G^2 tends to 9/145, that is L D / (4.83 epsilon^2) links. One Hessian, or a point off the support, shows everything.

    length: T = d. smoothness, gap, target: L, D, epsilon; L and epsilon with D or T scale the chain, none of the three
        leaves it in its own units.
    coupling, descent, ascent: a, m, h; for other numbers than the default no floor is known.
    Cost: O(T) per query, one pass.
    """
    numbers = (coupling, descent, ascent)
    if not (0 < coupling < 0.25 and descent > 0 and ascent > 0):
        raise InputError(
            f"sharp_chain needs coupling in (0, 1/4), descent and ascent > 0, got {coupling:g}, {descent:g}, {ascent:g}"
        )
    end = 1 + descent / ascent
    scale = scaled_to_class(
        "sharp_chain",
        lambda: unit_claims(1, *numbers),
        lambda unit_gap: (unit_gap - coupling * end**2 / 2) / (descent * end / 2),
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    claims = unit_claims(scale.length, *numbers).scaled(height=scale.height, width=scale.width)
    floor = claims.default("floor")
    scope = Scope("zero-respecting", order=1)
    return Instance(
        name="sharp_chain",
        function=KernelFunction(
            sharp_chain_kernel, np.array([*numbers, scale.width, scale.height]), sharp_chain_hessian
        ),
        start=np.zeros(scale.length),
        claims=claims,
        bounds=tuple(one_per_round(each, scale.length + 1, source=HERE, scope=scope) for each in claims.on("floor")),
        target=target if target is not None else (floor.value if floor else None),
        progress=last_above(0.0),
    )
