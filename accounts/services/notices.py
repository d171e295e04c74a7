"""Notices: what a person should know, told once, in the reader's own language.

An app registers its kinds (``register``) and sends from the service that caused it, inside its
transaction (``send``). What is stored are figures and names; words are made when somebody reads.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Notification, Preference, User
from accounts.roles import Permission
from accounts.selectors.notices import MUTED
from accounts.selectors.people import people_with
from config.common.errors import DomainError

KEPT = dt.timedelta(days=180)

__all__ = ["kind_of", "mark_read", "mute", "people_with", "register", "send", "sweep"]

Words = Callable[[Mapping[str, Any]], str]
Many = Callable[[int], str]


@dataclass(frozen=True)
class Kind:
    """A kind of notices.

    Args:
        code: ``file.checked``.
        words: Makes the sentence from the stored figures, in the language of the moment.
        label: What the kind is called where it is muted.
        many: The sentence for several of one day: "7 files checked"; default: the label and the number.
        icon: Symbol of the sprite.
        tone: ``info``, ``good``, ``warn`` or ``bad``.
        default_on: False when a person gets it only after asking for it.
        permission: Who can get it at all; None for everybody.
    """

    code: str
    words: Words
    label: Promise | str
    many: Many | None
    icon: str
    tone: str
    default_on: bool
    permission: Permission | None


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    *,
    words: Words,
    label: Promise | str = "",
    many: Many | None = None,
    icon: str = "bell",
    tone: str = "info",
    default_on: bool = True,
    permission: Permission | None = None,
) -> None:
    """Say what a kind of notices is called and how it reads. Called from ``AppConfig.ready``."""
    _kinds[kind] = Kind(
        kind, words, label or kind.replace(".", " "), many, icon, tone, default_on, permission
    )


def kind_of(code: str) -> Kind:
    """A registered kind; one that is gone still shows what it was about."""
    found = _kinds.get(code)
    return found or Kind(code, lambda _p: code, code, None, "bell", "info", True, None)  # noqa: FBT003


def kinds_for(user: User) -> list[Kind]:
    """The kinds that this person can get, by name."""
    allowed = [
        kind
        for kind in _kinds.values()
        if kind.permission is None or kind.permission in user.permissions
    ]
    return sorted(allowed, key=lambda kind: str(kind.label))


def words(notice: Notification) -> str:
    """The sentence of a notice."""
    return kind_of(notice.kind).words(notice.params)


def many_words(code: str, number: int) -> str:
    """The sentence for several notices of one kind."""
    kind = kind_of(code)
    if kind.many is not None:
        return kind.many(number)
    return _("%(label)s: %(n)d times") % {"label": kind.label, "n": number}


# --- sending and reading --------------------------------------------------------------------


@transaction.atomic
def send(
    *,
    users: Iterable[User],
    kind: str,
    params: Mapping[str, Any],
    url: str,
    dedupe_key: str,
    by: User | None = None,
) -> int:
    """Tell people something, each of them once. Call it in the transaction of what has happened.

    Args:
        users: Whom; those who have muted the kind, are inactive, or have done it themselves get nothing.
        kind: A registered kind.
        params: Figures and names for the words; nothing that only some of the readers may see.
        url: Where the matter is dealt with: a path of ours.
        dedupe_key: Names what has happened; the same is told nobody twice.
        by: Who has done it.

    Returns:
        How many people are told.

    Raises:
        ValueError: The kind is not registered, or the address is not one of ours.
    """
    if kind not in _kinds:
        raise ValueError(f"notices of kind {kind} are not registered")
    if not url.startswith("/") or url.startswith("//"):
        raise ValueError(f"not a path of ours: {url}")
    wanted = {user.pk: user for user in users if user.is_active and user.pk != (by and by.pk)}
    muted = _muted(kind, wanted)
    told = [pk for pk in wanted if pk not in muted]
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=pk,
                kind=kind,
                params=dict(params),
                url=url[:300],
                dedupe_key=dedupe_key[:120],
            )
            for pk in told
        ],
        ignore_conflicts=True,
    )
    return len(told)


def _muted(kind: str, people: Collection[int]) -> set[int]:
    """Those of these people who do not want to hear of this kind."""
    default = not _kinds[kind].default_on
    chosen = dict(
        Preference.objects.filter(key=MUTED, user_id__in=people).values_list("user_id", "value")
    )
    return {pk for pk in people if is_muted(chosen.get(pk), kind, default=default)}


def is_muted(chosen: Any, kind: str, *, default: bool) -> bool:
    """What a stored choice says about a kind; ``default`` where it says nothing."""
    value = chosen.get(kind, default) if isinstance(chosen, dict) else default
    return bool(value)


def mark_read(*, user: User, notices: QuerySet[Notification]) -> int:
    """Mark those of these notices that are this person's as read; how many were not."""
    mine: Any = notices.filter(user=user, read_at=None)
    return int(mine.update(read_at=timezone.now()))


def mute(*, user: User, muted: Collection[str]) -> None:
    """Keep which kinds a person does not want to hear of; all other kinds are on.

    Raises:
        DomainError: An unknown kind.
    """
    unknown = sorted(set(muted) - _kinds.keys())
    if unknown:
        raise DomainError(
            _("There are no notices of the kind %(kind)s.") % {"kind": unknown[0][:40]},
            code="unknown_kind",
        )
    value = {kind.code: kind.code in muted for kind in kinds_for(user)}
    Preference.objects.update_or_create(user=user, key=MUTED, defaults={"value": value})


def sweep() -> int:
    """Forget what was told half a year ago."""
    gone, _by_model = Notification.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return gone
