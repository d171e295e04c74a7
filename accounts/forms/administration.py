"""Forms of the organisation, of rules and of interface clients."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import DayField
from accounts.models import Company, OrgUnit, User
from accounts.selectors import list_companies
from accounts.selectors.organisation import possible_parents
from accounts.services import rules
from accounts.services.clients import known_scopes
from accounts.services.organisation import LONGEST_NAME
from config.common.errors import DomainError
from config.common.policies import CHOICE, PERCENT, WHOLE, Parameter, PolicySchema


def reason_field() -> forms.CharField:
    """Why something is done; it goes into the audit trail."""
    return forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the audit trail."),
    )


# --- organisation -------------------------------------------------------------------------


class AddUnitForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)


class RenameUnitForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("New name"), max_length=LONGEST_NAME)
    reason = reason_field()


class MoveUnitForm(forms.Form):
    parent: "forms.ModelChoiceField[OrgUnit]" = forms.ModelChoiceField(
        label=gettext_lazy("New place"), queryset=None, empty_label=gettext_lazy("Choose")
    )
    reason = reason_field()

    def __init__(self, unit: OrgUnit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = possible_parents(unit)


# --- rules --------------------------------------------------------------------------------


class PolicyForm(forms.Form):
    """A form of a rule, made from its declaration. Fields are called as ``Parameter.field``."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, schema: PolicySchema, today: dt.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema, self.today = schema, today
        for one in schema.parameters:
            self.fields[one.field] = _field_of(one)
        self.fields["effective_from"] = DayField(
            label=_("Counts from"),
            help_text=_("A business date, from %(first)s on: closed months stay as they are.")
            % {"first": rules.earliest_day(today)},
        )
        self.fields["reason"] = reason_field()

    @classmethod
    def initial_of(
        cls, schema: PolicySchema, params: dict[str, Any] | None, version: int, day: dt.date
    ) -> dict[str, Any]:
        """What stands in the form at first: the present values, from tomorrow's night on."""
        values = schema.values(params)
        typed = {one.field: one.typed(values[one.code]) for one in schema.parameters}
        return {**typed, "seen_version": version, "effective_from": day}

    def clean_effective_from(self) -> dt.date:
        """Closed months stay."""
        day: dt.date = self.cleaned_data["effective_from"]
        try:
            rules.check_day(day, self.today)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return day

    def clean(self) -> dict[str, Any]:
        """Values that do not go together stand at their fields."""
        values = super().clean() or {}
        by_field = {one.field: one for one in self.schema.parameters}
        if not by_field.keys() & self.errors.keys():
            wrong = rules.check_values(self.schema, self.values())
            for one in self.schema.parameters:
                if one.code in wrong:
                    self.add_error(one.field, wrong[one.code])
        return values

    def values(self) -> dict[str, Any]:
        """Every parameter's value as the rule stores it, by its code."""
        return {
            one.code: one.stored(self.cleaned_data[one.field]) for one in self.schema.parameters
        }

    def groups(self) -> list[tuple[Any, list[tuple[forms.BoundField, Parameter]]]]:
        """The fields of the parameters under their headings."""
        found: dict[str, tuple[Any, list[tuple[forms.BoundField, Parameter]]]] = {}
        for one in self.schema.parameters:
            group = found.setdefault(str(one.group), (one.group, []))
            group[1].append((self[one.field], one))
        return list(found.values())


def _field_of(one: Parameter) -> forms.Field:
    words: dict[str, Any] = {"label": one.label, "help_text": one.help}
    if one.kind == CHOICE:
        return forms.ChoiceField(choices=list(one.choices), **words)
    if one.kind == WHOLE:
        return forms.IntegerField(min_value=int(one.least), max_value=int(one.most), **words)
    places = 1 if one.kind == PERCENT else one.places
    field = forms.DecimalField(
        min_value=one.least, max_value=one.most, max_digits=8, decimal_places=places, **words
    )
    field.widget.attrs["step"] = str(Decimal(1).scaleb(-places))
    return field


# --- interface clients --------------------------------------------------------------------


class ClientForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Which system it is, such as the ordering platform."),
    )
    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label=gettext_lazy("Company"), queryset=None, empty_label=None
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    order_source = forms.RegexField(
        r"^[\w.-]+\Z",
        label=gettext_lazy("Name space of its orders"),
        max_length=20,
        initial="main",
        help_text=gettext_lazy(
            "Order numbers are unique within it. Two systems that send the same orders share one; leave "
            "“main” when there is only one."
        ),
    )

    def __init__(self, by: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = list_companies(by)
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = companies
        if by.company_id is not None:
            field.widget = forms.HiddenInput()
            field.initial = by.company_id
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
        scopes.choices = [(code, SCOPES.get(code, words)) for code, words in known_scopes().items()]


SCOPES = {
    "retailer:read": gettext_lazy("Read retailers"),
    "product:read": gettext_lazy("Read products"),
    "class:read": gettext_lazy("Read classes"),
    "plan:read": gettext_lazy("Read plans"),
    "quota:read": gettext_lazy("Read quotas"),
    "order:write": gettext_lazy("Push orders"),
}
