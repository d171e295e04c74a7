"""One at a time, across processes, for as long as a transaction lasts."""

import hashlib

from django.db import connection


def hold(name: str, number: int) -> None:
    """Wait for a named lock and hold it until the transaction ends.

    On PostgreSQL an advisory lock; waiting is not cut short by ``lock_timeout``, as a big import may take
    a minute. On SQLite nothing is needed: every transaction is IMMEDIATE, so there is one writer.

    Args:
        name: What must happen one at a time, such as ``orders``.
        number: Of what, usually a company's id; 0 for the whole installation.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"the lock {name} can only be held inside a transaction")
    if connection.vendor != "postgresql":
        return
    digest = hashlib.sha256(f"{name}:{number}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
