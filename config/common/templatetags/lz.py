"""How figures are written on pages: one place, so that every page writes them alike."""

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.common import figures as switched
from config.common.audit_words import FIELDS, VALUES, action_label, actor_name, figures
from config.common.job_words import flag_label, plan_warnings, run_label, stage_label
from config.common.logs import mask_personal_data
from config.common.periods import period_text
from config.common.personal import masked_name, masked_phone
from config.common.units import CARTONS_PER_BOX

register = template.Library()
register.filter("action_label", action_label)
register.filter("actor_name", actor_name)
register.filter("masked", masked_phone)
register.filter("masked_name", masked_name)
for word in (flag_label, plan_warnings, run_label, stage_label):
    register.filter(word.__name__, word)
for figure in (switched.quantity, switched.amount, switched.per_box, switched.unit_name):
    register.simple_tag(figure)

NOTHING = "–"

TONES = {
    "queued": "neutral",
    "running": "run",
    "succeeded": "good",
    "held": "warn",
    "failed": "bad",
    "cancelled": "neutral",
    "draft": "neutral",
    "approved": "info",
    "published": "good",
    "superseded": "neutral",
    "computed": "info",
    "uploaded": "info",
    "checking": "run",
    "checked": "good",
    "refused": "bad",
    "applying": "run",
    "applied": "good",
    "reverting": "run",
    "reverted": "neutral",
    "active": "good",
    "suspended": "warn",
    "closed": "neutral",
    "potential": "info",
    "development": "info",
    "growth": "good",
    "maturity": "good",
    "decline": "warn",
    "end": "bad",
}


@register.filter
def tone(status: str) -> str:
    """The colour of a state."""
    return TONES.get(str(status), "neutral")


@register.filter
def whole(value: Any) -> str:
    """A whole number with separators: 12,345."""
    return NOTHING if value in (None, "") else f"{int(value):,}"


@register.filter
def boxes(cartons: Any) -> str:
    """Cartons (条) as boxes (箱) with two places."""
    if cartons in (None, ""):
        return NOTHING
    exact = Decimal(int(cartons)) / CARTONS_PER_BOX
    return f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


@register.filter
def yuan(cents: Any) -> str:
    """Cents (分) as yuan with two places."""
    return NOTHING if cents in (None, "") else f"{Decimal(int(cents)) / 100:,.2f}"


@register.filter
def yuan_whole(cents: Any) -> str:
    """Cents (分) as whole yuan, for large sums."""
    if cents in (None, ""):
        return NOTHING
    return f"{(Decimal(int(cents)) / 100).quantize(Decimal(1), ROUND_HALF_UP):,}"


@register.filter
def money(value: Any) -> str:
    """Decimal yuan with two places."""
    return NOTHING if value in (None, "") else f"{Decimal(value):,.2f}"


@register.filter
def percent(fraction: Any, places: int = 1) -> str:
    """A fraction 0–1 as per cent."""
    return NOTHING if fraction in (None, "") else f"{float(fraction) * 100:.{places}f} %"


@register.filter
def percent_signed(fraction: Any) -> str:
    """A change as a fraction, with its sign."""
    return NOTHING if fraction in (None, "") else f"{float(fraction) * 100:+.1f} %"


@register.filter
def decimals(value: Any, places: int = 2) -> str:
    """A number with so many places."""
    return NOTHING if value in (None, "") else f"{float(value):,.{places}f}"


@register.filter
def month(period: Any) -> str:
    """202611 as 2026-11."""
    return NOTHING if not period else period_text(int(period))


@register.filter
def day(value: dt.date | str | None) -> str:
    """A date as 2026-11-21. A template hands over "" where something on the way is missing."""
    return value.isoformat() if isinstance(value, dt.date) else NOTHING


@register.filter
def moment(value: dt.datetime | str | None) -> str:
    """A point in time as 2026-11-21 02:14, local."""
    if not isinstance(value, dt.datetime):
        return NOTHING
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.simple_tag
def options(groups: list[Any]) -> SafeString:
    """The options of a select, as ``widget.optgroups`` has them.

    Written here and not by a template for each: a company has hundreds of lines and customer managers, and their
    names are in the filters of every list.
    """
    return SafeString("".join(_group(name, choices) for name, choices, _index in groups))


def _group(name: str | None, choices: list[dict[str, Any]]) -> str:
    inside = "".join(
        f'<option value="{escape(str(one["value"]))}"{flatatt(one["attrs"])}>{escape(one["label"])}</option>\n'
        for one in choices
    )
    return f'<optgroup label="{escape(name)}">{inside}</optgroup>' if name else inside


@register.filter
def duration(seconds: float | str | None) -> str:
    """Seconds in words."""
    if not isinstance(seconds, int | float):
        return NOTHING
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


@register.filter
def entry(mapping: Any, key: Any) -> Any:
    """One value of a mapping, or nothing."""
    return mapping.get(key) if mapping else None


@register.simple_tag
def icon(name: str, classes: str = "icon") -> SafeString:
    """A symbol of the sprite, for the eye only."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("vendor/icons.svg"),
        name,
    )


NAMES = {
    "periods": gettext_lazy("months"),
    "retailer_months": gettext_lazy("months of retailers"),
    "lines": gettext_lazy("order lines"),
    "rows": gettext_lazy("rows"),
    "retailers": gettext_lazy("retailers"),
    "recent_purchases": gettext_lazy("changed purchases of three months"),
    "forecasts": gettext_lazy("forecasts"),
    "cartons": gettext_lazy("cartons"),
    "backtest_error": gettext_lazy("error of the back-test"),
    "quotas": gettext_lazy("quotas"),
    "seconds": gettext_lazy("seconds"),
    "imported": gettext_lazy("new"),
    "updated": gettext_lazy("changed"),
    "unchanged": gettext_lazy("unchanged"),
    "rejected": gettext_lazy("refused"),
    "status": gettext_lazy("status"),
    "released_cartons": gettext_lazy("released (cartons)"),
    "result_hash": gettext_lazy("result hash"),
    "published_run": gettext_lazy("published run"),
    "sizes": gettext_lazy("sizes of the classes"),
    "changed": gettext_lazy("moved"),
    "factor": gettext_lazy("factor"),
    "version": gettext_lazy("version"),
}
STATES = {
    "draft": gettext_lazy("Draft"),
    "approved": gettext_lazy("Approved"),
    "published": gettext_lazy("Published"),
    "superseded": gettext_lazy("Superseded"),
}


def _name(name: str) -> str:
    return str(NAMES.get(name) or FIELDS.get(name) or name.replace("_", " "))


@register.filter
def facts(summary: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The plain figures of a job's summary, as (name, value); nested ones stay in the row."""
    found = []
    for name, value in (summary or {}).items():
        if isinstance(value, bool) or value in (None, "") or isinstance(value, list | dict):
            continue
        if name == "note":
            found.append(("", str(value)))
        elif name.endswith("_error") and isinstance(value, float):
            found.append((_name(name), percent(value)))
        elif isinstance(value, int | float):
            found.append((_name(name), f"{value:,}"))
        else:
            found.append((_name(name), str(value)))
    return found


@register.filter
def changes(values: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What an audit event says has changed: from what to what, or just figures."""
    found = []
    for name, value in (values or {}).items():
        pair = isinstance(value, list) and len(value) == 2
        found.append(
            {
                "name": _name(name),
                "pair": pair and value[0] is not None,
                "old": _said(name, value[0]) if pair else "",
                "new": _said(name, value[1] if pair else value),
            }
        )
    return found


def _said(name: str, value: Any) -> str:
    if name == "order_weekday" and isinstance(value, int) and 1 <= value <= 7:
        return weekday(value)
    return _short(value)


def _short(value: Any) -> str:
    if value in (None, {}):
        return NOTHING
    if isinstance(value, dict):
        value = figures(value)
    word = STATES.get(str(value)) or VALUES.get(str(value))
    if word:
        return str(word)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return text[:12]
    text = mask_personal_data(text)
    return text if len(text) <= 120 else f"{text[:119]}…"


WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


@register.filter
def weekday(number: int | None) -> str:
    """Day of the week, ISO: Monday is 1."""
    return NOTHING if not number else str(WEEKDAYS[number - 1])


FILE_KINDS = {
    "products": gettext_lazy("Products"),
    "retailers": gettext_lazy("Retailers"),
    "orders": gettext_lazy("Orders"),
    "observations": gettext_lazy("Market observations"),
}


@register.filter
def file_kind(kind: str) -> str:
    """What a file holds."""
    return str(FILE_KINDS.get(kind, kind))


@register.filter
def refused_rows(preview: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first refused rows; telephone numbers in them are masked."""
    return [
        {
            "line": row.get("line", ""),
            "column": row.get("column", ""),
            "reason": mask_personal_data(str(row.get("reason", ""))),
        }
        for row in preview
    ]


PARAMS = {
    "measure": gettext_lazy("Measured by"),
    "months": gettext_lazy("Closed months looked at"),
    "cuts": gettext_lazy("Cuts"),
    "crossing": gettext_lazy("Class of who crosses a cut"),
    "hold_share": gettext_lazy("Held when more than this share would move"),
    "weights": gettext_lazy("Weights of quantity, amount, average price"),
    "shares": gettext_lazy("Per cent of the retailers per tier, highest first"),
}
WORDS = {
    "amount": gettext_lazy("amount"),
    "cartons": gettext_lazy("cartons"),
    "higher": gettext_lazy("the higher one"),
    "lower": gettext_lazy("the lower one"),
}


@register.filter
def params(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Parameters of a rule, in words."""
    found = []
    for name, value in values.items():
        parts = value if isinstance(value, list) else [value]
        shown = " ".join(str(WORDS.get(str(part), part)) for part in parts)
        found.append((str(PARAMS.get(name, name)), shown))
    return found


@register.filter
def signed(value: Any) -> str:
    """A whole number with its sign."""
    return NOTHING if value in (None, "") else f"{int(value):+,}"


@register.filter
def as_json(value: Any) -> str:
    """Figures for a chart. Escaped as text: htmx takes script tags out of fragments, also JSON ones."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
