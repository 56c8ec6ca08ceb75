"""The functions that oracles ask: compiled kernels and any Python callable, behind one door per round."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from oracles.arrays import Array, Mask
from oracles.errors import AnswerError
from oracles.kernels import ForeignKernel, Kernel, answer_band, answer_point, answer_points
from oracles.reductions import band_of
from oracles.segments import SegmentKernel


class Function(Protocol):
    """Answers a round of points."""

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d); what the masks (K,) do not ask for may be NaN."""
        ...

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        """The same at one point (d,), bit for bit."""
        ...

    def band(self, point: Array) -> Array | None:
        """The lower band (b + 1, d) of the Hessian at one point, see `oracles.models`; None where there is none."""
        ...


@dataclass(frozen=True)
class KernelFunction:
    """A compiled kernel with its parameters.

    hessian: a kernel with the same parameters that fills, in place of the gradient, the lower band (bandwidth + 1, d)
        of the Hessian row by row, with zeros where the band leaves the matrix.
    segments: the same function segment by segment, for when few coordinates move at a time.
    keep: what is kept alive with them.
    """

    kernel: Kernel | ForeignKernel
    parameters: Array
    hessian: Kernel | ForeignKernel | None = None
    bandwidth: int = 1
    segments: SegmentKernel | None = None
    keep: object = None

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        return answer_points(self.kernel, points, self.parameters)

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        return answer_point(self.kernel, point, self.parameters)

    def band(self, point: Array) -> Array | None:
        if self.hessian is None:
            return None
        return answer_band(self.hessian, point, self.parameters, self.bandwidth)


@dataclass(frozen=True)
class JointCallable:
    """`fun(x) -> (value, gradient)`; vectorised: `fun(points) -> (values (K,), gradients (K, d))`.

    hess: `hess(x) -> (d, d)`, or None.
    """

    fun: Callable[[Any], Any]
    vectorised: bool = False
    hess: Callable[[Any], Any] | None = None

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        if self.vectorised:
            return _pair(_ask(self.fun, points, "fun"), points, "fun")
        pairs = [self.evaluate_one(point, True, True) for point in points]
        return np.array([value for value, _ in pairs]), np.stack([gradient for _, gradient in pairs])

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        if self.vectorised:
            values, gradients = self.evaluate(point[None], _ONE, _ONE)
            return float(values[0]), gradients[0]
        answer = _ask(self.fun, point, "fun")
        if type(answer) is tuple and len(answer) == 2:
            found, slope = answer
            if type(found) is float and _is_plain(slope, point.shape):
                return found, slope.copy()
        pair = _pair(answer, point, "fun")
        return float(pair[0]), pair[1]

    def band(self, point: Array) -> Array | None:
        return _band(self.hess, point)


@dataclass(frozen=True)
class SeparateCallables:
    """`fun(x) -> value` and `jac(x) -> gradient`, as SciPy writes them; each is called only where it is asked for.

    vectorised: `fun(points (K, d)) -> (K,)` and `jac(points) -> (K, d)`. hess: `hess(x) -> (d, d)`, or None.
    """

    fun: Callable[[Any], Any]
    jac: Callable[[Any], Any]
    vectorised: bool = False
    hess: Callable[[Any], Any] | None = None

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
                    out[k] = self._one(call, name, points[k], out[k].shape)
        return out_values, out_gradients

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        if self.vectorised:
            values, gradients = self.evaluate(point[None], np.array([value]), np.array([gradient]))
            return float(values[0]), gradients[0]
        found = float(self._one(self.fun, "fun", point, ())) if value else math.nan
        return found, self._one(self.jac, "jac", point, point.shape) if gradient else np.full_like(point, np.nan)

    def band(self, point: Array) -> Array | None:
        return _band(self.hess, point)

    def _one(self, call: Callable[[Any], Any], name: str, point: Array, shape: tuple[int, ...]) -> Any:
        answer = _ask(call, point, name)
        if type(answer) is float and not shape:
            return answer
        return answer.copy() if _is_plain(answer, shape) else _shaped(answer, shape, name, point)


_ONE = np.ones(1, dtype=bool)


def _is_plain(answer: Any, shape: tuple[int, ...]) -> bool:
    """Whether an answer is just the array that is expected; only its copy is handed on."""
    return type(answer) is np.ndarray and answer.dtype == np.float64 and answer.shape == shape


def _band(hess: Callable[[Any], Any] | None, point: Array) -> Array | None:
    """The band of a whole matrix, after a look at its symmetry."""
    if hess is None:
        return None
    matrix = _shaped(_ask(hess, point, "hess"), (point.size, point.size), "the Hessian", point)
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-12, equal_nan=True):
        raise AnswerError(f"the Hessian is not symmetric at x = {short(point)}")
    band: Array = band_of(matrix)
    return band


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
