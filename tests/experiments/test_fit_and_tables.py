import numpy as np
import pandas as pd
import pytest

from experiments import Table, linear, power_law
from experiments.figures import Panel, Series, save
from oracles import InputError


def test_a_power_law_is_recovered_exactly():
    x = [1.0, 2.0, 4.0, 8.0]
    fit = power_law(x, [3 * a**1.75 for a in x])
    assert fit.slope == pytest.approx(1.75, abs=1e-12) and fit.constant == pytest.approx(3.0)
    assert fit.high - fit.low < 1e-10 and fit.points == 4
    line = linear(x, [5 + 2 * a for a in x])
    assert (line.slope, line.constant) == (pytest.approx(2.0), pytest.approx(5.0))


def test_equal_counts_do_not_grow():
    fit = power_law([1.0, 2.0, 4.0], [2.0, 2.0, 2.0])
    assert (fit.slope, fit.low, fit.high) == (0.0, 0.0, 0.0) and fit.constant == pytest.approx(2.0)


def test_two_points_are_not_a_fit():
    assert power_law([1.0, 2.0], [1.0, 2.0]) is None
    assert power_law([1.0, 2.0, 2.0], [1.0, 2.0, 3.0]) is None
    assert power_law([1.0, 2.0, 4.0], [1.0, 0.0, 3.0]) is None


def test_the_interval_covers_the_truth_as_often_as_it_says(rng):
    x = np.geomspace(1, 100, 8)
    covered = 0
    for _ in range(400):
        y = 2 * x**1.5 * np.exp(0.2 * rng.standard_normal(8))
        fit = power_law(list(x), list(y))
        covered += fit.low <= 1.5 <= fit.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.fixture
def table():
    cells = pd.DataFrame({"method": ["a_b", "c|d"], "T=10": ["12", "> 100"]})
    return Table("Rounds & queries", cells, "50 % of it")


def test_formats(table):
    assert table.render("csv").splitlines() == ["method,T=10", "a_b,12", "c|d,> 100"]
    markdown = table.render("markdown").splitlines()
    assert markdown[:1] == ["### Rounds & queries"] and "| a_b | 12 |" in markdown and r"| c\|d | > 100 |" in markdown
    latex = table.render("latex")
    for text in (
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
        r"a\_b & 12",
        "$>$ 100",
        r"50 \% of it",
        r"Rounds \& queries",
    ):
        assert text in latex
    terminal = table.render("terminal", width=60)
    assert "a_b" in terminal and "> 100" in terminal and max(map(len, terminal.splitlines())) <= 60
    with pytest.raises(InputError, match="format must be one of"):
        table.render("html")


def test_a_figure_is_written_with_the_data_of_its_curves(tmp_path):
    panels = [
        Panel("p", "T", "rounds", [Series("theory", [1, 10], [2, 11], theory=True), Series("m", [1, 10], [3, 30])])
    ]
    paths = save("f", panels, tmp_path / "new", ("png", "svg", "pdf"))
    assert [path.name for path in paths] == ["f.png", "f.svg", "f.pdf", "f.csv"]
    assert all(path.stat().st_size > 0 for path in paths)
    data = pd.read_csv(paths[-1])
    assert data.columns.tolist() == ["panel", "series", "T", "rounds"] and data["rounds"].tolist() == [2, 11, 3, 30]
    with pytest.raises(InputError, match="figure's format"):
        save("f", panels, tmp_path, ("gif",))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        save("f", panels, tmp_path / "file" / "below")
