"""`testbed certify`: its exit status, what it writes, and what it checks again."""

import json

import pytest

from experiments.certificates import sources_of
from experiments.cli import main
from hardinstances.certify import deciding, properties, read

VALLEY = """
import numpy as np
from oracles import from_callable


def fun(x):
    return float(np.sum(x * x / 2 + 3 * (1 - np.cos(x)))), x + 3 * np.sin(x)


valley = from_callable(fun, start=np.full(2, 10.0), smoothness={smoothness})
"""


@pytest.fixture
def testbed(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture
def valley(tmp_path):
    def write(smoothness):
        file = tmp_path / f"valley_{smoothness}.py"
        file.write_text(VALLEY.format(smoothness=smoothness))
        return file

    return write


def test_a_wrong_file_is_refuted_and_its_certificate_checked(testbed, valley, tmp_path):
    code, out, _ = testbed("certify", valley(3), "--out", tmp_path / "c.json")
    assert code == 1 and "smoothness 3: refuted" in out and "  x1 = " in out
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json")
    assert code == 0 and "stands smoothness 3: refuted" in out and out.endswith("\neverything stands\n")
    valley(3).write_text(VALLEY.format(smoothness=3) + "# edited\n")
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json", "--json")
    assert code == 0 and json.loads(out)["same_sources"] is False
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json", "--strict")
    assert code == 1 and "the sources have changed since it was made" in out and out.endswith("not everything stands\n")


@pytest.mark.slow
def test_a_certificate_moves_with_its_file(testbed, valley, tmp_path):
    file = valley(4)
    assert testbed("certify", file, "--out", tmp_path / "c.json")[0] == 0
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for moved in (file, tmp_path / "c.json"):
        moved.rename(folder / moved.name)
    assert testbed("certify", "--check", folder / "c.json")[0] == 0


@pytest.mark.slow
def test_one_that_was_tampered_with_does_not_stand(testbed, valley, tmp_path):
    testbed("certify", valley(4), "--out", tmp_path / "c.json")
    data = json.loads((tmp_path / "c.json").read_text())
    data["findings"][0]["verdict"] = "proved"
    (tmp_path / "c.json").write_text(json.dumps(data))
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json")
    assert code == 1 and "FAILS  smoothness 4: proved, but it is open" in out


@pytest.mark.slow
def test_json_and_latex(testbed, valley):
    code, out, _ = testbed("certify", valley(4), "--json")
    data = json.loads(out)
    assert code == 0 and {"instance", "parameters", "findings", "sources", "versions"} <= data.keys()
    assert data["findings"][0]["upper"] == "inf" and data["versions"]["python-flint"][0].isdigit()
    code, out, _ = testbed("certify", valley(4), "--format", "latex")
    assert code == 0 and r"\toprule" in out and "x1 =" not in out


def test_an_interrupt_shows_what_is_decided(testbed, valley, tmp_path, monkeypatch):
    def ends(probe):
        raise KeyboardInterrupt

    monkeypatch.setitem(properties.PROPERTIES, "gradient", ends)
    code, out, err = testbed("certify", valley(3), "--out", tmp_path / "c.json")
    assert code == 130 and "smoothness 3: refuted" in out and "gradient" not in out
    assert "deciding smoothness\n" in err and err.endswith("testbed: interrupted; what had finished is kept\n")
    stored = read(tmp_path / "c.json")
    assert not stored.complete and [one.quantity for one in stored.findings] == ["smoothness"]
    monkeypatch.setitem(deciding.SEARCHES, "smoothness", ends)
    code, out, _ = testbed("certify", valley(3))
    assert code == 130 and "interrupted before it was decided" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give an instance, or a certificate"),
        (("quadratic", "--check", "c.json"), "give an instance, or a certificate"),
        (("--check", "nothing.json"), "cannot be read"),
        (("--check", "nothing.json", "--set", "dimension=3"), "--check takes neither"),
        (("quadratic", "--set", "dimension=2", "--format", "pdf"), "format must be"),
        (("quadratic", "--set", "dimension=2", "--out", "no/such/c.json"), "the certificate cannot be written"),
        (("carmon_chian",), "did you mean 'carmon_chain'"),
    ],
)
def test_bad_input_gets_one_line(testbed, arguments, message):
    code, out, err = testbed("certify", *arguments)
    assert code == 2 and not out and err.startswith("testbed: ") and message in err and err.count("\n") == 1


def test_the_sources_of_ours_are_those_that_they_import():
    assert len({sources_of("carmon_chain"), sources_of("sharp_chain"), sources_of("chain_two")}) == 3
