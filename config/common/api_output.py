"""How the API writes months and points in time: one form in every answer."""

import datetime as dt
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.common.periods import period_text


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"})
class MonthField(serializers.Field[int, Any, str, Any]):
    """yyyymm as ``2026-11``."""

    def to_representation(self, value: int) -> str:
        """The text."""
        return period_text(value)


def utc_text(moment: dt.datetime | None) -> str | None:
    """A point in time as ``2026-11-21T00:00:00Z``: every answer writes a publication alike."""
    return None if moment is None else f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[dt.datetime, Any, str | None, Any]):
    """A point in time in UTC, to the second."""

    def to_representation(self, value: dt.datetime) -> str | None:
        """The text."""
        return utc_text(value)
