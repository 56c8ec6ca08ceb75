"""Ends a method that does not end by itself: one that swallows `Stop`, or one whose time is up."""

import ctypes
import threading
import time
from types import TracebackType

from oracles import Ledger, Refused, Status

GRACE = 1.0  # seconds after the time limit in which a method may still end by itself
PERIOD = 0.005  # seconds between two looks, and between two interruptions


class Guard:
    """A context around a method's call; must be left in the thread that entered it.

    After `seconds` the ledger is closed, so that the next query raises `Stop`. If the method does not end then, or
    when `insist` was called, `Refused` is raised inside it, wherever it is, again and again until it has ended: a loop
    that swallows every exception is hit outside of its ``try`` sooner or later.

    The two threads share plain flags alone. A lock would be left locked by an interruption that comes at the wrong
    moment.
    """

    def __init__(self, ledger: Ledger, seconds: float | None) -> None:
        self._ledger, self._seconds = ledger, seconds
        self._over = self._insisted = self._watching = False

    def insist(self) -> None:
        """The ledger is closed, and the method does not take it."""
        self._insisted = True
        self._watch()

    def __enter__(self) -> "Guard":
        self._thread = threading.get_ident()
        if self._seconds is not None:
            self._watch()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while True:  # an interruption may still be on its way
            try:
                self._over = True
                while self._watching:
                    time.sleep(PERIOD / 10)
                _interrupt(self._thread, None)
                return
            except Refused:
                continue

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._end_the_method, daemon=True).start()

    def _end_the_method(self) -> None:
        if self._seconds is not None:
            self._wait(self._seconds)
            if not (self._over or self._insisted):
                self._ledger.close(Status.TIMEOUT, f"{self._seconds:g} seconds")
                self._wait(GRACE)
        while not self._over:
            _interrupt(self._thread, Refused)
            time.sleep(PERIOD)
        self._watching = False

    def _wait(self, seconds: float) -> None:
        """Until the method is over, somebody insists, or the time has passed."""
        end = time.monotonic() + seconds
        while not (self._over or self._insisted) and (left := end - time.monotonic()) > 0:
            time.sleep(min(PERIOD, left))


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Raise `error` in another thread at its next step; None takes back what has not been raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
