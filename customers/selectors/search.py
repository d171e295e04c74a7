"""Retailers by what people type: parts of the code, licence number, name and initials, or a phone tail.

On PostgreSQL the words are looked up in ``customers_retailersearch``, which triggers keep (migration
``retailer_bigrams``): trigrams find nothing for two Chinese characters, which is what people type.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Replace

from accounts.models import User
from accounts.roles import Permission
from config.common.search import Match, Query, words_of
from customers.models import Contact, Retailer

PHONE_TAIL = 4
_SEPARATORS = " ()+/-"
_FRAGMENTS = {Match.EXACT: " {} ", Match.PREFIX: " {}", Match.CONTAINED: "{}"}


def match_retailers(
    retailers: QuerySet[Retailer], text: str, user: User | None = None
) -> QuerySet[Retailer]:
    """Retailers in which every word of a text occurs: the quick search of lists.

    Args:
        retailers: Those this person sees.
        text: As it was typed; words are parted by blanks.
        user: Who asks. Digits are looked for in telephone numbers, too, if they may see those.
    """
    words = words_of(text)
    tails = [word for word in words if may_be_phone(word, user)]
    found = with_words(retailers, [word for word in words if word not in tails])
    for tail in tails:
        found = found.filter(_key_or_phone(tail))
    return found


def with_words(
    retailers: QuerySet[Retailer], words: list[str], match: Match = Match.CONTAINED
) -> QuerySet[Retailer]:
    """Retailers whose search key holds every word: as a whole part, at the start of one, or anywhere."""
    fragments = [_FRAGMENTS[match].format(word) for word in words]
    if connection.vendor == "postgresql":
        indexed = [fragment for fragment in fragments if len(fragment) > 1]
        if indexed:
            retailers = retailers.filter(pk__in=RawSQL(*_lookup(indexed)))  # noqa: S611 - parameters
        fragments = [fragment for fragment in fragments if len(fragment) == 1]
    elif match != Match.CONTAINED:
        retailers = retailers.alias(padded=Concat(Value(" "), F("search_key"), Value(" ")))
        return retailers.filter(*[Q(padded__contains=fragment) for fragment in fragments])
    return retailers.filter(*[Q(search_key__contains=fragment) for fragment in fragments])


def _lookup(fragments: list[str]) -> tuple[str, list[Any]]:
    """SELECT of the retailers whose key holds all of these; each has two characters or more."""
    bigrams = sorted({text[at : at + 2] for text in fragments for at in range(len(text) - 1)})
    sql = "SELECT retailer_id FROM customers_retailersearch WHERE bigrams @> %s::text[]"
    params: list[Any] = [bigrams]
    for fragment in fragments:
        if len(fragment) > 2:
            sql += " AND key LIKE %s"
            params.append("%" + connection.ops.prep_for_like_query(fragment) + "%")
    return sql, params


# --- telephone numbers ---------------------------------------------------------------------


def may_be_phone(word: str, user: User | None) -> bool:
    """True for the last digits of a telephone number, asked for by somebody who may see numbers."""
    if user is None or Permission.VIEW_PERSONAL_DATA not in user.permissions:
        return False
    return len(word) >= PHONE_TAIL and word.isascii() and word.isdigit()


def contacts_by_tail(digits: str) -> QuerySet[Contact]:
    """Contacts whose number ends so. Numbers are stored as they came: with blanks and dashes."""
    plain: Any = F("phone")
    for separator in _SEPARATORS:
        plain = Replace(plain, Value(separator), Value(""))
    tail = Contact.objects.filter(phone_tail=digits[-PHONE_TAIL:])
    return tail.alias(digits=plain).filter(digits__endswith=digits)


def _key_or_phone(digits: str) -> Q:
    contacts = contacts_by_tail(digits).values("retailer_id")
    if connection.vendor != "postgresql":
        return Q(search_key__contains=digits) | Q(pk__in=contacts)
    # One list, not two conditions: PostgreSQL would read every row for an OR.
    by_phone, phone_params = contacts.query.sql_with_params()
    by_key, key_params = _lookup([digits])
    sql = f"{by_key} UNION ALL {by_phone}"
    return Q(pk__in=RawSQL(sql, [*key_params, *phone_params]))  # noqa: S611 - parameters


# --- search everything ---------------------------------------------------------------------


@dataclass(frozen=True)
class FoundRetailer:
    """What a hit shows of a retailer: a few columns, because every key that is pressed asks for some.

    Args:
        pk: Primary key.
        code: Code.
        name: Name.
        status: A value of ``RetailerStatus``.
        county: Name of the county, or "".
        match: How well the words fit.
        phone: The number that was found; to be shown masked.
    """

    pk: int
    code: str
    name: str
    status: str
    county: str
    match: Match = Match.CONTAINED
    phone: str = ""


_COLUMNS = ("pk", "code", "name", "status", "county__name")


def best_retailers(user: User, query: Query, limit: int) -> list[FoundRetailer]:
    """Retailers this person sees, best first: the word itself, then its beginning, then anywhere.

    Worse matches are only asked for while better ones do not fill the list.
    """
    seen = Retailer.objects.visible_to(user)
    if query.codes_only:
        begins = [Q(code__istartswith=w) | Q(licence_no__istartswith=w) for w in query.words]
        seen = seen.filter(*begins)
    words, found = list(query.words), dict[int, FoundRetailer]()
    for match in (Match.EXACT, Match.PREFIX, Match.CONTAINED):
        if match == Match.CONTAINED and query.codes_only:
            break
        # Those found already would be found again: so many more are asked for.
        rows = with_words(seen, words, match).order_by("code", "pk")
        for row in rows.values_list(*_COLUMNS)[: limit + len(found)]:
            found.setdefault(row[0], _found(row, match))
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def retailers_by_phone(user: User, query: Query, limit: int) -> list[FoundRetailer]:
    """Retailers with a contact whose number ends with the digits that were typed."""
    tails = [word for word in query.words if may_be_phone(word, user)]
    if not tails or query.codes_only:
        return []
    others = [word for word in query.words if word != tails[0]]
    seen = with_words(Retailer.objects.visible_to(user), others)
    contacts = contacts_by_tail(tails[0]).filter(retailer__in=seen.values("pk"))
    columns = [f"retailer__{name}" for name in _COLUMNS]
    rows = contacts.order_by("retailer__code", "pk").values_list(*columns, "phone")[:limit]
    return [_found(row[:-1], Match.PREFIX, row[-1]) for row in rows]


def retailers_by_key(user: User, keys: list[int]) -> list[FoundRetailer]:
    """Retailers this person still sees."""
    rows = Retailer.objects.visible_to(user).filter(pk__in=keys).values_list(*_COLUMNS)
    return [_found(row) for row in rows]


def _found(row: tuple[Any, ...], match: Match = Match.CONTAINED, phone: str = "") -> FoundRetailer:
    pk, code, name, status, county = row
    return FoundRetailer(pk, code, name, status, county or "", match, phone)
