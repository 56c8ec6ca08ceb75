"""Functions pulled towards the origin: f(x h(n)/n) + w(n), n = |x|, behind a wall or softly projected.

With u = x/n, q = h/n and g = grad f(q x) the gradient is q g + ((h' - q) <u, g> + w') u, and the Hessian is at most
that of f, as h' <= q <= 1, plus |g| times the second derivative of the pull, which along a unit vector with the part
sqrt(s) along u is at most the root of (H s + K (1 - s))^2 + 4 K^2 s (1 - s), H = |h''|, K = |q'|. For H >= 2 K it is at
most H: 1.5/R behind the wall and 0.8587/R for the projection, where K is at most 0.375/R and 0.385/R. The gap does not
grow.

The floor, where f is chain I of T links, k >= 1, in orthonormal directions e_1, .., e_T: with y the coordinates of q x
|<u, g>| = |<y, g>|/h <= C T/h, C = sup |t| (max(k, e) Phi'(t) + Psi'(|t|) sup Phi). The first i with |y_i| < 1 has
|g_i| >= 1, whatever comes after. So for h' >= 0 and any number a

    wall:  beyond (1 + a) R the part along u is at least s a R - C T/R; up to there, that along e_i at least
           q - (s a R + (q - h') C T/R)/R, and q itself up to R
    soft:  beyond a R the gradient is at least c a R - q G, G = sup |g|; up to there, that along e_i at least
           q (1 - C T/R^2) - c/q

with q at the end of its range; R, s, c in units of the chain.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from flint import arb, fmpq_poly

from hardinstances.certify.chain_one import chain_of, steepest
from hardinstances.certify.enclosures import PHI_TOTAL, E, above, below
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import at, largest_of, real_roots
from hardinstances.certify.provers import Prover, add
from hardinstances.certify.transformed import again, best, inner_of, packed
from hardinstances.partition_kernel import COORDINATES, RADIUS, STRIDE, partition_chain_kernel
from hardinstances.progress import Within
from hardinstances.transforms.soft_projected import soft_projected_kernel
from hardinstances.transforms.walled import walled_kernel
from oracles import Array, Instance, KernelFunction
from oracles.composition import OWN

CUTS = (0.2, 0.24, 0.26, 0.28, 0.3, 0.35, 0.44, 0.46, 0.47, 0.48, 0.5)  # tried for a
WALL_BEND = arb(1.5)  # |h''| = 6 u (1 - u)/R at u = 1/2


class Pulled(NamedTuple):
    """h f(x q / w) + .. in units of the chain: the inner instance, soft or not, R, s or c, and the units w, h."""

    inner: Instance
    soft: bool
    radius: arb
    strength: arb
    width: arb
    height: arb


def soft_bend() -> arb:
    """3 u (1 + u^2)^(-5/2) at u = 1/2."""
    return arb(1.5) * (arb(5) / 4) ** arb(-2.5)


def pulled_of(instance: Instance) -> Pulled | None:
    """What an instance is, started at 0; None where it is another function."""
    function, progress = instance.function, instance.progress
    if not isinstance(function, KernelFunction) or instance.start.any() or not np.isfinite(instance.start).all():
        return None
    if (
        function.kernel is partition_chain_kernel
        and function.parameters[STRIDE] == 2
        and function.parameters[RADIUS] > 0
    ):
        return _partition(instance, function.parameters)
    if function.kernel not in (walled_kernel, soft_projected_kernel) or not isinstance(function.keep, KernelFunction):
        return None
    radius, strength = (arb(float(number)) for number in function.parameters[OWN : OWN + 2])
    if not (radius > 0 and strength > 0):
        return None
    within = progress.progress if isinstance(progress, Within) else None
    inner = Instance("inner", function.keep, instance.start, progress=within)
    return Pulled(inner, function.kernel is soft_projected_kernel, radius, strength, arb(1), arb(1))


def _partition(instance: Instance, parameters: Array) -> Pulled | None:
    """Paired blocks behind their wall: the chain in orthonormal directions, with the radius in its units."""
    flat = parameters.copy()
    flat[RADIUS], flat[1], flat[2] = 0.0, 1.0, 1.0
    if sorted(parameters[COORDINATES:]) != list(range(instance.dimension)):
        return None
    inner = Instance("inner", KernelFunction(partition_chain_kernel, flat), instance.start)
    return Pulled(inner, False, *(arb(float(x)) for x in (parameters[RADIUS], 1.0, parameters[1], parameters[2])))


def of(instance: Instance) -> Pulled:
    """What an instance is known to be."""
    found = pulled_of(instance)
    assert found is not None
    return found


def is_pulled(instance: Instance) -> bool:
    """Whether the arguments here cover an instance."""
    return pulled_of(instance) is not None


def core_of(instance: Instance) -> Instance | None:
    """The chain I, in its own units, in whose orthonormal coordinates an instance is asked; None where it is none."""
    chain = chain_of(instance)
    if chain is not None:
        return instance if chain.width == 1 and chain.height == 1 else None
    inner = inner_of(instance)
    orthonormal = inner is not None and inner.why.endswith("orthonormal columns")
    return core_of(inner.instance) if inner is not None and orthonormal else None


def outward(first_link: arb) -> arb:
    """C: |t Phi'(t)| <= 1, and t Psi'(t) = 2 (z^3 + z^2) exp(1 - z^2) with z = 1/(2t - 1)."""
    z = fmpq_poly([0, 1])
    weight = 2 * (z**3 + z**2)
    turns = [t for t in real_roots(weight.derivative() - 2 * z * weight) if not t < 0]
    return E.max(first_link) + PHI_TOTAL * largest_of(at(weight, t) * (1 - t * t).exp() for t in turns)


def behind_wall(one: Pulled, length: int, spread: arb, a: arb) -> arb:
    """The floor behind the wall, for this a in (0, 1)."""
    R, s = one.radius, one.strength
    q, slope = (1 + a - a**3 + a**4 / 2) / (1 + a), 1 - 3 * a**2 + 2 * a**3
    far = s * a * R - spread * length / R
    near = q - (s * a * R + (1 - slope) * spread * length / R) / R
    return far.min(near)


def within_ball(one: Pulled, length: int, spread: arb, a: arb, steep: arb) -> arb:
    """The floor of the soft projection, for this a."""
    R, c = one.radius, one.strength
    q = 1 / (1 + a * a).sqrt()
    return (c * a * R - q * steep).min(q * (1 - spread * length / R**2) - c / q)


def floor(instance: Instance) -> Proof | None:
    """The best over a few numbers a, in the units of the instance."""
    one = of(instance)
    core = core_of(one.inner)
    chain = None if core is None else chain_of(core)
    if core is None or chain is None or not chain.first_link >= 1:
        return None
    spread, steep = outward(chain.first_link), steepest(core)
    assert steep is not None
    found = [
        within_ball(one, chain.length, spread, arb(a), arb(steep.value))
        if one.soft
        else behind_wall(one, chain.length, spread, arb(a))
        for a in CUTS
    ]
    value = below(largest_of(found).max(arb(0)) * one.height / one.width)
    argument = "the part along x, or that along the first direction with |y_i| < 1, whose partners are left out"
    return Proof("lower", value, argument, FLOOR)


def knows_front(instance: Instance) -> bool:
    """Whether it is such a function around chain I, whose last coordinate stays below 1 before the end."""
    one = pulled_of(instance)
    return one is not None and core_of(one.inner) is not None


def smooth(instance: Instance, l1: Proof | None, steep: Proof | None) -> Proof | None:
    """L + bend G/R + s from proofs about the inner function."""
    one = of(instance)
    if l1 is None or steep is None:
        return None
    bend = soft_bend() if one.soft else WALL_BEND
    bound = (arb(l1.value) + bend * arb(steep.value) / one.radius + one.strength) * one.height / one.width**2
    argument = f"L + {float(bend):.4g} G/R + {float(one.strength):g}: {l1.argument}; {steep.argument}"
    return Proof("upper", above(bound), argument, SMOOTH, {"smoothness": packed(l1), "lipschitz": packed(steep)})


def prove_smooth(instance: Instance) -> Proof | None:
    """From whoever knows the inner function."""
    inner = of(instance).inner
    return smooth(instance, best(inner, "smoothness", "upper"), best(inner, "lipschitz", "upper"))


def verify_smooth(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """From the two packed proofs."""
    inner = of(instance).inner
    return smooth(instance, *(again(inner, name, "upper", data[name]) for name in ("smoothness", "lipschitz")))


def gap(instance: Instance, proof: Proof | None) -> Proof | None:
    """The gap of the inner function, as w >= 0 and w = 0 at the start, from where the inner function is asked."""
    one = of(instance)
    if proof is None:
        return None
    argument = f"no point sees less than f does, and the start sees f: {proof.argument}"
    return Proof("upper", above(arb(proof.value) * one.height), argument, GAP, packed(proof))


SMOOTH, GAP, FLOOR = "pulled, smoothness", "pulled, gap", "pulled, floor"
add(Prover(SMOOTH, "smoothness", is_pulled, prove_smooth, verify_smooth))
add(
    Prover(
        GAP,
        "gap",
        is_pulled,
        lambda instance: gap(instance, best(of(instance).inner, "gap", "upper")),
        lambda instance, data: gap(instance, again(of(instance).inner, "gap", "upper", data)),
    )
)
add(Prover(FLOOR, "floor", knows_front, floor, lambda instance, data: floor(instance)))
