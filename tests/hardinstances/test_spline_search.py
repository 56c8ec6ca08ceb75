"""The search for spline links: its linear forms against the kernel, its searches against known numbers, its descent."""

import time

import numpy as np
import pytest

from hardinstances import spline_chain
from hardinstances.search import curved, halved, improvements, proved_link, shallow, shape_of, text_of, widened
from hardinstances.search.descent import Descent, hopped, measured
from hardinstances.search.programme import MOST_PARTS, best_change, loop_rows
from hardinstances.search.shape import Shape, bend_row, slope_row
from hardinstances.spline_chain import chain_of_link
from hardinstances.spline_links import LINKS, SplineLink, numbers
from oracles import InputError
from oracles.reductions import matrix_of

NAMES = sorted(LINKS)


def path_to(shape, rng, length=5):
    """A path whose points lie within and beyond the knots."""
    inner = rng.uniform(-shape.left - 1, shape.right + 1, length)
    return np.concatenate([[shape.right], inner, [0.0]])


def chain_with(shape, values, length):
    """The chain with these numbers."""
    table, curvature = shape.parts(values)
    return chain_of_link("chain", SplineLink(*shape, 1.0, table.ravel(), curvature, 1.0, 1.0, 0.0, 1.0), length=length)


@pytest.mark.parametrize("name", NAMES)
def test_linear_forms_are_those_of_the_kernel(name, ask, rng):
    shape, values = shape_of(LINKS[name])
    values = values + 0.1 * shape.free * rng.standard_normal(shape.size)
    chain = chain_with(shape, values, 5)
    for _ in range(20):
        path, u = path_to(shape, rng), rng.standard_normal(5)
        x = path[1:-1] / shape.right
        slope, hessian = ask(chain, x)[1], matrix_of(chain.function.band(x))
        assert slope_row(shape, path, u) @ values == pytest.approx(u @ slope, rel=1e-11, abs=1e-11)
        assert shallow.gradient(shape, values, path) == pytest.approx(slope, rel=1e-11, abs=1e-11)
        bend = bend_row(shape, path, shape.cell_of(path), u) @ values
        assert bend == pytest.approx(u @ hessian @ u, rel=1e-10, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_loops_are_plateaus(name, ask):
    """On knots control points are values: f grows by g(x, x) with each link of a plateau."""
    shape, values = shape_of(LINKS[name])
    rows = loop_rows(shape, values)
    parts = (len(rows) - 3) // (2 * shape.cells)
    assert parts == 1 << (MOST_PARTS // shape.cells).bit_length() - 1
    for knot in range(1, shape.cells):
        t, k = (knot - shape.left) / shape.right, 1 + 2 * parts * knot
        short, long = (ask(chain_with(shape, values, n), np.full(n, t))[0] for n in (3, 4))
        assert rows[k, k] @ values == pytest.approx(long - short, rel=1e-10, abs=1e-12)


def test_beyond_the_knots_upsilon_is_least():
    """With walls that begin by falling, at the bottom of the parabola."""
    shape, values = shape_of(LINKS["R6"])
    values[-shape.cells - 2 :] = [2.0, -0.5, 0.0, 0.0, -0.25, -0.25, -0.25, 1.0]
    rows = loop_rows(shape, values)
    assert rows.shape[0] == 2 * shape.cells * 4 + 3
    flat = np.where(np.arange(shape.size) < shape.cells**2, 0.0, values)
    depth = lambda t: shape.depths(np.array([t])) @ flat[shape.cells**2 :] / shape.right**2  # noqa: E731
    least = min(depth(t)[0] for t in np.linspace(shape.right, shape.right + 5, 5001))
    assert rows[-1, -1] @ flat == pytest.approx(least, rel=1e-6) and rows[-1, -1] @ flat < rows[-2, -2] @ flat
    least = min(depth(-t)[0] for t in np.linspace(shape.left, shape.left + 5, 5001))
    assert rows[0, 0] @ flat == pytest.approx(least, rel=1e-6) and rows[0, 0] @ flat < rows[1, 1] @ flat


@pytest.mark.parametrize("change", [halved, lambda shape, values: widened(shape, values, 2)])
@pytest.mark.parametrize("name", ["S5", "R6"])
def test_other_cells_are_of_the_same_function(name, change, ask, rng):
    shape, values = shape_of(LINKS[name])
    other, changed = change(shape, values)
    assert (changed[~other.free] == 0).all() and other.dead / other.right == shape.dead / shape.right
    for _ in range(50):
        x = rng.uniform(-1.5, 1.5, 4)
        chains = chain_with(shape, values, 4), chain_with(other, changed, 4)
        first, second = ((ask(chain, x)[0] - ask(chain, np.zeros(4))[0], ask(chain, x)[1]) for chain in chains)
        assert second[0] == pytest.approx(first[0], abs=1e-13) and second[1] == pytest.approx(first[1], abs=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_searches_meet_what_is_proved(name):
    """No path below the proved floor, and the best within 3e-4 of it; lambda on a grid below the proved smoothness."""
    link = LINKS[name]
    shape, values = shape_of(link)
    paths, norms = shallow.shallow_paths(shape, values)
    assert link.floor <= norms[0] <= link.floor * (1 + 3e-4) and (np.diff(norms) >= 0).all()
    for path, norm in zip(paths, norms, strict=True):
        assert path[0] == shape.right and abs(path[-2]) <= shape.dead and path[-1] == 0
        assert np.linalg.norm(shallow.gradient(shape, values, path)) == pytest.approx(norm, rel=1e-12)
    bends = curved.bends_of(shape, values)
    number = curved.least_number(bends, 1.3)
    assert number <= link.smoothness <= number * (1 + 3.2e-4)  # the room in which proofs are sought, rounded up
    sizes = np.array([row @ values for row in curved.curved_rows(shape, bends, number, 20)])
    assert 0.99 * number < sizes.max() <= link.smoothness and sizes.min() > 0.9 * number


def test_a_programme_promises_what_its_constraints_allow():
    """The change stays in its box, keeps the dead zone, and its promise is met to first order."""
    shape, values = shape_of(LINKS["R6"])
    at = measured(shape, values)
    descent = Descent(shape, at)
    most = 1e-4 * np.where(shape.free, np.abs(at.numbers).max(), 0.0)
    bends, slopes = np.array(descent.bends), descent._short_slopes()
    change, promised = best_change(shape, at.numbers, at.gap, at.smoothness, bends, slopes, most)
    assert (np.abs(change) <= most * (1 + 1e-6)).all() and (change[~shape.free] == 0).all()
    assert promised < at.constant
    assert (slopes @ (at.numbers + change) >= 1 - 1e-6).all()
    found = measured(shape, at.numbers + change, at)
    assert found.constant == pytest.approx(at.constant, rel=1e-2)


@pytest.mark.slow
def test_a_way_down_proves_its_end():
    """From R6, changed at random: J falls, and what is proved of the end is close to what the search met."""
    shape, values = shape_of(LINKS["R6"])
    start = measured(shape, values)
    descent = Descent(shape, hopped(shape, start, np.random.default_rng(3)))
    constants = [descent.at.constant]
    for _ in range(12):
        descent.step()
        constants.append(descent.at.constant)
    assert constants == sorted(constants, reverse=True) and constants[-1] < 0.99 * constants[0]
    link = proved_link(shape, descent.at)
    assert link.constant == pytest.approx(descent.at.constant, rel=5e-3)
    assert eval(text_of(link), {"SplineLink": SplineLink, "numbers": numbers}).constant == link.constant


def test_the_same_seed_goes_the_same_way():
    shape, values = shape_of(LINKS["S5"])
    start = measured(shape, values)
    for seed in (1, 2):
        ways = [Descent(shape, hopped(shape, start, np.random.default_rng(seed))) for _ in range(2)]
        for descent in ways:
            for _ in range(3):
                descent.step()
        assert ways[0].at.constant == ways[1].at.constant and np.array_equal(ways[0].at.numbers, ways[1].at.numbers)


@pytest.mark.slow
def test_improvements_are_better_each():
    shape, values = shape_of(LINKS["S5"])
    lines = []
    until = time.monotonic() + 8
    found = [one.constant for one in improvements(shape, values, hops=99, seed=1, until=until, told=lines.append)]
    assert found == sorted(found, reverse=True) and found[0] < measured(shape, values).constant
    assert lines[0].startswith("way 0: J = 2.5")


def test_with_no_time_nothing_is_found():
    shape, values = shape_of(LINKS["S5"])
    assert list(improvements(shape, values, hops=9, until=time.monotonic(), told=lambda line: None)) == []


def test_what_has_no_floor_is_refused():
    shape = Shape(2, 3, 0)
    for values in (np.zeros(shape.size), np.append(np.zeros(shape.size - 1), -1.0)):
        assert measured(shape, values) is None
        with pytest.raises(InputError, match="a floor and an infimum"):
            next(improvements(shape, values, hops=0))


def test_the_chain_of_a_link_is_spline_chain():
    for scale in ({"length": 4}, {"length": 4, "smoothness": 2.0, "target": 0.1}):
        one, other = spline_chain(link="R6", **scale), chain_of_link("other", LINKS["R6"], **scale)
        assert np.array_equal(one.function.parameters, other.function.parameters) and other.name == "other"
        assert [claim.value for claim in one.claims] == [claim.value for claim in other.claims]
