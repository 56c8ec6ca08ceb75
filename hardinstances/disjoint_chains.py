"""A finite sum of chains on disjoint coordinates: a component tells nothing of the others."""

import math
from dataclasses import replace

import numpy as np

from hardinstances.block_bounds import block_rounds, component_queries, half, kept_norm
from hardinstances.carmon_chain import carmon_chain, chain_kernel
from hardinstances.progress import TotalInBlocks, last_above
from oracles import Array, Claim, Claims, FiniteSum, InputError, Instance, KernelFunction, family, kernel
from oracles.claims import without_certificate
from oracles.kernels import compiled
from oracles.lowlevel import tail

SPIDER = "Fang, Li, Lin, Zhang, SPIDER, NeurIPS 2018, arXiv 1807.01695"
PAGE = "Li, Bao, Zhang, Richtarik, PAGE, ICML 2021, arXiv 2008.10898"

one_chain = compiled(chain_kernel.python)


@kernel
def disjoint_chains_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The sum of the chains on the blocks; parameters: those of a chain, and T."""
    length, value = int(parameters[3]), 0.0
    for first in range(0, dimension, length):
        value += one_chain(tail(x, first), tail(gradient, first), length, parameters)
    return value


@kernel
def component_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The chain on one block; parameters: those of a chain, T, and the component 0 .. n - 1."""
    length = int(parameters[3])
    first = length * int(parameters[4])
    for i in range(dimension):
        gradient[i] = 0.0
    return one_chain(tail(x, first), tail(gradient, first), length, parameters)


def times(claim: Claim, factor: float, **changes: str) -> Claim:
    """A claim on a multiple of its number."""
    return replace(claim, value=claim.value * factor, **changes)  # type: ignore[arg-type]


@family(example={"components": 3, "length": 2}, source=f"{SPIDER}; {PAGE}")
def disjoint_chains(
    *,
    components: int,
    length: int | None = None,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    calibration: str = "average",
    first_link: float = math.e,
) -> Instance:
    """F(x) = (f_1(x) + .. + f_n(x)) / n, f_i(x) = h(i-th block of x), h a chain of T links, start 0.

    A query of one component shows one coordinate of one block. While u blocks are unfinished, |grad F| >= sqrt(u) g / n
    with g the floor of h; the claimed floor is that of u = ceil(n/2), until more than n/2 blocks are finished.

    components: n. length: T, so that d = n T. first_link: of h, see `carmon_chain`.
    smoothness, gap, target: L, D, epsilon. With L, epsilon and either D or T the sum is scaled so that its floor is
        epsilon, L is what `calibration` says, and T is the largest whose gap is at most D. With none of the three h is
        the chain in its own units.
    calibration: "average": (1/n) sum |grad f_i(x) - grad f_i(y)|^2 <= L^2 |x - y|^2, so that each f_i is
        sqrt(n) L-smooth and T about L D / (2 sqrt(n) J epsilon^2), with J = 131.56; "individual": each f_i is L-smooth,
        T about L D / (2 n J epsilon^2). F itself is smoother, by sqrt(n) and n.
    Cost: O(d) per query, of F as of a component; the answer of a component is zero outside of its block.
    """
    if components < 1:
        raise InputError(f"disjoint_chains needs components >= 1, got {components}")
    if calibration not in ("average", "individual"):
        raise InputError(f"calibration of disjoint_chains must be 'average' or 'individual', got {calibration!r}")
    kept = kept_norm(half(components), components, 1.0)
    try:
        chain = carmon_chain(
            length=length,
            first_link=first_link,
            smoothness=smoothness and smoothness * (math.sqrt(components) if calibration == "average" else 1.0),
            gap=gap,
            target=target and target / kept,
        )
    except InputError as error:
        raise InputError(f"each component of disjoint_chains is a chain, and {error}") from None
    return disjoint_sum(chain, components, target)


def disjoint_sum(chain: Instance, components: int, target: float | None) -> Instance:
    """The mean of n copies of a chain on disjoint blocks, with what follows from the chain's claims."""
    assert isinstance(chain.function, KernelFunction)
    first_link, width, height = chain.function.parameters[:3]
    length, n, kept = chain.dimension, float(components), kept_norm(half(components), components, 1.0)
    floors, smoothness = chain.claims.on("floor"), chain.claims.on("smoothness")
    of_sum = {
        "smoothness": 1 / n,
        "hessian_smoothness": 1 / n,
        "lipschitz": 1 / math.sqrt(n),
        "gap": 1.0,
        "length": 1.0,
    }
    claims = Claims(
        *(times(one, kept, source=f"{one.source}; while half of the blocks are unfinished") for one in floors),
        *(times(one, of_sum[one.quantity]) for one in chain.claims if one.quantity in of_sum),
    )
    of_components = Claims(
        *(replace(one, quantity="component_smoothness") for one in map(without_certificate, smoothness)),
        *(
            times(one, 1 / math.sqrt(n), quantity="mean_squared_smoothness")
            for one in map(without_certificate, smoothness)
        ),
    )
    rounds = tuple(block_rounds(floor, components, length) for floor in floors)
    queries = tuple(component_queries(floor, components, length) for floor in floors)
    numbers = [np.array([first_link, width, height, length, i]) for i in range(components)]
    terms = tuple(KernelFunction(component_kernel, each) for each in numbers)
    return Instance(
        name="disjoint_chains",
        function=KernelFunction(disjoint_chains_kernel, np.array([first_link, width, height / n, length])),
        start=np.zeros(components * length),
        claims=claims,
        bounds=rounds,
        target=target if target is not None else (claims.value("floor") if floors else None),
        progress=TotalInBlocks(last_above(width / 2), length),
        finite_sum=FiniteSum(terms, of_components, rounds + queries),
    )
