"""What produced a result or a piece of machine code: a hash of the source files behind it."""

import ast
import hashlib
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


@cache
def with_siblings(file: Path) -> tuple[Path, ...]:
    """A user's file and the modules beside or below it that it imports, directly or not, wherever the import stands.

    Read from the text, so that the answer depends on the files alone and not on what has been loaded.
    """
    folder, found, waiting = file.resolve().parent, set[Path](), [file.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [module for name in _imports(path) for module in _modules(folder, name)]
    return tuple(sorted(found))


def _imports(file: Path) -> set[str]:
    """The dotted names that a file imports; nothing of a file that is no Python."""
    try:
        tree = ast.parse(file.read_text())
    except (OSError, SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names}
    return names


def _modules(folder: Path, name: str) -> list[Path]:
    """The files below `folder` that importing a dotted name runs; none if the name is not there, or ours."""
    files = []
    parts = name.split(".")
    if parts[0] in PACKAGES:
        return []
    for k in range(len(parts)):
        base = folder.joinpath(*parts[: k + 1])
        files += [path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()]
    return files


def users_fingerprint(file: Path) -> str:
    """The fingerprint of a user's file with its siblings; empty for a file of ours."""
    path = file.resolve()
    return "" if any(path.is_relative_to(HERE / package) for package in PACKAGES) else fingerprint(with_siblings(path))
