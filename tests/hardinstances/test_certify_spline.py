"""The dead zone of spline chains is proved from the coefficients, and only where it is one."""

from dataclasses import replace

import numpy as np
import pytest

from hardinstances import spline_chain
from hardinstances.certify import provers
from hardinstances.progress import last_above
from hardinstances.spline_chain import COEFFICIENTS
from hardinstances.spline_links import LINKS


@pytest.mark.parametrize("name", sorted(LINKS))
@pytest.mark.parametrize("scale", [{}, {"smoothness": 2.0, "target": 0.01}])
def test_every_link_has_its_dead_zone_and_no_larger_one(name, scale):
    chain, link = spline_chain(length=4, link=name, **scale), LINKS[name]
    (proof,) = provers.proofs(chain, "zero chain")
    assert proof.value == 0 and provers.verified(chain, proof)
    cell = chain.function.parameters[2] / link.right
    wider = replace(chain, progress=last_above((link.dead + 1) * cell))
    assert provers.proofs(wider, "zero chain") == ()


@pytest.mark.parametrize("name", ["R6", "R12", "R13"])
def test_another_coefficient_there_is_noticed(name):
    chain, link = spline_chain(length=4, link=name), LINKS[name]
    cells = link.left + link.right
    for row in (link.left - link.dead - 1, link.left + link.dead):
        parameters = chain.function.parameters.copy()
        parameters[COEFFICIENTS + row * cells + link.left] += 1.0
        wrong = replace(chain, function=replace(chain.function, parameters=parameters))
        assert provers.proofs(wrong, "zero chain") == ()
        x = np.full(4, 0.9 * link.dead / link.right * (1 if row > link.left else -1))
        assert wrong.function.evaluate_one(x, True, True)[1][2] != 0
    curved = chain.function.parameters.copy()
    curved[COEFFICIENTS + cells * cells + 3 * (link.left + 1) + 2] = 1.0
    wrong = replace(chain, function=replace(chain.function, parameters=curved))
    assert provers.proofs(wrong, "zero chain") == ()
