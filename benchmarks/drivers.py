"""What calls a kernel many times without Python in between, whoever compiled it."""

import numpy as np

from benchmarks.timing import Steady
from oracles import Array, Instance, KernelFunction, compiled
from oracles.lowlevel import address_of, call_kernel

SECONDS = 2e-4  # about what one call from Python should last, so that the call itself does not count


@compiled
def repeated(kernel: int, parameters: Array, points: Array, gradient: Array, count: int) -> float:
    """Ask a kernel `count` times, at the rows of `points` (M, d) in turns; the sum of the values."""
    rows, dimension = points.shape
    total = 0.0
    for k in range(count):
        x = address_of(points) + 8 * dimension * (k % rows)
        total += call_kernel(kernel, x, address_of(gradient), dimension, address_of(parameters))
    return total


def kernel_of(instance: Instance) -> tuple[int, Array]:
    """The address of an instance's kernel, and its parameters."""
    assert isinstance(instance.function, KernelFunction)
    return instance.function.kernel.address, instance.function.parameters


def kernel_calls(kernel: int, parameters: Array, points: Array) -> Steady:
    """The time of one call of the kernel at an address, points being taken in turns."""
    dimension, gradient = points.shape[1], np.empty(points.shape[1])
    count = max(1, int(SECONDS / (2e-8 + 1e-8 * dimension)))
    return Steady(lambda: repeated(kernel, parameters, points, gradient, count), units=count)
