"""Writing files whole."""

import os
from pathlib import Path

from oracles.errors import InputError


def write_whole(file: Path, text: str, what: str) -> None:
    """Write the file, the whole of it or nothing; `InputError`, which names `what` it is, where that cannot be done."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if file.exists() and not file.is_file():
            file.write_text(text)  # a device
            return
        try:
            beside.write_text(text)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"the {what} cannot be written to {file}: {error.strerror}") from None
