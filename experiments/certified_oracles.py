"""Certificates of oracles by name: a registered one or one in a user's file, on an instance; methods as players."""

import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.certificates import found, sources_of
from experiments.resolve import family_of, file_of, method_of, model_of
from experiments.runner import run
from hardinstances.certify import Certificate, Checked
from hardinstances.certify.models import Subject, certify_model, check_model
from hardinstances.certify.models.transcripts import Player
from oracles import Instance, OracleModel
from oracles.sources import fingerprint, users_fingerprint

METHODS = ("gradient_descent", "armijo", "lbfgs")  # deterministic, of values and gradients, each of another kind
ROUNDS = 60


def player(name: str) -> Player:
    """A registered method as a player, for some tens of rounds."""

    def asks(subject: Subject, kind: OracleModel) -> None:
        given = dict(subject.parameters)
        run(method_of(name), subject.instance, model=kind, model_parameters=given, max_rounds=ROUNDS, engine="python")

    return asks


def players() -> dict[str, Player]:
    """The methods that an adversary is asked by."""
    return {name: player(name) for name in METHODS}


def certificate_of_oracle(
    spec: str, settings: Mapping[str, Any], oracle: str, numbers: Mapping[str, Any]
) -> Certificate:
    """The certificate of what the oracle that a name stands for asserts on an instance, with these parameters."""
    instance = family_of(spec).instance(settings)
    given = {name: value for name, value in instance.parameters.items() if value is not None}
    certificate = certify_model(instance, model_of(oracle), numbers, players=players())
    return replace(certificate, instance=spec, parameters=given, oracle=oracle, sources=both_sources(spec, oracle))


def both_sources(spec: str, oracle: str) -> str:
    """The fingerprints of the files that define an instance and an oracle, as one."""
    file = file_of(oracle)
    if file is not None:
        second = users_fingerprint(file)
    else:
        home = inspect.getsourcefile(inspect.unwrap(model_of(oracle).make))
        second = "" if home is None else fingerprint({Path(home).resolve()})
    return hashlib.sha256(f"{sources_of(spec)} {second}".encode()).hexdigest()[:16]


def check_of_oracle(
    certificate: Certificate, spec: str, instance: Instance, folder: Path
) -> tuple[list[Checked], bool]:
    """Each finding verified again, and whether the sources are those that were certified."""
    oracle = found(certificate.oracle, folder)
    checked = check_model(certificate, instance, model_of(oracle), players())
    return checked, both_sources(spec, oracle) == certificate.sources
