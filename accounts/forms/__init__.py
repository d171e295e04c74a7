import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.models import Company, User
from config.common.job_words import stage_label
from config.common.nights import stage_names
from config.common.periods import business_today


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **attributes: Any) -> None:
        super().__init__(format="%Y-%m-%d", attrs=attributes)


class DayField(forms.DateField):
    """A day of this trade: years far away overflow calendars and time zones."""

    def __init__(self, **options: Any) -> None:
        first, last = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
        options.setdefault("widget", DateInput(min=first.isoformat(), max=last.isoformat()))
        limits = [MinValueValidator(first), MaxValueValidator(last)]
        super().__init__(validators=limits, **options)


class StartNightForm(forms.Form):
    """Which night to run; without a choice of stages all of them."""

    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label=_("Company"), queryset=None, empty_label=None
    )
    business_date = DayField(
        label=_("Business date"),
        help_text=_("The night is computed as of the close of this day."),
    )
    stages = forms.MultipleChoiceField(
        label=_("Stages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to run them all, in their order."),
    )

    def clean_business_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["business_date"]
        if day > business_today():
            raise forms.ValidationError(
                _("This day has not come yet; drafts and classes of it would stay behind.")
            )
        return day

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("business_date", business_today())
        super().__init__(*args, **kwargs)
        companies = selectors.list_companies(user)
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = companies
        if user.company_id is not None:
            field.widget = forms.HiddenInput()
            field.initial = user.company_id
        stages = self.fields["stages"]
        assert isinstance(stages, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
        stages.choices = [(name, stage_label(name)) for name in stage_names()]


class NoteForm(forms.Form):
    """A note on an object, with at most one file. How long a text may be, the service says."""

    text = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    upload = forms.FileField(label=_("File"), required=False)
