"""What methods with momentum share."""

from oracles import Array, compiled, norm

LEAST_DAMPING = 1e-12


@compiled
def at_least(hessian_smoothness: float, smoothness: float, target: float) -> float:
    """The Lipschitz constant of the Hessian, or LEAST_DAMPING L^2/target if that is more.

    What is larger is a Lipschitz constant too; so sqrt(target/constant) is a length where the Hessian is constant.
    """
    return max(hessian_smoothness, LEAST_DAMPING * smoothness * smoothness / target)


@compiled
def quotient(numerator: float, denominator: float) -> float:
    """The quotient of two positive numbers; 0 if either is not."""
    return numerator / denominator if numerator > 0.0 and denominator > 0.0 else 0.0


@compiled
def point_of_ball(centre: Array, radius: float, normal: Array) -> Array:
    """A uniform point (d,) of the ball about `centre` (d,), from d + 2 independent normal numbers."""
    point: Array = centre + radius / norm(normal) * normal[: centre.size]
    return point
