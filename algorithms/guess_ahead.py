"""Follow the chain, and guess at what lies ahead with the rest of each round."""

import numpy as np

from algorithms.guesses import guess, sparse_guess, with_room
from oracles import Array, Oracle, algorithm, inner, norm

NEW = 1e-6  # the part of a gradient outside of the known span that is not a rounding error, relative to the gradient


@algorithm(source="this project", deterministic=False)
def guess_ahead(
    oracle: Oracle,
    x0: Array,
    *,
    width: int,
    rng: np.random.Generator,
    radius: float = 2.0,
    step: float = 4.0,
    support: int = 0,
) -> None:
    """A round asks x and K - 1 guesses x + radius w; each direction v that an answer shows for the first time is
    followed at once: x <- x - step v. On a chain in a random frame a guess is lucky when it sees a direction ahead of
    the frontier.

    width: K. step: in the units of the chain. support: 0 for w uniform on the unit sphere orthogonal to what is known;
    m > 0 for m equal entries at random coordinates in which x has not moved.

    Cost: one round of K queries per iteration; O(d) arithmetic for each known direction and query.

    Use: to measure what parallel guesses are worth on a chain in a random frame, beside the law of the caps.
    """
    x = x0.copy()
    known, count = np.zeros((8, x0.size)), 0
    while True:
        points = np.empty((width, x0.size))
        points[0] = x
        for k in range(1, width):
            if support > 0:
                direction = sparse_guess(rng.random(x0.size), x == x0, support)
            else:
                direction = guess(rng.standard_normal(x0.size), known, count)
            points[k] = x + radius * direction
        values, gradients = oracle.query(points)
        for k in range(width):
            size = norm(gradients[k])
            if size > 0.0 and count < x0.size:
                fresh = gradients[k].copy()
                for j in range(count):
                    fresh -= inner(known[j], fresh) * known[j]
                if norm(fresh) > NEW * size:
                    if count == known.shape[0]:
                        known = with_room(known)
                    known[count] = guess(fresh, known, count)
                    x = x - step * known[count]
                    count += 1
