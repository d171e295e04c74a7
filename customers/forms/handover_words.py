"""How the figures of a hand-over read: tables, charts and sentences from what is stored."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.common.templatetags.lz import NOTHING, weekday
from customers.models import HandOver, HandOverStatus
from customers.selectors.workload import load_label, work_label
from customers.services.handover_apply import ALREADY, OTHER_MANAGER

TONES = {
    HandOverStatus.REQUESTED: "warn",
    HandOverStatus.APPROVED: "info",
    HandOverStatus.DONE: "good",
    HandOverStatus.REFUSED: "bad",
    HandOverStatus.WITHDRAWN: "neutral",
}
SKIPPED = {
    OTHER_MANAGER: gettext_lazy("left: it had passed to somebody else"),
    ALREADY: gettext_lazy("left: it was there already"),
}
WORKING_DAYS = ("1", "2", "3", "4", "5")


def givers(hand_over: HandOver) -> str:
    """Who has the retailers until now: a name, several, or nobody."""
    if hand_over.from_manager is not None:
        return str(hand_over.from_manager)
    names = [one["name"] for one in _people(hand_over.figures) if one["side"] == "from"]
    if not names:
        return str(hand_over.to_manager) if hand_over.to_line is not None else _("Nobody")
    if len(names) == 1:
        return str(names[0])
    return _("%(name)s and %(n)d more") % {"name": names[0], "n": len(names) - 1}


def _people(figures: dict[str, Any]) -> list[dict[str, Any]]:
    return list(figures.get("managers", []))


# --- sentences ----------------------------------------------------------------------------


def warnings(figures: dict[str, Any]) -> list[str]:
    """What a person should think of, as sentences."""
    texts = {
        "many": _(
            "The new customer manager would look after %(retailers)s retailers; the limit is %(most)s."
        ),
        "weekday_full": _(
            "On %(weekday)s %(retailers)s retailers of the new customer manager would order; the limit is %(most)s."
        ),
        "line_weekday": _(
            "The line orders on %(weekday)s; %(retailers)s of these retailers order on another day."
        ),
        "not_located": _(
            "%(retailers)s of %(of)s retailers have no coordinates: their distance is unknown."
        ),
        "other_county": _(
            "%(retailers)s retailers lie in another county than the new customer manager."
        ),
        "absent": _(
            "The new customer manager is away on that day, until %(until)s; %(name)s stands in."
        ),
        "not_back": _(
            "%(retailers)s retailers go back to somebody who gave them away less than %(months)s months ago."
        ),
        "closed": _("%(retailers)s of the retailers are closed."),
        "left_out": _(
            "%(retailers)s chosen retailers are with the new customer manager already and are left out."
        ),
    }
    found = []
    for warning in figures.get("warnings", []):
        values = {**warning, "weekday": weekday(warning.get("weekday"))}
        found.append(texts.get(warning["code"], warning["code"]) % values)
    return found


def work(numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Open work by kind, with what the kind is called."""
    return [(work_label(name), number) for name, number in numbers.items()]


def outcome(hand_over: HandOver) -> str:
    """What became of a hand-over that was carried out."""
    done = hand_over.figures.get("done")
    if not done:
        return ""
    moved = ngettext(
        "%(n)d retailer has passed to the new customer manager",
        "%(n)d retailers have passed to the new customer manager",
        done["moved"],
    ) % {"n": done["moved"]}
    left = sum(done["skipped"].values())
    if not left:
        return _("%(moved)s.") % {"moved": moved}
    stayed = ngettext("%(n)d was left", "%(n)d were left", left) % {"n": left}
    return _("%(moved)s, %(stayed)s.") % {"moved": moved, "stayed": stayed}


# --- tables -------------------------------------------------------------------------------


def workload_table(figures: dict[str, Any]) -> dict[str, Any]:
    """Workload of everybody concerned.

    Returns:
        ``people`` (name, takes), one column each; ``groups`` (label, rows), each row with its label and
        the texts (before, after) of everybody.
    """
    people = _people(figures)
    one = [("retailers", "", _("Retailers")), ("cartons", "", _("Cartons a month"))]
    groups = [
        ("", one),
        (_("Order weekday"), _weekday_rows(people)),
        *_mix_groups(people),
        ("", [*_sum_rows(people), ("km", "", _("Distance (km)"))]),
    ]
    return {
        "people": [{"name": one["name"], "takes": one["side"] == "to"} for one in people],
        "groups": [
            {"label": label, "rows": [_row(people, *row) for row in rows]} for label, rows in groups
        ],
    }


def _row(people: list[dict[str, Any]], name: str, part: str, label: str) -> dict[str, Any]:
    cells = [
        (_shown(_value(one["before"], name, part)), _shown(_value(one["after"], name, part)))
        for one in people
    ]
    return {"label": label, "cells": cells}


def _shown(value: Any) -> str:
    if value is None:
        return NOTHING
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _value(load: dict[str, Any], name: str, part: str) -> Any:
    if not part:
        return load.get(name)
    inner = load.get(name, {})
    if name == "mix":
        scheme, _slash, code = part.partition("/")
        return inner.get(scheme, {}).get(code, 0)
    return inner.get(part, 0)


def _names(people: Iterable[dict[str, Any]], name: str) -> list[str]:
    """Every name that occurs under a figure, in the order of first sight."""
    found = [
        key for one in people for when in ("before", "after") for key in one[when].get(name, {})
    ]
    return list(dict.fromkeys(found))


def _weekday_rows(people: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    days = sorted({*WORKING_DAYS, *_names(people, "weekdays")})
    return [("weekdays", number, weekday(int(number))) for number in days]


def _mix_groups(people: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    groups = []
    for scheme in _names(people, "mix"):
        codes = {
            code
            for one in people
            for when in ("before", "after")
            for code in one[when]["mix"].get(scheme, {})
        }
        ordered = sorted(codes, key=_natural)
        groups.append((load_label(scheme), [("mix", f"{scheme}/{code}", code) for code in ordered]))
    return groups


def _natural(code: str) -> list[Any]:
    """D2 stands before D10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", code)]


def _sum_rows(people: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [("sums", name, load_label(name)) for name in _names(people, "sums")]


# --- charts -------------------------------------------------------------------------------


def _before_and_after(before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    return [
        {"name": _("Until now"), "data": before},
        {"name": _("Afterwards"), "data": after},
    ]


def charts(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Retailers of everybody before and after, and the order days of who takes them over."""
    people = _people(figures)
    takes = next((one for one in people if one["side"] == "to"), None)
    if takes is None:
        return {}
    days = sorted({*WORKING_DAYS, *_names([takes], "weekdays")})
    by_day = {
        when: [takes[when]["weekdays"].get(number, 0) for number in days]
        for when in ("before", "after")
    }
    return {
        "people": {
            "type": "bar",
            "categories": [one["name"] for one in people],
            "y_label": _("Retailers"),
            "series": _before_and_after(
                [one["before"]["retailers"] for one in people],
                [one["after"]["retailers"] for one in people],
            ),
        },
        "days": {
            "type": "bar",
            "categories": [weekday(int(number)) for number in days],
            "y_label": _("Retailers"),
            "series": _before_and_after(by_day["before"], by_day["after"]),
        },
    }
