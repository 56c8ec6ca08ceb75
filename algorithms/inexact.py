"""The rate of gradient descent with steps -G/L where G is the gradient of a point near by."""

import math

from oracles import Bound, Numbers


def nearby_rate(number: str) -> Bound:
    """Rounds of a method that steps by -G/L each round, |G - grad f(x)| <= t epsilon, t the method's number of this
    name, where G is the gradient, or a mean of gradients, of points that were queried.

    While none of them meets the target, f falls by (|g|^2 - |G - g|^2) / (2L) >= (1 - 2t) epsilon^2 / (2L), since |g|
    is at least epsilon less |G - g|.
    """

    def rounds(numbers: Numbers) -> float | None:
        smoothness, distance = numbers["method.smoothness"], numbers[f"method.{number}"]
        target = numbers["method.target"]
        if smoothness < numbers["smoothness"] or numbers["target"] < target or not 0 <= distance < 0.5:
            return None
        return 1 + math.floor(2 * smoothness * numbers["gap"] / ((1 - 2 * distance) * target**2))

    return Bound(
        side="upper",
        counted="rounds",
        statement=f"rounds <= 1 + 2 L D / ((1 - 2 t) target^2), t = {number} < 1/2, any K",
        formula=rounds,
        source="descent lemma, this project",
        tag="derived",
        exponent=2.0,
    )
