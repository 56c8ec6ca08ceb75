"""Hessians in bands: against differences of the gradient, with zeros elsewhere, in own units and scaled."""

import numpy as np
import pytest

from hardinstances import chain_two, nested_chain, sharp_chain, spline_chain
from hardinstances.chain_two import chain_two_band
from hardinstances.nested_chain import nested_chain_band
from hardinstances.sharp_chain import sharp_chain_band
from hardinstances.spline_chain import spline_chain_band

CHAINS = {
    "sharp": (sharp_chain_band, sharp_chain(length=6)),
    "sharp, scaled": (sharp_chain_band, sharp_chain(length=6, smoothness=3.0, target=0.2)),
    "S5": (spline_chain_band, spline_chain(length=6)),
    "S20": (spline_chain_band, spline_chain(length=6, link="S20")),
    "R12, scaled": (spline_chain_band, spline_chain(length=6, link="R12", smoothness=3.0, target=0.2)),
    "two": (chain_two_band, chain_two(length=5, weight=0.3, radius=2.0)),
    "two, scaled": (chain_two_band, chain_two(length=5, smoothness=2.0, hessian_smoothness=3.0, target=0.1)),
    "nested": (nested_chain_band, nested_chain(length=2, bridge=3)),
    "nested, m = 1": (nested_chain_band, nested_chain(length=3, bridge=1, radius=3.0)),
    "nested, scaled": (nested_chain_band, nested_chain(length=2, smoothness=2.0, hessian_smoothness=9.0, target=0.1)),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_the_band_is_the_hessian(name, engine, ask, rng):
    band, chain = CHAINS[name]
    fill = band if engine == "compiled" else band.py_func
    d, parameters = chain.dimension, chain.function.parameters
    width = {"sharp": 3, "two": 3, "nested": 4}.get(name.split(",")[0], 2)
    scale = parameters[width] if "scaled" in name else 1.0
    for _ in range(6):
        x = scale * rng.uniform(-1, 2, d)
        diagonal, beside = np.full(d, np.nan), np.full(d - 1, np.nan)
        fill(x, diagonal, beside, d, parameters)
        matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        h = 1e-6 * scale
        columns = [(ask(chain, x + h * e)[1] - ask(chain, x - h * e)[1]) / (2 * h) for e in np.eye(d)]
        largest = np.abs(matrix).max()
        assert np.array(columns) == pytest.approx(matrix, abs=2e-8 * largest + 1e-9)
        smoothness = chain.claims.value("smoothness")
        assert np.abs(np.linalg.eigvalsh(matrix)).max() <= smoothness * (1 + 1e-9)
