"""Chain I of Carmon, Duchi, Hinder and Sidford: every zero-respecting method goes link by link."""

import math

import numpy as np

from hardinstances.chain_hessian import chain_band
from hardinstances.chain_kernel import chain_kernel
from hardinstances.links import PHI_TOTAL, phi, psi
from hardinstances.progress import last_above
from oracles import Bound, Claim, Claims, InputError, Instance, KernelFunction, Numbers, Scope, family

__all__ = ["PHI_TOTAL", "carmon_chain", "chain_kernel", "phi", "psi"]

LOWER_BOUNDS_I = "Carmon, Duchi, Hinder, Sidford, Lower bounds for finding stationary points I, arXiv 1710.11606"
STOCHASTIC = "Arjevani et al., Lower bounds for non-convex stochastic optimization, arXiv 1912.02365"
HERE = "this project"

STEEPEST = 22.902  # e sup Phi' + sup Psi' sup Phi, sup Psi' = sqrt(54/e), rounded up
EPSILON_MARGIN = 1 + 1e-9  # the floor of the scaled chain lies above the target by this factor


def unit_claims(length: int, first_link: float) -> list[Claim]:
    """What is claimed of f_T, the chain in its own units; the floor holds while |x_T| <= 1/2."""
    claims = []
    if first_link == 1.0:
        claims += [
            Claim("smoothness", 152.0, "published", f"{LOWER_BOUNDS_I}; the number as used in {STOCHASTIC}"),
            Claim("gap", 12.0 * length, "published", LOWER_BOUNDS_I),
            Claim("floor", 1.0, "published", LOWER_BOUNDS_I),
            Claim("floor", 1.3411, "proved", f"{HERE}: hardinstances/certify, shortest path over cells, every T"),
            Claim("hessian_smoothness", 1891.61, "measured", f"{HERE}: maximised over points and directions, T <= 3"),
        ]
    else:
        if first_link == math.e:
            claims.append(Claim("floor", 3.383, "measured", f"{HERE}: dynamic programming, then polished, T up to 12"))
            claims.append(Claim("floor", 3.3758, "proved", f"{HERE}: hardinstances/certify, shortest path, every T"))
        elif first_link > 1.0:
            claims.append(Claim("floor", 1.0, "derived", f"{LOWER_BOUNDS_I}; a heavier first link adds to it"))
    if first_link <= math.e:
        claims.append(Claim("smoothness", 134.0239, "proved", f"{HERE}: hardinstances/certify, pivots, every T"))
    excess = max(0.0, first_link - math.e)
    claims += [
        Claim("smoothness", 134.1 + excess, "derived", f"{HERE}: pivot certificate in double arithmetic, every T"),
        Claim("gap", exact_gap(length, first_link), "proved", f"{HERE}: closed form, the infimum is at x -> +infinity"),
        Claim("length", float(length), "derived", "the number of links"),
        Claim(
            "lipschitz",
            math.hypot(STEEPEST * math.sqrt(length - 1), STEEPEST + math.sqrt(math.e) * excess),
            "derived",
            f"{HERE}: |d_i f| <= e sup Phi' + sup Psi' sup Phi < {STEEPEST}",
        ),
    ]
    if first_link == 1.0:
        claims.append(Claim("lipschitz", 23 * math.sqrt(length), "published", LOWER_BOUNDS_I))
    return claims


def exact_gap(length: int, first_link: float) -> float:
    """f_T(0) - inf f_T = sqrt(2 pi e) (first_link / 2 + e (T - 1))."""
    return PHI_TOTAL * (first_link / 2 + math.e * (length - 1))


def fitting_length(gap: float, first_link: float, constants: str) -> int:
    """The longest chain in its own units whose gap is claimed to be at most `gap`."""
    if constants == "published":
        return math.floor(gap / 12)
    return math.floor(1 + (gap / PHI_TOTAL - first_link / 2) / math.e)


def preferred(claims: list[Claim], constants: str) -> Claims:
    """The claims with the chosen constants as defaults: "published" first, or "tight" (measured and proved) first."""
    tags = {
        "published": ("published", "proved", "derived", "measured"),
        "tight": ("measured", "proved", "derived", "published"),
    }
    return Claims(*sorted(claims, key=lambda claim: tags[constants].index(claim.tag)))


def link_by_link(floor: Claim, length: int) -> Bound:
    """No zero-respecting method meets a target up to the floor in fewer than T + 1 rounds, whatever K is.

    The gradient norm stays above the floor strictly: the published bound is strict, the measured ones are rounded down.
    """

    def rounds(numbers: Numbers) -> float | None:
        return length + 1.0 if numbers["target"] <= floor.value else None

    return Bound(
        side="lower",
        counted="rounds",
        statement=f"rounds >= T + 1 = {length + 1} for targets up to {floor.value:.6g}, any K",
        formula=rounds,
        source=f"{LOWER_BOUNDS_I}; floor: {floor.source}",
        tag=floor.tag,
        exponent=2.0,
        scope=Scope("zero-respecting"),
    )


@family(example={"length": 5}, source=LOWER_BOUNDS_I)
def carmon_chain(
    *,
    length: int | None = None,
    first_link: float = math.e,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    constants: str = "tight",
) -> Instance:
    """The chain f_T(x) = -k Phi(x_1) + sum_{i=2..T} [Psi(-x_{i-1}) Phi(-x_i) - Psi(x_{i-1}) Phi(x_i)], start 0.

    supp grad f lies in {1 .. prog_{1/2}(x) + 1}: one coordinate per round. While |x_T| <= 1/2 the gradient norm
    stays above the floor, so that T + 1 rounds are needed.

    length: T = d. first_link: k, the weight of the first link; 1 as published, e (the default) makes the floor 2.5
        times higher at the same smoothness.
    smoothness, gap, target: L, D, epsilon. With L, epsilon and either D or T the chain is scaled,
        f = (L w^2 / l) f_T(x / w) with w = l epsilon / (L G), so that the floor is epsilon and the gradient
        L-Lipschitz, and T is the largest whose gap is at most D. With none of the three it stays in its own units.
    constants: which l, G and gap scale it and are the default claims: "tight" or "published" (152, 1, 12 T; k = 1).
    Cost: O(T) per query, one pass.
    """
    if constants not in ("tight", "published"):
        raise InputError(f"constants of carmon_chain must be 'tight' or 'published', got {constants!r}")
    if constants == "published" and first_link != 1.0:
        raise InputError(f"the published constants are those of first_link=1, got first_link={first_link:g}")
    if not (0 < first_link < math.inf):
        raise InputError(f"first_link must be a positive number, got {first_link:g}")
    for name, number in (("smoothness", smoothness), ("gap", gap), ("target", target), ("length", length)):
        if number is not None and not (0 < number < math.inf):
            raise InputError(f"{name} of carmon_chain must be positive, got {number:g}")

    width = height = 1.0
    if smoothness is None and gap is None and target is None:
        if length is None:
            raise InputError("carmon_chain needs length, or smoothness and target with gap or length")
    else:
        if smoothness is None or target is None or (gap is None) == (length is None):
            raise InputError("to scale carmon_chain give smoothness and target with one of gap and length")
        unit = preferred(unit_claims(1, first_link), constants)
        width = unit.value("smoothness") * target * EPSILON_MARGIN / (smoothness * unit.value("floor"))
        height = smoothness * width**2 / unit.value("smoothness")
        if length is None:
            length = fitting_length(gap / height, first_link, constants)  # type: ignore[operator]
        if length < 1:
            raise InputError(f"gap={gap:g} is too small for one link at smoothness={smoothness:g}, target={target:g}")
    claims = preferred(unit_claims(length, first_link), constants).scaled(height=height, width=width)
    return Instance(
        name="carmon_chain",
        function=KernelFunction(chain_kernel, np.array([first_link, width, height]), chain_band),
        start=np.zeros(length),
        claims=claims,
        bounds=tuple(link_by_link(floor, length) for floor in claims.on("floor")),
        target=target if target is not None else (claims.value("floor") if claims.on("floor") else None),
        progress=last_above(width / 2),
    )
