"""The studies of sequential methods hold in their quick form, print, and can fail."""

import pytest

from experiments import Store, sweep
from experiments.study import cases_of, frame_of, study_of
from hardinstances.nested_chain import least_target, nested_chain

pytestmark = pytest.mark.slow

STUDIES = {"nested-chain": (2, 2), "sequential-methods": (5, 1), "smoothness-adaptivity": (1, 3)}  # tables, panels


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """The quick frame of a study, made once."""
    known = {}

    def frame(name):
        if name not in known:
            study = study_of(name)
            store = Store(tmp_path_factory.mktemp(name) / "s.sqlite")
            known[name] = frame_of(sweep(study.name, cases_of(study, True), store, progress=False))
        return known[name].copy()

    return frame


def judged(name, frame):
    study = study_of(name)
    return study.verdict(study, frame)


@pytest.mark.parametrize("name", STUDIES)
def test_the_quick_form_holds_and_prints(frames, name):
    study, frame = study_of(name), frames(name)
    verdict = judged(name, frame)
    assert verdict.outcome == "holds", verdict.evidence
    tables, panels = study.tables(study, frame), study.panels(study, frame)
    assert (len(tables), len(panels)) == STUDIES[name]
    assert all(len(table.cells) and table.render("latex") for table in tables)
    assert all(series.x for panel in panels for series in panel.series)


def test_newton_by_differences_does_not_see_the_bridges(frames):
    frame = frames("nested-chain")
    rounds = frame[frame["method"] == "parallel_cubic_newton"].set_index("instance.bridge")["rounds"]
    assert rounds.nunique() == 1 and len(rounds) == 3


def test_the_targets_of_the_nested_chain_are_where_its_bridge_changes():
    classed = {"smoothness": 2.0, "hessian_smoothness": 3.0}
    for bridge in (4, 9, 16, 30):
        target = least_target(bridge, **classed)
        for factor, expected in ((1.0, bridge), (1 - 1e-6, bridge + 1)):
            chain = nested_chain(**classed, length=2, target=target * factor)
            assert chain.dimension == 2 * (expected + 1) + 1


def where(frame, **values):
    chosen = frame["method"] == values.pop("method")
    for column, value in values.items():
        chosen &= frame[column] == value
    assert chosen.any()
    return chosen


@pytest.mark.parametrize(
    ("name", "rows", "column", "change", "words"),
    [
        ("nested-chain", {"method": "gradient_descent", "label": "against epsilon"}, "queries", 10**6, "theory 2"),
        ("nested-chain", {"method": "parallel_cubic_newton", "instance.bridge": 4}, "rounds", 30, "at every bridge"),
        ("nested-chain", {"method": "universal_heavy_ball"}, "rounds", 5, "comparisons with a bound fail"),
        ("sequential-methods", {"method": "lbfgs", "instance": "carmon_chain"}, "queries", 500, "fewer queries"),
        ("sequential-methods", {"method": "gradient_descent"}, "hit_query", 10**9, "comparisons with a bound fail"),
        ("smoothness-adaptivity", {"method": "arc", "label": "16"}, "queries", 10**6, "exponents in c"),
        ("smoothness-adaptivity", {"method": "armijo"}, "queries", 10**6, "at least"),
        ("smoothness-adaptivity", {"method": "gradient_descent", "label": "1"}, "queries", 5000, "exponents in c"),
    ],
)
def test_the_verdict_can_fail(frames, name, rows, column, change, words):
    frame = frames(name)
    frame.loc[where(frame, **rows), column] = change
    verdict = judged(name, frame)
    assert verdict.outcome == "fails" and words in verdict.evidence


@pytest.mark.parametrize("name", STUDIES)
def test_what_did_not_run_leaves_the_sentence_open(frames, name):
    frame = frames(name)
    frame["met"] = False
    assert judged(name, frame).outcome == "inconclusive"
