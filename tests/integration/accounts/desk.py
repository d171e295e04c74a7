"""What the tests of the work in hand share."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User


def log_in(user: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries(ask: Callable[[], object]) -> int:
    """How many queries something takes."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)
