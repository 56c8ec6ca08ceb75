"""Ends a method that does not end by itself: one that swallows `Stop`, or one whose time is up."""

import ctypes
import threading
from types import TracebackType

from oracles import Ledger, Refused, Status

GRACE = 1.0  # seconds after the time limit in which a method may still end by itself
PERIOD = 0.02  # seconds between two interruptions


class Guard:
    """A context around a method's call; must be left in the thread that entered it.

    After `seconds` the ledger is closed, so that the next query raises `Stop`. If the method does not end then, or
    when `insist` was called, `Refused` is raised inside it, wherever it is, again and again until it has ended: a loop
    that swallows every exception is hit outside of its ``try`` sooner or later.
    """

    def __init__(self, ledger: Ledger, seconds: float | None) -> None:
        self._ledger, self._seconds = ledger, seconds
        self._over, self._insisted = threading.Event(), threading.Event()
        self._watcher: threading.Thread | None = None

    def insist(self) -> None:
        """The ledger is closed, and the method does not take it."""
        self._insisted.set()
        self._watch()

    def __enter__(self) -> "Guard":
        self._thread = threading.get_ident()
        if self._seconds is not None:
            self._watch()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while True:  # an interruption may still be on its way
            try:
                self._over.set()
                if self._watcher is not None:
                    self._watcher.join()
                    _interrupt(self._thread, None)
                return
            except Refused:
                continue

    def _watch(self) -> None:
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._end_the_method, daemon=True)
            self._watcher.start()

    def _end_the_method(self) -> None:
        if self._seconds is not None and not self._insisted.is_set():
            if self._wait(self._seconds):
                return
            self._ledger.close(Status.TIMEOUT, f"{self._seconds:g} seconds")
            if self._wait(GRACE):
                return
        while not self._over.wait(PERIOD):
            _interrupt(self._thread, Refused)

    def _wait(self, seconds: float) -> bool:
        """Wait for the end; whether it came. Cut short when somebody insists."""
        waited = 0.0
        while waited < seconds and not self._insisted.is_set():
            slice_ = min(PERIOD, seconds - waited)
            if self._over.wait(slice_):
                return True
            waited += slice_
        return self._over.is_set()


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Raise `error` in another thread at its next step; None takes back what has not been raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
