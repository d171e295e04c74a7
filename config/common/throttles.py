"""Fairness between callers: one that asks without end must not slow the others down.

This protects nothing secret and is not exact: simultaneous requests may pass the limit by a few. When
the cache cannot be reached, everybody passes.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)

_SECONDS = {"sec": 1, "min": 60, "hour": 3600}


class FairThrottle(BaseThrottle):
    """So many requests per caller and fixed window; a view's ``throttle_scope`` names the rate."""

    retry_after = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """False when this caller has used up the window."""
        self.retry_after = seconds_to_wait(
            getattr(view, "throttle_scope", "read"), caller_of(request)
        )
        return self.retry_after == 0

    def wait(self) -> float:
        """Seconds until the next window."""
        return float(self.retry_after)


def caller_of(request: Request | HttpRequest) -> str:
    """Who is counted together: a machine, a person, or an address."""
    client = getattr(getattr(request, "auth", None), "application_id", None)
    if client is not None:
        return f"client-{client}"
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user-{user.pk}"
    address = request.META.get("REMOTE_ADDR", "")
    return "address-" + hashlib.sha256(str(address).encode()).hexdigest()[:16]


@dataclass
class _Window:
    """What this process knows of a caller's window."""

    told: int = 0  # by the cache, when we last asked
    unsaid: int = 0  # counted here since


# A process tells the cache in steps of about a hundredth of the limit: a round trip for each request
# would cost the fast endpoints a third of their speed, and fairness needs no exact number.
_MOST_UNSAID = 32
_SILENCE_SECONDS = 5.0
_windows: dict[str, _Window] = {}
_silent_until = 0.0


def seconds_to_wait(scope: str, caller: str) -> int:
    """0 when the caller may go on; counts the request."""
    rate = api_settings.DEFAULT_THROTTLE_RATES.get(scope)
    if not rate:
        return 0
    limit, _, unit = str(rate).partition("/")
    window = _SECONDS[unit]
    now = time.time()
    key = f"throttle:{scope}:{caller}:{int(now // window)}"
    used = _count(key, window, min(_MOST_UNSAID, max(1, int(limit) // 100)), now)
    return 0 if used <= int(limit) else max(1, int(window - now % window) + 1)


def _count(key: str, window: int, step: int, now: float) -> int:
    global _silent_until
    known = _windows.get(key)
    if known is None:
        if len(_windows) > 1000:  # of windows long gone
            _windows.clear()
        known = _windows[key] = _Window()
    known.unsaid += 1
    if known.unsaid >= step or known.told == 0:
        if now < _silent_until:
            return 0
        try:
            known.told, known.unsaid = _tell(key, window, known.unsaid), 0
        except Exception as error:  # noqa: BLE001 - any cache library may raise its own errors here
            logger.warning("throttle is off, the cache does not answer: %s", error)
            _silent_until = now + _SILENCE_SECONDS
            return 0
    return known.told + known.unsaid


def _tell(key: str, window: int, count: int) -> int:
    try:
        return cache.incr(key, count)
    except ValueError:  # the first of its window
        return count if cache.add(key, count, 2 * window) else cache.incr(key, count)


def forget() -> None:
    """Begin to count again, in this process (for tests)."""
    global _silent_until
    _windows.clear()
    _silent_until = 0.0
