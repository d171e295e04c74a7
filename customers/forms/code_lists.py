"""Forms of code lists."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeItemForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("Files may name the entry by it.")
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("When to choose it.")
    )
