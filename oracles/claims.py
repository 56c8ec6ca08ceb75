"""What sources assert of an instance, each number with its source and a tag that says how far to trust it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from oracles.errors import InputError

Tag = Literal["proved", "published", "derived", "measured", "recalled"]
TAGS: tuple[Tag, ...] = get_args(Tag)


def weakest(*tags: Tag) -> Tag:
    """The tag of what was concluded from claims with these tags."""
    return max(tags, key=TAGS.index)


CUSTOMARY = "customary_"  # before the name of a quantity: no claim on the function, but what methods take for it

# How a quantity changes when f becomes  height * f(x / width):  value * height**a * width**b.
SCALING: Mapping[str, tuple[int, int]] = {
    "smoothness": (1, -2),
    "customary_smoothness": (1, -2),
    "customary_hessian_smoothness": (1, -3),
    "hessian_smoothness": (1, -3),
    "third_order_smoothness": (1, -4),
    "gap": (1, 0),
    "floor": (1, -1),
    "lipschitz": (1, -1),
    "length": (0, 0),
    "escape_factor": (0, 0),
    "distance": (0, 1),
}


@dataclass(frozen=True)
class Claim:
    """One number that one source asserts.

    quantity: "smoothness" (Lipschitz constant of the gradient), "hessian_smoothness" (of the Hessian),
        "third_order_smoothness" (of the third derivative), "lipschitz" (of f itself), "gap" (f(x0) - inf f, from
        above), "floor" (the gradient norm that the construction keeps, see its instance), "length" (links of a chain),
        "distance" (from the start to a solution, see its instance); "customary_smoothness" and the like (what methods
        take where there is no such constant: no claim on the function); an instance may have others.
    tag: "proved" (by machine, with a certificate that is checked again), "published" (in the source), "derived" (a
        proof or a closed form stands behind it in this project), "measured" (searched numerically, no certificate),
        "recalled" (from memory of the source, not re-read).
    """

    quantity: str
    value: float
    tag: Tag
    source: str

    def __post_init__(self) -> None:
        if self.tag not in TAGS:
            raise InputError(f"unknown tag {self.tag!r} of the claim on {self.quantity}; tags: {', '.join(TAGS)}")


def without_certificate(claim: Claim) -> Claim:
    """The claim as a step of an argument that no certificate covers: derived where it was proved."""
    return replace(claim, tag="derived") if claim.tag == "proved" else claim


class Claims:
    """Claims in the order of preference: the first claim on a quantity is its default."""

    def __init__(self, *claims: Claim) -> None:
        self._claims = claims

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def on(self, quantity: str) -> tuple[Claim, ...]:
        """All claims on `quantity`, the default first."""
        return tuple(claim for claim in self._claims if claim.quantity == quantity)

    def default(self, quantity: str) -> Claim | None:
        """The default claim on `quantity`, if anybody claims anything."""
        return next(iter(self.on(quantity)), None)

    def value(self, quantity: str) -> float:
        """The default value of `quantity`; `InputError` where nobody claims one."""
        claim = self.default(quantity)
        if claim is None:
            raise InputError(f"no claim on {quantity}; there are claims on: {', '.join(self.defaults()) or 'nothing'}")
        return claim.value

    def defaults(self) -> dict[str, float]:
        """The default value of every quantity."""
        values: dict[str, float] = {}
        for claim in self._claims:
            values.setdefault(claim.quantity, claim.value)
        return values

    def for_methods(self) -> dict[str, float]:
        """The default values, and a customary one under the name of its quantity where nothing is claimed of that."""
        values = self.defaults()
        customs = {name: value for name, value in values.items() if name.startswith(CUSTOMARY)}
        return {name.removeprefix(CUSTOMARY): value for name, value in customs.items()} | values

    def tags(self) -> dict[str, Tag]:
        """The tag of the default of every quantity."""
        tags: dict[str, Tag] = {}
        for claim in self._claims:
            tags.setdefault(claim.quantity, claim.tag)
        return tags

    def scaled(self, *, height: float, width: float) -> "Claims":
        """The claims on height * f(x / width)."""

        def rescale(claim: Claim) -> Claim:
            if claim.quantity not in SCALING:
                raise InputError(f"it is not known how {claim.quantity} changes when a function is scaled")
            a, b = SCALING[claim.quantity]
            return replace(claim, value=claim.value * height**a * width**b)

        return Claims(*map(rescale, self._claims))
