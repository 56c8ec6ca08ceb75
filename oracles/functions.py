"""The functions that oracles ask: compiled kernels and any Python callable, behind one door per round."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from oracles.arrays import Array, Mask
from oracles.errors import AnswerError
from oracles.kernels import ForeignKernel, Kernel, answer_points


class Function(Protocol):
    """Answers a round of points."""

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d); what the masks (K,) do not ask for may be NaN."""
        ...


@dataclass(frozen=True)
class KernelFunction:
    """A compiled kernel with its parameters; `keep` is kept alive with them."""

    kernel: Kernel | ForeignKernel
    parameters: Array
    keep: object = None

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        return answer_points(self.kernel, points, self.parameters)


@dataclass(frozen=True)
class JointCallable:
    """`fun(x) -> (value, gradient)`; vectorised: `fun(points) -> (values (K,), gradients (K, d))`."""

    fun: Callable[[Any], Any]
    vectorised: bool = False

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        if self.vectorised:
            return _pair(_ask(self.fun, points, "fun"), points, "fun")
        pairs = [_pair(_ask(self.fun, point, "fun"), point, "fun") for point in points]
        return np.array([value for value, _ in pairs]), np.stack([gradient for _, gradient in pairs])


@dataclass(frozen=True)
class SeparateCallables:
    """`fun(x) -> value` and `jac(x) -> gradient`, as SciPy writes them; each is called only where it is asked for.

    vectorised: `fun(points (K, d)) -> (K,)` and `jac(points) -> (K, d)`.
    """

    fun: Callable[[Any], Any]
    jac: Callable[[Any], Any]
    vectorised: bool = False

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        out_values, out_gradients = np.full(len(points), np.nan), np.full_like(points, np.nan)
        for call, name, mask, out in (
            (self.fun, "fun", values, out_values),
            (self.jac, "jac", gradients, out_gradients),
        ):
            if self.vectorised:
                if mask.any():
                    out[mask] = _shaped(_ask(call, points[mask], name), out[mask].shape, name, points[mask])
            else:
                for k in np.flatnonzero(mask):
                    out[k] = _shaped(_ask(call, points[k], name), out[k].shape, name, points[k])
        return out_values, out_gradients


def short(point: Array) -> str:
    """A point for a message: at most eight coordinates."""
    return np.array2string(point, threshold=8, edgeitems=3, separator=", ", max_line_width=10_000).replace("\n", "")


def _ask(call: Callable[[Any], Any], points: Array, name: str) -> Any:
    """Call the user's function on a copy; whatever it raises is told with the point."""
    try:
        return call(points.copy())
    except (Exception, SystemExit) as error:
        message = " ".join(str(error).split())
        raise AnswerError(f"{name} raised {type(error).__name__}: {message} at x = {short(points)}") from error


def _pair(answer: Any, points: Array, name: str) -> tuple[Array, Array]:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise AnswerError(f"{name} must return (value, gradient), it returned {type(answer).__name__}; is jac missing?")
    values = _shaped(answer[0], points.shape[:-1], f"the value of {name}", points)
    gradients = _shaped(answer[1], points.shape, f"the gradient of {name}", points)
    return values, gradients


def _shaped(answer: Any, shape: tuple[int, ...], name: str, points: Array) -> Array:
    """A copy of the answer as floats of this shape; a value may come as an array of one element."""
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "fiub":
            raise TypeError
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise AnswerError(f"{name} is not a real number or array ({kind}) at x = {short(points)}") from None
    if array.shape != shape and not (shape == () and array.size == 1):
        raise AnswerError(f"{name} has the shape {array.shape}, expected {shape}, at x = {short(points)}")
    return array.reshape(shape)
