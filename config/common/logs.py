"""Log lines carry the request's number and never a telephone or identity-card number."""

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")

PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
IDENTITY_CARD = re.compile(r"(?<!\d)(\d{4})\d{12}(\d{2}[0-9Xx]?)(?![0-9Xx])")


def mask_personal_data(text: str) -> str:
    """The text with telephone and identity-card numbers masked."""
    return IDENTITY_CARD.sub(r"\1************\2", PHONE.sub(r"\1****\2", text))


class MaskPersonalData(logging.Filter):
    """Masks the finished message, so that no argument slips through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_personal_data(record.getMessage())
        record.args = None
        return True


class RequestIdFormatter(logging.Formatter):
    """Adds ``request_id``."""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get()
        return super().format(record)
