"""The list of people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission, Role
from accounts.selectors import administration as reads
from accounts.selectors import list_companies, list_units
from config.common import lists
from config.common.lists import Badge, Column, Empty, ListSpec, Sort, attribute

STATES = [
    ("active", _("Active")),
    ("inactive", _("Deactivated")),
    ("locked", _("Locked out")),
    ("fresh", _("With a one-time password")),
    ("never", _("Never logged in")),
]
NAME = Sort("name", "display_name", _("Name"), str)
USERNAME = Sort("username", "username", _("User name"), str)
WHOLE_COMPANY = "none"


class PeopleSource:
    """Columns and filters of people."""

    def fields(self, user: User) -> dict[str, forms.Field]:
        units = [(unit.pk, unit.path) for unit in list_units(user)]
        found: dict[str, forms.Field] = {
            "state": forms.ChoiceField(
                label=_("State"), required=False, choices=[("", _("All")), *STATES]
            ),
            "role": forms.ChoiceField(
                label=_("Role"), required=False, choices=[("", _("All")), *Role.choices]
            ),
            "unit": forms.ChoiceField(
                label=_("Unit"),
                required=False,
                choices=[("", _("All")), (WHOLE_COMPANY, _("The whole company")), *units],
            ),
        }
        if user.scope.everything:
            companies = [(one.pk, one.name) for one in list_companies(user)]
            found["company"] = forms.ChoiceField(
                label=_("Company"), required=False, choices=[("", _("All")), *companies]
            )
        return found

    def apply(self, queryset: QuerySet[User], wanted: dict[str, Any], user: User) -> QuerySet[User]:
        if wanted.get("role"):
            queryset = queryset.filter(role=wanted["role"])
        if wanted.get("company"):
            queryset = queryset.filter(company=wanted["company"])
        if wanted.get("unit") == WHOLE_COMPANY:
            queryset = queryset.filter(unit=None)
        elif wanted.get("unit"):
            queryset = queryset.filter(unit=wanted["unit"])
        return _of_state(queryset, wanted.get("state", ""))

    def columns(self, user: User) -> list[Column]:
        found = [
            Column("name", _("Name"), attribute("display_name"), "name", sort=NAME, link=True),
            Column("username", _("User name"), attribute("username"), "code", sort=USERNAME),
            Column("role", _("Role"), attribute("get_role_display"), "code"),
            Column(
                "unit",
                _("Unit"),
                attribute("unit.path"),
                code_of=(_("Unit code"), attribute("unit.code")),
            ),
            Column("state", _("State"), _states, "badge"),
            Column("last_login", _("Last log-in"), attribute("last_login"), "time"),
            Column("partner_of", _("Manufacturer"), attribute("partner_of"), shown=False),
            Column("created", _("Since"), attribute("created_at"), "time", shown=False),
        ]
        if user.scope.everything:
            found.insert(2, Column("company", _("Company"), attribute("company.name"), "code"))
        return found


def _of_state(people: QuerySet[User], state: str) -> QuerySet[User]:
    if state == "active":
        return people.filter(is_active=True)
    if state == "inactive":
        return people.filter(is_active=False)
    if state == "locked":
        return people.filter(is_active=True, username__in=reads.locked_people())
    if state == "fresh":
        return people.filter(is_active=True, must_change_password=True)
    if state == "never":
        return people.filter(is_active=True, last_login=None)
    return people


def _states(rows: Sequence[User], user: User) -> dict[int, Badge]:
    locked = reads.locked_names([row.username for row in rows])
    return {row.pk: state_badge(row, is_locked=row.username in locked) for row in rows}


def state_badge(person: User, *, is_locked: bool) -> Badge:
    """Whether somebody can log in, and what keeps them from it."""
    if not person.is_active:
        return Badge(str(_("Deactivated")), "neutral", "ban")
    if is_locked:
        return Badge(str(_("Locked out")), "bad", "lock")
    if person.must_change_password:
        return Badge(str(_("One-time password")), "info", "key")
    return Badge(str(_("Active")), "good")


def _counted(number: int) -> str:
    words = ngettext("%(n)s person", "%(n)s people", number)
    return words % {"n": f"{number:,}"}


def _presets(user: User) -> list[tuple[Any, str]]:
    return [(words, f"state={code}") for code, words in STATES]


PEOPLE = ListSpec(
    name="people",
    title=_("People"),
    permission=Permission.MANAGE_USERS,
    url_name="person-list",
    rows=reads.list_people,
    source=PeopleSource(),
    default=NAME,
    counted=_counted,
    search=lambda rows, text, user: reads.search_people(rows, text),
    search_label=_("Name or user name"),
    link=lambda row: reverse("person-detail", args=[row.pk]),
    label=lambda row: f"{row.username} {row.display_name}".strip(),
    primary=("state", "role", "unit"),
    empty=Empty(_("Nobody yet"), _("Create the first person at the top right."), "users"),
    presets=_presets,
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    lists.register(PEOPLE)
