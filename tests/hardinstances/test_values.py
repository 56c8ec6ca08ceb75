"""Known values: closed forms, progress, scaling, bad parameters."""

import math

import numpy as np
import pytest

from hardinstances import carmon_chain, chained_rosenbrock, nesterov_chain, quadratic, sawtooth
from hardinstances.carmon_chain import PHI_TOTAL
from oracles import InputError

LINKS = {"1": 1.0, "e": math.e, "2.7182818284590452": math.e}


def ask(instance, x):
    asked = np.ones(1, dtype=bool)
    values, gradients = instance.function.evaluate(np.array([x], dtype=float), asked, asked)
    return values[0], gradients[0]


def test_progress_counts_the_last_coordinate_above_half():
    chain = carmon_chain(length=4)
    points = np.array([[0, 0, 0, 0], [0.5, 0, 0, 0], [0.6, 0, 0, 0], [0, 0, -0.7, 0.5], [9, 9, 9, 9]], dtype=float)
    assert chain.progress(points).tolist() == [0, 0, 1, 3, 4]
    assert nesterov_chain(length=3).progress(np.array([[0.0, 1e-300, 0.0]])).tolist() == [2]


@pytest.mark.parametrize(("constants", "first_link"), [("tight", math.e), ("tight", 1.0), ("published", 1.0)])
def test_the_scaled_chain_is_in_its_class(constants, first_link):
    smoothness, gap, target = 3.0, 20.0, 0.11
    chain = carmon_chain(smoothness=smoothness, gap=gap, target=target, constants=constants, first_link=first_link)
    claims = chain.claims
    assert claims.value("smoothness") == pytest.approx(smoothness, rel=1e-12)
    assert claims.value("floor") == pytest.approx(target, rel=1e-8) and claims.value("floor") > target
    assert claims.value("gap") <= gap
    unit = {"published": (1824.0, 0.0), "tight": (131.556, 0.5) if first_link == math.e else (837.03, 0.12)}
    factor, extra = unit[constants]
    assert chain.dimension == math.floor(extra + smoothness * gap / (factor * target**2))
    longer = carmon_chain(
        smoothness=smoothness, target=target, length=chain.dimension + 1, constants=constants, first_link=first_link
    )
    assert longer.claims.value("gap") > gap
    value, gradient = ask(chain, chain.start)
    unscaled, unscaled_gradient = ask(carmon_chain(length=chain.dimension, first_link=first_link), chain.start)
    assert np.linalg.norm(gradient) / np.linalg.norm(unscaled_gradient) == pytest.approx(
        claims.value("floor") / carmon_chain(length=9, first_link=first_link, constants=constants).claims.value("floor")
    )
    assert value / unscaled == pytest.approx(claims.value("gap") / (12 * chain.dimension)) or constants == "tight"


@pytest.mark.parametrize("step", [0.25, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("smoothness", [1.0, 3.7])
def test_the_sawtooth_drops_by_its_gap_and_keeps_its_slope(step, smoothness):
    saw = sawtooth(steps=30, step=step, smoothness=smoothness, gap=2.0)
    steepness, t = saw.claims.value("floor"), step / smoothness
    assert ask(saw, [0.0]) == (2.0, pytest.approx([steepness]))
    end = 30 * t * steepness + steepness / smoothness * (1 + 1e-9)
    assert ask(saw, [-end]) == (pytest.approx(0.0, abs=1e-12), pytest.approx([0.0], abs=1e-12))
    assert ask(saw, [5.0])[0] == pytest.approx(2.0 + 5 * steepness)
    walk = np.linspace(-1.0, end, 4001)
    slopes = np.array([ask(saw, [-u])[1][0] for u in walk])
    values = np.array([ask(saw, [-u])[0] for u in walk])
    trapezoid = np.concatenate([[0], np.cumsum((slopes[1:] + slopes[:-1]) / 2 * np.diff(walk))])
    assert values[0] - values == pytest.approx(trapezoid, abs=1e-3)
    assert np.abs(np.diff(slopes) / np.diff(walk)).max() <= smoothness * (1 + 1e-6)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: carmon_chain(), "needs length"),
        (lambda: carmon_chain(length=0), "length of carmon_chain must be positive"),
        (lambda: carmon_chain(length=3, smoothness=1.0), "give smoothness and target with one of gap and length"),
        (lambda: carmon_chain(length=3, gap=1.0, smoothness=1.0, target=1.0), "one of gap and length"),
        (lambda: carmon_chain(smoothness=1.0, gap=1.0, target=5.0), "too small for one link"),
        (lambda: carmon_chain(smoothness=1.0, gap=1.0, target=-1.0), "target of carmon_chain must be positive"),
        (lambda: carmon_chain(length=3, first_link=-1.0), "first_link must be a positive number"),
        (lambda: carmon_chain(length=3, first_link=0.5, smoothness=1.0, target=1.0), "no claim on floor"),
        (lambda: carmon_chain(length=3, constants="best"), "'tight' or 'published'"),
        (lambda: carmon_chain(length=3, constants="published"), "those of first_link=1"),
        (lambda: nesterov_chain(length=0), "length >= 1"),
        (lambda: sawtooth(steps=0), "steps in 1"),
        (lambda: sawtooth(steps=3, step=1.5), "step in (0, 1]"),
        (lambda: sawtooth(steps=3, gap=0.0), "positive smoothness and gap"),
        (lambda: quadratic(condition=0.5), "condition >= 1"),
        (lambda: chained_rosenbrock(dimension=1), "dimension >= 2"),
        (lambda: quadratic(dimension=2.5), "whole number"),
    ],
)
def test_bad_parameters_get_one_line(build, words):
    with pytest.raises(InputError) as caught:
        build()
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_one_coordinate_is_enough():
    assert ask(quadratic(dimension=1), [2.0]) == (2.0, [2.0])
    value, gradient = ask(carmon_chain(length=1), [0.0])
    assert value == pytest.approx(-math.e * PHI_TOTAL / 2) and gradient == pytest.approx([-math.e * math.sqrt(math.e)])


def test_rosenbrock_has_its_minimum_at_ones():
    assert ask(chained_rosenbrock(dimension=5), np.ones(5))[0] == 0.0
    start = chained_rosenbrock(dimension=5).start
    assert start.tolist() == [-1.2, 1.0, -1.2, 1.0, -1.2]
