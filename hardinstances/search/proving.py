"""From what a search found to a link with proved numbers, and to its text."""

import math

import numpy as np

from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import proofs
from hardinstances.certify.spline_floor import HALVINGS, bound
from hardinstances.certify.spline_gap import MOST_PARTS, gap_of
from hardinstances.certify.spline_net import cuts_for, spline_of
from hardinstances.search.descent import Measured
from hardinstances.search.shape import Shape
from hardinstances.spline_chain import chain_of_link
from hardinstances.spline_links import SplineLink
from oracles import Instance

UNIT = 1e-6
ROOMS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)  # of the floor below what the search met


def rounded_up(value: float, digits: int) -> float:
    """The next number with so many decimals."""
    return math.ceil(value * 10**digits) / 10**digits


def proved_link(shape: Shape, found: Measured) -> SplineLink | None:
    """The link with the smoothness about 1, in whole numbers of a millionth, and what is proved of it for every T; None
    where no proof is found.
    """
    scaled = found.numbers / found.smoothness / UNIT
    table, curvature = shape.parts(np.round(scaled) + 0.0)
    link = SplineLink(*shape, UNIT, table.ravel(), curvature, 1.0, 1.0, 0.0, 1.0)
    chain = chain_of_link("link", link, length=1)
    spline = spline_of(chain)
    smoothness = [proof.value for proof in proofs(chain, "smoothness")]
    gap = None if spline is None else gap_of(spline, cuts_for(shape.cells, MOST_PARTS))
    floor = proved_floor(chain, 1 / found.smoothness)
    if not smoothness or gap is None or floor is None:
        return None
    per_link, ends = (number * UNIT / shape.right**2 for number in gap)
    return SplineLink(
        *shape,
        UNIT,
        table.ravel(),
        curvature,
        smoothness=rounded_up(min(smoothness), 5),
        gap_per_link=rounded_up(per_link, 7),
        gap_of_ends=max(rounded_up(ends, 5), 0.0),
        floor=-rounded_up(-floor.value, 5),
    )


def proved_floor(chain: Instance, met: float) -> Proof | None:
    """The floor, proved for a target a little below what a search met."""
    spline = spline_of(chain)
    for room in ROOMS:
        target = met * (1 - room) / (spline.height if spline else 1.0)
        found = bound(chain, target, HALVINGS)
        if found is not None and found[1]:
            return found[0]
    return None


def text_of(link: SplineLink) -> str:
    """The link as Python source."""
    cells = link.left + link.right
    table = [" ".join(f"{entry:.0f}" for entry in row) for row in link.coefficients.reshape(cells, cells)]
    lines = [
        f"    left={link.left},",
        f"    right={link.right},",
        f"    dead={link.dead},",
        f"    unit={link.unit},",
        '    coefficients=numbers("""',
        *(f"        {row}" for row in table),
        '    """),',
        '    curvature=numbers("""',
        f"        {' '.join(f'{entry:.0f}' for entry in link.curvature)}",
        '    """),',
        f"    smoothness={link.smoothness},",
        f"    gap_per_link={link.gap_per_link},",
        f"    gap_of_ends={link.gap_of_ends},",
        f"    floor={link.floor},",
    ]
    return "\n".join(["SplineLink(", *lines, ")"])
