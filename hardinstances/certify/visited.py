"""Functions made for the iterates of one method, sawtooth and zigzag, in closed form.

Their floors speak of the iterates in exact arithmetic, which are where the function has the slope U.

The zigzag interpolates f_k, g_k at x_k if f_i >= f_j + <g_j, d> + (|e|^2/L - L |d|^2 + 2 <e, d>)/4 for all pairs, with
d = x_i - x_j and e = g_i - g_j. In units L = U = 1, with m = |i - j| and sine s: for even m the difference of both
sides is tau^2 (1 - s^2) m^2/4, for odd m tau^2 ((1 - s^2) m^2 + s^2)/4 - s^2, so that s <= tau/2 suffices.
"""

from typing import NamedTuple

from flint import arb

from hardinstances.certify.forms import at_least, exactly
from hardinstances.sawtooth import sawtooth_kernel
from hardinstances.zigzag import zigzag_kernel
from oracles import Instance, KernelFunction

ROOM = 1e-12  # relative, of a stored stride to the step that it stands for


class Teeth(NamedTuple):
    """The sawtooth: L, U, w, N, the half width theta w of a tip."""

    smoothness: arb
    steepness: arb
    stride: arb
    steps: int
    tip: arb


class Turns(NamedTuple):
    """The zigzag: L, U, tau, N, sin."""

    smoothness: arb
    steepness: arb
    tau: arb
    steps: int
    sine: arb


def teeth_of(instance: Instance) -> Teeth | None:
    """The sawtooth that an instance is, with teeth that do not reach 0, or None."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not sawtooth_kernel or instance.start.any():
        return None
    smoothness, steepness, stride, steps, _, theta = (float(number) for number in function.parameters)
    if not (min(smoothness, steepness, stride, steps, theta) > 0 and theta < 0.5 and steps.is_integer()):
        return None
    found = Teeth(arb(smoothness), arb(steepness), arb(stride), int(steps), arb(theta) * arb(stride))
    return found if found.smoothness * (found.stride / 2 - found.tip) < found.steepness else None


def turns_of(instance: Instance) -> Turns | None:
    """The zigzag that an instance is, or None."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not zigzag_kernel or instance.start.any():
        return None
    smoothness, steepness, tau, steps, sine, _ = (float(number) for number in function.parameters)
    if not (min(smoothness, steepness, steps, sine) > 0 and 1 <= tau < 2 and sine < 1 and steps.is_integer()):
        return None
    return Turns(arb(smoothness), arb(steepness), arb(tau), int(steps), arb(sine))


def teeth(instance: Instance) -> Teeth:
    """The sawtooth that an instance is known to be."""
    found = teeth_of(instance)
    assert found is not None
    return found


def turns(instance: Instance) -> Turns:
    """The zigzag that an instance is known to be."""
    found = turns_of(instance)
    assert found is not None
    return found


def tooth_fall(instance: Instance) -> arb:
    """N (U w - L (w/2 - theta w)^2) + U theta w + U^2 / (2 L): f falls all the way to its end."""
    t = teeth(instance)
    tooth = t.steepness * t.stride - t.smoothness * (t.stride / 2 - t.tip) ** 2
    return t.steps * tooth + t.steepness * t.tip + t.steepness**2 / (2 * t.smoothness)


def turn_fall(instance: Instance) -> arb:
    """N tau (1 - s^2) U^2 / L + U^2 / (2 L)."""
    t = turns(instance)
    return t.steepness**2 / t.smoothness * (t.steps * t.tau * (1 - t.sine**2) + arb(0.5))


def is_sawtooth(instance: Instance) -> bool:
    """Whether it is the sawtooth."""
    return teeth_of(instance) is not None


def is_zigzag(instance: Instance) -> bool:
    """Whether it is the zigzag."""
    return turns_of(instance) is not None


def walks_its_teeth(instance: Instance) -> bool:
    """Whether a step of U step / L goes from tip to tip."""
    found, step = teeth_of(instance), instance.parameters.get("step")
    if found is None or not isinstance(step, int | float):
        return False
    off = abs(found.stride * found.smoothness / found.steepness / arb(float(step)) - 1)
    return bool(off * found.steps < ROOM and off * found.steps * found.stride < found.tip) or bool(off == 0)


def interpolates(instance: Instance) -> bool:
    """Whether it is the zigzag with sine <= tau/2."""
    found = turns_of(instance)
    return found is not None and bool(2 * found.sine <= found.tau)


exactly(
    "sawtooth, smoothness",
    "smoothness",
    is_sawtooth,
    lambda instance: teeth(instance).smoothness,
    "f' is continuous and piecewise linear with slopes -L, 0 and L",
)
exactly("sawtooth, gap", "gap", is_sawtooth, tooth_fall, "f' > 0 up to the end, so that f falls by all its teeth")
at_least(
    "sawtooth, floor",
    "floor",
    walks_its_teeth,
    lambda instance: teeth(instance).steepness,
    "at 0, -w, .., -N w, from tip to tip of the teeth in steps of t U, the slope is U",
)
exactly(
    "zigzag, smoothness",
    "smoothness",
    is_zigzag,
    lambda instance: turns(instance).smoothness,
    "min over y of (L/2) |x - y|^2 - (L/4) |y|^2 + P(y), P convex: f - (L/2) |x|^2 is a least of affine functions, "
    "f + (L/2) |x|^2 the partial least of L |x - y/2|^2 + P(y), which is convex; beyond the ends the curvature is L",
)
exactly(
    "zigzag, gap",
    "gap",
    is_zigzag,
    turn_fall,
    "f >= P(y) - (L/4) |y|^2 >= f_N - U^2/(2L), least at a vertex of P, and met at x_N - g_N/L",
)
at_least(
    "zigzag, floor",
    "floor",
    interpolates,
    lambda instance: turns(instance).steepness,
    "f interpolates f_k and g_k at x_0 .. x_N, as its data satisfy the conditions for it, with |g_k| = U",
)
