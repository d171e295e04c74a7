"""Reading one step ahead: the next piece is prepared while the database stores this one."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.utils import translation

T = TypeVar("T")
_END = object()


@contextmanager
def ahead(pieces: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same pieces in the same order, made by a thread that is one piece ahead.

    The thread must touch nothing but what the pieces are made of: no database, nothing shared. What it
    raises is raised where its piece would have come. Leaving the block ends the thread.

    Args:
        pieces: What to iterate over in the thread.

    Yields:
        The pieces.
    """
    worker = _Worker(pieces)
    worker.start()
    try:
        yield worker.take()
    finally:
        worker.stopped.set()
        worker.join()


class _Worker(threading.Thread):
    def __init__(self, pieces: Iterator[Any]) -> None:
        super().__init__(name="ahead", daemon=True)
        self.stopped = threading.Event()
        self._pieces = pieces
        self._language = translation.get_language()
        self._ready: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(maxsize=1)

    def run(self) -> None:
        error: BaseException | None = None
        try:
            with translation.override(self._language):
                for piece in self._pieces:
                    self._put(piece, None)
                    if self.stopped.is_set():
                        return
        except BaseException as found:  # noqa: BLE001 - raised again where the pieces are taken
            error = found
        self._put(_END, error)

    def _put(self, piece: Any, error: BaseException | None) -> None:
        while not self.stopped.is_set():
            try:
                self._ready.put((piece, error), timeout=0.1)
            except queue.Full:
                continue
            return

    def take(self) -> Iterator[Any]:
        """The pieces as they come."""
        while True:
            piece, error = self._ready.get()
            if error is not None:
                raise error
            if piece is _END:
                return
            yield piece
