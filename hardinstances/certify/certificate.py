"""The certificate: every claim of an instance with its finding, as a small file that is checked again later."""

import hashlib
import importlib.metadata
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hardinstances.certify.finding import VERDICTS, Finding, Proof, Verdict, Witness
from oracles import Array, InputError, Instance, KernelFunction
from oracles.composition import OWN
from oracles.files import write_whole
from oracles.sources import fingerprint

LIBRARIES = ("oracle-testbed", "python-flint", "numpy", "scipy", "numba")


@dataclass(frozen=True)
class Certificate:
    """What was found of an instance.

    instance: what names it, with its `parameters`. identity: a hash of claims and parameters, see `identity`. sources:
    a hash of the files that define it. versions: of the libraries that were used, and a hash of the certifier.
    complete: whether all was decided; else somebody interrupted it. oracle: what names the kind of answers that the
    findings are on, with `oracle_parameters`; empty where they are on the function.
    """

    instance: str
    parameters: Mapping[str, Any]
    findings: tuple[Finding, ...]
    identity: str
    sources: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    oracle: str = ""
    oracle_parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refuted(self) -> bool:
        """Whether anything is."""
        return any(finding.verdict == "refuted" for finding in self.findings)

    def on(self, quantity: str) -> tuple[Finding, ...]:
        """The findings on one quantity, that of the default claim first."""
        return tuple(finding for finding in self.findings if finding.quantity == quantity)

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON; infinities are words."""
        data: dict[str, Any] = plain(asdict(self))
        return data

    def text(self) -> str:
        """JSON with one finding per line."""
        data = self.as_data()
        findings = ",\n  ".join(json.dumps(finding, allow_nan=False) for finding in data.pop("findings"))
        head = json.dumps(data, allow_nan=False)
        return f'{head[:-1]},\n "findings": [\n  {findings}\n ]}}\n'

    def count(self, verdict: Verdict) -> int:
        """How many findings have a verdict."""
        return sum(finding.verdict == verdict for finding in self.findings)

    def write(self, file: Path) -> None:
        """Write the file, the whole of it or nothing; `InputError` where it cannot be written."""
        write_whole(file, self.text(), "certificate")


def identity(instance: Instance) -> str:
    """A hash of the claims, the start, and the parameters of a kernel (16 hexadecimal digits)."""
    digest = hashlib.sha256()
    for claim in instance.claims:
        digest.update(f"{claim.quantity} {claim.value!r};".encode())
    digest.update(instance.start.tobytes())
    for numbers in _numbers(instance.function):
        digest.update(numbers.tobytes())
    return digest.hexdigest()[:16]


def _numbers(function: Any) -> Iterator[Array]:
    """The parameters of a kernel and of those inside of it, without their addresses, which change from run to run."""
    inner = getattr(function, "keep", None)
    parameters = getattr(function, "parameters", None)
    if parameters is not None:
        yield np.asarray(parameters)[OWN if isinstance(inner, KernelFunction) else 0 :]
    if isinstance(inner, KernelFunction):
        yield from _numbers(inner)


def versions() -> dict[str, str]:
    """The libraries that a certificate depends on, and the files that made it."""
    found = {"certifier": fingerprint(Path(__file__).parent.glob("*.py"))}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def plain(value: Any) -> Any:
    """Data that JSON can write; what is not finite becomes a word."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def read(file: Path) -> Certificate:
    """A certificate from its file; `InputError` in one line where it is none."""
    try:
        data = json.loads(file.read_text())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{file} is no certificate: it is not JSON") from None
    try:
        findings = tuple(_finding(entry) for entry in data["findings"])
        texts = str(data["instance"]), dict(data["parameters"]), findings, str(data["identity"]), str(data["sources"])
        return Certificate(
            *texts,
            versions=dict(data["versions"]),
            complete=bool(data.get("complete", True)),
            oracle=str(data.get("oracle", "")),
            oracle_parameters=dict(data.get("oracle_parameters", {})),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{file} is no certificate: {type(error).__name__} {error}") from None


def _finding(entry: Mapping[str, Any]) -> Finding:
    witness = entry["witness"]
    if entry["verdict"] not in VERDICTS:
        raise ValueError(f"verdict {entry['verdict']!r}")
    return Finding(
        quantity=str(entry["quantity"]),
        verdict=entry["verdict"],
        claimed=None if entry["claimed"] is None else float(entry["claimed"]),
        lower=float(entry["lower"]),
        upper=float(entry["upper"]),
        reason=str(entry["reason"]),
        witness=witness
        and Witness(float(witness["value"]), np.array(witness["points"], dtype=float, ndmin=2), str(witness["recipe"])),
        proofs=tuple(
            Proof(one["side"], float(one["value"]), str(one["argument"]), str(one["prover"]), dict(one["data"]))
            for one in entry["proofs"]
        ),
    )
