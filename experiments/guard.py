"""Ends a method that does not end by itself: one that swallows `Stop`, or one whose time is up."""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from oracles import Ledger, Refused, Status

GRACE = 1.0  # seconds after the time limit in which a method may still end by itself
PERIOD = 0.005  # seconds between two looks, and between two interruptions


class Guard:
    """A context around a method's call; must be left in the thread that entered it.

    After `seconds` the ledger is closed, so that the next query raises `Stop`. If the method does not end then,
    `Refused` is raised inside it from a second thread, wherever it is, again and again until it has ended. The two
    threads share plain flags alone: a lock would be left locked by an interruption that comes at the wrong moment.

    A method that swallows even that, or what a closed oracle raises, is caught by `insist`, which raises `Refused` at
    one of its own lines: at the first line that it reaches, the next time at the second, and so on, until the line is
    one outside of every ``try``.
    """

    def __init__(self, ledger: Ledger, seconds: float | None) -> None:
        self._ledger, self._seconds = ledger, seconds
        self._over = self._watching = False
        self._insisted = 0
        guard = self

        class Interruption(Refused):
            """Raised from outside, always where the method waits; caught there, it insists, in the method's thread."""

            def __init__(self) -> None:
                super().__init__("the time is up")
                guard.insist()

        self._interruption = Interruption

    def insist(self) -> None:
        """The ledger is closed, and the method does not take it; called from below the method."""
        lines = self._insisted = self._insisted + 1

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal lines
            lines -= event == "line"
            if lines == 0 and not self._over:
                raise Refused
            return trace

        frame: FrameType | None = sys._getframe().f_back
        while frame is not None and frame is not self._outside:
            frame.f_trace = trace
            frame = frame.f_back
        sys.settrace(trace)

    def __enter__(self) -> "Guard":
        self._thread = threading.get_ident()
        self._outside, self._tracing = sys._getframe().f_back, sys.gettrace()
        if self._seconds is not None:
            self._watching = True
            threading.Thread(target=self._end_the_method, args=(self._seconds,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while True:  # an interruption may still be on its way
            try:
                self._over = True
                if self._insisted:
                    sys.settrace(self._tracing)
                while self._watching:
                    time.sleep(PERIOD / 10)
                _interrupt(self._thread, None)
                return
            except Refused:
                continue

    def _end_the_method(self, seconds: float) -> None:
        self._wait(seconds)
        if not self._over:
            self._ledger.close(Status.TIMEOUT, f"{seconds:g} seconds")
            self._wait(GRACE)
        while not self._over:
            _interrupt(self._thread, self._interruption)
            time.sleep(PERIOD)
        self._watching = False

    def _wait(self, seconds: float) -> None:
        """Until the method is over or the time has passed."""
        end = time.monotonic() + seconds
        while not self._over and (left := end - time.monotonic()) > 0:
            time.sleep(min(PERIOD, left))


@contextmanager
def closing_on_interrupt(ledger: Ledger) -> Iterator[None]:
    """While open, Ctrl-C closes the ledger before it is raised, so that a method which swallows it gets no answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def close(number: int, frame: object) -> None:
        ledger.close(Status.INTERRUPTED)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, close)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Raise `error` in another thread at its next step; None takes back what has not been raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
