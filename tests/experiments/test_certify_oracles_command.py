"""`testbed certify --oracle`: registered oracles and a user's own, with certificates that are checked again."""

import json

import pytest

from experiments.cli import main
from hardinstances.certify.models import sampling, searching

NOISE = """
import numpy as np
from oracles import Answer, Model, oracle_model


class Own(Model):
    exact = False

    def __init__(self, instance, width, push):
        self.dimension, self.width, self.domain = instance.dimension, width, instance.domain
        self.function, self.push, self.numbers = instance.function, push, {"noise": 1.0}

    def answer(self, request):
        values, gradients = self.function.evaluate(request.points, request.values, request.gradients)
        signs = [np.random.default_rng(int(name)).choice([-0.5, 0.5], self.dimension) for name in request.samples]
        gradients = gradients + np.array(signs)
        gradients[:, 0] += self.push
        return Answer(values, gradients)

    def truth(self, points):
        every = np.ones(len(points), dtype=bool)
        return Answer(*self.function.evaluate(points, every, every))


@oracle_model(source="a test")
def own(instance, width, rng, *, push: float):
    return Own(instance, width, push)
"""


@pytest.fixture
def testbed(capsys, monkeypatch):
    monkeypatch.setattr(searching, "TRIES", 4)
    monkeypatch.setattr(sampling, "BATCH", 64)

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.mark.parametrize(("push", "status"), [(0.0, 0), (0.5, 1)])
def test_a_users_oracle_is_refuted_where_it_is_biased(testbed, tmp_path, push, status):
    file = tmp_path / "own.py"
    file.write_text(NOISE)
    given = ["cosine_mixture", "--set", "dimension=3", "--oracle", file, "--oracle-set", f"push={push}"]
    code, out, _ = testbed("certify", *given, "--out", tmp_path / "c.json", "--json")
    found = {one["quantity"]: one["verdict"] for one in json.loads(out)["findings"]}
    assert code == status and found["mean of samples"] == ("refuted" if push else "open")
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json")
    assert code == 0 and "everything stands" in out
    file.write_text(NOISE + "\n# another\n")
    assert "the sources have changed" in testbed("certify", "--check", tmp_path / "c.json")[1]


def test_the_components_of_a_registered_instance(testbed, tmp_path):
    given = ["cosine_mixture", "--set", "dimension=2", "--oracle", "components"]
    code, out, _ = testbed("certify", *given, "--out", tmp_path / "c.json")
    assert code == 0 and "Claims of components on cosine_mixture" in out
    data = json.loads((tmp_path / "c.json").read_text())
    assert data["oracle"] == "components" and data["oracle_parameters"] == {"fresh": True}
    code, out, _ = testbed("certify", "--check", tmp_path / "c.json", "--json")
    assert code == 0 and json.loads(out)["same_sources"]


def test_methods_play_against_an_adversary(testbed):
    given = ["carmon_chain", "--set", "length=2", "--oracle", "resisting_oracle", "--oracle-set", "dimension=30"]
    code, out, _ = testbed("certify", *given)
    assert code == 0 and "consistent" in out and "orthonormal" in out and "one link a round" in out


def test_bad_input_is_one_line(testbed):
    for given, words in (
        (["carmon_chain", "--oracle-set", "chance=1"], "--oracle-set needs --oracle"),
        (["carmon_chain", "--set", "length=2", "--oracle", "zero_chain_nois"], "did you mean"),
        (["carmon_chain", "--set", "length=2", "--oracle", "components"], "does not come in components"),
        (["--check", "c.json", "--oracle", "exact"], "--check takes neither"),
    ):
        code, _, error = testbed("certify", *given)
        assert code == 2 and words in error and error.count("\n") == 1
