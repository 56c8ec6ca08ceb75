"""The Hessian of the chain: tridiagonal, as each link has two coordinates."""

from hardinstances.links import phi, psi
from oracles import Array, kernel
from oracles.kernels import inlined


@inlined
def psi_curvature(t: float) -> float:
    """Psi''(t) = Psi(t) (16 / p^6 - 24 / p^4), p = 2t - 1."""
    value, _ = psi(t)
    if value == 0.0:
        return 0.0
    inverse = 1.0 / (2.0 * t - 1.0) ** 2
    return value * inverse * inverse * (16.0 * inverse - 24.0)


@inlined
def fill_band(x: Array, band: Array, dimension: int, parameters: Array, quadratic: float) -> None:
    """The two diagonals of the Hessian of height * f_T(x / width) + q |x|^2 / 2.

    With t = x / width, s_i the sign of t_i, w_i = Psi(|t_i|) and w_0 the first link,

        H_ii = w_{i-1} t_i Phi'(t_i) - s_i Psi''(|t_i|) Phi(s_i t_{i+1}),   H_{i,i+1} = -s_i Psi'(|t_i|) Phi'(t_{i+1}).
    """
    weight, width, scale = parameters[0], parameters[1], parameters[2] / parameters[1] ** 2
    for i in range(dimension):
        t = x[i] / width
        size, sign = abs(t), -1.0 if t < 0.0 else 1.0
        band[i] = quadratic + (weight * t * phi(t)[1] * scale if weight > 0.0 else 0.0)
        band[dimension + i] = 0.0
        weight, slope = psi(size)
        if i + 1 < dimension and weight > 0.0:
            link, link_slope = phi(sign * x[i + 1] / width)
            band[i] -= sign * psi_curvature(size) * link * scale
            band[dimension + i] = -sign * slope * link_slope * scale


@kernel
def chain_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """parameters: first link, width, height."""
    fill_band(x, band, dimension, parameters, 0.0)
    return 0.0


@kernel
def regularised_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """parameters: first link, width, height, q."""
    fill_band(x, band, dimension, parameters, parameters[3])
    return 0.0
