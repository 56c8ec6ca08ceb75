"""What is known of a chain that shows its next coordinate with probability p: constants, recipes, laws, bounds."""

import math
from typing import Any

from hardinstances.carmon_chain import EPSILON_MARGIN, STOCHASTIC, preferred, unit_claims
from oracles import Bound, Claim, Numbers, Scope
from oracles.claims import weakest

HERE = "this project"
ROW = "the row of the Jacobian bounded entry by entry, and a certificate for the gradient"


def frontier_slopes(first_link: float) -> list[Claim]:
    """What bounds |d_i f_T| at the frontier, the disturbed coordinate; |x_i| <= 1/2 there, so that Psi'(|x_i|) = 0."""
    slope = max(first_link, math.e) * math.sqrt(math.e)
    claims = [Claim("frontier_slope", slope, "derived", f"{HERE}: the heaviest link times sup Phi'")]
    if first_link == 1.0:
        claims.append(Claim("frontier_slope", 23.0, "published", STOCHASTIC))
    return claims


def mean_squared_claims(first_link: float, chance: float) -> list[Claim]:
    """The constant of E|g(x, z) - g(y, z)|^2 <= L^2 |x - y|^2 for the smoothed noise on f_T.

    L^2 = (p l^2 + (1 - p) v^2) / p, where l is the Lipschitz constant of grad f_T and v that of (Theta_i d_i f_T)_i,
    which has one entry that is not 0.
    """
    claims = []
    if first_link <= math.e:
        pairs = ((134.0239, 158.07), (134.1, 161.0))
        measured, derived = (math.sqrt((chance * l**2 + (1 - chance) * v**2) / chance) for l, v in pairs)  # noqa: E741
        claims.append(Claim("mean_squared_smoothness", measured, "measured", f"{HERE}: maximised over points"))
        claims.append(Claim("mean_squared_smoothness", derived, "derived", f"{HERE}: {ROW}"))
    if first_link == 1.0:
        claims.append(Claim("mean_squared_smoothness", 328 / math.sqrt(chance), "published", STOCHASTIC))
    return claims


def chance_for(noise: float, slope: float, constants: str) -> float:
    """The p at which the variance slope^2 (1 - p) / p is noise^2 at most; the published recipe drops the 1 - p."""
    if constants == "published":
        return min(1.0, (slope / noise) ** 2)
    return slope**2 / (slope**2 + noise**2)


def smoothness_for(
    *, mean_squared_smoothness: float, noise: float, target: float, first_link: float = math.e, constants: str = "tight"
) -> float:
    """The smoothness L to build `carmon_chain` with, so that its smoothed noise has this constant in mean square.

    noise: sigma, as given to the oracle. target: epsilon, as given to the chain. With both, T/p grows as
    L D sigma / epsilon^3, L the constant in mean square.
    """
    unit = preferred([*unit_claims(1, first_link), *frontier_slopes(first_link)], constants)
    slope = unit.value("frontier_slope") * target * EPSILON_MARGIN / unit.value("floor")
    chance = chance_for(noise, slope, constants)
    constant = preferred(mean_squared_claims(first_link, chance), constants).value("mean_squared_smoothness")
    return mean_squared_smoothness * unit.value("smoothness") / constant


def chance_in_a_round(chance: float, width: int | None, shared: bool) -> float:
    """The probability that a round shows the next coordinate: p if its queries share a sample, else 1 - (1 - p)^K."""
    if shared or width == 1 or chance == 1.0:
        return chance
    return 1.0 if width is None else -math.expm1(width * math.log1p(-chance))


def rounds_law(length: int, chance: float, width: int | None = 1, shared: bool = False) -> Any:
    """The law of the rounds until T coordinates have been shown to a method that asks at the frontier in each round.

    T plus a negative binomial number of failures: support T, T + 1, .., mean T/p. For any other zero-respecting method
    the number is stochastically larger. The first query with x_T != 0 comes one round later.

    length: T. chance: p. width: K, the queries of a round; None: any number. shared: whether a round is one sample.
    Returns a frozen distribution of `scipy.stats`.
    """
    from scipy.stats import nbinom

    return nbinom(length, chance_in_a_round(chance, width, shared), loc=length)


def late_rounds(
    floor: Claim, length: int, chance: float, width: int | None, shared: bool, confidence: float, exponent: float
) -> tuple[Bound, Bound]:
    """With probability `confidence` no zero-respecting method meets a target up to the floor earlier.

    Whatever happened before, a round shows the next coordinate with probability p at most. The first bound has the
    exact law, the second Chernoff's bound of it, as in the source.
    """
    each, late = chance_in_a_round(chance, width, shared), 1 - confidence

    def by_the_law() -> float:
        return float(rounds_law(length, each).ppf(late)) + 1

    def by_chernoff() -> float | None:
        rounds = (length + math.log(late)) / (2 * each)
        return rounds if rounds > 0 else None

    def bound(words: str, rounds: Any, source: str) -> Bound:
        def formula(numbers: Numbers) -> float | None:
            return rounds() if numbers["target"] <= floor.value else None

        return Bound(
            side="lower",
            counted="rounds",
            statement=f"with probability {confidence:g}, rounds >= {words} for targets up to {floor.value:.6g}, where "
            f"T = {length}, p = {each:.6g} in a round",
            formula=formula,
            source=f"{source}; floor: {floor.source}",
            tag=weakest(floor.tag, "derived"),
            exponent=exponent,
            scope=Scope("zero-respecting", order=1, width=None if shared else width),
        )

    quantile = f"1 + the {late:.3g}-quantile of T + NegativeBinomial(T, p)"
    return (
        bound(quantile, by_the_law, f"{HERE}: the exact law in {STOCHASTIC}"),
        bound(f"(T - log(1 / {late:.3g})) / (2 p)", by_chernoff, STOCHASTIC),
    )
