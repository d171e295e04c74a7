"""Forms of people: made, changed, their own password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, OrgUnit, User
from accounts.roles import Role
from accounts.selectors import list_companies
from accounts.services.people import WITHOUT_UNIT
from config.common import administration


class PersonForm(forms.Form):
    """Name, role and what follows from it. ``by`` is who fills it in."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_(
            "What they log in with, such as their staff number. It cannot be changed later."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    display_name = forms.CharField(label=_("Name"), max_length=60)
    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label=_("Company"),
        queryset=None,
        required=False,
        empty_label=_("The whole installation"),
        help_text=_("Only administrators work for the whole installation."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose")), *Role.choices])
    unit: "forms.ModelChoiceField[OrgUnit]" = forms.ModelChoiceField(
        label=_("Unit"),
        queryset=None,
        required=False,
        empty_label=_("The whole company"),
        help_text=_(
            "County managers see their unit only. Customer managers see their own retailers, wherever these are."
        ),
    )
    partner_of = forms.ChoiceField(
        label=_("Manufacturer"),
        required=False,
        help_text=_("Of an industry partner: whose brands they see."),
    )

    def __init__(self, by: User, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.person = by, person
        companies = list_companies(by)
        self._model_field("company").queryset = companies
        if person is not None:
            del self.fields["username"], self.fields["company"]
        elif not by.scope.everything:
            del self.fields["company"]
        units = OrgUnit.objects.filter(company__in=companies, is_active=True)
        if person is not None:
            units = units.filter(company=person.company)
        self._model_field("unit").queryset = units.select_related("company").order_by("path")
        self._offer_manufacturers(person)
        if person is not None and person.pk == by.pk:
            for name in ("role", "unit", "partner_of"):
                self.fields[name].disabled = True

    def _model_field(self, name: str) -> "forms.ModelChoiceField[Any]":
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        return field

    def _offer_manufacturers(self, person: User | None) -> None:
        names = administration.manufacturers()
        if person is not None and person.partner_of and person.partner_of not in names:
            names = [person.partner_of, *names]
        field = self.fields["partner_of"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", _("None")), *((name, name) for name in names)]

    def clean(self) -> dict[str, Any]:
        """What a role needs stands at its field."""
        values = super().clean() or {}
        role, unit = values.get("role"), values.get("unit")
        if role == Role.COUNTY_MANAGER and unit is None and "unit" not in self.errors:
            self.add_error("unit", _("A county manager needs a unit."))
        if role in WITHOUT_UNIT and unit is not None:
            self.add_error(
                "unit", _("This role has no unit: it sees the whole company, or its own brands.")
            )
        if role == Role.PARTNER and not values.get("partner_of"):
            self.add_error("partner_of", _("An industry partner needs a manufacturer."))
        if role and role != Role.PARTNER and values.get("partner_of"):
            self.add_error("partner_of", _("Only an industry partner has a manufacturer."))
        if self.person is None and self.by.scope.everything:
            self._clean_company(values)
        return values

    def _clean_company(self, values: dict[str, Any]) -> None:
        company, unit = values.get("company"), values.get("unit")
        if company is None and values.get("role") not in (None, "", Role.ADMINISTRATOR):
            self.add_error("company", _("Only administrators work for the whole installation."))
        elif unit is not None and company is not None and unit.company_id != company.pk:
            self.add_error("unit", _("This unit belongs to another company."))

    def company_chosen(self) -> Company | None:
        """Where a new person works."""
        if self.by.scope.everything:
            chosen: Company | None = self.cleaned_data["company"]
            return chosen
        return self.by.company


class OwnPasswordForm(PasswordChangeForm):
    """The old password, and twice the new one; the validators of the settings say what is wrong."""

    field_order = ("old_password", "new_password1", "new_password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Present password")
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password1"].help_text = ""
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""
