"""Passwords: what they must be, one-time ones, and changing one's own."""

import re
import secrets
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import record

# Without signs that are mistaken for each other when somebody reads the password out: 0O 1lI.
LETTERS = "abcdefghjkmnpqrstuvwxyz"
DIGITS = "23456789"
LONGEST = 128

# Words that are in half of all passwords of an office like this one.
COMMON_WORDS = (
    "password", "passw0rd", "admin", "administrator", "root", "user", "test", "guest", "welcome",
    "login", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "qazwsxedc", "qazwsx",
    "1qaz2wsx", "1q2w3e4r5t", "1q2w3e4r", "abcdefgh", "abcdef", "abcd", "abc", "iloveyou", "woaini",
    "mima", "zhongguo", "china", "yancao", "zhuanmai", "xiangyan", "tobacco", "liangzhun", "gongsi",
    "yingxiao", "kehujingli", "jinye", "zhongyan", "5201314", "1314520",
)  # fmt: skip
_RUN = re.compile(r"(.)\1+")


def one_time_password() -> str:
    """A password that can be read out: three groups of four, letters and digits, some 59 bits."""
    signs = LETTERS + DIGITS
    while True:
        groups = ["".join(secrets.choice(signs) for _place in range(4)) for _group in range(3)]
        text = "-".join(groups)
        if any(sign in DIGITS for sign in text) and any(sign in LETTERS for sign in text):
            return text


class NotEasyValidator:
    """Refuses what is put together of a common word, the own name, digits in a row and repetitions.

    ``yancao2026!``, ``Admin888888`` and ``1qaz2wsx..`` are no better than the word alone, whatever signs
    stand around it: what is left without such parts must have some length of its own.
    """

    def __init__(self, least: int = 6) -> None:
        self.least = least

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse an easy one.

        Raises:
            ValidationError: Too little is left.
        """
        if len(password) > LONGEST:
            raise ValidationError(
                _("A password has at most %(most)d characters.") % {"most": LONGEST},
                code="password_too_long",
            )
        if len(_rest(password, user)) < self.least:
            raise ValidationError(
                _(
                    "This password is easy to guess: it is a common word, a name or a row of signs with "
                    "little else. Put together some words that have nothing to do with each other."
                ),
                code="password_easy",
            )

    def get_help_text(self) -> str:
        """For the page."""
        return _("Not a common word, name, year or row of signs with little else.")


def _rest(password: str, user: Any) -> str:
    """What is left of a password without its easy parts."""
    text = password.casefold()
    names = [str(getattr(user, name, "")).casefold() for name in ("username", "display_name")]
    company = getattr(user, "company", None)
    if company is not None:
        names.append(str(company.code).casefold())
    for word in sorted({*COMMON_WORDS, *(name for name in names if len(name) > 2)}, key=len)[::-1]:
        text = text.replace(word, "")
    text = re.sub(r"(19|20)\d\d((0[1-9]|1[0-2])([0-2]\d|3[01])?)?", "", text)
    for row in _ROWS:
        text = text.replace(row, "")
    return _RUN.sub(r"\1", text)


def _rows() -> list[str]:
    """Digits and letters in a row, forwards and backwards, longest first."""
    found = []
    for line in ("01234567890", "abcdefghijklmnopqrstuvwxyz"):
        for length in range(len(line), 2, -1):
            for start in range(len(line) - length + 1):
                part = line[start : start + length]
                found += [part, part[::-1]]
    return found


_ROWS = _rows()


class NotTheLastValidator:
    """Refuses the password that somebody has, and the one before."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a used one.

        Raises:
            ValidationError: It is the present or the last password.
        """
        if user is None:
            return
        used = [user.password, getattr(user, "previous_password", "")]
        if any(stored and check_password(password, stored) for stored in used):
            raise ValidationError(
                _("This is your present password or the one before; choose a new one."),
                code="password_used",
            )

    def get_help_text(self) -> str:
        """For the page."""
        return _("Not your present password and not the one before.")


class LengthValidator:
    """As Django's, with the words of this program."""

    def __init__(self, min_length: int = 10) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a short one.

        Raises:
            ValidationError: It is too short.
        """
        if len(password) < self.min_length:
            raise ValidationError(self._words(), code="password_too_short")

    def get_help_text(self) -> str:
        """For the page."""
        return self._words()

    def _words(self) -> str:
        words = ngettext("At least %(n)d character.", "At least %(n)d characters.", self.min_length)
        return words % {"n": self.min_length}


@transaction.atomic
def change_own_password(*, user: User, password: str) -> None:
    """Set somebody's own new password; their other sessions end with it.

    Args:
        user: Who changes it for themselves. The password has passed the validators.
        password: The new one.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    person.previous_password = person.password
    person.set_password(password)
    person.must_change_password = False
    person.password_changed_at = timezone.now()
    person.save(
        update_fields=[
            "password",
            "previous_password",
            "must_change_password",
            "password_changed_at",
        ]
    )
    record(action="password.change", company_id=person.company_id, by=person, obj=person)
    for name in ("password", "previous_password", "must_change_password", "password_changed_at"):
        setattr(user, name, getattr(person, name))


def give_one_time_password(person: User) -> str:
    """Set a one-time password on a person who is saved by the caller; the one they had is noted."""
    password = one_time_password()
    if person.has_usable_password():
        person.previous_password = person.password
    person.set_password(password)
    person.must_change_password = True
    return password
