import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.models import Company, User
from config.common.audit_words import action_label
from config.common.job_words import stage_label
from config.common.models import JobStatus
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


class RunFilter(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), ("night", _("Nights")), ("other", _("Files and others"))],
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *JobStatus.choices]
    )


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


class AuditFilter(forms.Form):
    q = forms.CharField(label=_("Object or reason"), required=False, max_length=100)
    action = forms.ChoiceField(label=_("Action"), required=False)
    actor = forms.CharField(label=_("Who"), required=False, max_length=60)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, actions: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", _("All")), *((action, action_label(action)) for action in actions)]
