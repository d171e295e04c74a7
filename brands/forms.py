from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from brands.selectors import product_choices

ANY = ("", _("All"))


class ProductFilter(forms.Form):
    q = forms.CharField(label=_("Code, name or pinyin initials"), required=False, max_length=60)
    manufacturer = forms.ChoiceField(label=_("Manufacturer"), required=False)
    price_class = forms.ChoiceField(label=_("Price class"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[ANY, ("active", _("In the catalogue")), ("closed", _("No longer sold"))],
    )
    sort = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        makers, classes = product_choices(user)
        for name, choices in (("manufacturer", makers), ("price_class", classes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
            field.choices = [ANY, *choices]
