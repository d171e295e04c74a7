"""Expected failures. Their message is written for the person who meets it."""

from typing import Any


class DomainError(Exception):
    """Something a user asked for cannot be done; the message says what, which and what next.

    Args:
        message: A sentence for the user, already translated.
        code: A stable word for machines; API clients switch on it.
        extra: Facts that go with it (ids, limits), JSON-serialisable.
    """

    status = 400
    default_code = "invalid"

    def __init__(
        self, message: str, *, code: str | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.extra = extra or {}


class ForbiddenError(DomainError):
    """This person may not do it at all (403)."""

    status = 403
    default_code = "forbidden"


class NotFoundError(DomainError):
    """There is no such thing, or not for this person (404)."""

    status = 404
    default_code = "not_found"


class ConflictError(DomainError):
    """It clashes with what is stored or under way (409)."""

    status = 409
    default_code = "conflict"


class RefusedFileError(DomainError):
    """A file that cannot be read as a whole (413, 415 or 422 by code)."""

    status = 422
    default_code = "refused_file"


class LostLeaseError(Exception):
    """Another worker has taken this job over; whoever sees this must write nothing more."""
