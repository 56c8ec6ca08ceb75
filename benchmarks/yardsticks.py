"""The yardsticks in C, compiled when they are needed, and the other libraries, where they are installed."""

import atexit
import ctypes
import importlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

from benchmarks.comparison import Unavailable

FOLDER = Path(__file__).parent
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")  # no -ffast-math: it changes what is computed
X86_FLAGS = ("-mprefer-vector-width=256",)


@cache
def library(source: str, *, any_width: bool = False) -> ctypes.CDLL:
    """The shared library of a file in this folder; `$CC` or the first compiler that there is makes it.

    any_width: vectors as wide as the compiler likes.
    Errors: `Unavailable`, where the file or a compiler is missing, or the compiler fails.
    """
    file = FOLDER / source
    if not file.exists():
        raise Unavailable(f"{source} is not there")
    target = _scratch() / f"{file.stem}-{any_width}.so"
    flags = FLAGS + (X86_FLAGS if platform.machine() in ("x86_64", "AMD64") and not any_width else ())
    done = subprocess.run([compiler(), *flags, str(file), "-o", str(target), "-lm"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"the C compiler fails: {(done.stderr.splitlines() or ['no message'])[0][:80]}")
    return ctypes.CDLL(str(target))


def compiler() -> str:
    """The C compiler's path."""
    for name in (os.environ.get("CC", ""), *COMPILERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise Unavailable("no C compiler")


def address(function: object) -> int:
    """The address of a C function."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def peer(module: str) -> ModuleType:
    """Another library; `Unavailable` where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Unavailable("not installed") from None


def ours_to_come(module: str) -> ModuleType:
    """A module of this project that a checkout may not have yet."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Unavailable(f"{module} is not there") from None


@cache
def _scratch() -> Path:
    """A folder for the libraries, removed at exit."""
    folder = tempfile.TemporaryDirectory(prefix="benchmarks-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
