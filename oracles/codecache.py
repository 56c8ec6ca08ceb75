"""Machine code kept on disk between processes, and never older than its source.

numba's own cache looks at the file of the compiled function alone: edit a helper in another file, and the old code
stays in force. So the cache folder carries a fingerprint of all sources that compiled code can come from.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numba

from oracles.sources import package_fingerprint, users_fingerprint

settings: Any = numba.config

KEPT = 6  # folders of other versions of the sources that are left alone
KEPT_OF_USERS = 60  # folders of users' files that are; they are small, and one run may load a dozen


def cache_root() -> Path:
    """The folder that holds all our machine code: ``$TESTBED_CACHE`` or ``~/.cache/oracle-testbed``."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TESTBED_CACHE") or Path(base) / "oracle-testbed")


@cache
def cache_folder(users: str = "") -> Path | None:
    """The folder for the sources as they are now, made on first use; None where nothing can be written.

    users: what sets a user's own files apart (their fingerprint, the module's name), if the code comes from one.
    """
    root = cache_root()
    ours = package_fingerprint("oracles", "hardinstances", "algorithms")
    folder = root / (f"{ours}-{users}" if users else ours)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        _tidy(root)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _tidy(root: Path) -> None:
    """Remove the folders that nobody used for longest. Users' files do not push out the code of the sources."""
    folders = sorted((path for path in root.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    users = [path for path in folders if "-" in path.name]
    ours = [path for path in folders if "-" not in path.name]
    for path in (*users[: -KEPT_OF_USERS - 1], *ours[: -KEPT - 1]):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def code_cache(file: str | Path, module: str) -> Iterator[bool]:
    """While open, the functions of `file` that numba is given are cached in our folder; yields whether they can be.

    module: the name under which the file was loaded. Cached code asks for it, and a user's file has one name when it is
    named on the command line and another when a file beside it imports it.
    numba reads the setting when it decorates, so that functions of other libraries are not touched.
    """
    path = Path(file)
    folder = None
    if path.is_file():
        users = users_fingerprint(path)
        folder = cache_folder(f"{users}-{module}" if users else "")
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(folder) if folder else before
    try:
        yield folder is not None
    finally:
        settings.CACHE_DIR = before
