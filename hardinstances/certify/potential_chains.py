"""Chain II and the nested chain: derivatives and gaps in closed form, for every length.

Chain II: f = (sqrt(mu)/2) (x_1 - 1)^2 + (1/2) sum (x_{i+1} - x_i)^2 + mu sum Upsilon_r(x_i). With (u - v)^2 <=
2 u^2 + 2 v^2 the Hessian is at most a diagonal one, with 4 + mu Upsilon_r'' at most, and at least -mu sup
(-Upsilon_r''). The third and the fourth derivative are diagonal. Upsilon_r is least at 1, where it is 0, so that
inf f = f(1, .., 1) = 0.

The nested chain: a spring (k/2) (b v - a u)^2 gives 2 k a^2 and 2 k b^2 to the diagonal in the same way.
"""

from typing import NamedTuple

from flint import arb, ctx, fmpq

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import Number, at_most, exact, exactly, largest_of
from hardinstances.certify.largest_derivatives import largest_upsilon, upsilon_depth, upsilon_range
from hardinstances.chain_two import chain_two_kernel
from hardinstances.nested_chain import nested_chain_kernel
from hardinstances.progress import LastAbove
from oracles import Instance, KernelFunction

PRECISION = 400  # bits, for the depth of Upsilon_r with large r


class Potential(NamedTuple):
    """height * F(x / width), F being chain II (bridge = 0) or the nested chain; T, m, mu or nu, r."""

    length: int
    bridge: int
    weight: fmpq
    radius: fmpq
    width: arb
    height: arb

    @property
    def first(self) -> arb:
        """The stiffness of the spring that ties the first coordinate to 1."""
        return arb(self.weight) if self.bridge else arb(self.weight).sqrt()


def potential_of(instance: Instance) -> Potential | None:
    """The chain that an instance is, recognised by its kernel and its start."""
    function = instance.function
    if not isinstance(function, KernelFunction) or instance.start.any():
        return None
    numbers = [float(number) for number in function.parameters]
    if function.kernel is chain_two_kernel:
        bridge, (weight, radius, _, width, height) = 0, numbers
    elif function.kernel is nested_chain_kernel and numbers[0] >= 1 and numbers[0].is_integer():
        bridge, (weight, radius, _, width, height) = int(numbers[0]), numbers[1:]
    else:
        return None
    links, rest = divmod(instance.dimension - 1, bridge + 1)
    if rest or links < 1 or not (radius >= 1 and 0 < weight <= 1 and min(width, height) > 0):
        return None
    if not all(number < float("inf") for number in numbers):
        return None
    return Potential(links, bridge, exact(weight), exact(radius), arb(width), arb(height))


def is_potential(instance: Instance) -> bool:
    """Whether the arguments here cover an instance."""
    return potential_of(instance) is not None


def of(instance: Instance) -> Potential:
    """The chain that an instance is known to be."""
    chain = potential_of(instance)
    assert chain is not None
    return chain


def springs(bridge: int) -> tuple[arb, arb]:
    """What the springs give to the diagonal at most: at a coordinate with a potential, and at one without."""
    if bridge == 0:
        return arb(4), arb(2)
    m = arb(bridge)
    inner = arb(4) if bridge >= 3 else 2 + 2 / m if bridge == 2 else 4 / m
    return 4 / m**2, inner


def smoothest(instance: Instance) -> arb:
    """The bound of the diagonal, in the units of the instance."""
    chain = of(instance)
    weight, (rise, dip) = arb(chain.weight), upsilon_range(2, chain.radius)
    with_potential, without = springs(chain.bridge)
    first = chain.first + with_potential / 2 + weight * rise
    bound = largest_of([with_potential + weight * rise, without, first, weight * dip])
    return bound * chain.height / chain.width**2


def derivative(order: int) -> Number:
    """The bound mu sup |Upsilon_r^(p)| height / width^p."""

    def number(instance: Instance) -> arb:
        chain = of(instance)
        largest = arb(chain.weight) * largest_upsilon(order, chain.radius)
        return largest * chain.height / chain.width**order

    return number


def fall(instance: Instance) -> arb:
    """f(0) - inf f."""
    chain = of(instance)
    with ctx.workprec(PRECISION):
        per_link = arb(chain.weight) * upsilon_depth(chain.radius)
        return (chain.first / 2 + per_link * chain.length) * chain.height


def quiet(instance: Instance) -> Proof:
    """That an entry of the gradient vanishes where its coordinate and both neighbours do, but for the first."""
    argument = "entry i > 1 of the gradient is 0 where x_{i-1} = x_i = x_{i+1} = 0, as Upsilon_r'(0) = 0"
    return Proof("upper", 0.0, argument, "chains with potentials, zero chain")


def knows_progress(instance: Instance) -> bool:
    """Whether it is such a chain, with the last coordinate that is not 0 as progress."""
    progress = instance.progress
    return is_potential(instance) and isinstance(progress, LastAbove) and progress.threshold == 0


NAME = "chains with potentials"
SMOOTH = "(u - v)^2 <= 2 u^2 + 2 v^2 for each spring, and the range of Upsilon_r'' by the zeros of Upsilon_r'''"
DIAGONAL = "the derivative is diagonal, with mu sup |Upsilon_r^(p)| by the zeros of the next derivative"
at_most(f"{NAME}, smoothness", "smoothness", is_potential, smoothest, SMOOTH)
exactly(f"{NAME}, third derivative", "hessian_smoothness", is_potential, derivative(3), DIAGONAL)
exactly(f"{NAME}, fourth derivative", "third_order_smoothness", is_potential, derivative(4), DIAGONAL)
exactly(f"{NAME}, gap", "gap", is_potential, fall, "f(0), as the least value is f = 0, where all springs are at rest")
closed_form(f"{NAME}, zero chain", "zero chain", quiet, knows_progress)
