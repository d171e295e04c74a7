"""Strict readers of single cells. A cell means exactly one thing or is refused with the reason.

``int("１２")``, ``int("1_000")``, ``Decimal("NaN")`` and ``Decimal("1e3")`` all succeed in Python; here they do not
(reliability.md 1b).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

Reader = Callable[[str], Any]

_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
_MONEY = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]{1,2}))?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[,'’ ，][0-9]{3})+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INTEGER_TEXT = re.compile(r"([0-9]+)\.0+", re.ASCII)
_EDGES = "\u200b\u200c\u200d\u2060\ufeff"
_SPACES = "".join(chr(n) for n in range(0x3001) if chr(n).isspace())
_ROUNDINGS = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
FIRST_YEAR, LAST_YEAR = 1990, 2099


class BadCellError(ValueError):
    """A cell that cannot be taken.

    Args:
        code: Stable word for machines.
        text: Why, for people.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def clean(text: str) -> str:
    """The text without blanks and invisible characters at its ends.

    Raises:
        BadCellError: It holds NUL, a surrogate or another control character.
    """
    text = text.strip(_SPACES + _EDGES)
    if text.isascii() and text.isprintable():
        return text
    for character in text:
        kind = unicodedata.category(character)
        if kind in {"Cs", "Cc"} and character not in "\n\r\t":
            raise BadCellError(
                "invalid_characters",
                _("holds a control character (U+%(code)04X)") % {"code": ord(character)},
            )
    return text


def text_up_to(length: int) -> Reader:
    """Reads a text of at most so many characters; line breaks become blanks."""

    def read(text: str) -> str:
        if len(text) > length:
            raise BadCellError(
                "too_long",
                _("has %(found)d characters, allowed are %(limit)d")
                % {"found": len(text), "limit": length},
            )
        return " ".join(text.split()) if ("\n" in text or "\r" in text or "\t" in text) else text

    return read


def code_up_to(length: int) -> Reader:
    """Reads an identifier: a text in which nothing is invisible."""
    plain = text_up_to(length)

    def read(text: str) -> str:
        if text.isascii() and len(text) <= length and text.isprintable():
            return text
        for character in text:
            if unicodedata.category(character) in {"Cf", "Cc", "Co", "Zl", "Zp"}:
                raise BadCellError(
                    "invalid_characters",
                    _("holds an invisible character (U+%(code)04X)") % {"code": ord(character)},
                )
        return str(plain(text))

    return read


def integer_text(text: str) -> str:
    """A number used as a name: ``17850.0`` is ``17850``."""
    match = _INTEGER_TEXT.fullmatch(text)
    return match[1] if match else text


def without_commas(text: str) -> str:
    """``1,234.50`` as ``1234.50``; anything else that holds a comma stays as it is, to be refused."""
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def whole(low: int, high: int, *, rounding: str = "") -> Reader:
    """Reads a whole number between two bounds, both included."""

    def read(text: str) -> int:
        if _WHOLE.fullmatch(text):
            number = _int(text)
        elif rounding:
            number = int(_decimal(text).quantize(Decimal(1), rounding=_ROUNDINGS[rounding]))
        else:
            raise _not_a_number(text, _("a whole number"))
        return _within(number, low, high)

    return read


def cents(low: int, high: int, *, rounding: str = "") -> Reader:
    """Reads an amount of money with at most two decimals, as whole cents."""

    def read(text: str) -> int:
        match = _MONEY.fullmatch(text)
        if match is not None and len(match[2]) <= 15:
            number = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
            return _cents_within(-number if match[1] == "-" else number, low, high)
        exact = _decimal(text)
        if not rounding:
            raise BadCellError(
                "too_many_decimals",
                _("must have at most two decimals, got %(text)s") % {"text": _shown(text)},
            )
        return _cents_within(
            int((exact * 100).quantize(Decimal(1), rounding=_ROUNDINGS[rounding])), low, high
        )

    return read


def decimal_between(low: int, high: int, places: int) -> Reader:
    """Reads a decimal between two bounds; more decimals than stored are rounded half up."""

    def read(text: str) -> Decimal:
        exact = _decimal(text)
        if not low <= exact <= high:
            raise _out_of_range(text, str(low), str(high))
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

    return read


def date_in(form: str = "") -> Reader:
    """Reads a date, ISO (2026-11-21) or in the given ``strptime`` format."""

    def read(text: str) -> dt.date:
        if _ISO.fullmatch(text):
            day = _date(text, "%Y-%m-%d")
        elif form and _only_of(text, form):
            day = _date(text, form)
        else:
            raise _not_a_date(text, form)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise BadCellError(
                "out_of_range",
                _("the year must lie between %(low)d and %(high)d, got %(text)s")
                % {"low": FIRST_YEAR, "high": LAST_YEAR, "text": _shown(text)},
            )
        return day

    return read


def _only_of(text: str, form: str) -> bool:
    """Whether what is not ASCII stands in the format too (年, 月, 日): ``strptime`` takes １２ for 12."""
    return all(character.isascii() or character in form for character in text)


def one_of(choices: dict[str, Any]) -> Reader:
    """Reads one of some words, capitals and small letters alike."""
    folded = {word.casefold(): value for word, value in choices.items()}

    def read(text: str) -> Any:
        try:
            return folded[text.casefold()]
        except KeyError:
            raise BadCellError(
                "unknown_value",
                _("must be one of %(choices)s, got %(text)s")
                % {"choices": ", ".join(choices), "text": _shown(text)},
            ) from None

    return read


def _int(text: str) -> int:
    if len(text) > 19:
        raise BadCellError(
            "out_of_range", _("has too many digits: %(text)s") % {"text": _shown(text)}
        )
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > 25 or not _DECIMAL.fullmatch(text):
        raise _not_a_number(text, _("a number"))
    return Decimal(text)


def _within(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise _out_of_range(str(number), str(low), str(high))
    return number


def _cents_within(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise _out_of_range(_yuan(number), _yuan(low), _yuan(high))
    return number


def _yuan(number: int) -> str:
    return f"{Decimal(number).scaleb(-2):.2f}"


def _out_of_range(text: str, low: str, high: str) -> BadCellError:
    return BadCellError(
        "out_of_range",
        _("must lie between %(low)s and %(high)s, got %(text)s")
        % {"low": low, "high": high, "text": _shown(text)},
    )


def _not_a_number(text: str, wanted: str) -> BadCellError:
    if _THOUSANDS.fullmatch(text):
        return BadCellError(
            "thousands_separator",
            _("must be written without thousands separators, got %(text)s")
            % {"text": _shown(text)},
        )
    return BadCellError(
        "not_a_number",
        _("must be %(wanted)s in plain digits, got %(text)s")
        % {"wanted": wanted, "text": _shown(text)},
    )


def _not_a_date(text: str, form: str) -> BadCellError:
    return BadCellError(
        "not_a_date",
        _("must be a date like %(form)s, got %(text)s")
        % {"form": _example(form), "text": _shown(text)},
    )


def _example(form: str) -> str:
    """The 21st of November 2026 in a format of ``strptime``."""
    example = form or "%Y-%m-%d"
    for sign, value in (
        ("Y", "2026"),
        ("m", "11"),
        ("d", "21"),
        ("H", "08"),
        ("M", "30"),
        ("S", "00"),
    ):
        example = example.replace(f"%{sign}", value)
    return example


def _date(text: str, form: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise _not_a_date(text, form if form != "%Y-%m-%d" else "") from None


def _shown(text: str) -> str:
    return repr(text[:60])
