"""Which column of a file is probably which of ours, told by its name only: what is not certain is left open."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

from accounts.models import Company
from customers.importers import registry
from customers.importers.registry import Column, Kind

_BRACKETS = re.compile(r"[(\[【〔{<《][^)\]】〕}>》]*[)\]】〕}>》]")
_UNIMPORTANT = re.compile(r"[\s_\-·.:：/\\*#、,，]+")
# Columns of people: their samples are not shown.
PERSONAL = frozenset(
    {
        "联系人", "联系人姓名", "负责人", "负责人姓名", "经营者", "经营者姓名", "法人", "法人代表",
        "法定代表人", "姓名", "持证人", "持证人姓名", "户主", "身份证", "身份证号", "身份证号码",
        "微信", "微信号", "contact", "contactname", "owner", "ownername", "idcard", "wechat",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """What a file's columns probably are.

    Args:
        columns: Canonical column to the name of a column of the file.
        templates: Canonical column to a template of several.
    """

    columns: dict[str, str]
    templates: dict[str, str]


def plain_name(name: str) -> str:
    """A name without what does not matter: capitals, widths, blanks, hyphens, units in brackets.

    ``订购量（条）`` and ``订购量`` are the same, and so are ``Retailer_Code`` and ``retailer code``.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = _UNIMPORTANT.sub("", _BRACKETS.sub("", folded))
    return bare or _UNIMPORTANT.sub("", folded)


def names_of(column: Column) -> list[str]:
    """What a column may be called, plainly, the surest first: its own name, its labels, its synonyms."""
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(column.label))
    names = [column.name, *labels, *column.synonyms]
    return list(dict.fromkeys(plain_name(name) for name in names if name))


def propose(header: Sequence[str], kind: Kind, company: Company | None) -> Proposal:
    """Match columns by their names; each column of the file is used once, each of ours gets its surest.

    Args:
        header: Names of the columns of the file; a name that stands twice is not used.
        kind: What the file holds.
        company: For what is put together from several columns.
    """
    counts = Counter(name.casefold() for name in header)
    plain: dict[str, str] = {}
    for name in header:
        if name and counts[name.casefold()] == 1 and is_usable(name):
            plain.setdefault(plain_name(name), name)
    ranked = sorted(
        (rank, place, column.name, plain[name])
        for place, column in enumerate(kind.columns)
        for rank, name in enumerate(names_of(column))
        if name in plain
    )
    found: dict[str, str] = {}
    for _rank, _place, ours, theirs in ranked:
        if ours not in found and theirs not in found.values():
            found[ours] = theirs
    composed = kind.compose(list(plain.values()), company) if kind.compose else {}
    templates = {ours: text for ours, text in composed.items() if ours not in found}
    return Proposal(found, templates)


def is_usable(name: str) -> bool:
    """Whether a mapping can name this column: braces mean something else there."""
    return bool(name) and "{" not in name and "}" not in name


def is_of_people(name: str) -> bool:
    """Whether a column of a file probably holds names or identities, by its name."""
    return plain_name(name) in PERSONAL


def is_number_of_people(name: str, kind: Kind) -> bool:
    """Whether a column of a file probably holds telephone numbers: one of ours of this kind, or of another."""
    plain = plain_name(name)
    columns = [
        column for it in (kind, *registry.kinds()) for column in it.columns if column.personal
    ]
    return any(plain in names_of(column) for column in columns)
