"""What produced a result or a piece of machine code: a hash of the source files behind it."""

import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PACKAGES = ("oracles", "hardinstances", "algorithms", "experiments")


def fingerprint(files: Iterable[Path]) -> str:
    """A hash of the names and contents of `files` (16 hexadecimal digits); the folder does not matter."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def package_fingerprint(*packages: str) -> str:
    """The fingerprint of every Python file of our packages, by name; read once per process."""
    return fingerprint(file for package in packages for file in (HERE / package).rglob("*.py"))


def with_siblings(file: Path) -> list[Path]:
    """A user's file and the modules beside or below it that have been imported so far; ours are not among them."""
    folder = file.resolve().parent
    loaded = {
        Path(path).resolve()
        for path in (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        if path is not None and path.endswith(".py")
    }
    ours = [HERE / package for package in PACKAGES]
    beside = {
        path
        for path in loaded
        if path.is_relative_to(folder)
        and "site-packages" not in path.parts
        and not any(path.is_relative_to(package) for package in ours)
    }
    return sorted(beside | {file.resolve()})
