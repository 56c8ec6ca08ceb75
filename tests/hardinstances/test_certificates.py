"""The stored certificates, verified again; whatever is tagged proved has one."""

import json
from pathlib import Path

import pytest

from experiments.certificates import instance_of
from hardinstances.certify import check, read
from oracles import FAMILIES

FILES = sorted((Path(__file__).parent / "certificates").glob("*.json"))


LONG = ("carmon_chain", "staircase")  # their proofs are repeated in seconds


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, id=file.stem, marks=[pytest.mark.slow] if any(name in file.stem for name in LONG) else [])
        for file in FILES
    ],
)
def test_it_stands(file):
    certificate = read(file)
    _, instance = instance_of(certificate, file.parent)
    for one in check(certificate, instance):
        assert one.stands, (one.finding.quantity, one.why)
    assert not certificate.refuted and file.stat().st_size < 25_000


def test_they_are_of_these_numbers():
    """For every length: the smoothness and the floors of chain I with k = e and 1, and of the sharp chain."""
    found = {file.stem: read(file) for file in FILES}
    for name, smoothness, least in (
        ("carmon_chain", 134.0239, 3.375),
        ("carmon_chain_published", 134.0239, 1.3411),
        ("sharp_chain", 1.0, 0.2485),
    ):
        assert found[name].on("smoothness")[0].upper == pytest.approx(smoothness, rel=1e-12)
        assert found[name].on("floor")[0].lower > least
    published = found["carmon_chain_published"]
    proved = {(one.quantity, one.claimed) for one in published.findings if one.verdict == "proved"}
    assert {("smoothness", 152.0), ("gap", 48.0), ("floor", 1.0), ("lipschitz", 46.0)} <= proved


def test_whatever_is_tagged_proved_is_proved_in_a_stored_certificate():
    tagged = {
        (name, claim.quantity, claim.value)
        for name, family in FAMILIES.items()
        for claim in family.instance(family.example).claims
        if claim.tag == "proved"
    }
    stored = {
        (certificate.instance, one.quantity, one.claimed)
        for certificate in map(read, FILES)
        for one in certificate.findings
        if one.verdict == "proved"
    }
    assert tagged and tagged <= stored


@pytest.mark.slow
def test_a_proof_of_something_else_does_not_help(tmp_path):
    (file,) = [file for file in FILES if file.stem == "sharp_chain"]
    data = json.loads(file.read_text())
    smooth, gap = (next(one for one in data["findings"] if one["quantity"] == name) for name in ("smoothness", "gap"))
    gap["proofs"] = smooth["proofs"]
    (tmp_path / "c.json").write_text(json.dumps(data))
    certificate = read(tmp_path / "c.json")
    checked = check(certificate, instance_of(certificate, tmp_path)[1])
    assert [one.finding.quantity for one in checked if not one.stands] == ["gap"]
    smooth["proofs"][0]["prover"] = "somebody"
    (tmp_path / "c.json").write_text(json.dumps(data))
    checked = check(read(tmp_path / "c.json"), instance_of(certificate, tmp_path)[1])
    assert {one.finding.quantity for one in checked if not one.stands} == {"smoothness", "gap"}
