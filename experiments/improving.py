"""`testbed improve`: a search for a spline link with a smaller J, proved and written as a file of the user's own."""

import time
from collections.abc import Callable
from keyword import iskeyword
from pathlib import Path

from experiments.resolve import file_of, load
from hardinstances.search import halved, improvements, proved_link, shape_of, text_of, widened
from hardinstances.spline_links import LINKS, SplineLink
from oracles import InputError
from oracles.files import write_whole
from oracles.registry import nearest

FILE = '''"""The chain of a spline link with J = {constant:.5g}, found by a search that began at {start}."""

from hardinstances.spline_chain import chain_of_link
from hardinstances.spline_links import SplineLink, numbers
from oracles import Instance, family

LINK = {link}


@family(example={{"length": 5}}, source="a search that began at {start}")
def {name}(
    *,
    length: int | None = None,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """The chain of LINK; parameters as those of spline_chain."""
    return chain_of_link("{name}", LINK, length=length, smoothness=smoothness, gap=gap, target=target)
'''


def link_of(spec: str) -> SplineLink:
    """A link by name, or the LINK of a file."""
    file = file_of(spec)
    if file is None:
        if spec not in LINKS:
            raise InputError(f"there is no link {spec!r}{nearest(spec, list(LINKS))}")
        return LINKS[spec]
    link = getattr(load(file), "LINK", None)
    if not isinstance(link, SplineLink):
        raise InputError(f"{file.name} has no LINK that is a SplineLink")
    return link


def improve(
    spec: str,
    out: Path,
    *,
    hops: int = 10,
    minutes: float = 60.0,
    seed: int = 0,
    halve: bool = False,
    wider: int = 0,
    told: Callable[[str], None] = print,
) -> tuple[SplineLink, SplineLink]:
    """The link that the search begins with, and the best that it proved, which is in the file `out` when it is found.

    hops: random changes, each with a way down. minutes: after which the search ends. halve, wider: begin with cells of
    half the width, or with so many more on the left, on which the chain is the same. told: gets lines of progress.
    Cost: with 12 cells about a minute for each way down, and as the sixth power of the cells.
    """
    if hops < 0 or wider < 0 or not minutes > 0:
        raise InputError(f"hops and wider must be at least 0 and minutes positive, got {hops}, {wider}, {minutes:g}")
    if out.suffix != ".py" or not out.stem.isidentifier() or iskeyword(out.stem):
        raise InputError(f"the link is written as Python, so the file must be called NAME.py, got {out.name!r}")
    if not out.absolute().parent.is_dir():
        raise InputError(f"there is no folder {out.parent}")
    first = best = link_of(spec)
    shape, numbers = shape_of(first)
    if halve:
        shape, numbers = halved(shape, numbers)
    shape, numbers = widened(shape, numbers, wider)
    until = time.monotonic() + 60 * minutes
    for found in improvements(shape, numbers, hops=hops, seed=seed, until=until, told=told):
        link = proved_link(shape, found)
        if link is None or link.constant >= best.constant:
            told(f"J = {found.constant:.5g} is not proved" if link is None else f"proved: {link.constant:.5g}, no less")
            continue
        best = link
        text = FILE.format(constant=link.constant, start=Path(spec).name, link=text_of(link), name=out.stem)
        write_whole(out, text, "link")
        told(f"proved: J = {link.constant:.5g}, in {out}")
    return first, best
