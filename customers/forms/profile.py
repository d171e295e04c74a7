"""Forms of one retailer: its base facts and its contacts."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from customers.models import CodeKind, Contact, CoordinateSystem, Retailer
from customers.selectors.choices import entries

CODE_FIELDS = {
    "format": CodeKind.FORMAT,
    "market_type": CodeKind.MARKET_TYPE,
    "trade_area": CodeKind.TRADE_AREA,
    "compliance_grade": CodeKind.COMPLIANCE,
}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Base facts. Line, manager and status change by processes of their own."""

    class Meta:
        model = Retailer
        fields = (
            "name",
            "licence_no",
            "format",
            "market_type",
            "trade_area",
            "compliance_grade",
            "order_weekday",
            "biweekly",
            "opened_on",
            "address",
            "longitude",
            "latitude",
            "coordinate_system",
        )
        labels = {
            "format": _("Format"),
            "market_type": _("Market type"),
            "trade_area": _("Trade area"),
            "compliance_grade": _("Compliance grade"),
            "longitude": _("Longitude"),
            "latitude": _("Latitude"),
            "coordinate_system": _("Coordinate system"),
        }
        help_texts = {"order_weekday": ""}
        widgets = {"opened_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, retailer: Retailer, data: QueryDict | None = None) -> None:
        super().__init__(data, instance=retailer)
        days = [("", _("No fixed day"))]
        names = (
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"),
            _("Saturday"), _("Sunday"),
        )  # fmt: skip
        self.fields["order_weekday"] = forms.TypedChoiceField(
            label=_("Order weekday"),
            choices=[*days, *((str(n), name) for n, name in enumerate(names, 1))],
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.fields["coordinate_system"].choices = CoordinateSystem.choices  # type: ignore[attr-defined]
        for name, kind in CODE_FIELDS.items():
            found = entries(retailer, kind, getattr(retailer, f"{name}_id"))
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        for name in self.Meta.fields:
            self.fields[name].show_hidden_initial = True  # what the person saw, to notice a clash

    def wanted(self) -> dict[str, Any]:
        """The fields this person has changed, against what they saw."""
        return {
            name: self.cleaned_data[name] for name in self.changed_data if name in self.Meta.fields
        }

    def clashes(self) -> list[str]:
        """Fields this person has changed that somebody else has changed since they were opened."""
        return [
            name
            for name in self.wanted()
            if self.fields[name].has_changed(
                self.initial.get(name), self.data.get(self.add_initial_prefix(name), "")
            )
        ]

    def with_stored_as_seen(self) -> "ProfileForm":
        """The same form after a clash: what was typed stays, what is stored now counts as seen."""
        data: Any = QueryDict(mutable=True)
        data.update(self.data)
        for name in self.clashes():
            stored = self.fields[name].prepare_value(self.initial.get(name))
            data[self.add_initial_prefix(name)] = "" if stored is None else str(stored)
        return ProfileForm(self.instance, data)

    def _post_clean(self) -> None:
        """The service validates and saves; a form must not write into the row it was handed."""


class ContactForm(forms.Form):
    """One person of the shop."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    relation = forms.CharField(
        label=_("Relation"),
        max_length=40,
        required=False,
        help_text=_("Owner, spouse, shop assistant …"),
    )
    phone = forms.RegexField(
        label=_("Phone"),
        regex=r"^[0-9+][0-9 \-]{4,28}$",
        max_length=30,
        required=False,
        error_messages={"invalid": _("Digits, blanks and hyphens only, at least five.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    is_key_man = forms.BooleanField(label=_("Decides on orders (key man)"), required=False)
    is_primary = forms.BooleanField(label=_("First contact"), required=False)

    def __init__(self, contact: Contact | None, data: QueryDict | None = None) -> None:
        initial = (
            {
                "name": contact.name,
                "relation": contact.relation,
                "is_key_man": contact.is_key_man,
                "is_primary": contact.is_primary,
            }
            if contact is not None
            else {}
        )
        super().__init__(data, initial=initial)
        if contact is not None and contact.phone:
            self.fields["phone"].help_text = _("Leave it empty to keep the number that is stored.")

    def values(self) -> dict[str, Any]:
        """For the service: an empty number keeps the stored one."""
        return {**self.cleaned_data, "phone": self.cleaned_data["phone"] or None}
