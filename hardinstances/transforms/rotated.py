"""Rotation: f(U'x), U having orthonormal columns."""

import numpy as np

from hardinstances.progress import Within
from hardinstances.transforms.carrying import carried, only_stationarity
from hardinstances.transforms.haar import HaarRotation
from hardinstances.transforms.hadamard import HadamardRotation
from oracles import Array, Bound, Claims, InputError, Instance, Scope
from oracles.claims import SCALING
from oracles.composition import compose
from oracles.reductions import band_of, matrix_of

MOST_WITH_HESSIANS = 2048  # dimensions: the Hessian of a rotated function is dense
ROTATIONS = {"hadamard": HadamardRotation, "haar": HaarRotation}


def rotated(instance: Instance, *, rotation: str = "hadamard", seed: int = 0, dimension: int | None = None) -> Instance:
    """f(U'x) for x in R^D, U being D x d with orthonormal columns; its gradient is U grad f(U'x), its start U x0.

    rotation: "hadamard": two rounds of random signs and of the fast Walsh-Hadamard transform, the first d of D
        coordinates, D a power of two; O(D log D) per query and two vectors of memory. "haar": uniformly random, O(d D)
        per query and of memory, at most 2048^2 numbers. Proofs that hide directions need "haar".
    dimension: D >= d; by default the least possible. Along the D - d directions outside of the range of U the function
        is constant, so that smoothness, gap, floor and length are those of f. Other claims are dropped.

    Hessians are U H U', dense, O(D^2 (log D + b)) with "hadamard" and O(D^2 d) with "haar"; up to 2048 dimensions.

    A bound is kept if its class is closed under rotation: whatever a method, or a deterministic method, can do to
    f(U'x) another one can do to f, turning each point and each gradient on the way. The zero-respecting methods are
    no such class, and those bounds are dropped. Progress is that of U'x, where exact zeros have become roundings.
    """
    only_stationarity(instance, "rotated")
    if instance.domain is not None:
        raise InputError(f"{instance.name} has a box for its domain, which a rotation does not keep")
    if rotation not in ROTATIONS:
        raise InputError(f"rotation must be one of {', '.join(ROTATIONS)}, got {rotation!r}")
    for name, number in (("seed", seed), ("dimension", 0 if dimension is None else dimension)):
        if not isinstance(number, int | np.integer) or number < 0:
            raise InputError(f"{name} of a rotation must be a whole number from 0 on, got {number!r}")
    turn = ROTATIONS[rotation].drawn(instance.dimension, dimension, seed)
    progress, small = instance.progress, turn.dimension <= MOST_WITH_HESSIANS

    def bend(band: Array) -> Array:
        turned = turn.outward(turn.outward(matrix_of(band)).T)
        return np.asarray(band_of(turned))

    def leave(points: Array, values: Array, gradients: Array) -> tuple[Array, Array]:
        return values, turn.outward(gradients)

    return Instance(
        name=f"rotated({instance.name})",
        function=compose(
            instance.function,
            instance.dimension,
            turn.kernel,
            turn.numbers,
            enter=turn.inward,
            leave=leave,
            hessian=turn.hessian if small else None,
            bandwidth=turn.dimension - 1,
            bend=bend if small else None,
        ),
        start=turn.outward(instance.start[None])[0],
        claims=Claims(*(claim for claim in instance.claims if claim.quantity in SCALING)),
        bounds=tuple(carried(bound, instance) for bound in instance.bounds if closed_under_rotation(bound)),
        target=instance.target,
        progress=None if progress is None else Within(progress, turn.inward),
        parameters={**instance.parameters, "rotation": rotation, "seed": seed, "dimension": turn.dimension},
    )


def closed_under_rotation(bound: Bound) -> bool:
    """Whether the class that a bound speaks of is all methods, or all deterministic ones, of an order and a width."""
    scope = bound.scope
    return scope.methods != "zero-respecting" and scope == Scope(scope.methods, scope.order, scope.width)
