"""Random smooth functions with known constants: what holds for all functions of a class is tried on many of them."""

import math

import numpy as np

from oracles import Array, Claim, Claims, FiniteSum, InputError, Instance, KernelFunction, family, kernel

SOURCE = "this project"


@kernel
def cosine_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """sum_i a_i (1 - cos(w_i'x + b_i)); parameters: their number n, then a_i, b_i, w_i for each i."""
    value = 0.0
    for j in range(dimension):
        gradient[j] = 0.0
    for i in range(int(parameters[0])):
        first = 1 + i * (dimension + 2)
        phase = parameters[first + 1]
        for j in range(dimension):
            phase += parameters[first + 2 + j] * x[j]
        value += parameters[first] * (1.0 - math.cos(phase))
        slope = parameters[first] * math.sin(phase)
        for j in range(dimension):
            gradient[j] += slope * parameters[first + 2 + j]
    return value


@kernel
def cosine_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The Hessian sum_i a_i cos(w_i'x + b_i) w_i w_i', which is dense; parameters as those of the function."""
    for k in range(dimension * dimension):
        band[k] = 0.0
    for i in range(int(parameters[0])):
        first = 1 + i * (dimension + 2)
        phase = parameters[first + 1]
        for j in range(dimension):
            phase += parameters[first + 2 + j] * x[j]
        curvature = parameters[first] * math.cos(phase)
        for k in range(dimension):
            for j in range(dimension - k):
                band[k * dimension + j] += curvature * parameters[first + 2 + j + k] * parameters[first + 2 + j]
    return 0.0


@family(example={"dimension": 3}, source=SOURCE)
def cosine_mixture(
    *, dimension: int, components: int | None = None, smoothness: float = 1.0, seed: int = 0
) -> Instance:
    """f(x) = (1/n) sum_i a_i (1 - cos(w_i'x + b_i)), start 0: amplitudes a_i uniform in (1/2, 3/2), then scaled,
    frequencies w_i normal with E|w_i|^2 = 1, phases b_i uniform. Its terms are the components of a finite sum.

    components: n, by default 2 d. smoothness: the bound L on the curvature, to which the amplitudes are scaled. With
    W = (1/n) sum_i a_i w_i w_i', L = |W| and the p-th derivative is Lipschitz with L max |w_i|^(p-1); 0 <= f, so that
    the gap is at most f(0).
    Cost: O(n d) per query, O(n d^2) per Hessian.
    """
    n = 2 * dimension if components is None else components
    if dimension < 1 or n < 1 or not 0 < smoothness < math.inf:
        raise InputError(
            f"cosine_mixture needs dimension, components >= 1 and smoothness > 0, got {dimension}, {n}, {smoothness:g}"
        )
    rng = np.random.default_rng(seed)
    frequencies = rng.standard_normal((n, dimension)) / math.sqrt(dimension)
    phases, amplitudes = rng.uniform(0.0, 2 * math.pi, n), rng.uniform(0.5, 1.5, n)
    amplitudes *= smoothness / _largest(amplitudes, frequencies)
    sizes = np.linalg.norm(frequencies, axis=1)
    longest = float(sizes.max())
    return Instance(
        name="cosine_mixture",
        function=_mixture(amplitudes / n, phases, frequencies),
        start=np.zeros(dimension),
        claims=Claims(
            Claim("smoothness", smoothness, "derived", "|W|, which bounds every Hessian"),
            Claim("hessian_smoothness", smoothness * longest, "derived", "|W| max |w_i|"),
            Claim("third_order_smoothness", smoothness * longest**2, "derived", "|W| max |w_i|^2"),
            Claim("gap", float(amplitudes @ (1.0 - np.cos(phases))) / n, "derived", "f(start), as 0 <= f"),
        ),
        target=0.01 * smoothness,
        finite_sum=FiniteSum(
            tuple(
                _mixture(*term) for term in zip(amplitudes[:, None], phases[:, None], frequencies[:, None], strict=True)
            ),
            Claims(
                Claim("component_smoothness", float((amplitudes * sizes**2).max()), "derived", "max a_i |w_i|^2"),
                Claim(
                    "mean_squared_smoothness",
                    math.sqrt(_largest((amplitudes * sizes) ** 2, frequencies)),
                    "derived",
                    "the root of the largest eigenvalue of the mean of a_i^2 |w_i|^2 w_i w_i'",
                ),
            ),
        ),
    )


def _largest(weights: Array, frequencies: Array) -> float:
    """The largest eigenvalue of the mean of weight_i w_i w_i', a little above for the rounding."""
    matrix = (frequencies.T * weights) @ frequencies / len(weights)
    return float(np.linalg.eigvalsh(matrix)[-1]) * (1 + 1e-13)


def _mixture(amplitudes: Array, phases: Array, frequencies: Array) -> KernelFunction:
    """The sum of the terms."""
    rows = np.column_stack((amplitudes, phases, frequencies))
    parameters = np.concatenate(([float(len(rows))], rows.ravel()))
    return KernelFunction(cosine_kernel, parameters, cosine_band, bandwidth=frequencies.shape[1] - 1)
