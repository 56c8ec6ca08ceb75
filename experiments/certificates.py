"""Certificates by name: of a registered instance or of one in a user's file, with the hash of what defines it."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.resolve import family_of, file_of
from experiments.tables import Table
from hardinstances.certify import Certificate, Checked, certify
from hardinstances.certify.deciding import untold
from oracles import Instance
from oracles.sources import HERE, fingerprint, users_fingerprint

COLUMNS = ["claim", "claimed", "verdict", "true number, from below", "from above"]
CAPTION = (
    "proved: for all points, by ball arithmetic, intervals or a closed form. refuted: the certificate holds points "
    "that anybody can evaluate. open: neither; the bounds are what is known from both sides, by searches and proofs. "
    "Properties have nothing claimed; from below stands the largest violation met."
)


def certificate_of(spec: str, settings: Mapping[str, Any], about: Callable[[str], None] = untold) -> Certificate:
    """The certificate of the instance that `spec` names, with these parameters; `about` is told what is decided."""
    instance = family_of(spec).instance(settings)
    given = {name: value for name, value in instance.parameters.items() if value is not None}
    return replace(certify(instance, about=about), instance=spec, parameters=given, sources=sources_of(spec))


def instance_of(certificate: Certificate, folder: Path) -> tuple[str, Instance]:
    """The instance of a certificate, and what names it; a user's file may lie where it lay, or in `folder`."""
    spec = found(certificate.instance, folder)
    return spec, family_of(spec).instance(certificate.parameters)


def found(spec: str, folder: Path) -> str:
    """What names a thing, in `folder` where a user's file does not lie where it lay."""
    file = file_of(spec)
    if file is None or file.exists():
        return spec
    _, colon, name = spec.partition(".py:")
    return f"{folder / file.name}{':' if colon else ''}{name}"


def sources_of(spec: str) -> str:
    """The fingerprint of the files that define an instance: a user's with siblings, or ours with what it imports."""
    file = file_of(spec)
    if file is not None:
        return users_fingerprint(file)
    home = inspect.getsourcefile(inspect.unwrap(family_of(spec).make))
    return "" if home is None else fingerprint(_ours(Path(home).resolve()))


def _ours(file: Path) -> set[Path]:
    """A file of ours with the files of ours that it imports, directly or not."""
    found, waiting = set[Path](), [file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hardinstances"):
            base = HERE.joinpath(*node.module.split("."))
            yield from (path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file())


def table_of(certificate: Certificate) -> Table:
    """One row for each claim and each property."""
    rows = [
        [
            finding.quantity.replace("_", " "),
            "" if finding.claimed is None else f"{finding.claimed:.9g}",
            finding.verdict,
            f"{finding.lower:.9g}",
            f"{finding.upper:.9g}",
        ]
        for finding in certificate.findings
    ]
    given = ", ".join(f"{key}={value}" for key, value in certificate.parameters.items())
    name = certificate.instance if file_of(certificate.instance) is None else Path(certificate.instance).name
    if certificate.oracle:
        kind = certificate.oracle
        name = f"{kind if file_of(kind) is None else Path(kind).name} on {name}"
        given = ", ".join(filter(None, [given, *(f"{k}={v}" for k, v in certificate.oracle_parameters.items())]))
    return Table(f"Claims of {name}{', ' if given else ''}{given}", pd.DataFrame(rows, columns=COLUMNS), CAPTION)


def reasons(certificate: Certificate) -> str:
    """Why each finding is what it is, and the counterexamples."""
    lines = []
    for finding in certificate.findings:
        claimed = "" if finding.claimed is None else f" {finding.claimed:.9g}"
        lines.append(f"{finding.quantity.replace('_', ' ')}{claimed}: {finding.verdict}; {finding.reason}")
        if finding.verdict == "refuted" and finding.witness is not None and finding.witness.points.size <= 24:
            points = enumerate(finding.witness.points, 1)
            lines += [f"  x{number} = {','.join(f'{entry!r}' for entry in row.tolist())}" for number, row in points]
    return "\n".join(lines)


def checked_text(checked: list[Checked]) -> str:
    """One line for each finding that was verified again."""
    return "\n".join(
        f"{'stands' if one.stands else 'FAILS '} {one.finding.quantity.replace('_', ' ')}"
        f"{'' if one.finding.claimed is None else f' {one.finding.claimed:.9g}'}: {one.finding.verdict}"
        f"{'' if one.stands else f', but {one.why}'}"
        for one in checked
    )
