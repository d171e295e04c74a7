"""The form for the company's own districts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import CoordinateSystem


class BoundaryForm(forms.Form):
    """A GeoJSON file, and in which coordinates it was drawn."""

    file = forms.FileField(label=_("GeoJSON file"), help_text=_("3 MB at most"))
    system = forms.ChoiceField(label=_("Coordinate system"), choices=CoordinateSystem.choices)
