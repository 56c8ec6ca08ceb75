"""`testbed improve`: what it writes is an instance of the user's, and it says what is wrong with its input."""

import json
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.improving import improve, link_of
from experiments.resolve import family_of, load
from hardinstances.certify.provers import proofs
from hardinstances.spline_links import LINKS
from oracles import InputError


@pytest.fixture
def testbed(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.mark.slow
def test_a_better_link_is_written_and_proved_again(testbed, tmp_path):
    file = tmp_path / "better.py"
    status, out, err = testbed("improve", "S5", "--minutes", 0.1, "--out", file, "--json")
    data = json.loads(out)
    assert status == 0 and data["constant"] < data["before"] == LINKS["S5"].constant and "way 0: J = " in err
    assert data["file"] == str(file) and f"proved: J = {data['constant']:.5g}, in {file}" in err
    chain = family_of(str(file)).instance({"length": 30})
    assert chain.name == "better" and link_of(str(file)).constant == data["constant"]
    for quantity in ("smoothness", "gap", "floor"):
        (claim,), (proof,) = chain.claims.on(quantity), proofs(chain, quantity)
        assert proof.value >= claim.value * (1 - 1e-9) if quantity == "floor" else proof.value <= claim.value
    scaled = family_of(str(file)).instance({"smoothness": 2.0, "gap": 3.0, "target": 0.05})
    assert scaled.dimension == pytest.approx(2 * 3 / data["constant"] / 0.05**2, rel=1e-2)


def test_nothing_better_writes_nothing(testbed, tmp_path):
    file = tmp_path / "same.py"
    status, out, _ = testbed("improve", "R6", "--minutes", 1e-9, "--out", file)
    assert status == 1 and not file.exists() and out == f"J = {LINKS['R6'].constant:.5g}, before 7.351\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spec": "R7"}, "there is no link 'R7'; did you mean"),
        ({"spec": "nowhere.py"}, "there is no file"),
        ({"hops": -1}, "hops and wider must be at least 0 and minutes positive, got -1, 0, 60"),
        ({"wider": -2}, "got 10, -2, 60"),
        ({"minutes": float("nan")}, "got 10, 0, nan"),
        ({"out": "better.json"}, "the file must be called NAME.py, got 'better.json'"),
        ({"out": "class.py"}, "the file must be called NAME.py, got 'class.py'"),
        ({"out": "2.py"}, "the file must be called NAME.py, got '2.py'"),
        ({"out": "nowhere/better.py"}, "there is no folder nowhere"),
    ],
)
def test_bad_input(change, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"spec": "S5", "out": "better.py"} | change
    with pytest.raises(InputError, match=r"^[^\n]*$") as told:
        improve(given.pop("spec"), Path(given.pop("out")), **given)
    assert words in str(told.value)


def test_a_file_without_a_link(tmp_path):
    file = tmp_path / "empty.py"
    file.write_text("LINK = 3\n")
    with pytest.raises(InputError, match=r"empty\.py has no LINK that is a SplineLink"):
        link_of(str(file))
    assert load(file).LINK == 3
