"""Classes as figures of a customer manager's workload (``customers.selectors.workload``)."""

from collections.abc import Sequence

from django.db.models import F

from segmentation.models import Assignment, SchemeKind

BAND = 10


def abc_of(keys: Sequence[int]) -> dict[int, str]:
    """Published ABC class of each of these retailers that has one."""
    return dict(_published(keys, SchemeKind.ABC))


def tier_band_of(keys: Sequence[int]) -> dict[int, str]:
    """Published tier of each of these retailers, in bands of ten: ``D21–30``."""
    return {key: _band(code) for key, code in _published(keys, SchemeKind.TIERS)}


def _published(keys: Sequence[int], kind: str) -> list[tuple[int, str]]:
    rows = Assignment.objects.filter(
        retailer__in=keys, run__scheme__kind=kind, run=F("run__scheme__published_run")
    )
    return list(rows.values_list("retailer_id", "class_code"))


def _band(code: str) -> str:
    number = code.removeprefix("D")
    if not number.isdigit():
        return code
    first = (int(number) - 1) // BAND * BAND + 1
    return f"D{first}–{first + BAND - 1}"
