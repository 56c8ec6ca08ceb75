"""Every command, what it prints for scripts, its exit status, and one line for what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from algorithms import armijo
from experiments import run
from experiments.cli import main
from hardinstances import carmon_chain
from oracles import InputError
from oracles.threads import _of_the_machine

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def testbed(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture
def from_json(testbed):
    def call(*arguments):
        code, out, err = testbed(*arguments, "--json")
        assert out, err
        return code, json.loads(out)

    return call


CHAIN = ("carmon_chain", "--set", "length=10", "--set", "first_link=1")


def test_list(testbed, from_json):
    code, data = from_json("list")
    assert code == 0 and data.keys() == {"instances", "methods", "oracles", "studies"}
    assert "carmon_chain" in data["instances"] and "scipy:L-BFGS-B" in data["methods"]
    assert {"chain-rounds", "chain-tight", "gd-exact", "hidden-directions"} < set(data["studies"])
    assert "batched_step_search" in testbed("list")[1]


@pytest.mark.parametrize("name", ["carmon_chain", "sawtooth", "armijo", "scipy:TNC", "chain-rounds"])
def test_show(testbed, from_json, name):
    code, data = from_json("show", name)
    assert code == 0 and data["name"] == name and data["documentation"]
    code, out, _ = testbed("show", name)
    assert code == 0 and data["documentation"].splitlines()[0] in out


def test_show_prints_every_claim_with_source_and_tag(testbed):
    _, out, _ = testbed("show", "carmon_chain", "--set", "length=4", "--set", "first_link=1")
    for text in ("152", "134.0239", "134.1", "1.3411", "published", "derived", "measured", "arXiv 1710.11606"):
        assert text in out


def test_evaluate(from_json, tmp_path):
    code, data = from_json("evaluate", *CHAIN[:1], "--set", "length=3", "--set", "first_link=1", "--point", "0,0,0")
    assert code == 0 and data["value"] == pytest.approx(-2.0663656770612465, rel=1e-14)
    assert data["gradient"] == [pytest.approx(-1.6487212707001281), 0.0, 0.0]
    assert data["merit"] == pytest.approx(1.6487212707001281) and data["progress"] == 0
    points = np.array([[1.25, -0.75, 0.6, 0.3], [1, 1, 1, 1]])
    np.save(tmp_path / "p.npy", points)
    code, batch = from_json("evaluate", "carmon_chain", "--set", "length=4", "--points", tmp_path / "p.npy")
    assert code == 0 and batch["progress"] == [3, 4] and len(batch["value"]) == 2
    for k, point in enumerate(points):
        text = ",".join(map(repr, map(float, point)))
        _, single = from_json("evaluate", "carmon_chain", "--set", "length=4", "--point", text)
        assert single["value"] == batch["value"][k] and single["gradient"] == batch["gradient"][k]


def test_solve(from_json, testbed):
    code, data = from_json(
        "solve", *CHAIN, "--method-set", "smoothness=152", "--method-set", "width=16", "--target", "1.5,1",
        "batched_step_search", "--engine", "python",
    )  # fmt: skip
    assert code == 0 and data["status"] == "target" and data["engine"] == "python"
    assert data["hits"][-1] == {"target": 1.0, "query": 153, "round": 11, "charged": 161}
    assert (data["queries"], data["value_queries"], data["gradient_queries"]) == (161, 161, 161)
    assert (data["rounds"], data["width"]) == (11, 16) and data["best_merit"] <= 1 and data["verdict"]
    code, data = from_json("solve", *CHAIN, "gradient_descent", "--target", "1", "--max-queries", "100")
    assert code == 1 and data["status"] == "budget" and data["queries"] == 100 and data["hits"] == []
    code, out, _ = testbed("solve", *CHAIN, "gradient_descent", "--target", "1", "--max-rounds", "100")
    assert code == 1 and "not met, > 100 queries" in out


def test_solve_writes_its_trace(testbed, tmp_path):
    code, _, _ = testbed("solve", *CHAIN, "armijo", "--target", "1", "--trace", tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert code == 0 and lines[0] == "round,queries,order,width,best_merit,progress,note" and len(lines) > 10
    code, _, err = testbed("solve", *CHAIN, "armijo", "--target", "1", "--trace", tmp_path / "no" / "t.csv")
    assert code == 2 and "cannot be written" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("solve", "carmon_chian", "armijo"), "no instance 'carmon_chian'; did you mean 'carmon_chain'"),
        (("solve", *CHAIN, "armigo"), "no method 'armigo'; did you mean 'armijo'"),
        (("run", "chain-round"), "no study 'chain-round'; did you mean 'chain-rounds'"),
        (("show", "armijoo"), "did you mean 'armijo'"),
        (("solve", *CHAIN, "armijo", "--target", "0"), "a target must be"),
        (("solve", *CHAIN, "armijo", "--target", "-1"), "a target must be"),
        (("solve", *CHAIN, "armijo", "--target", "one"), "takes numbers"),
        (("solve", *CHAIN, "armijo", "--target", "nan"), "a target must be"),
        (("solve", "carmon_chain", "armijo"), "carmon_chain needs length"),
        (("solve", "carmon_chain", "armijo", "--set", "length"), "key=value"),
        (("solve", "carmon_chain", "armijo", "--set", "size=3"), "no parameter 'size'"),
        (("solve", *CHAIN, "armijo", "--method-set", "smoothness=3"), "armijo has no parameter 'smoothness'"),
        (("solve", *CHAIN, "batched_step_search", "--target", "1"), "needs a number for 'width'"),
        (("solve", *CHAIN, "batched_step_search", "--width", "0"), "width must be at least 1"),
        (("solve", *CHAIN, "armijo", "--max-queries", "0"), "max_queries must be positive"),
        (("solve", *CHAIN, "armijo", "--max-queries", "x"), "Invalid value for '--max-queries'"),
        (("solve", *CHAIN, "armijo", "--engine", "warp"), "engine must be one of"),
        (("evaluate", *CHAIN, "--point", "1,2"), "expected (K, 10)"),
        (("evaluate", "quadratic", "--set", "dimension=2", "--point", "1,nan"), "nan at index [1]"),
        (("evaluate", *CHAIN), "--point or with --points"),
        (("evaluate", *CHAIN, "--points", "/nowhere.npy"), "not a readable .npy file"),
        (("table", "gd-exact", "--store", "/nowhere/s.sqlite"), "are not in /nowhere/s.sqlite"),
        (("run", "gd-exact", "--workers", "0"), "workers must be at least 1"),
        (("run", "nothing.py"), "there is no file"),
        (("wander",), "No such command 'wander'"),
    ],
)
def test_bad_input_gets_one_line_and_status_two(testbed, arguments, words):
    code, out, err = testbed(*arguments)
    assert code == 2 and out == ""
    assert err.startswith("testbed: ") and err.count("\n") == 1 and words in err


def test_a_failed_run_has_status_three(testbed, tmp_path):
    (tmp_path / "bad.py").write_text("def bad(oracle, x0):\n    return 1 / 0\n")
    code, out, _ = testbed("solve", *CHAIN, tmp_path / "bad.py")
    assert code == 3 and "bad raised ZeroDivisionError: division by zero (line 2 of bad.py)" in out


def test_a_study_from_run_to_figure(testbed, from_json, tmp_path):
    store = ("--store", tmp_path / "s.sqlite", "--quick")
    code, data = from_json("run", "gd-exact", *store)
    assert code == 0 and data["verdict"] == "holds" and len(data["rows"]) == 36 and "18 of 18" in data["evidence"]
    code, out, _ = testbed("table", "gd-exact", *store, "--format", "latex")
    assert code == 0 and r"\toprule" in out
    code, data = from_json("figure", "gd-exact", *store, "--out", tmp_path / "f", "--format", "svg")
    assert code == 0 and [Path(file).name for file in data["files"]] == ["gd-exact.svg", "gd-exact.csv"]
    code, out, _ = testbed("table", "gd-exact", "--quick", "--store", tmp_path / "s.sqlite", "--format", "markdown")
    assert code == 0 and "Verdict: holds" in out


def test_audit_and_doctor(from_json):
    code, data = from_json("audit", "armijo", "batched_step_search", "guess_ahead", "scipy:Newton-CG")
    assert code == 0 and data["verdict"] == "holds" and len(data["rows"]) == 48
    code, data = from_json("doctor")
    assert code == 0 and all(row["sound"] for row in data["rows"])


@pytest.mark.parametrize("command", [("list",), ("solve", *CHAIN[:1], "armijo", *CHAIN[1:])])
def test_a_number_of_threads_that_is_none_is_refused_at_the_start(testbed, monkeypatch, command):
    _of_the_machine.cache_clear()
    monkeypatch.setenv("TESTBED_THREADS", "x")
    code, out, err = testbed(*command)
    with pytest.raises(InputError, match="TESTBED_THREADS"):
        run(armijo, carmon_chain(length=3))
    _of_the_machine.cache_clear()
    assert (code, out) == (2, "")
    assert err == "testbed: TESTBED_THREADS must be a whole number of at least 1, got 'x'\n"


def test_help_imports_nothing_heavy():
    code = "import sys, experiments.cli; print([m for m in ('numpy', 'numba', 'pandas') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"


def test_an_interrupted_command_has_status_130(testbed, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.sweeps.sweep", interrupt)
    code, _, err = testbed("run", "gd-exact", "--quick")
    assert code == 130 and "interrupted" in err
