"""Chains of spline links: smaller constants of the 1/epsilon^2 bound, with and without a dead zone around 0."""

import math

import numpy as np

from hardinstances.progress import last_above
from hardinstances.scaling import one_per_round, scaled_to_class
from hardinstances.spline_links import LINKS, SplineLink
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Scope, compiled, family, kernel
from oracles.lowlevel import tail

HERE = "this project"

# The parameters: cells to the left and right of 0, width, height in units of the coefficients; C row by row; then for
# each cell upsilon, upsilon' at the end nearer 0, and upsilon'', in units of a cell.
LEFT, RIGHT, WIDTH, HEIGHT, COEFFICIENTS = range(5)

Three = tuple[float, float, float]


@compiled
def place(t: float, left: int, right: int) -> tuple[int, float]:
    """The cell of t among n = left + right, -1 and n being those beyond the knots, and the way from its left end."""
    shifted = t * right + left
    cell = math.floor(min(max(shifted, -1.0), float(left + right)))
    return cell, shifted - cell


@compiled
def splines(cell: int, u: float, cells: int) -> tuple[Three, Three, Three]:
    """The three splines of a cell, first and second derivatives; beyond the knots they are constant."""
    if cell < 0 or cell >= cells:
        return (0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    rest = 1.0 - u
    return (0.5 * rest * rest, 0.5 + u * rest, 0.5 * u * u), (-rest, 1.0 - 2.0 * u, u), (1.0, -2.0, 1.0)


@compiled
def link(parameters: Array, cells: int, x_cell: int, a: Three, y_cell: int, b: Three) -> float:
    """sum_kl C_kl a_k b_l over the three splines of each cell; a and b are weights, or derivatives of them."""
    total = 0.0
    for k in range(3):
        row = COEFFICIENTS + cells * min(max(x_cell + k - 1, 0), cells - 1)
        inner = 0.0
        for j in range(3):
            inner += parameters[row + min(max(y_cell + j - 1, 0), cells - 1)] * b[j]
        total += a[k] * inner
    return total


@compiled
def potential(parameters: Array, cells: int, cell: int, u: float) -> Three:
    """Upsilon and its first two derivatives per cell, from the end of the cell nearer 0."""
    entry = COEFFICIENTS + cells * cells + 3 * (cell + 1)
    value, slope, curvature = parameters[entry], parameters[entry + 1], parameters[entry + 2]
    way = u if cell >= parameters[LEFT] else u - 1.0
    return value + way * (slope + 0.5 * way * curvature), slope + way * curvature, curvature


@kernel
def spline_chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f_T(x / width), see LEFT .. COEFFICIENTS for the parameters. One pass, nine products per link."""
    left, right = int(parameters[LEFT]), int(parameters[RIGHT])
    cells, height = left + right, parameters[HEIGHT]
    slope_height = height / parameters[WIDTH]
    cell, u = place(1.0, left, right)
    a, da, _ = splines(cell, u, cells)
    value = potential_slope = 0.0
    for i in range(dimension + 1):
        t = x[i] / parameters[WIDTH] if i < dimension else 0.0
        following, u = place(t, left, right)
        b, db, _ = splines(following, u, cells)
        value += link(parameters, cells, cell, a, following, b)
        if i > 0:
            along = right * link(parameters, cells, cell, da, following, b)
            gradient[i - 1] = (gradient[i - 1] + along + potential_slope / right) * slope_height
        if i < dimension:
            gradient[i] = right * link(parameters, cells, cell, a, following, db)
            well, potential_slope, _ = potential(parameters, cells, following, u)
            value += well / (right * right)
        cell, a, da = following, b, db
    return value * height


@compiled
def spline_chain_band(x: Array, diagonal: Array, off_diagonal: Array, dimension: int, parameters: Array) -> None:
    """Fill the Hessian: its diagonal (d,) and the entries beside it (d - 1,); on a knot, from the right."""
    left, right = int(parameters[LEFT]), int(parameters[RIGHT])
    cells, curvature_height = left + right, parameters[HEIGHT] / parameters[WIDTH] ** 2
    cell, u = place(1.0, left, right)
    a, da, dda = splines(cell, u, cells)
    for i in range(dimension + 1):
        t = x[i] / parameters[WIDTH] if i < dimension else 0.0
        following, u = place(t, left, right)
        b, db, ddb = splines(following, u, cells)
        if i > 0:
            diagonal[i - 1] += right * right * link(parameters, cells, cell, dda, following, b) * curvature_height
        if i < dimension:
            _, _, bend = potential(parameters, cells, following, u)
            bend += right * right * link(parameters, cells, cell, a, following, ddb)
            diagonal[i] = bend * curvature_height
        if 0 < i < dimension:
            off_diagonal[i - 1] = right * right * link(parameters, cells, cell, da, following, db) * curvature_height
        cell, a, da, dda = following, b, db, ddb


@kernel
def spline_chain_hessian(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The two diagonals of the Hessian, one after the other."""
    band[2 * dimension - 1] = 0.0
    spline_chain_band(x, band, tail(band, dimension), dimension, parameters)
    return 0.0


def unfolded(left: int, curvature: Array) -> Array:
    """Upsilon and upsilon' at the end nearer 0 of each cell, and upsilon'', as (n + 2, 3) in units of a cell."""
    table = np.column_stack([np.zeros((len(curvature), 2)), curvature])
    for towards, cells in ((1.0, range(left + 1, len(table) - 1)), (-1.0, range(left, 0, -1))):
        value = slope = 0.0
        for cell in cells:
            bend = table[cell, 2]
            value, slope = value + towards * slope + 0.5 * bend, slope + towards * bend
            table[cell + int(towards), :2] = value, slope
    return table


def unit_claims(link: SplineLink, length: int) -> Claims:
    """What is claimed of f_T in its own units; the floor holds while |x_T| <= dead/right."""
    proof = f"{HERE}, hardinstances/certify/spline_"
    return Claims(
        Claim("smoothness", link.smoothness, "proved", f"{proof}smoothness.py"),
        Claim("gap", link.gap_of_ends + link.gap_per_link * length, "proved", f"{proof}gap.py"),
        Claim("floor", link.floor, "proved", f"{proof}floor.py"),
        Claim("length", float(length), "derived", "the number of links"),
    )


def chain_of_link(
    name: str,
    link: SplineLink,
    *,
    length: int | None = None,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """The chain of a link, scaled as `spline_chain` says; name: of the instance and in errors."""
    scale = scaled_to_class(
        name,
        lambda: unit_claims(link, 1),
        lambda unit_gap: (unit_gap - link.gap_of_ends) / link.gap_per_link,
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    claims = unit_claims(link, scale.length).scaled(height=scale.height, width=scale.width)
    (floor,) = claims.on("floor")
    head = [link.left, link.right, scale.width, scale.height * link.unit]
    parameters = np.concatenate([head, link.coefficients, unfolded(link.left, link.curvature).ravel()])
    scope = Scope("zero-respecting", order=None if link.dead else 1)
    return Instance(
        name=name,
        function=KernelFunction(spline_chain_kernel, parameters, spline_chain_hessian),
        start=np.zeros(scale.length),
        claims=claims,
        bounds=(one_per_round(floor, scale.length + 1, source=HERE, scope=scope),),
        target=target if target is not None else floor.value,
        progress=last_above(link.dead / link.right * scale.width),
    )


@family(example={"length": 5, "link": "R6"}, source=HERE)
def spline_chain(
    *,
    length: int | None = None,
    link: str = "S5",
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """f_T(x) = sum_{i=0..T} P(x_i, x_{i+1}) + sum_{i=1..T} upsilon(x_i), x_0 = 1, x_{T+1} = 0, start 0.

    P(x, y) = sum C_kl B_k(x) B_l(y) with quadratic splines on equidistant knots, constant beyond them; upsilon has
    piecewise constant curvature. The gradient is Lipschitz and supported on {1 .. i + 1} at a point supported on
    {1 .. i}, so that T + 1 rounds are needed while the floor holds.

    link: "S5" (L D / (2.57 epsilon^2) links), "S20" (2.41) or "S21" (2.19) against gradients of zero-respecting
        methods; "R6" (7.35), "R12" (6.43) or "R13" (4.17) have a dead zone: what lies within dead/right = 1/4 or 1/8 of
        0 is not felt, whatever the order.
    length: T = d. smoothness, gap, target: L, D, epsilon; L and epsilon with D or T scale the chain, none of the three
        leaves it in its own units.
    Cost: O(T) per query, one pass.
    """
    if link not in LINKS:
        raise InputError(f"link of spline_chain must be one of {', '.join(LINKS)}, got {link!r}")
    return chain_of_link("spline_chain", LINKS[link], length=length, smoothness=smoothness, gap=gap, target=target)
