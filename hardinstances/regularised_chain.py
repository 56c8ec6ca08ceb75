"""The chain with a quadratic: what the frontier has left behind comes to rest."""

import math
from dataclasses import replace

import numpy as np

from hardinstances.carmon_chain import HERE, LOWER_BOUNDS_I, preferred, unit_claims
from hardinstances.chain_hessian import regularised_band
from hardinstances.chain_kernel import chain_block
from hardinstances.progress import last_above
from oracles import Array, Claim, InputError, Instance, KernelFunction, SegmentKernel, family, kernel
from oracles.kernels import inlined
from oracles.lowlevel import scratch
from oracles.vectormath import total, whole

LOST = ("floor", "lipschitz")  # what the quadratic adds to a gradient has no bound from either side
WIDTH = 126  # of a segment; with a neighbour at both ends it fills whole vectors


@inlined
def regularised_segment(x: Array, gradient: Array, start: int, stop: int, dimension: int, parameters: Array) -> float:
    """The segment start .. stop - 1 of the chain plus q |x|^2 / 2; parameters: first link, width, height, q."""
    value, quadratic = chain_block(x, gradient, start, stop, dimension, parameters), parameters[3]
    squares, size = scratch(), stop - start
    for i in range(size):
        squares[i] = x[start + i] * x[start + i]
        gradient[start + i] += quadratic * x[start + i]
    for i in range(size, whole(size)):
        squares[i] = 0.0
    return value + 0.5 * quadratic * total(squares, whole(size))


@kernel
def regularised_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f_T(x / width) + q |x|^2 / 2; parameters: first link, width, height, q."""
    value = 0.0
    for start in range(0, dimension, WIDTH):
        value += regularised_segment(x, gradient, start, min(start + WIDTH, dimension), dimension, parameters)
    return value


regularised_segments = SegmentKernel(regularised_segment, width=WIDTH)


def with_quadratic(claim: Claim, quadratic: float) -> Claim:
    """A claim on the chain as one on the sum. What no source says as it stands is not published."""
    tag = "derived" if claim.tag == "published" else claim.tag
    if claim.quantity == "smoothness":
        source = f"that of the chain and the quadratic's: {claim.source}"
        return replace(claim, value=claim.value + quadratic, tag=tag, source=source)
    if claim.quantity == "gap":
        source = f"at most that of the chain, as the quadratic is >= 0, and 0 at the start: {claim.source}"
        return replace(claim, tag=tag, source=source)
    return claim


@family(example={"length": 5}, source=f"{HERE}; the chain: {LOWER_BOUNDS_I}")
def regularised_chain(*, length: int, first_link: float = math.e, quadratic: float = 0.2) -> Instance:
    """f(x) = f_T(x) + q |x|^2 / 2 with the chain f_T of `carmon_chain` in its own units, start 0.

    supp grad f lies in {1 .. prog_{1/2}(x) + 1} and supp x: one new coordinate per round for zero-respecting methods.
    The quadratic adds to the gradient, which can become small before the end of the chain, and grows far out: neither a
    floor nor a Lipschitz constant of f is claimed.
    Behind the frontier coordinates settle, bit for bit, and the compiled oracle does not compute them again.

    length: T = d. first_link: weight of the first link. quadratic: q > 0.
    Cost: O(T) per query; inside a compiled method a comparison of x, and arithmetic for what has moved.
    """
    if length < 1 or not (0 < first_link < math.inf and 0 < quadratic < math.inf):
        raise InputError(
            "regularised_chain needs length >= 1, first_link > 0 and quadratic > 0, "
            f"got {length}, {first_link:g} and {quadratic:g}"
        )
    claims = [
        with_quadratic(claim, quadratic) for claim in unit_claims(length, first_link) if claim.quantity not in LOST
    ]
    parameters = np.array([first_link, 1.0, 1.0, quadratic])
    return Instance(
        name="regularised_chain",
        function=KernelFunction(regularised_kernel, parameters, regularised_band, segments=regularised_segments),
        start=np.zeros(length),
        claims=preferred(claims, "tight"),
        progress=last_above(0.5, robust=False),  # the quadratic is felt wherever x is not 0
    )
