"""The dead zone of spline chains, from their coefficients.

Quadratic splines add up to 1, and on the k cells on either side of 0 only those with the indices n - k - 1 .. n + k are
not 0, n being the cells to the left of 0. So where these entries of C are all equal the link is constant on the square
of the dead zone, and where upsilon'' is 0 there upsilon is 0: an entry of the gradient whose coordinate and neighbours
lie in the dead zone vanishes identically. With k = 0 it vanishes where all three are 0 if C_nn = C_{n-1,n-1}.
"""

import numpy as np

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.finding import Proof
from hardinstances.progress import LastAbove
from hardinstances.spline_chain import COEFFICIENTS, LEFT, RIGHT, WIDTH, spline_chain_kernel
from oracles import Instance, KernelFunction


def dead_cells(instance: Instance) -> int | None:
    """The cells k on either side of 0 that progress leaves out; None where it is no spline chain from 0."""
    function, progress = instance.function, instance.progress
    if not isinstance(function, KernelFunction) or function.kernel is not spline_chain_kernel or instance.start.any():
        return None
    if not isinstance(progress, LastAbove):
        return None
    cells = progress.threshold / float(function.parameters[WIDTH]) * int(function.parameters[RIGHT])
    return round(cells) if abs(cells - round(cells)) < 1e-12 else None


def dead_zone(instance: Instance) -> Proof | None:
    """That C is constant and upsilon'' is 0 on the dead zone, exactly."""
    function, k = instance.function, dead_cells(instance)
    assert isinstance(function, KernelFunction) and k is not None
    parameters = function.parameters
    left = int(parameters[LEFT])
    cells = left + int(parameters[RIGHT])
    inside = slice(max(left - k - 1, 0), min(left + k + 1, cells))
    square = parameters[COEFFICIENTS : COEFFICIENTS + cells * cells].reshape(cells, cells)[inside, inside]
    if k == 0:
        square = np.diagonal(square)  # at 0 alone the two splines beside it weigh the same, and their slopes cancel
    curvature = parameters[COEFFICIENTS + cells * cells :].reshape(-1, 3)[left - k + 1 : left + k + 1, 2]
    if not ((square == square.flat[0]).all() and (curvature == 0).all()):
        return None
    argument = "C is constant and upsilon'' is 0 on the dead zone, so entries of the gradient vanish within it"
    return Proof("upper", 0.0, argument, "spline chain, zero chain")


closed_form("spline chain, zero chain", "zero chain", dead_zone, lambda instance: dead_cells(instance) is not None)
