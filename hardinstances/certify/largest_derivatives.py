"""The largest derivatives of the functions of one variable that chains are made of, by exact roots of polynomials.

    Psi^(p)(t) = exp(1 - z^2) P_p(z), z = 1/(2t - 1) > 0,   P_0 = 1, P_{p+1} = 4 z^3 P_p - 2 z^2 P_p'
    Phi^(p)(t) = sqrt(e) exp(-t^2/2) Q_p(t), p >= 1,        Q_1 = 1, Q_{p+1} = Q_p' - t Q_p
    Upsilon_r^(p)(t) = N_p(s) / (1 + s^2)^p, s = t/r,       N_1 = 120 r^2 (r s^3 - s^2),
                                                            N_{p+1} = (N_p' (1 + s^2) - 2 p s N_p) / r

Each is extreme where the derivative of a polynomial, or of its product with the weight, vanishes.
"""

from functools import cache

from flint import arb, fmpq, fmpq_poly

from hardinstances.certify.enclosures import PHI_TOTAL, E
from hardinstances.certify.forms import at, largest_of, real_roots

SQUARE = fmpq_poly([1, 0, 1])


@cache
def largest_psi(order: int) -> arb:
    """The supremum of |Psi^(p)|; e for p = 0."""
    if order == 0:
        return E
    polynomial, z = fmpq_poly([1]), fmpq_poly([0, 1])
    for _ in range(order):
        polynomial = 4 * z**3 * polynomial - 2 * z**2 * polynomial.derivative()
    turns = real_roots(polynomial.derivative() - 2 * z * polynomial)
    return largest_of(abs(at(polynomial, t)) * (1 - t * t).exp() for t in turns if not t < 0)


@cache
def largest_phi(order: int) -> arb:
    """The supremum of |Phi^(p)|; sqrt(2 pi e) for p = 0."""
    if order == 0:
        return PHI_TOTAL
    polynomial, t = fmpq_poly([1]), fmpq_poly([0, 1])
    for _ in range(order - 1):
        polynomial = polynomial.derivative() - t * polynomial
    turns = real_roots(polynomial.derivative() - t * polynomial)
    return largest_of(abs(at(polynomial, s)) * ((1 - s * s) / 2).exp() for s in turns)


@cache
def upsilon_numerator(order: int, radius: fmpq) -> fmpq_poly:
    """N_p."""
    if order == 1:
        return fmpq_poly([0, 0, -120 * radius**2, 120 * radius**3])
    before, power = upsilon_numerator(order - 1, radius), order - 1
    return (before.derivative() * SQUARE - 2 * power * fmpq_poly([0, 1]) * before) * (1 / radius)


@cache
def upsilon_range(order: int, radius: fmpq) -> tuple[arb, arb]:
    """The largest Upsilon_r^(p) and the largest -Upsilon_r^(p), p >= 2; far out the second tends to 120 r^2."""
    numerator = upsilon_numerator(order, radius)
    turns = real_roots(numerator.derivative() * SQUARE - 2 * order * fmpq_poly([0, 1]) * numerator)
    values = [at(numerator, s) / (1 + s * s) ** order for s in turns]
    values.append(arb(120 * radius**2) if order == 2 else arb(0))
    return largest_of(values), largest_of(-value for value in values)


def largest_upsilon(order: int, radius: fmpq) -> arb:
    """The supremum of |Upsilon_r^(p)|, p >= 2."""
    return largest_of(upsilon_range(order, radius))


def upsilon_depth(radius: fmpq) -> arb:
    """Upsilon_r(0) = 120 int_0^1 u^2 (1 - u) / (1 + u^2/r^2) du = 120 r^3 (q - atan q - (r/2)(q^2 - log(1 + q^2))),
    q = 1/r; a ball that is wide where r is very large.
    """
    r, q = arb(radius), 1 / arb(radius)
    return 120 * r**3 * (q - q.atan() - r / 2 * (q * q - (1 + q * q).log()))
