"""The chain in JAX and in PyTorch: value, and gradient by automatic differentiation, in double precision."""

import math
from collections.abc import Callable
from typing import Any

from benchmarks.yardsticks import peer
from oracles import Array

PHI_TOTAL = math.sqrt(2 * math.pi * math.e)
EDGE = 0.0367  # below this value of 2t - 1, Psi underflows

Call = Callable[[], tuple[float, Array]]


def jax_chain(x: Array) -> Call:
    """`jit(value_and_grad(f))`."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    cdf = jax.scipy.special.ndtr

    def f(x: Any) -> Any:
        sign, size = jnp.where(x < 0, -1.0, 1.0), jnp.abs(x)
        p = 2 * size - 1
        above = p > EDGE
        psi = jnp.where(above, jnp.exp(1 - 1 / jnp.where(above, p, 1.0) ** 2), 0.0)
        links = sign[:-1] * psi[:-1] * cdf(sign[:-1] * x[1:])
        return -PHI_TOTAL * (cdf(x[0]) + links.sum())

    both = jax.jit(jax.value_and_grad(f))
    point = jnp.asarray(x)

    def call() -> tuple[float, Array]:
        value, gradient = jax.block_until_ready(both(point))
        return value, gradient

    return call


def torch_chain(x: Array) -> Call:
    """Autograd, one thread."""
    torch = peer("torch")
    torch.set_num_threads(1)
    point = torch.tensor(x, requires_grad=True)
    cdf = torch.special.ndtr

    def call() -> tuple[float, Array]:
        sign, size = torch.where(point < 0, -1.0, 1.0).detach(), point.abs()
        p = 2 * size - 1
        above = p > EDGE
        psi = torch.where(above, torch.exp(1 - 1 / torch.where(above, p, 1.0) ** 2), 0.0)
        links = sign[:-1] * psi[:-1] * cdf(sign[:-1] * point[1:])
        value = -PHI_TOTAL * (cdf(point[0]) + links.sum())
        (gradient,) = torch.autograd.grad(value, point)
        return value.detach(), gradient

    return call
