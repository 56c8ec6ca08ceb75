"""Quadratic instances: their eigenvalues and least values in closed form."""

from flint import arb

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import exactly, largest_of
from hardinstances.nesterov_chain import nesterov_kernel
from hardinstances.progress import LastAbove
from hardinstances.quadratic import quadratic_kernel
from oracles import Instance, KernelFunction


def eigenvalues(instance: Instance) -> list[arb]:
    """The eigenvalues of the diagonal quadratic, all positive, or nothing where it is another function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not quadratic_kernel:
        return []
    numbers = [arb(float(number)) for number in function.parameters]
    return numbers if len(numbers) == instance.dimension and all(number > 0 for number in numbers) else []


def is_quadratic(instance: Instance) -> bool:
    """Whether it is the diagonal quadratic."""
    return bool(eigenvalues(instance))


def fall(instance: Instance) -> arb:
    """f(x0) - inf f = (1/2) sum lambda_i x0_i^2."""
    pairs = zip(eigenvalues(instance), instance.start, strict=True)
    return sum((number * arb(float(x)) ** 2 for number, x in pairs), arb(0)) / 2


def stiffness(instance: Instance) -> arb | None:
    """The L of Nesterov's quadratic chain from 0, or None."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not nesterov_kernel or instance.start.any():
        return None
    number = float(function.parameters[0])
    return arb(number) if 0 < number < float("inf") else None


def is_nesterov(instance: Instance) -> bool:
    """Whether it is Nesterov's quadratic chain."""
    return stiffness(instance) is not None


def largest_eigenvalue(instance: Instance) -> arb:
    """L sin^2(k pi / (2 (k + 1))), the largest eigenvalue of (L/4) tridiag(-1, 2, -1)."""
    number, k = stiffness(instance), instance.dimension
    assert number is not None
    return number * (arb.pi() * k / (2 * (k + 1))).sin() ** 2


def nesterov_gap(instance: Instance) -> arb:
    """(L/8) (1 - 1/(k + 1))."""
    number, k = stiffness(instance), instance.dimension
    assert number is not None
    return number / 8 * k / (k + 1)


def three_in_a_row(instance: Instance) -> Proof:
    """That an entry of the gradient vanishes where its coordinate and both neighbours do, but for the first."""
    argument = "entry i > 1 of (L/4) (Ax - e_1) is 0 where x_{i-1} = x_i = x_{i+1} = 0"
    return Proof("upper", 0.0, argument, "Nesterov's chain, zero chain")


def zero_is_its_threshold(instance: Instance) -> bool:
    """Whether it is the chain, with progress the last coordinate that is not 0."""
    progress = instance.progress
    return is_nesterov(instance) and isinstance(progress, LastAbove) and progress.threshold == 0


CONSTANT = "the Hessian is constant"
exactly("quadratic, smoothness", "smoothness", is_quadratic, lambda i: largest_of(eigenvalues(i)), "largest eigenvalue")
exactly("quadratic, Hessian", "hessian_smoothness", is_quadratic, lambda _: arb(0), CONSTANT)
exactly("quadratic, gap", "gap", is_quadratic, fall, "f(x0), as the least value is f(0) = 0")
EIGENVALUE = "the largest eigenvalue of (L/4) tridiag(-1, 2, -1) is L sin^2(k pi / (2 (k + 1))) < L"
exactly("Nesterov's chain, smoothness", "smoothness", is_nesterov, largest_eigenvalue, EIGENVALUE)
MINIMISER = "the minimiser is x_i = 1 - i/(k + 1), where f = -(L/8) (1 - 1/(k + 1))"
exactly("Nesterov's chain, gap", "gap", is_nesterov, nesterov_gap, MINIMISER)
closed_form("Nesterov's chain, zero chain", "zero chain", three_in_a_row, zero_is_its_threshold)
