"""Transactions that lost against another one are done again, as a whole (reliability.md, trap 29)."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from config.common.errors import DomainError

logger = logging.getLogger(__name__)

T = TypeVar("T")
RETRIES = 3

# serialization_failure, deadlock_detected, lock_not_available
_LOST = {"40001", "40P01", "55P03"}
# query_canceled (statement_timeout), too_many_connections, shutting down, starting up
_BUSY = {"57014", "53300", "57P01", "57P02", "57P03"}
_SQLITE = ("database is locked", "database table is locked")
_UNREACHABLE = ("could not connect", "connection", "server closed")


class BusyError(DomainError):
    """Too many want the same at once; the same request may succeed in a moment (503)."""

    status = 503
    default_code = "busy"


def busy_error() -> BusyError:
    """The error that a client meets when the database cannot serve it now."""
    return BusyError(
        _("Too much is going on at once. Nothing was changed; send the same again in a moment.")
    )


def is_lost_race(error: OperationalError) -> bool:
    """True when another transaction won: repeating the whole transaction is right."""
    return _code(error) in _LOST or any(text in str(error) for text in _SQLITE)


def is_busy(error: OperationalError) -> bool:
    """True when the database cannot answer now, though nothing is wrong with the question."""
    if is_lost_race(error) or _code(error) in _BUSY:
        return True
    return not _code(error) and any(text in str(error).lower() for text in _UNREACHABLE)


def _code(error: BaseException) -> str:
    return getattr(error.__cause__, "pgcode", None) or ""


def retrying(work: Callable[[], T]) -> T:
    """What ``work`` returns; done up to four times when its transaction loses a race.

    Args:
        work: Opens and closes its own transaction; safe to call again after a rollback.

    Returns:
        Its result.

    Raises:
        BusyError: It lost every time.
        OperationalError: Something else went wrong, or an outer transaction is open, which only its
            owner can repeat.
    """
    for attempt in range(RETRIES + 1):
        try:
            return work()
        except OperationalError as error:
            if not is_lost_race(error) or connection.in_atomic_block:
                raise
            logger.warning("transaction lost (attempt %s): %s", attempt + 1, error)
        if attempt < RETRIES:
            time.sleep(random.uniform(0.02, 0.1) * (attempt + 1))  # noqa: S311 - spreads, no secret
    raise busy_error()
