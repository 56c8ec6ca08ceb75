"""Scaling: height * f(x / width)."""

import math

import numpy as np

from hardinstances.transforms.carrying import carried
from oracles import Array, Box, Goal, InputError, Instance, kernel
from oracles.composition import OWN, ask_inner, ask_inner_band, compose
from oracles.goals import STATIONARITY, Stationarity, projected_gradient


@kernel
def scaled_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f(x / width); parameters: the inner function, height, width."""
    height, width = parameters[OWN], parameters[OWN + 1]
    point = np.empty(dimension)
    for i in range(dimension):
        point[i] = x[i] / width
    value = height * ask_inner(parameters, point, gradient)
    steepening = height / width
    for i in range(dimension):
        gradient[i] *= steepening
    return value


@kernel
def scaled_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """Height / width^2 times the Hessian at x / width."""
    height, width = parameters[OWN], parameters[OWN + 1]
    point = np.empty(dimension)
    for i in range(dimension):
        point[i] = x[i] / width
    inside = ask_inner_band(parameters, point).ravel()
    for i in range(inside.size):
        band[i] = height / width / width * inside[i]
    return 0.0


def scaled(instance: Instance, *, height: float = 1.0, width: float = 1.0) -> Instance:
    """The instance height * f(x / width), with everything that belongs to it.

    The start, the domain and lengths along the construction scale with the width; the target, the floor and the merit
    with height / width; the smoothness with height / width^2, the gap with the height. A bound on the instance at the
    target epsilon is the bound on the scaled one at epsilon * height / width. Hessians scale with height / width^2.
    Cost: O(d) above that of f.
    """
    for name, number in (("height", height), ("width", width), ("height / width", height / width if width else 0)):
        if not 0 < number < math.inf:
            raise InputError(f"{name} must be positive, got {number:g}")
    steepening, progress, box = height / width, instance.progress, instance.domain
    units = f"in targets divided by {steepening:g}"
    return Instance(
        name=f"scaled({instance.name})",
        function=compose(
            instance.function,
            instance.dimension,
            scaled_kernel,
            np.array([height, width]),
            enter=lambda points: points / width,
            leave=lambda points, values, gradients: (height * values, steepening * gradients),
            hessian=scaled_band,
            bend=lambda band: height / width / width * band,
        ),
        start=instance.start * width,
        claims=instance.claims.scaled(height=height, width=width),
        bounds=tuple(
            carried(bound, instance, shrink=1 / steepening, statement=f"{bound.statement}, {units}")
            for bound in instance.bounds
        ),
        goal=scaled_goal(instance.goal, height, width),
        target=None if instance.target is None else instance.target * steepening,
        progress=None if progress is None else lambda points: progress(points / width),
        domain=None if box is None else Box(box.lower * width, box.upper * width),
        parameters={**instance.parameters, "height": height, "width": width},
    )


def scaled_goal(goal: Goal, height: float, width: float) -> Goal:
    """The goal of the scaled instance: its merit is height / width times that of the inner point."""
    if goal is STATIONARITY:
        return goal
    if isinstance(goal, Stationarity) and goal.box is not None:
        return projected_gradient(Box(goal.box.lower * width, goal.box.upper * width))

    def merit(point: Array, value: float, gradient: Array) -> float:
        return height / width * goal.merit(point / width, value / height, gradient * (width / height))

    return Goal(goal.name, merit, goal.needs_value, goal.needs_gradient)
