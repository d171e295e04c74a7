"""Bulk changes of retailers: what is asked, what it means, and what is refused.

``customers.services.bulk`` does the work. A further change of columns is a subclass of
``RetailerAction``; see "A bulk action" in CONTRIBUTING.md.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import OrgUnit, User
from accounts.roles import Permission
from config.common import lists
from config.common.errors import DomainError
from config.common.lists import Figure, RowResult
from customers.models import BiweeklyOrder, CodeKind, HandOverRetailer, RetailerStatus
from customers.selectors.choices import code_item, customer_manager, leaf_units, unit_choices
from customers.selectors.names import Names
from customers.selectors.retailers import list_codes, list_managers
from customers.services import bulk
from customers.services.bulk import Refusal, Target
from customers.services.retailers import unit_fields

KEEP, NONE, WEEKLY = "keep", "none", "weekly"


class ActionForm(forms.Form):
    """Base of the forms of bulk changes; ids that do not clash with those of the page."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="change_%s")


class RetailerAction(ABC):
    """Sets columns of retailers to values that are the same for all of them."""

    code: str
    label: Any
    icon: str
    permission: str = Permission.EDIT_RETAILERS
    needs_reason: bool = False

    def form(self, user: User, data: Any = None) -> forms.Form:
        """What the person fills in; nothing unless the subclass says otherwise."""
        return ActionForm(data)

    def params(self, form: forms.Form) -> dict[str, Any]:
        """What was filled in, as JSON."""
        return dict(form.cleaned_data)

    @abstractmethod
    def describe(self, params: dict[str, Any], user: User) -> str:
        """One sentence that says what will happen."""

    @abstractmethod
    def target(self, params: dict[str, Any], by: User) -> Target:
        """What retailers are to become.

        Raises:
            DomainError: What was chosen is gone, or not this person's to choose.
        """

    def preview(self, rows: QuerySet[Any], params: dict[str, Any], user: User) -> list[Figure]:
        """How many rows would change, are so already, or are refused and why."""
        return bulk.preview(rows, self.target(params, user))

    def words(self, values: Sequence[dict[str, Any]], user: User) -> list[str]:
        """States of rows for people."""
        names = Names.of(values)
        return [names.text(one) for one in values]

    def apply(
        self, keys: Sequence[int], params: dict[str, Any], *, reason: str, by: User
    ) -> list[RowResult]:
        """Set the columns, with audit events."""
        return bulk.change(keys=keys, target=self.target(params, by), reason=reason, by=by)

    def restore(self, rows: Sequence[Any], *, reason: str, by: User) -> list[RowResult]:
        """Set them back where nobody has changed them since."""
        return bulk.restore(rows=rows, reason=reason, by=by)


def _gone(what: Any) -> DomainError:
    message = _("%(what)s: what you chose is gone, or not yours to choose. Choose again.")
    return DomainError(message % {"what": what}, code="choice_gone")


def _foreign(company_id: int) -> Refusal:
    return Refusal(~Q(company_id=company_id), gettext_lazy("Belongs to another company"))


class LineAction(RetailerAction):
    """Moves retailers to another line, with its market department and county."""

    code = "line"
    label = gettext_lazy("Change line")
    icon = "route"

    def form(self, user: User, data: Any = None) -> forms.Form:
        form = ActionForm(data)
        form.fields["unit"] = forms.TypedChoiceField(
            label=_("New line"), choices=[("", "—"), *unit_choices(user)], coerce=int
        )
        return form

    def describe(self, params: dict[str, Any], user: User) -> str:
        path = Names.of([{"line_id": params["unit"]}]).text({"line_id": params["unit"]})
        return _(
            "The retailers move to %(path)s: line, market department and county change together. "
            "Their customer managers stay as they are."
        ) % {"path": path}

    def target(self, params: dict[str, Any], by: User) -> Target:
        unit: OrgUnit | None = leaf_units(by).filter(pk=params["unit"]).first()
        if unit is None:
            raise _gone(self.label)
        values = {f"{name}_id": found and found.pk for name, found in unit_fields(unit).items()}
        return Target(
            values,
            gettext_lazy("move to this line"),
            gettext_lazy("are in this line already"),
            (_foreign(unit.company_id),),
        )


class ManagerAction(RetailerAction):
    """Gives retailers a customer manager; from one manager to another is a hand-over."""

    code = "manager"
    label = gettext_lazy("Change customer manager")
    icon = "user-check"
    needs_reason = True

    def form(self, user: User, data: Any = None) -> forms.Form:
        form = ActionForm(data)
        help_text = _(
            "From one customer manager to another, retailers pass by a hand-over: with reason, approval "
            "and date. Here only retailers without one get one."
        )
        if Permission.MANAGE_RULES in user.permissions:
            help_text = _(
                "The usual way from one customer manager to another is a hand-over: with reason, "
                "approval and date. You may correct it here at once."
            )
        form.fields["manager"] = forms.TypedChoiceField(
            label=_("New customer manager"),
            choices=[("", "—"), *list_managers(user)],
            coerce=int,
            help_text=help_text,
        )
        return form

    def describe(self, params: dict[str, Any], user: User) -> str:
        values = {"manager_id": params["manager"]}
        return _("%(name)s becomes the customer manager of the retailers.") % {
            "name": Names.of([values]).text(values)
        }

    def target(self, params: dict[str, Any], by: User) -> Target:
        person = customer_manager(by, params["manager"])
        if person is None or person.company_id is None:
            raise _gone(self.label)
        refusals = [_foreign(person.company_id), _handing_over()]
        if Permission.MANAGE_RULES not in by.permissions:
            other = Q(manager_id__isnull=False) & ~Q(manager_id=person.pk)
            words = gettext_lazy("Has a customer manager: ask for a hand-over instead")
            refusals.append(Refusal(other, words))
        return Target(
            {"manager_id": person.pk},
            gettext_lazy("get this customer manager"),
            gettext_lazy("have this customer manager already"),
            tuple(refusals),
        )


def _handing_over() -> Refusal:
    rows = HandOverRetailer.objects.filter(retailer=OuterRef("pk"), is_open=True)
    return Refusal(Q(Exists(rows)), gettext_lazy("Is part of a hand-over that is still open"))


class WeekdayForm(ActionForm):
    """Day and weeks of ordering; each may stay as it is."""

    order_weekday = forms.ChoiceField(label=gettext_lazy("Order weekday"))
    biweekly = forms.ChoiceField(label=gettext_lazy("Order weeks"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        keep = (KEEP, _("Leave as it is"))
        names = Names()
        days = [(str(day), names.text({"order_weekday": day})) for day in range(1, 8)]
        weeks = [(value or WEEKLY, label) for value, label in BiweeklyOrder.choices]
        self._choose("order_weekday", [keep, *days, (NONE, _("No fixed day"))])
        self._choose("biweekly", [keep, *weeks])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and set(found.values()) == {KEEP}:
            raise forms.ValidationError(
                _("Choose a day or the weeks; both would stay as they are.")
            )
        return found


class WeekdayAction(RetailerAction):
    """Sets the weekday of ordering, odd or even weeks, or both."""

    code = "weekday"
    label = gettext_lazy("Change order day")
    icon = "calendar-event"

    def form(self, user: User, data: Any = None) -> forms.Form:
        return WeekdayForm(data)

    def params(self, form: forms.Form) -> dict[str, Any]:
        chosen = {name: value for name, value in form.cleaned_data.items() if value != KEEP}
        if "order_weekday" in chosen:
            day = chosen["order_weekday"]
            chosen["order_weekday"] = None if day == NONE else int(day)
        if chosen.get("biweekly") == WEEKLY:
            chosen["biweekly"] = ""
        return chosen

    def describe(self, params: dict[str, Any], user: User) -> str:
        return _("The retailers order: %(when)s.") % {"when": Names().text(params)}

    def target(self, params: dict[str, Any], by: User) -> Target:
        return Target(
            params, gettext_lazy("get this order day"), gettext_lazy("order on it already")
        )


CODE_KINDS = (CodeKind.FORMAT, CodeKind.MARKET_TYPE, CodeKind.TRADE_AREA, CodeKind.COMPLIANCE)


class CodesForm(ActionForm):
    """Entries of the four code lists; each may stay as it is."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        codes = list_codes(user)
        for kind in CODE_KINDS:
            self.fields[kind.value] = forms.TypedChoiceField(
                label=kind.label,
                choices=[("", _("Leave as it is")), *codes[kind]],
                coerce=int,
                empty_value=None,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(found.values()):
            raise forms.ValidationError(_("Choose at least one; all would stay as they are."))
        return found


class CodesAction(RetailerAction):
    """Sets format, market type, trade area and compliance grade, or some of them."""

    code = "attributes"
    label = gettext_lazy("Change attributes")
    icon = "tag"

    def form(self, user: User, data: Any = None) -> forms.Form:
        return CodesForm(user, data)

    def params(self, form: forms.Form) -> dict[str, Any]:
        return {name: value for name, value in form.cleaned_data.items() if value}

    def describe(self, params: dict[str, Any], user: User) -> str:
        values = {f"{kind}_id": pk for kind, pk in params.items()}
        names = Names.of([values])
        parts = [
            _("%(what)s becomes “%(name)s”")
            % {"what": CodeKind(kind).label, "name": names.plain(f"{kind}_id", pk)}
            for kind, pk in params.items()
        ]
        return _("Of the retailers: %(parts)s.") % {"parts": ", ".join(parts)}

    def target(self, params: dict[str, Any], by: User) -> Target:
        items = [code_item(by, kind, pk) for kind, pk in params.items()]
        found = [item for item in items if item is not None]
        if len(found) < len(params) or len({item.company_id for item in found}) != 1:
            raise _gone(self.label)
        return Target(
            {f"{item.kind}_id": item.pk for item in found},
            gettext_lazy("change"),
            gettext_lazy("are so already"),
            (_foreign(found[0].company_id),),
        )


class StatusAction(RetailerAction):
    """Suspends, resumes or closes retailers; the reason goes into the trail."""

    needs_reason = True

    def __init__(self, code: str, label: Any, icon: str, to: RetailerStatus, sentence: Any) -> None:
        self.code = code
        self.label = label
        self.icon = icon
        self.to = to
        self.sentence = sentence

    def params(self, form: forms.Form) -> dict[str, Any]:
        return {}

    def describe(self, params: dict[str, Any], user: User) -> str:
        return str(self.sentence)

    def target(self, params: dict[str, Any], by: User) -> Target:
        closed = Q(status=RetailerStatus.CLOSED)
        refusals = [
            Refusal(closed, gettext_lazy("Is closed; supply can be neither suspended nor resumed"))
        ]
        return Target(
            {"status": self.to.value},
            gettext_lazy("change"),
            gettext_lazy("are so already"),
            tuple(refusals) if self.to != RetailerStatus.CLOSED else (),
        )


ACTIONS: list[RetailerAction] = [
    LineAction(),
    ManagerAction(),
    WeekdayAction(),
    CodesAction(),
    StatusAction(
        "suspend",
        gettext_lazy("Suspend supply"),
        "player-pause",
        RetailerStatus.SUSPENDED,
        gettext_lazy(
            "Supply of the retailers is suspended: from the next night on they get no class and no "
            "quota. What is published stays."
        ),
    ),
    StatusAction(
        "resume",
        gettext_lazy("Resume supply"),
        "player-play",
        RetailerStatus.ACTIVE,
        gettext_lazy(
            "Supply is resumed: from the next night on the retailers get classes and quotas."
        ),
    ),
    StatusAction(
        "close",
        gettext_lazy("Close shops"),
        "ban",
        RetailerStatus.CLOSED,
        gettext_lazy(
            "The retailers count as closed: from the next night on they get no class and no quota. "
            "What is published stays."
        ),
    ),
]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for action in ACTIONS:
        lists.add_action("retailers", action)
