"""Names to objects: a registered name, or a user's own file (`path/to/file.py` or `path/to/file.py:name`)."""

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import hardinstances  # noqa: F401  (registers the families)
from algorithms import outside  # and registers the methods
from oracles import (
    ALGORITHMS,
    FAMILIES,
    MODELS,
    Algorithm,
    Family,
    InputError,
    Instance,
    OracleModel,
    Registry,
    record_of,
)
from oracles.registry import Named, nearest
from oracles.sources import with_siblings

T = TypeVar("T", bound=Named)


def family_of(spec: str) -> Family:
    """The family of instances that `spec` names."""
    return resolve(spec, FAMILIES, _as_family)


def method_of(spec: str) -> Algorithm:
    """The method that `spec` names."""
    return resolve(spec, ALGORITHMS, _as_method)


def model_of(spec: str) -> OracleModel:
    """The kind of answers that `spec` names."""
    return resolve(spec, MODELS, _as_model)


def file_of(spec: str) -> Path | None:
    """The user's file that `spec` names, if it names one."""
    path, _, name = spec.rpartition(":")
    if path.endswith(".py") and name:
        return Path(path).expanduser().resolve()
    return Path(spec).expanduser().resolve() if spec.endswith(".py") else None


def spec_of(thing: str | Callable[..., Any]) -> str:
    """What names `thing` in another process: a registered name, or the file and name of a user's own function."""
    if isinstance(thing, str):
        file = file_of(thing)
        if file is None:
            return thing
        name = "" if thing.endswith(".py") else ":" + thing.rpartition(":")[2]
        return f"{file}{name}"
    record = getattr(thing, "record", None)
    if any(record is one for one in (*FAMILIES.values(), *ALGORITHMS.values(), *MODELS.values())):
        return str(getattr(record, "name", ""))
    if not inspect.isfunction(inspect.unwrap(thing) if callable(thing) else thing):
        raise InputError(f"a case takes names and functions, not {type(thing).__name__}")
    file_name, name = _home(thing), getattr(thing, "__name__", "")
    if file_name is None or not Path(file_name).exists() or not name.isidentifier():
        raise InputError(f"{name or thing!r} cannot be found by other processes: define it in a file")
    return f"{Path(file_name).resolve()}:{name}"


def _home(thing: Callable[..., Any]) -> str | None:
    """The file of the module that a function says it is of, else that of its code."""
    module = sys.modules.get(thing.__module__)
    return getattr(module, "__file__", None) or inspect.getsourcefile(inspect.unwrap(thing))


def resolve(spec: str, registry: Registry[T], read: Callable[[Any, str], T | None]) -> T:
    """The record that `spec` names; `read` tells which things in a user's file are one."""
    file = file_of(spec)
    if file is None:
        return registry[spec]
    module = load(file)
    found = {
        name: record
        for name, thing in vars(module).items()
        if not name.startswith("_") and _made_in(thing, module) and (record := read(thing, name)) is not None
    }
    wanted = None if spec.endswith(".py") else spec.rpartition(":")[2]
    if wanted is not None:
        for name, record in found.items():
            if wanted in (name, record.name):
                return record
        raise InputError(f"{file.name} has no {registry.kind} {wanted!r}{nearest(wanted, list(found))}")
    if len(found) != 1:
        many = f"defines several: {', '.join(found)}; name one, as {file.name}:{next(iter(found), '')}"
        raise InputError(f"{file.name} {many if found else f'defines no {registry.kind}'}")
    return next(iter(found.values()))


def _made_in(thing: Any, module: ModuleType) -> bool:
    return not callable(thing) or getattr(thing, "__module__", None) == module.__name__


def _as_family(thing: Any, name: str) -> Family | None:
    if isinstance(thing, Instance):

        def constant(**parameters: object) -> Instance:
            if parameters:
                raise InputError(f"the instance {name} takes no parameters, got {', '.join(parameters)}")
            return thing

        return Family(name, constant, {}, "a user's file")
    record = getattr(thing, "record", None)
    return record if isinstance(record, Family) else None


def _as_method(thing: Any, name: str) -> Algorithm | None:
    record = getattr(thing, "record", None)
    if isinstance(record, Algorithm):
        return record if record.name != "<lambda>" else replace(record, name=name)
    if not inspect.isfunction(thing) or record is not None:
        return None
    positional = [p.name for p in inspect.signature(thing).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    if positional in (["fun", "x0"], ["fun", "jac", "x0"]):
        return record_of(outside(thing, name=name, source="a user's file"))
    return Algorithm(name, thing, "a user's file") if positional[:2] == ["oracle", "x0"] else None


def _as_model(thing: Any, name: str) -> OracleModel | None:
    record = getattr(thing, "record", None)
    return record if isinstance(record, OracleModel) else None


@cache
def load(file: Path) -> ModuleType:
    """Import a user's file, once per process; modules beside it can be imported from it."""
    if not file.is_file():
        raise InputError(f"there is no file {file}")
    for sibling in with_siblings(file):
        other = getattr(sys.modules.get(sibling.stem), "__file__", None)
        if sibling != file and other is not None and Path(other).resolve() != sibling:
            raise InputError(f"{file.name} imports {sibling}, but {other} of the same name is loaded: rename one")
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    name = f"user_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        line = getattr(error, "lineno", None) or _line_in(file, error)
        where = f", line {line}" if line else ""
        raise InputError(f"{file.name}{where}: {type(error).__name__}: {' '.join(str(error).split())}") from error
    return module


def _line_in(file: Path, error: BaseException) -> int | None:
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1] if lines else None
