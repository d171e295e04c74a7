"""What is asked about a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.selectors import list_companies
from customers.importers import registry


class UploadForm(forms.Form):
    """A file, what it holds, and whose it is."""

    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label=_("Company"), queryset=None, empty_label=None
    )
    kind = forms.ChoiceField(label=_("What the file holds"))
    upload = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8 or GB18030) or XLSX. Nothing is changed until you apply it."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,.gz"}),
        max_length=500,
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)  # noqa: S101 - narrows the type
        kinds.choices = [(kind.name, kind.label) for kind in registry.kinds()]
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = list_companies(user)
        if user.company_id is not None:
            field.widget = forms.HiddenInput()
            field.initial = user.company_id
