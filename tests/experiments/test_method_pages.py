"""Every method has a page: what it does, what it costs, when to use it, and a figure."""

import pytest

import algorithms  # noqa: F401
from experiments.method_pages import contents, page, panels
from oracles import ALGORITHMS


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_page_says_what_a_step_costs_and_when_to_use_the_method(name):
    text = page(ALGORITHMS[name])
    statement, _, rest = text.partition("Cost: ")
    cost, _, use = rest.partition("Use: ")
    assert len(statement.split()) > 20 and len(cost.split()) > 3 and len(use.split()) > 5
    assert ALGORITHMS[name].source in text and "def " in text
    for bound in ALGORITHMS[name].bounds:
        assert bound.statement in text and bound.tag in text
    assert f"(methods/{name.replace(':', '-')}.md)" in contents()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_figure_shows_the_method(name):
    drawn = [series for panel in panels(ALGORITHMS[name]) for series in panel.series]
    assert name in {series.name.partition(",")[0] for series in drawn}
    assert all(len(series.x) == len(series.y) > 0 for series in drawn)
