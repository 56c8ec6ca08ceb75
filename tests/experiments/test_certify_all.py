"""`testbed certify --all`: certificates written as they come, kept when interrupted, and not made twice."""

import json
from dataclasses import replace

import pytest

from experiments import certify_all as module
from experiments.certify_all import certify_all, stored
from experiments.cli import main
from hardinstances.certify import certify, read
from oracles import FAMILIES

NAMES = ["sawtooth", "zigzag"]


def quick(spec, settings, about=lambda quantity: None):
    """A certificate of the claim on the gap alone."""
    instance = FAMILIES[spec].instance(settings)
    given = {name: value for name, value in instance.parameters.items() if value is not None}
    certificate = certify(instance, starts=2, only={"gap", "batch"}, about=about)
    return replace(certificate, instance=spec, parameters=given, sources=module.sources_of(spec))


@pytest.fixture
def made(monkeypatch):
    """The instances that were certified, one by one."""
    names = []

    def record(spec, settings, about=lambda quantity: None):
        names.append(spec)
        return quick(spec, settings, about)

    monkeypatch.setattr(module, "certificate_of", record)
    return names


def test_what_is_there_is_not_made_again(made, tmp_path):
    first = list(certify_all(tmp_path, names=NAMES, progress=False))
    assert [one.name for one in first] == NAMES == made
    again = list(certify_all(tmp_path, names=NAMES, progress=False))
    assert made == NAMES and [one.certificate.as_data() for one in again] == [
        json.loads((tmp_path / f"{name}.json").read_text()) for name in NAMES
    ]
    list(certify_all(tmp_path, names=NAMES, fresh=True, progress=False))
    assert made == 2 * NAMES


def test_what_has_changed_since_is_made_again(made, tmp_path):
    list(certify_all(tmp_path, names=NAMES[:1], progress=False))
    file = tmp_path / "sawtooth.json"
    whole = read(file)
    for changed in (
        {"sources": "0" * 16},
        {"identity": "0" * 16},
        {"complete": False},
        {"versions": {**whole.versions, "certifier": "0" * 16}},
        {"parameters": {"steps": 6}},
    ):
        replace(whole, **changed).write(file)
        assert stored("sawtooth", tmp_path) is None, changed
    file.write_text(whole.text()[:200])
    assert stored("sawtooth", tmp_path) is None
    list(certify_all(tmp_path, names=NAMES[:1], progress=False))
    assert stored("sawtooth", tmp_path) is not None and made == ["sawtooth"] * 2


def test_an_interrupt_keeps_what_is_finished(made, monkeypatch, tmp_path):
    def interrupted(spec, settings):
        if spec == "zigzag":
            raise KeyboardInterrupt
        return quick(spec, settings)

    monkeypatch.setattr(module, "certificate_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(certify_all(tmp_path, names=NAMES, progress=False))
    assert [file.name for file in tmp_path.iterdir()] == ["sawtooth.json"]


def test_one_that_is_half_decided_is_not_written(monkeypatch, tmp_path):
    def halfway(spec, settings):
        def about(quantity):
            if quantity == "batch":
                raise KeyboardInterrupt

        return quick(spec, settings, about)

    monkeypatch.setattr(module, "certificate_of", halfway)
    with pytest.raises(KeyboardInterrupt):
        list(certify_all(tmp_path, names=NAMES, progress=False))
    assert not list(tmp_path.iterdir())


def test_a_failure_is_told_and_the_others_go_on(monkeypatch, tmp_path):
    def failing(spec, settings):
        if spec == "sawtooth":
            raise ValueError("no\nteeth")
        return quick(spec, settings)

    monkeypatch.setattr(module, "certificate_of", failing)
    first, second = certify_all(tmp_path, names=NAMES, progress=False)
    assert first.line() == "sawtooth: failed: ValueError: no teeth" and second.certificate is not None


def test_the_command_ends_with_a_table_and_a_status(made, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "FAMILIES", {name: FAMILIES[name] for name in NAMES})
    with pytest.raises(SystemExit) as ended:
        main(["certify", "--all", "--out", str(tmp_path)])
    captured = capsys.readouterr()
    assert ended.value.code == 0 and "Certificates" in captured.out
    assert [line.split()[0] for line in captured.out.splitlines() if line.strip().startswith(("saw", "zig"))] == NAMES
    assert [line.split(":")[0] for line in captured.err.splitlines()] == NAMES
    claim = FAMILIES["zigzag"].instance(FAMILIES["zigzag"].example).claims.default("gap")

    def refuted(spec, settings):
        found = quick(spec, settings)
        return replace(found, findings=(replace(found.findings[0], verdict="refuted", claimed=claim.value / 2),))

    monkeypatch.setattr(module, "certificate_of", refuted)
    with pytest.raises(SystemExit) as ended:
        main(["certify", "--all", "--fresh", "--out", str(tmp_path), "--format", "latex"])
    assert ended.value.code == 1 and r"\toprule" in capsys.readouterr().out


@pytest.mark.slow
def test_two_processes_write_the_same(tmp_path):
    for workers in (1, 2):
        list(certify_all(tmp_path / str(workers), names=NAMES, workers=workers, progress=False))
    for name in NAMES:
        assert (tmp_path / "1" / f"{name}.json").read_text() == (tmp_path / "2" / f"{name}.json").read_text()


def test_bad_numbers_are_refused(tmp_path, capsys):
    for arguments, message in (
        (["--all", "--jobs", "0", "--out", str(tmp_path)], "jobs must be at least 1"),
        (["--all", "--set", "length=3"], "--all takes neither --set nor --oracle"),
        (["--all", "sawtooth"], "give an instance, or a certificate"),
        (["sawtooth", "--jobs", "2"], "--jobs and --fresh are for --all"),
        (["sawtooth", "--strict"], "--strict is for --check"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["certify", *arguments])
        error = capsys.readouterr().err
        assert ended.value.code == 2 and message in error and error.count("\n") == 1
