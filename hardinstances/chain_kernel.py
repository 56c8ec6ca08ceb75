"""The chain's value and gradient, block by block, in loops that a compiler turns into vector code.

With t = x / width, s_i the sign of t_i, w_i = Psi(|t_i|), w_0 = the first link and s_0 = 1,

    f / height = - sum_i s_{i-1} w_{i-1} Phi(s_{i-1} t_i)
    -df/dt_i / height = w_{i-1} Phi'(t_i) + Psi'(|t_i|) Phi(s_i t_{i+1})

since only one of the two signed terms of the definition is ever non-zero. A coordinate costs two exponentials and two
divisions; Phi shares the exponential of its derivative. In a block, coordinates have places: the neighbour before the
block has the place BEFORE, its first coordinate the next one.
"""

import math

from hardinstances.links import FAR, PHI_TOTAL, phi_below, psi, psi_far
from oracles import Array, kernel
from oracles.kernels import inlined
from oracles.lowlevel import fma, scratch
from oracles.vectormath import LANES, total, whole

BLOCK = 254  # with a neighbour at both ends it fills whole vectors
BEFORE = 8  # the place of the neighbour before a block, where a vector begins


@inlined
def _copy(x: Array, first: int, count: int, width: float, divide: bool, t: Array, j: int) -> int:
    """Write x / width to the places j, .. and return one more than the last place with |t| > 1/2 or NaN, or 0."""
    reach = 0
    for i in range(count):
        t[j + i] = x[first + i] / width if divide else x[first + i]
        reach = max(reach, 0 if abs(t[j + i]) <= 0.5 else j + i + 1)
    return reach


@inlined
def _load(x: Array, start: int, stop: int, dimension: int, width: float, t: Array) -> int:
    """The block with its neighbours in units of the chain, 0 where there is none, and padding; the reach of all but
    the last neighbour.
    """
    first, end = max(start - 1, 0), stop - start + BEFORE + 1
    j, count = end - (stop - first), stop - first
    t[BEFORE - 1] = t[BEFORE] = 0.0
    reach = _copy(x, first, count, 1.0, False, t, j) if width == 1.0 else _copy(x, first, count, width, True, t, j)
    for i in range(LANES):
        t[end + i] = 0.0
    if stop < dimension:
        t[end] = x[stop] / width
    return reach


@inlined
def _far(t: Array, count: int) -> bool:
    """Whether a block of `count` coordinates lies in the far zone, all on one side, and its neighbours too."""
    end = BEFORE + count + 2
    if not (abs(t[BEFORE]) > FAR and abs(t[end - 1]) > FAR):
        return False
    beyond = 0
    for j in range(BEFORE, end):
        beyond += (1 if t[j] > FAR else 0) - (1 if t[j] < -FAR else 0)
    return abs(beyond) == count + 2


@inlined
def _far_block(t: Array, gradient: Array, start: int, count: int, scale: float) -> float:
    """A block of the far zone: only Psi is left."""
    weight, slope, terms = scratch(), scratch(), scratch()
    for j in range(whole(count + 1)):
        weight[j], slope[j] = psi_far(abs(t[BEFORE + j]))
    for i in range(whole(count)):
        terms[i] = weight[i] if i < count else 0.0
    for i in range(count):
        gradient[start + i] = (0.0 - slope[i + 1] * PHI_TOTAL) * scale
    return math.copysign(PHI_TOTAL * total(terms, whole(count)), t[BEFORE])


@inlined
def _near_block(
    t: Array, gradient: Array, start: int, count: int, first_link: float, last: bool, scale: float
) -> float:
    """Any block, up to its first `count` coordinates."""
    weight, slope, phi, density, terms = scratch(), scratch(), scratch(), scratch(), scratch()
    for j in range(BEFORE, BEFORE + whole(count + 2)):
        psi_value, slope[j] = psi(abs(t[j]))
        below, density[j] = phi_below(abs(t[j]))
        weight[j] = math.copysign(psi_value, t[j])
        phi[j] = below if (t[j - 1] < 0.0) != (t[j] < 0.0) else PHI_TOTAL - below
    if start == 0:
        weight[BEFORE] = first_link
    if last:
        slope[BEFORE + count] = 0.0
    for i in range(whole(count)):
        terms[i] = weight[BEFORE + i] * phi[BEFORE + 1 + i] if i < count else 0.0
    for i in range(count):
        j = BEFORE + 1 + i
        gradient[start + i] = (0.0 - fma(abs(weight[j - 1]), density[j], slope[j] * phi[j + 1])) * scale
    return total(terms, whole(count))


@inlined
def chain_block(x: Array, gradient: Array, start: int, stop: int, dimension: int, parameters: Array) -> float:
    """Fill gradient[start:stop] and return the links start .. stop - 1 of the value; stop - start <= BLOCK.

    What lies behind the last coordinate above 1/2 costs no arithmetic: its links and derivatives are exact zeros.
    """
    first_link, width, height = parameters[0], parameters[1], parameters[2]
    t = scratch()
    reach = _load(x, start, stop, dimension, width, t)
    size = stop - start
    if start > 0 and stop < dimension and _far(t, size):
        return -height * _far_block(t, gradient, start, size, height / width)
    count = min(size, max(reach - BEFORE, 1 if start == 0 else 0))
    for i in range(start + count, stop):
        gradient[i] = 0.0
    if count == 0:
        return 0.0
    last = start + count == dimension
    return -height * _near_block(t, gradient, start, count, first_link, last, height / width)


@kernel
def chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f_T(x / width); parameters: first link, width, height.

    A link of weight 0 contributes exact zeros. The value is the sum of the blocks, in their order.
    """
    value = 0.0
    for start in range(0, dimension, BLOCK):
        value += chain_block(x, gradient, start, min(start + BLOCK, dimension), dimension, parameters)
    return value
