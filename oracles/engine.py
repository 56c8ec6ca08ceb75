"""The compiled engine: the source of a method as machine code (`oracles/rewriting.py`), with the compiled oracle."""

import ctypes
import inspect
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit, typeof
from numba.core.errors import NumbaError

from oracles import ledger_block as lb
from oracles.arrays import Array
from oracles.boxes import Box
from oracles.codecache import code_cache
from oracles.errors import InputError
from oracles.goals import judged_by_squares
from oracles.kernels import (
    CALLBACK,
    GRADIENT_MASK,
    GRADIENTS,
    POINTS,
    REQUEST_WORDS,
    ROUND,
    SAMPLES,
    VALUE_MASK,
    VALUES,
    K,
)
from oracles.ledger import Status
from oracles.models import Answer, Door, Request
from oracles.referee import Referee
from oracles.rewriting import NotCompilable, rewritten_method
from oracles.services import SERVICES

PERIOD = 0.005  # seconds between two attempts to stop machine code
GRACE = 1.0  # seconds after which a method that asks nothing is left behind

_left_behind: list[object] = []  # what machine code that could not be stopped may still write to


@cache
def machine_code(function: Callable[..., Any]) -> Any:
    """The numba dispatcher of a method, positional: (ledger, dimension, x0, *numbers).

    `NotCompilable` says what stands against it.
    """
    method, file = rewritten_method(function)
    with code_cache(file, function.__module__) as cached:
        cached = cached and not inspect.getclosurevars(function).nonlocals
        return njit(method, cache=cached, error_model="numpy", nogil=True)


class Session:
    """One compiled run: the ledger block, the callbacks, and everything that must stay alive while it lasts."""

    def __init__(self, function: Callable[..., Any], referee: Referee) -> None:
        self.code = machine_code(function)
        self.referee, self.model, self.ledger = referee, referee.model, referee.ledger
        model, ledger = referee.model, referee.ledger
        self.returned: Array | None = None
        self.error: BaseException | None = None
        self._callbacks = [CALLBACK(self._guarded(one)) for one in (self._settle, self._propose, self._finish)]
        addresses = [ctypes.cast(one, ctypes.c_void_p).value or 0 for one in self._callbacks]
        self._door = model.door() or self._python_door()
        self.block = np.zeros(lb.BLOCK_WORDS, np.int64)
        self.reals = self.block.view(np.float64)
        block = self.block
        block[lb.MAX_QUERIES] = lb.UNLIMITED if ledger.max_queries is None else ledger.max_queries
        block[lb.MAX_ROUNDS] = lb.UNLIMITED if ledger.max_rounds is None else ledger.max_rounds
        block[lb.LIMIT] = min(block[lb.MAX_QUERIES], block[lb.MAX_ROUNDS])
        block[lb.WIDTH] = lb.UNLIMITED if model.width is None else model.width
        block[[lb.SETTLE, lb.PROPOSE, lb.FINISH]] = addresses
        block[[lb.DOOR, lb.MODEL]] = self._door.address, self._door.block
        if model.domain is None and referee.box is None:
            block[lb.KERNEL] = self._door.kernel
        block[lb.PARAMETERS] = self._door.parameters
        block[[lb.HESSIAN, lb.BANDWIDTH]] = self._door.hessian, self._door.bandwidth
        for slot, service in SERVICES.items():
            block[slot] = service.address
        block[lb.COMPONENTS] = lb.UNLIMITED if model.components is None else model.components
        self.reals[lb.BEST] = np.inf
        self.reals[lb.THRESHOLD] = self.referee.threshold
        if model.domain is not None:
            self._box = _sides(model.domain)
            block[[lb.LOWER, lb.UPPER]] = [side.ctypes.data for side in self._box]
        if referee.box is not None:
            self._faces = _sides(referee.box)
            block[[lb.LOWER_FACE, lb.UPPER_FACE]] = [side.ctypes.data for side in self._faces]

    def prepare(self, x0: Array, numbers: list[Any]) -> None:
        """Compile for these arguments; `NotCompilable` in one line where numba cannot."""
        self._arguments = (self.block.ctypes.data, len(x0), x0, *numbers)
        try:
            self.code.compile(tuple(typeof(argument) for argument in self._arguments))
        except (NumbaError, ValueError) as error:
            raise NotCompilable(_numba_says(error)) from error

    def run(self, seconds: float | None) -> None:
        """Run to the end. The work is in a thread of its own, without the interpreter lock, so that an interrupt or
        the time limit reaches this one.
        """
        over = threading.Event()

        def work() -> None:
            try:
                self.code(*self._arguments)
            except BaseException as error:  # nothing may leave the thread
                self.error = error
            finally:
                over.set()

        threading.Thread(target=work, daemon=True).start()
        try:
            if not over.wait(seconds):
                self._end(over, Status.TIMEOUT, f"{seconds:g} seconds")
        except KeyboardInterrupt:
            self._end(over, Status.INTERRUPTED, "")
        self._sync()
        self._conclude()

    def _end(self, over: threading.Event, status: Status, message: str) -> None:
        """Close from outside. Machine code that does not ask cannot be stopped; it is left behind."""
        self.ledger.close(status, message)
        attempts = int(GRACE / PERIOD)
        for _ in range(attempts):
            self.block[lb.CLOSED], self.block[lb.LIMIT] = lb.ENDED, -1
            if over.wait(PERIOD):
                return
        _left_behind.append(self)
        self.ledger.message = f"{message}; the method asks nothing and was left running".lstrip("; ")

    def _conclude(self) -> None:
        """Turn what the block says into the ledger's status."""
        block = self.block
        if isinstance(self.error, InputError):
            self.ledger.close(Status.FAILED, str(self.error))
        elif self.error is not None:
            text = " ".join(str(self.error).split())
            self.ledger.close(Status.FAILED, f"the method raised {type(self.error).__name__}: {text}")
        elif block[lb.FAULT] != lb.NO_FAULT:
            self.ledger.close(Status.FAILED, self._fault())
        elif block[lb.CLOSED] == lb.BUDGET:
            self.ledger.close(Status.BUDGET)

    def _sync(self) -> None:
        """Bring the counts of the block into the ledger, and what the method noted of its last round into the trace."""
        block, ledger = self.block, self.ledger
        one = int(block[lb.COUNT])
        ledger.queries = one + int(block[lb.BATCH_QUERIES])
        ledger.rounds = one + int(block[lb.BATCH_ROUNDS])
        ledger.value_queries = one - int(block[lb.ONE_GRADIENTS]) + int(block[lb.BATCH_VALUES])
        ledger.gradient_queries = one - int(block[lb.ONE_VALUES]) + int(block[lb.BATCH_GRADIENTS])
        ledger.hessian_queries, ledger.product_queries = int(block[lb.HESSIANS]), int(block[lb.PRODUCTS])
        ledger.widest = max(int(block[lb.BATCH_WIDEST]), min(one, 1))
        if judged_by_squares(self.referee.goal) and self.model.exact:
            ledger.best_merit = min(ledger.best_merit, float(np.sqrt(self.reals[lb.BEST])))
        if block[lb.NOTED]:
            self.referee.note(float(self.reals[lb.NOTE]))
            block[lb.NOTED] = 0

    # What compiled code calls.

    def _guarded(self, call: Callable[[int], None]) -> Callable[[int, int], int]:
        """A callback that lets nothing out: what is raised closes the run, and stays here."""

        def callback(block: int, request: int) -> int:
            try:
                call(request)
            except BaseException as error:
                if self.ledger.closed is None:
                    self.error = error
                self.block[lb.CLOSED], self.block[lb.LIMIT] = lb.ENDED, -1
                return 1
            return 0

        return callback

    def _settle(self, request: int) -> None:
        """Check, charge and judge a round, as the Python engine does."""
        self._sync()
        asked, answer = self._read(request)
        self.referee.account(asked.points, answer, asked.values, asked.gradients)
        self.reals[lb.THRESHOLD] = self.referee.threshold
        if self.ledger.closed is not None:
            self.block[lb.CLOSED], self.block[lb.LIMIT] = lb.ENDED, -1

    def _propose(self, request: int) -> None:
        self._sync()
        self.referee.propose(_named(request))

    def _finish(self, request: int) -> None:
        self.returned = _named(request)

    def _python_door(self) -> Door:
        """A model in Python, as a callback."""

        def answer(request: int) -> None:
            asked, memory = self._read(request)
            answer = self.referee.ask(asked)
            words = _words(request)
            if words[VALUES]:
                _array(words[VALUES], memory.values.shape)[:] = answer.values
            if words[GRADIENTS]:
                _array(words[GRADIENTS], memory.gradients.shape)[:] = answer.gradients

        callback = CALLBACK(self._guarded(answer))
        return Door(ctypes.cast(callback, ctypes.c_void_p).value or 0, 0, callback)

    def _read(self, request: int) -> tuple[Request, Answer]:
        """A round as the Python engine knows it, copied out of its words."""
        words, dimension = _words(request), self.model.dimension
        count = int(words[K])
        points = _array(words[POINTS], (count, dimension)).copy()
        rows: dict[int, Array] = {}
        for slot, shape in ((VALUES, (count,)), (GRADIENTS, (count, dimension))):
            rows[slot] = _array(words[slot], shape).copy() if words[slot] else np.full(shape, np.nan)
        masks = []
        for slot, mask in ((VALUES, VALUE_MASK), (GRADIENTS, GRADIENT_MASK)):
            if words[mask]:
                given = (ctypes.c_uint8 * count).from_address(words[mask])
                masks.append(np.ctypeslib.as_array(given).astype(bool))
            else:
                masks.append(np.full(count, bool(words[slot])))
        samples = None
        if words[SAMPLES]:
            samples = np.ctypeslib.as_array((ctypes.c_int64 * count).from_address(words[SAMPLES])).copy()
        return Request(points, masks[0], masks[1], int(words[ROUND]), samples), Answer(rows[VALUES], rows[GRADIENTS])

    def _fault(self) -> str:
        """What the method asked badly, in the words of the Python engine."""
        block, dimension = self.block, self.model.dimension
        row, column, rows = int(block[lb.FAULT_ROW]), int(block[lb.FAULT_COLUMN]), int(block[lb.FAULT_ROWS])
        entry = self.reals[lb.FAULT_ENTRY]
        kind = int(block[lb.FAULT])
        if kind == lb.WRONG_SHAPE and rows:
            return f"the batch has the shape ({row}, {column}), expected (K, {dimension})"
        if kind == lb.NOT_FINITE and rows > 1:
            return f"the batch has the entry {entry} at index [{row}, {column}]"
        if kind == lb.OUTSIDE:
            low, high = (side[column] for side in self._box)
            return f"coordinate {column} of point {row} is {entry:g}, outside the domain [{low:g}, {high:g}]"
        if kind == lb.BAD_SAMPLE:
            below = "" if self.model.components is None else f", below {self.model.components}"
            return f"samples must be from 0 on{below}, got {row}"
        return {
            lb.NO_HESSIAN: "this oracle has no Hessians",
            lb.BAD_HESSIAN: "the Hessian is not finite",
            lb.WRONG_VECTOR: f"the vector has the shape ({column},), expected ({dimension},)",
            lb.BAD_VECTOR: f"the vector has the entry {entry} at index [{column}]",
            lb.WRONG_SAMPLES: f"samples must be {rows} whole numbers, got int64 of shape ({row},)",
            lb.WRONG_SHAPE: f"the point has the shape ({column},), expected ({dimension},)",
            lb.NOT_FINITE: f"the point has the entry {entry} at index [{column}]",
            lb.TOO_WIDE: f"a round of {rows} points is wider than the width {self.model.width}",
            lb.NO_POINTS: "a round needs at least one point, K = 0",
            lb.WRONG_ORDER: f"order must be 0 or 1, for all points or for each of the {rows}",
            lb.WRONG_OUT: f"out must be a float64 array of shape ({dimension},)",
        }[kind]


def _sides(box: Box) -> list[Array]:
    return [np.ascontiguousarray(side, dtype=np.float64) for side in (box.lower, box.upper)]


def _words(request: int) -> Any:
    return (ctypes.c_int64 * REQUEST_WORDS).from_address(request)


def _named(request: int) -> Array:
    """The point that the method names; its length takes the place of K."""
    words = _words(request)
    return _array(words[POINTS], (int(words[K]),)).copy()


def _array(address: int, shape: tuple[int, ...]) -> Array:
    """The doubles at an address."""
    size = int(np.prod(shape))
    return np.ctypeslib.as_array((ctypes.c_double * size).from_address(address)).reshape(shape)


def _numba_says(error: Exception) -> str:
    """The one line of numba's report that says what and where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    what = next((line for line in lines if not line.startswith(("Failed in", "-"))), type(error).__name__)
    where = next((line for line in lines if line.startswith("File ")), "")
    return f"numba cannot compile it: {what} {where}".strip()
