"""What a proof about a function says of the function made from it: rotated, scaled, summed over blocks, or with a
quadratic or a bump added. The inner function is recognised, and whoever knows it proves.

    f(U'x)                   has the constants of f; so has f of sums over blocks, with 4 f'' where they overlap
    h f(x / w)               times h, h/w, h/w^2, .. (see `oracles.claims.SCALING`)
    sum over n blocks        smoothness as one; gap n times, Lipschitz constant sqrt(n) times; the floor, while u blocks
                             keep theirs, sqrt(u) times
    f + q |x|^2 / 2          smoothness + q; no greater gap
    f - A Psi(1 - ..)        smoothness + A sup |curvature|; a gap greater by A at most; the floor where the bump is 0
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from flint import arb, fmpq_poly

from hardinstances.block_bounds import half
from hardinstances.carmon_chain_distance import carmon_chain_distance_kernel
from hardinstances.certify.enclosures import above, below
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import at, largest_of, real_roots
from hardinstances.certify.provers import PROVERS, Prover, add, proofs, verified
from hardinstances.chain_hessian import chain_band
from hardinstances.chain_kernel import chain_kernel
from hardinstances.disjoint_chains import disjoint_chains_kernel
from hardinstances.partition_kernel import BLOCK, COORDINATES, RADIUS, STRIDE, partition_chain_kernel
from hardinstances.progress import LastAbove, TotalInBlocks, Within, last_above
from hardinstances.regularised_chain import regularised_kernel
from hardinstances.transforms.haar import haar_kernel
from hardinstances.transforms.hadamard import hadamard_kernel
from hardinstances.transforms.scaled import scaled_kernel
from oracles import Array, Claims, Instance, KernelFunction
from oracles.claims import SCALING
from oracles.composition import OWN

QUANTITIES = ("smoothness", "hessian_smoothness", "third_order_smoothness", "gap", "lipschitz", "floor")
Change = Callable[[arb], arb]


class Inner(NamedTuple):
    """The inner function, what becomes of a bound on a quantity, from above and from below, and why.

    What is not in `above` or `below` is not known to be carried.
    """

    instance: Instance
    above: Mapping[str, Change]
    below: Mapping[str, Change]
    why: str


def same(bound: arb) -> arb:
    """The bound itself."""
    return bound


def inner_of(instance: Instance) -> Inner | None:
    """What an instance was made from, or None."""
    function = instance.function
    if not isinstance(function, KernelFunction):
        return None
    for kernels, make in MAKERS:
        if function.kernel in kernels:
            return make(instance, function)
    return None


def _rotated(instance: Instance, function: KernelFunction) -> Inner | None:
    progress, inner = instance.progress, function.keep
    if instance.start.any() or not isinstance(inner, KernelFunction):
        return None
    dimension = int(function.parameters.view("int64")[2])
    kept = dict.fromkeys(QUANTITIES, same)
    within = progress.progress if isinstance(progress, Within) else None
    turned = Instance("inner", inner, np.zeros(dimension), claims=instance.claims, progress=within)
    return Inner(turned, kept, kept, "f(U'x), U with orthonormal columns")


def _scaled(instance: Instance, function: KernelFunction) -> Inner | None:
    progress, inner = instance.progress, function.keep
    height, width = (float(number) for number in function.parameters[OWN : OWN + 2])
    if not isinstance(inner, KernelFunction) or not min(height, width) > 0:
        return None
    factors = {name: arb(height) ** SCALING[name][0] * arb(width) ** SCALING[name][1] for name in QUANTITIES}
    changes = {name: lambda bound, factor=factor: bound * factor for name, factor in factors.items()}
    within = progress.progress if isinstance(progress, Within) else None
    start = instance.start / width
    made = Instance("inner", inner, start, progress=within)
    return Inner(made, changes, changes, f"{height:g} f(x / {width:g})")


def chain_inside(parameters: Array, length: int, claims: Claims | None = None) -> Instance:
    """The chain I with these first link, width and height, and its own progress."""
    function = KernelFunction(chain_kernel, parameters[:3].copy(), chain_band)
    progress = last_above(float(parameters[1]) / 2)
    return Instance("chain", function, np.zeros(length), claims=claims or Claims(), progress=progress)


def _blocks(instance: Instance, function: KernelFunction) -> Inner | None:
    length, progress = int(function.parameters[3]), instance.progress
    if instance.start.any() or length < 1 or instance.dimension % length:
        return None
    n = instance.dimension // length
    root, chain = arb(n).sqrt(), chain_inside(function.parameters, length)
    both: dict[str, Change] = {"smoothness": same, "hessian_smoothness": same, "third_order_smoothness": same}
    both |= {"gap": lambda bound: n * bound, "lipschitz": lambda bound: root * bound}
    floor: dict[str, Change] = {}
    if progress == TotalInBlocks(LastAbove(float(function.parameters[1]) / 2), length):
        floor = {"floor": lambda bound: arb(half(n)).sqrt() * bound}
    return Inner(chain, both, both | floor, f"a sum over {n} blocks")


def _with_quadratic(instance: Instance, function: KernelFunction) -> Inner | None:
    quadratic = float(function.parameters[3])
    if instance.start.any() or not quadratic >= 0:
        return None
    kept: dict[str, Change] = dict.fromkeys(("gap", "hessian_smoothness", "third_order_smoothness"), same)
    kept |= {"smoothness": lambda bound: bound + arb(quadratic)}
    chain = chain_inside(function.parameters, instance.dimension)
    return Inner(chain, kept, {}, f"the chain, and {quadratic:g} |x|^2 / 2, which is >= 0 and 0 at the start")


def bump_curvature() -> arb:
    """The largest |curvature| of Psi(1 - (25/2) |z|^2): with w = 1/(2v - 1) >= 1, v = 1 - (25/2) |z|^2, along z it is
    25 exp(1 - w^2) (16 w^6 - 16 w^5 - 24 w^4 + 20 w^3), across it -100 w^3 exp(1 - w^2).
    """
    w, sizes = fmpq_poly([0, 1]), []
    for polynomial in (25 * (16 * w**6 - 16 * w**5 - 24 * w**4 + 20 * w**3), 100 * w**3):
        turns = real_roots(polynomial.derivative() - 2 * w * polynomial)
        sizes += [abs(at(polynomial, t)) * (1 - t * t).exp() for t in [arb(1), *turns] if not t < 1]
    return largest_of(sizes)


def _with_bump(instance: Instance, function: KernelFunction) -> Inner | None:
    width, (distance, depth) = float(function.parameters[1]), (float(x) for x in function.parameters[3:5])
    if instance.start.any() or not min(width, distance, depth) > 0:
        return None
    bend = arb(depth) * bump_curvature() / arb(distance) ** 2
    more: dict[str, Change] = {"smoothness": lambda bound: bound + bend, "gap": lambda bound: bound + arb(depth)}
    unfelt = instance.progress == LastAbove(width / 2) and arb(width) / 2 <= arb(distance) * arb(3) / 5
    floor: dict[str, Change] = {"floor": same} if unfelt else {}
    chain = chain_inside(function.parameters, instance.dimension)
    return Inner(chain, more, floor, f"the chain less a bump of depth {depth:g}, felt beyond x_T = {0.6 * distance:g}")


def _in_blocks(instance: Instance, function: KernelFunction) -> Inner | None:
    stride, block = int(function.parameters[STRIDE]), int(function.parameters[BLOCK])
    if instance.start.any() or stride not in (1, 2) or block < 1 or function.parameters[RADIUS] != 0:
        return None
    links = instance.dimension // (2 * block) if stride == 2 else instance.dimension // block - 1
    order = function.parameters[COORDINATES:]
    if sorted(order) != list(range(instance.dimension)) or links < 1:
        return None
    chain = chain_inside(function.parameters, links)
    if stride == 2:
        kept = dict.fromkeys(QUANTITIES, same)
        return Inner(chain, kept, kept, "f(V'x), V with orthonormal columns")
    more: dict[str, Change] = {"smoothness": lambda bound: 4 * bound, "gap": same}
    return Inner(chain, more, {"gap": same}, "f(V'x), V'V = tridiag(-1, 2, -1) <= 4")


MAKERS = (
    ((haar_kernel, hadamard_kernel), _rotated),
    ((scaled_kernel,), _scaled),
    ((disjoint_chains_kernel,), _blocks),
    ((regularised_kernel,), _with_quadratic),
    ((carmon_chain_distance_kernel,), _with_bump),
    ((partition_chain_kernel,), _in_blocks),
)


def best(instance: Instance, quantity: str, side: str) -> Proof | None:
    """The best bound that anybody proves of a function from one side."""
    known = [proof for proof in proofs(instance, quantity) if proof.side == side]
    if not known:
        return None
    return min(known, key=lambda proof: proof.value if side == "upper" else -proof.value)


def packed(proof: Proof) -> dict[str, Any]:
    """What another proof keeps of a proof that it rests on."""
    return {"prover": proof.prover, "value": proof.value, "data": dict(proof.data)}


def again(instance: Instance, quantity: str, side: Any, data: Mapping[str, Any]) -> Proof | None:
    """The packed proof, verified for a function and a quantity."""
    prover = PROVERS.get(str(data["prover"]))
    if prover is None or prover.quantity != quantity:
        return None
    return verified(instance, Proof(side, float(data["value"]), "", prover.name, dict(data["data"])))


def carried(instance: Instance, quantity: str, side: Any, proof: Proof | None) -> Proof | None:
    """The bound on an inner function as one on the instance."""
    inner = inner_of(instance)
    if inner is None or proof is None:
        return None
    change = (inner.above if side == "upper" else inner.below)[quantity]
    bound = change(arb(proof.value))
    value = above(bound) if side == "upper" else below(bound)
    return Proof(side, value, f"{inner.why}: {proof.argument}", name_of(quantity, side), packed(proof))


def name_of(quantity: str, side: str) -> str:
    """The name of a prover of this module."""
    return f"transformed, {quantity} {'from above' if side == 'upper' else 'from below'}"


def prover(quantity: str, side: Any) -> Prover:
    """Who carries the bounds on a quantity from one side."""

    def applies(instance: Instance) -> bool:
        inner = inner_of(instance)
        return inner is not None and quantity in (inner.above if side == "upper" else inner.below)

    def prove(instance: Instance) -> Proof | None:
        inner = inner_of(instance)
        return None if inner is None else carried(instance, quantity, side, best(inner.instance, quantity, side))

    def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
        inner = inner_of(instance)
        proof = None if inner is None else again(inner.instance, quantity, side, data)
        return carried(instance, quantity, side, proof)

    return Prover(name_of(quantity, side), quantity, applies, prove, verify)


for _quantity in QUANTITIES:
    add(prover(_quantity, "upper"))
    add(prover(_quantity, "lower"))
