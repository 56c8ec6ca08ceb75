"""The kernel of the random-partition chain: links in differences of blocks, behind a wall or not."""

import math

from hardinstances.carmon_chain import phi, psi
from oracles import Array, compiled, kernel

# The parameters: k, width, height, b, blocks from one link to the next, radius of the wall (0: none), and then the
# coordinates block by block.
LINK, WIDTH, HEIGHT, BLOCK, STRIDE, RADIUS, COORDINATES = range(7)


@compiled
def shrunk(norm: float, radius: float) -> tuple[float, float]:
    """h(n) and h'(n): n up to R, then 1 - h' is the smoothstep of (n - R)/R, so that h = 1.5 R beyond 2R."""
    if norm <= radius:
        return norm, 1.0
    u = norm / radius - 1.0
    if u >= 1.0:
        return 1.5 * radius, 0.0
    return radius * (1.0 + u - u * u * u * (1.0 - 0.5 * u)), 1.0 - u * u * (3.0 - 2.0 * u)


@compiled
def block_difference(x: Array, parameters: Array, link: int) -> float:
    """The sum of x over the first block of a link less that over its second."""
    block = int(parameters[BLOCK])
    first = COORDINATES + int(parameters[STRIDE]) * link * block
    plus = minus = 0.0
    for k in range(first, first + block):
        plus += x[int(parameters[k])]
        minus += x[int(parameters[k + block])]
    return plus - minus


@compiled
def add_to_blocks(gradient: Array, parameters: Array, link: int, amount: float) -> None:
    """Add an amount to the gradient over the first block of a link, and take it from the second."""
    block = int(parameters[BLOCK])
    first = COORDINATES + int(parameters[STRIDE]) * link * block
    for k in range(first, first + block):
        gradient[int(parameters[k])] += amount
        gradient[int(parameters[k + block])] -= amount


@kernel
def partition_chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f(x / width), see LINK .. COORDINATES for the parameters; O(d), every block read and written once."""
    width, height, radius = parameters[WIDTH], parameters[HEIGHT], parameters[RADIUS]
    block, stride = int(parameters[BLOCK]), int(parameters[STRIDE])
    links = dimension // (2 * block) if stride == 2 else dimension // block - 1
    unit = 1.0 / math.sqrt(stride * block)
    square, largest = 0.0, 1.0
    for i in range(dimension):
        gradient[i] = 0.0
        largest = max(largest, abs(x[i] / width))
    for i in range(dimension):
        square += (x[i] / width / largest) ** 2
    norm = largest * math.sqrt(square)
    ratio, length_slope, excess = 1.0, 1.0, 0.0
    if 0.0 < radius < norm:
        length, length_slope = shrunk(norm, radius)
        ratio, excess = length / norm, norm - radius
    weight, slope, sign, before = parameters[LINK], 0.0, 1.0, 0.0
    value = pending = radial = 0.0
    for i in range(links):
        y = unit * ratio * (block_difference(x, parameters, i) / width)
        entry = 0.0
        if weight > 0.0:
            link, link_slope = phi(sign * y)
            value -= sign * weight * link
            entry = -weight * link_slope
            pending -= slope * link
        if i > 0 and pending != 0.0:
            add_to_blocks(gradient, parameters, i - 1, unit * pending)
            radial += pending * before
        weight, slope = psi(abs(y))
        sign, pending, before = (-1.0 if y < 0.0 else 1.0), entry, y
    if pending != 0.0:
        add_to_blocks(gradient, parameters, links - 1, unit * pending)
        radial += pending * before
    if excess > 0.0:
        value += 0.5 * excess * excess
        along = radial / (ratio * norm)
        outward = (length_slope * along + excess - ratio * along) / norm
        for i in range(dimension):
            gradient[i] = ratio * gradient[i] + outward * (x[i] / width)
    for i in range(dimension):
        gradient[i] *= height / width
    return value * height
