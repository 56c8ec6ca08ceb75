"""The studies of random gradients and finite sums: their numbers, that their verdicts can fail, the test of fit."""

import numpy as np
import pytest

from experiments import Store, sweep
from experiments.goodness import cramer_von_mises, fit_probability
from experiments.study import cases_of, frame_of, study_of
from hardinstances.frontier_laws import rounds_law

pytestmark = pytest.mark.slow

NAMES = ("stochastic-chain", "mean-squared-smooth", "finite-sum", "stochastic-rates")
FRAMES = {}


@pytest.fixture
def frame(name, tmp_path_factory):
    """The quick form, run once; of the finite sums one run of each case suffices."""
    if name not in FRAMES:
        study = study_of(name)
        store = Store(tmp_path_factory.mktemp("study") / "s.sqlite")
        cases = [case for case in cases_of(study, True) if name != "finite-sum" or case.repeat == 0]
        FRAMES[name] = frame_of(sweep(study.name, cases, store, progress=False))
    return FRAMES[name]


def judged(name, frame):
    study = study_of(name)
    return study.verdict(study, frame)


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_form_holds_and_prints(name, frame):
    verdict = judged(name, frame)
    assert verdict.outcome == "holds", verdict.evidence
    study = study_of(name)
    for table in study.tables(study, frame):
        assert table.render("markdown")
    assert all(panel.series for panel in study.panels(study, frame))


@pytest.mark.parametrize(
    ("name", "rows", "column", "change", "words"),
    [
        ("stochastic-chain", {"K": 4, "model.chance": 0.2}, "rounds", lambda y: y + 3, "chain_pursuit, p = 0.2, K = 4"),
        ("stochastic-chain", {"K": 1, "model.chance": 0.05}, "rounds", lambda y: 1.5 * y, "p = 0.05, K = 1"),
        ("stochastic-chain", {"method": "guess_ahead"}, "rounds", lambda y: 0.5 * y, "random frame"),
        ("stochastic-chain", {"method": "sgd"}, "rounds", lambda y: 0 * y + 7, "(sgd, p = 0.5"),
        ("mean-squared-smooth", {"method": "storm"}, "queries", lambda y: y**1.4, "storm (K=2) 4."),
        ("mean-squared-smooth", {"method": "sgd", "label": ""}, "queries", lambda y: y**0.7, "theory 4 +- 0.35: sgd"),
        ("mean-squared-smooth", {"method": "storm"}, "rounds", lambda y: 0 * y + 2, "comparisons with a bound fail"),
        ("finite-sum", {"method": "page"}, "queries", lambda y: y**1.4, "page: exponent in n 0.9"),
        ("finite-sum", {"method": "svrg"}, "hit_query", lambda y: 0 * y + 2, "comparisons with a bound fail: svrg"),
        ("finite-sum", {"method": "page"}, "hit_query", lambda y: y * 1e4, "comparisons with a bound fail: page"),
        ("stochastic-rates", {"method": "sgd"}, "queries", lambda y: y**0.75, "theory 4 +- 0.35: sgd (K=1) 3.0"),
        ("stochastic-rates", {"method": "page_online"}, "queries", lambda y: y**1.3, "page_online (K=1024) 4."),
    ],
)
def test_the_verdict_can_fail(name, frame, rows, column, change, words):
    false = frame.copy()
    chosen = np.logical_and.reduce([false[key] == value for key, value in rows.items()])
    assert chosen.any()
    false[column] = false[column].astype(float)
    false.loc[chosen, column] = change(false.loc[chosen, column])
    verdict = judged(name, false)
    assert verdict.outcome == "fails" and words in verdict.evidence


@pytest.mark.parametrize("name", ["stochastic-chain"])
def test_a_run_that_met_nothing_leaves_the_law_open(name, frame):
    false = frame.copy()
    false.loc[0, "met"] = False
    assert judged(name, false).outcome == "inconclusive"


@pytest.mark.parametrize("name", ["finite-sum"])
def test_a_full_gradient_is_n_component_queries(name, frame):
    from experiments.studies.finite_sum import OWN, counted

    rows = counted(frame)
    descent = rows[(rows["method"] == "gradient_descent") & (rows["label"] != OWN)]
    assert (descent["component queries"] == descent["queries"] * descent["instance.components"]).all()
    steps = descent.set_index("n")["queries"]
    assert steps.max() < 1.2 * steps.min(), "T sqrt(n) is fixed"


# The test of fit.


def test_the_statistic_by_its_definition():
    law, counts = rounds_law(3, 0.4), np.array([3, 5, 5, 9, 20])
    support = np.arange(3, 200)
    empirical = np.array([(counts <= value).mean() for value in support])
    direct = 5 * np.sum((empirical - law.cdf(support)) ** 2 * law.pmf(support))
    assert cramer_von_mises(counts[None], law)[0] == pytest.approx(direct, rel=1e-8)
    two = cramer_von_mises(np.stack([counts, counts[::-1] + 1]), law)
    assert two[0] == pytest.approx(direct, rel=1e-8) and two[1] != two[0]


@pytest.mark.parametrize(("length", "chance", "size"), [(6, 0.05, 20), (2, 0.9, 30), (4, 1.0, 10)])
def test_the_level_is_kept_and_a_wrong_law_is_seen(length, chance, size):
    """Over counts that are from the law, p-values below a level are no more frequent than it; for a law with another
    mean they are small.
    """
    law, rng = rounds_law(length, chance), np.random.default_rng(8)
    values = np.array([fit_probability(law.rvs(size=size, random_state=rng), law) for _ in range(40)])
    for level in (0.05, 0.2, 0.5):
        assert (values <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 40)
    wrong = rounds_law(length, 0.5 * chance)
    assert np.median([fit_probability(wrong.rvs(size=size, random_state=rng), law) for _ in range(8)]) < 0.01


def test_a_law_that_is_one_point():
    law = rounds_law(4, 1.0)
    assert fit_probability([4, 4, 4], law) == 1.0
    assert fit_probability([4, 5, 4], law) == 1 / 10_000
