"""The registries of families and methods: what can be named on the command line and in a study."""

import difflib
import functools
import inspect
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

from oracles.bounds import Bound, Traits
from oracles.errors import InputError
from oracles.instances import Instance

if TYPE_CHECKING:
    from oracles.models import Model


class Named(Protocol):
    """Whatever has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


T = TypeVar("T", bound=Named)


def nearest(name: str, names: Iterator[str] | list[str]) -> str:
    """The words "did you mean X?", or nothing when no name is near."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


class Registry(Mapping[str, T], Generic[T]):
    """Records by name. `kind` is the word for one of them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._records: dict[str, T] = {}

    def add(self, record: T) -> None:
        """Register `record` under its name; a second one of the same name is an error."""
        if record.name in self._records:
            raise InputError(f"there is already a {self.kind} {record.name!r}")
        self._records[record.name] = record

    def __getitem__(self, name: str) -> T:
        try:
            return self._records[name]
        except KeyError:
            raise InputError(f"there is no {self.kind} {name!r}{nearest(name, list(self._records))}") from None

    def get(self, name: str, default: Any = None) -> Any:
        """The record of this name, or the default."""
        return self._records.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


@dataclass(frozen=True)
class Family:
    """A parametrised family of instances: `make(**parameters) -> Instance`.

    example: parameters of a small member, for tests and for people.
    """

    name: str
    make: Callable[..., Instance]
    example: Mapping[str, Any]
    source: str

    def instance(self, parameters: Mapping[str, Any]) -> Instance:
        """Build the member with these parameters; text is read as the type that the family declares."""
        return self.make(**parameters)


@dataclass(frozen=True)
class Algorithm:
    """A method `function(oracle, x0, *, numbers...)` and what is known of it.

    dimensions: how many coordinates it is made for at most, where its count grows with a power of 1/target that grows
        with them; None: any number.
    """

    name: str
    function: Callable[..., Any]
    source: str = ""
    traits: Traits = Traits()
    bounds: tuple[Bound, ...] = ()
    dimensions: int | None = None

    @property
    def numbers(self) -> Mapping[str, inspect.Parameter]:
        """The numbers that the method takes, by name."""
        return keyword_parameters(self.function)

    @property
    def samples(self) -> bool:
        """Whether it is made for random answers or for components, and pays for that where answers are exact."""
        return not {"noise", "components"}.isdisjoint(self.numbers)


@dataclass(frozen=True)
class OracleModel:
    """A kind of answers: `make(instance, width, rng, **parameters) -> Model`.

    width: the most queries per round, or None. rng: a `numpy.random.Generator` of the model's own.
    """

    name: str
    make: Callable[..., "Model"]
    source: str = ""

    def model(
        self, instance: Instance, width: int | None, rng: np.random.Generator, parameters: Mapping[str, Any]
    ) -> "Model":
        """The model of one run; text is read as the type that the kind declares."""
        given = checked_parameters(self.make, parameters, f"the oracle {self.name}")
        return self.make(instance, width, rng, **given)


FAMILIES: Registry[Family] = Registry("instance")
MODELS: Registry[OracleModel] = Registry("oracle")
ALGORITHMS: Registry[Algorithm] = Registry("method")


def family(*, example: Mapping[str, Any], source: str) -> Callable[[Callable[..., Instance]], Callable[..., Instance]]:
    """Register a function that makes instances. The instance gets the function's name and its parameters."""

    def register(make: Callable[..., Instance]) -> Callable[..., Instance]:
        @functools.wraps(make)
        def build(**parameters: Any) -> Instance:
            given = checked_parameters(make, parameters, f"the instance {make.__name__}")
            try:
                return replace(make(**given), name=make.__name__, parameters=given)
            except (ArithmeticError, MemoryError, ValueError) as error:
                if isinstance(error, InputError):
                    raise
                raise InputError(f"{make.__name__} cannot be built with these parameters: {error}") from error

        record = Family(make.__name__, build, example, source)
        build.record = record  # type: ignore[attr-defined]
        _register(FAMILIES, record, make)
        return build

    return register


def algorithm(
    *,
    source: str,
    name: str | None = None,
    zero_respecting: bool = False,
    deterministic: bool = True,
    order: int = 1,
    bounds: tuple[Bound, ...] = (),
    dimensions: int | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a method. The function stays a plain function."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        known_as = name or function.__name__
        traits = Traits(zero_respecting, deterministic, order, known_as)
        record = Algorithm(known_as, function, source, traits, bounds, dimensions)
        function.record = record  # type: ignore[attr-defined]
        _register(ALGORITHMS, record, function)
        return function

    return register


def oracle_model(*, source: str = "") -> Callable[[Callable[..., "Model"]], Callable[..., "Model"]]:
    """Register a kind of answers. The function stays a plain function."""

    def register(make: Callable[..., "Model"]) -> Callable[..., "Model"]:
        record = OracleModel(make.__name__, make, source)
        make.record = record  # type: ignore[attr-defined]
        _register(MODELS, record, make)
        return make

    return register


def _register(registry: Registry[Any], record: Any, function: Callable[..., Any]) -> None:
    """Names belong to our own packages; what a user's file defines is found through its file."""
    if function.__module__.partition(".")[0] in ("oracles", "hardinstances", "algorithms"):
        registry.add(record)


def record_of(method: Callable[..., Any] | Algorithm) -> Algorithm:
    """The record of a method; one that assumes nothing for a plain function."""
    if isinstance(method, Algorithm):
        return method
    if not callable(method):
        raise InputError(f"a method must be callable, got {type(method).__name__}")
    known = getattr(method, "record", None)
    return known if isinstance(known, Algorithm) else Algorithm(getattr(method, "__name__", "method"), method)


def model_of_callable(make: "Callable[..., Model] | OracleModel") -> OracleModel:
    """The record of a kind of answers."""
    if isinstance(make, OracleModel):
        return make
    if not callable(make):
        raise InputError(f"a model must be callable, got {type(make).__name__}")
    known = getattr(make, "record", None)
    return known if isinstance(known, OracleModel) else OracleModel(getattr(make, "__name__", "model"), make)


@functools.lru_cache(1024)
def keyword_parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """The keyword-only parameters of a function, with their annotations resolved."""
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError:  # annotations that only type checkers can read stay text
        signature = inspect.signature(function)
    return {
        name: parameter.replace(annotation=BASIC_TYPES.get(str(parameter.annotation), parameter.annotation))
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


BASIC_TYPES = {"float": float, "int": int, "bool": bool, "str": str}


def checked_parameters(function: Callable[..., Any], given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """`given` in the declared types, completed by the defaults; one line names what is unknown or missing."""
    declared = keyword_parameters(function)
    for name in given:
        if name not in declared:
            raise InputError(f"{what} has no parameter {name!r}{nearest(name, list(declared))}")
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name in given:
            values[name] = _converted(given[name], parameter.annotation, name, what)
        elif parameter.default is not inspect.Parameter.empty:
            values[name] = parameter.default
        else:
            raise InputError(f"{what} needs the parameter {name!r}")
    return values


CONSTANTS = {"e": math.e, "pi": math.pi, "inf": math.inf}


def _converted(value: Any, annotation: Any, name: str, what: str) -> Any:
    """`value`, or the text of it, as the annotated type."""
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    if value is None or (isinstance(value, str) and value == "none"):
        if type(None) in options:
            return None
        raise InputError(f"{name} of {what} must be {_words(options)}, got {value!r}")
    for kind in options:
        try:
            if kind is bool:
                return {"true": True, "false": False, "1": True, "0": False}[str(value).lower()]
            if kind is int and not isinstance(value, bool):
                return _whole(value)
            if kind is float and not isinstance(value, bool):
                return _real(value)
            if kind is str and isinstance(value, str):
                return value
            if kind not in (bool, int, float, str, type(None)):
                return value
        except (TypeError, ValueError, KeyError, ArithmeticError):
            continue
    raise InputError(f"{name} of {what} must be {_words(options)}, got {value!r}")


def _whole(value: Any) -> int:
    number = int(value) if not isinstance(value, float) else value
    if number != int(number):
        raise ValueError
    return int(number)


def _real(value: Any) -> float:
    """A number, a named constant, or a fraction such as 1/152."""
    if not isinstance(value, str):
        number = float(value)
    elif value in CONSTANTS:
        number = CONSTANTS[value]
    else:
        above, _, below = value.partition("/")
        number = float(above) / (float(below) if below else 1.0)
    if math.isnan(number):
        raise ValueError
    return number


def _words(options: tuple[Any, ...]) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a word", type(None): "none"}
    return " or ".join(words.get(kind, getattr(kind, "__name__", str(kind))) for kind in options)
