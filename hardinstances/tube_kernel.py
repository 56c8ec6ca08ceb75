"""The kernel of the hidden tube: a cone, and a trough around a path through waypoints."""

import math

from oracles import Array, compiled, kernel

SPREAD, MOUTH, DEPTH, GRADE = 4.0, 8.0, 8.0, 3.0  # beta, z_0 = 2 beta, h_0, kappa

# The parameters: slab, N, width, height, then v_0 = 0, v_1, .., v_N, each of m entries.
SLAB, SLABS, WIDTH, HEIGHT, WAYPOINTS = range(5)


@compiled
def smoothstep(u: float) -> tuple[float, float]:
    """S(u) = u^3 (10 - 15 u + 6 u^2) from 0 at 0 to 1 at 1, constant beyond; and S'(u)."""
    if u <= 0.0:
        return 0.0, 0.0
    if u >= 1.0:
        return 1.0, 0.0
    return u * u * u * (10.0 - u * (15.0 - 6.0 * u)), 30.0 * (u * (1.0 - u)) ** 2


@compiled
def axis(z: float, slab: float, slabs: int) -> tuple[int, float, float]:
    """The slab k of z, and S(u), dS/dz of the place in it: the axis is v_k + (v_{k+1} - v_k) S(u)."""
    along = (z - MOUTH) / slab
    k = min(max(math.floor(along), 0), slabs - 1) if abs(along) < 1e15 else (0 if along < 0.0 else slabs - 1)
    step, slope = smoothstep(along - k)
    return k, step, slope / slab


@kernel
def hidden_tube_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * F(x / width), x = (z, y); see SLAB .. WAYPOINTS for the parameters; O(m)."""
    width, height, slabs = parameters[WIDTH], parameters[HEIGHT], int(parameters[SLABS])
    z, end = x[0] / width, MOUTH + parameters[SLAB] * slabs
    largest = 1.0
    for i in range(dimension):
        largest = max(largest, abs(x[i] / width))
    square = 1.0 / largest / largest
    for i in range(dimension):
        square += (x[i] / width / largest) ** 2
    norm = largest * math.sqrt(square)
    for i in range(dimension):
        gradient[i] = x[i] / width / norm * height / width
    rise, rise_slope = smoothstep(z + 1.0)
    fall, fall_slope = smoothstep(z - end)
    open_, open_slope = rise - fall, rise_slope - fall_slope
    if open_ <= 0.0:
        return norm * height
    k, step, step_slope = axis(z, parameters[SLAB], slabs)
    before = WAYPOINTS + k * (dimension - 1) - 1
    away = turn = 0.0
    for j in range(1, dimension):
        v, move = parameters[before + j], parameters[before + dimension - 1 + j] - parameters[before + j]
        offset = x[j] / width - v - step * move
        away += offset * offset
        turn += offset * step_slope * move
    if away >= 1.0:
        return norm * height
    inside = 1.0 - away
    depth = DEPTH + GRADE * z
    wall = 6.0 * open_ * depth * inside * inside
    gradient[0] -= ((open_slope * depth + open_ * GRADE) * inside * inside * inside + wall * turn) * height / width
    for j in range(1, dimension):
        v, move = parameters[before + j], parameters[before + dimension - 1 + j] - parameters[before + j]
        gradient[j] += wall * (x[j] / width - v - step * move) * height / width
    return (norm - open_ * depth * inside * inside * inside) * height
