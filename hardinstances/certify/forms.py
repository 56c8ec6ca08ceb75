"""Closed forms as provers, and exact bounds on polynomials: a claim that needs no search for its proof."""

from collections.abc import Callable, Iterable
from typing import Any

from flint import acb, arb, fmpq, fmpq_poly

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.enclosures import above
from hardinstances.certify.finding import Proof
from oracles import Instance

Applies = Callable[[Instance], bool]
Number = Callable[[Instance], arb]


def rounded_up(number: arb) -> float:
    """The number itself where a double holds it, else a double that is certainly not below."""
    return float(number) if number.is_exact() and arb(float(number)) == number else above(number)


def at_most(name: str, quantity: str, applies: Applies, number: Number, argument: str) -> None:
    """Register that a quantity is at most a number, which is rounded up; a number that is not finite proves nothing."""

    def prove(instance: Instance) -> Proof | None:
        bound = number(instance)
        return Proof("upper", rounded_up(bound), argument, name) if bound.is_finite() else None

    closed_form(name, quantity, prove, applies)


def at_least(name: str, quantity: str, applies: Applies, number: Number, argument: str) -> None:
    """Register that a quantity is at least a number, which is rounded down; a zero has no sign."""

    def prove(instance: Instance) -> Proof | None:
        bound = number(instance)
        return Proof("lower", 0.0 - rounded_up(-bound), argument, name) if bound.is_finite() else None

    closed_form(name, quantity, prove, applies)


def exactly(name: str, quantity: str, applies: Applies, number: Number, argument: str) -> None:
    """Register a quantity from both sides."""
    at_most(name, quantity, applies, number, argument)
    at_least(f"{name} from below", quantity, applies, number, argument)


def exact(number: float) -> fmpq:
    """A double as the fraction that it is."""
    return fmpq(*float(number).as_integer_ratio())


def largest_of(balls: Iterable[arb]) -> arb:
    """A ball that holds the largest of some numbers."""
    numbers = list(balls)
    found = numbers[0]
    for number in numbers[1:]:
        found = found.max(number)
    return found


def at(polynomial: fmpq_poly, t: arb) -> arb:
    """The value of a polynomial, by Horner's rule."""
    value = arb(0)
    for coefficient in reversed(polynomial.coeffs()):
        value = value * t + arb(coefficient)
    return value


def real_roots(polynomial: fmpq_poly) -> list[arb]:
    """Balls that hold all real roots; one that holds none may be among them."""
    if polynomial.degree() < 1:
        return []
    pairs: Any = polynomial.complex_roots()  # with multiplicities
    roots: list[acb] = [root for root, _ in pairs]
    return [root.real for root in roots if root.imag.contains(0)]


def values_where_it_turns(polynomial: fmpq_poly, low: fmpq, high: fmpq) -> list[arb]:
    """The values of a polynomial at the ends of an interval and where its derivative vanishes on it."""
    turns = [t for t in real_roots(polynomial.derivative()) if not (t < arb(low) or t > arb(high))]
    return [at(polynomial, t) for t in (arb(low), arb(high), *turns)]


def largest_size(polynomial: fmpq_poly, low: fmpq, high: fmpq) -> arb:
    """The largest |p| on an interval."""
    return largest_of(abs(value) for value in values_where_it_turns(polynomial, low, high))
