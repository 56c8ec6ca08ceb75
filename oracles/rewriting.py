"""The source of a method, and of helpers that ask, with the ways out that machine code needs.

An exception cannot end compiled code without leaking arrays, so a closed oracle answers NaN. The source stays as it is,
but that after each statement that mentions the oracle the method returns if it was refused:

    def method(ledger, dimension, x0, numbers...):
        oracle = make_oracle(ledger, dimension)
        ...
        value, gradient = oracle.value_and_gradient(x)
        if oracle.stopped: return
        ...
        oracle.returns(x); return       # for `return x`

A helper has to return what its caller unpacks: it leaves its loops instead, `if oracle.stopped: break`, and comes to
its own end.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba.core.errors import TypingError
from numba.extending import overload

from oracles import compiled_oracle as co

NOT_COMPILED = {
    ast.Try: "try",
    ast.Match: "match",
    ast.With: "with",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.Lambda: "lambda",
    ast.FunctionDef: "an inner function",
    ast.ClassDef: "a class",
    ast.Yield: "yield",
    ast.Global: "global",
}

F = TypeVar("F", bound=Callable[..., Any])


class NotCompilable(Exception):
    """Why a method has to run in Python, in one line."""


def asking(function: F) -> F:
    """Let methods of both engines call a helper that asks: `helper(oracle, ...)`, all arguments by position.

    In Python it stays the plain function that it is, and `Stop` passes through it. In machine code it leaves its loops
    when the oracle refuses, so that what it then returns is not used: the method ends at the statement that called it.
    """

    @overload(function, jit_options={"error_model": "numpy"}, strict=False)
    def machine_code(*arguments: Any) -> Any:
        try:
            return _rewritten_helper(function)
        except NotCompilable as error:
            raise TypingError(f"{function.__name__}: {error}") from None

    return function


def rewritten_method(function: Callable[..., Any]) -> tuple[Callable[..., Any], Path]:
    """The rewritten method, positional: (ledger, dimension, x0, *numbers), and the file that it is in."""
    definition, file, first_line = _definition(function)
    return _built(_shell(definition), function, file, first_line), file


def _rewritten_helper(function: Callable[..., Any]) -> Callable[..., Any]:
    definition, file, first_line = _definition(function)
    definition.decorator_list = []
    definition.body = _Rewrite(definition.args.args[0].arg, "break").block(definition.body)
    return _built(definition, function, file, first_line)


def _definition(function: Callable[..., Any]) -> tuple[ast.FunctionDef, Path, int]:
    """The definition, its file and its first line; `NotCompilable` says what stands against machine code."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        file = Path(inspect.getsourcefile(function) or "")
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):
        raise NotCompilable("its source cannot be read") from None
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise NotCompilable("it is not a plain function")
    first_line = function.__code__.co_firstlineno
    for node in ast.walk(definition):
        if type(node) in NOT_COMPILED and node is not definition:
            line = first_line + getattr(node, "lineno", 1) - 1
            raise NotCompilable(f"it uses {NOT_COMPILED[type(node)]} (line {line} of {file.name})")
    if definition.args.vararg or definition.args.kwarg:
        raise NotCompilable("it takes a variable number of arguments")
    return definition, file, first_line


def _built(definition: ast.FunctionDef, function: Callable[..., Any], file: Path, first_line: int) -> Any:
    """The function of a rewritten definition, with the names that the original sees."""
    module = ast.fix_missing_locations(ast.Module(body=[definition], type_ignores=[]))
    ast.increment_lineno(module, first_line - 1)
    names: dict[str, Any] = {}
    free = inspect.getclosurevars(function).nonlocals
    namespace = {**function.__globals__, **free, "_make_oracle": co.make_oracle}
    exec(compile(module, str(file), "exec"), namespace, names)
    return names[definition.name]


def _shell(definition: ast.FunctionDef) -> ast.FunctionDef:
    """The rewritten definition of a method, see the head of this file."""
    oracle = definition.args.args[0].arg
    words = ("_ledger", "_dimension")
    rest = (one.arg for one in (*definition.args.args[1:], *definition.args.kwonlyargs))
    (shell,) = ast.parse(
        f"def {definition.name}({', '.join((*words, *rest))}):\n"
        f"    {oracle} = _make_oracle({', '.join(words)})\n"
        f"    {oracle}.returns(None)\n"
    ).body
    assert isinstance(shell, ast.FunctionDef)
    make, finish = shell.body
    shell.body = [make, *_Rewrite(oracle, "return").block(definition.body), finish]
    return shell


class _Rewrite:
    """Statements with their ways out: "return" in a method, "break" in a helper."""

    def __init__(self, oracle: str, way_out: str) -> None:
        self._oracle, self._out = oracle, way_out

    def block(self, statements: list[ast.stmt], loops: int = 0) -> list[ast.stmt]:
        """The statements, each followed by a way out if it asks; `loops`: of how many loops they are the body."""
        return [one for statement in statements for one in self._statement(statement, loops)]

    def _statement(self, node: ast.stmt, loops: int) -> list[ast.stmt]:
        if isinstance(node, ast.Return) and self._out == "return":
            given = ast.unparse(node.value) if node.value is not None else "None"
            return self._parsed(f"{self._oracle}.returns({given})\nreturn", node)
        if isinstance(node, ast.If | ast.While | ast.For):
            head = node.iter if isinstance(node, ast.For) else node.test
            asks = self._asks(head)
            inside = loops if isinstance(node, ast.If) else loops + 1
            node.body = self._way_out(node, asks, inside) + self.block(node.body, inside)
            if node.orelse:
                node.orelse = self._way_out(node, asks, loops) + self.block(node.orelse, loops)
            left = asks or (self._out == "break" and self._asks(node))  # one loop left, there is the next one
            return [node, *self._way_out(node, left, loops)]
        return [node, *self._way_out(node, self._asks(node), loops)]

    def _asks(self, node: ast.AST) -> bool:
        return any(isinstance(one, ast.Name) and one.id == self._oracle for one in ast.walk(node))

    def _way_out(self, node: ast.stmt, asks: bool, loops: int) -> list[ast.stmt]:
        if not asks or (self._out == "break" and loops == 0) or isinstance(node, ast.Return):
            return []
        return self._parsed(f"if {self._oracle}.stopped:\n    {self._out}", node)

    def _parsed(self, source: str, at: ast.stmt) -> list[ast.stmt]:
        statements = ast.parse(source).body
        for statement in statements:
            for one in ast.walk(statement):
                ast.copy_location(one, at)
        return statements
