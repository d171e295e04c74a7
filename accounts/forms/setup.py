"""Forms of the first steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CompanyForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_(
            "Short, letters and digits, such as YN-KM. It stands in files and cannot be changed."
        ),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("As it stands on paper: 某某市烟草公司.")
    )


class AdministratorForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_(
            "What they log in with, such as their staff number. It cannot be changed later."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    display_name = forms.CharField(label=_("Name"), max_length=60)


class UnitsForm(forms.Form):
    text = forms.CharField(
        label=_("One line each: county/market department/line"),
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_(
            "Slashes, commas or tabs between the parts; three columns copied from a sheet are right, too."
        ),
    )
    upload = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("XLSX, CSV or TXT with the same columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        values = super().clean() or {}
        if not values.get("text") and not values.get("upload"):
            self.add_error("text", _("Type at least one line, or choose a file."))
        return values
