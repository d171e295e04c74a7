from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, OrgLevel, OrgUnit, User
from accounts.selectors import list_companies, list_units
from config.common.listing import Extension
from customers.models import CodeKind, LifeCycleStage, RetailerStatus
from customers.selectors.retailers import list_codes

ANY = ("", _("All"))
WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]
FILE_KINDS = [
    ("products", _("Products")),
    ("retailers", _("Retailers")),
    ("orders", _("Orders")),
    ("observations", _("Market observations")),
]


class RetailerFilter(forms.Form):
    """Filters of the list of retailers; other apps add theirs (``config.common.listing``)."""

    q = forms.CharField(
        label=_("Code, name, pinyin initials or licence number"), required=False, max_length=60
    )

    def __init__(self, user: User, extensions: list[Extension], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = list(list_units(user))
        codes = list_codes(user)
        self._choose("county", _("County"), _unit_choices(units, OrgLevel.COUNTY))
        self._choose(
            "department", _("Market department"), _unit_choices(units, OrgLevel.DEPARTMENT)
        )
        self._choose("line", _("Line"), _unit_choices(units, OrgLevel.LINE))
        for extension in extensions:
            self.fields.update(extension.fields(user))
        self._choose("status", _("Status"), RetailerStatus.choices)
        self._choose("stage", _("Life-cycle stage"), LifeCycleStage.choices)
        self._choose("format", _("Format"), codes[CodeKind.FORMAT])
        self._choose("market_type", _("Market type"), codes[CodeKind.MARKET_TYPE])
        self._choose("weekday", _("Order weekday"), WEEKDAYS)
        self.fields["sort"] = forms.CharField(
            required=False, max_length=20, widget=forms.HiddenInput
        )

    def _choose(self, name: str, label: Any, choices: Any) -> None:
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[ANY, *choices])

    def chosen(self) -> dict[str, Any]:
        """The valid filters; an invalid one is shown with its error and does not filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def chips(self) -> list[tuple[str, str]]:
        """Name and words of every filter that is set, for people."""
        found = []
        for name, value in self.chosen().items():
            field = self.fields[name]
            if name in ("q", "sort"):
                continue
            choices: Any = getattr(field, "choices", ())
            words = {str(code): str(word) for code, word in choices}
            shown = words.get(str(value), str(value))
            found.append((name, f"{field.label}: {shown}"))
        return found


def _unit_choices(units: list[OrgUnit], level: int) -> list[tuple[int, str]]:
    return [
        (unit.pk, unit.path.partition("/")[2] if level == OrgLevel.LINE else unit.path)
        for unit in units
        if unit.level == level
    ]


class UploadForm(forms.Form):
    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label=_("Company"), queryset=None, empty_label=None
    )
    kind = forms.ChoiceField(label=_("What the file holds"), choices=FILE_KINDS)
    upload = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8 or GB18030) or XLSX. Nothing is changed until you apply it."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
    mapping = forms.CharField(
        label=_("Mapping (TOML), only for files with other columns"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = list_companies(user)
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = companies
        if user.company_id is not None:
            field.widget = forms.HiddenInput()
            field.initial = user.company_id
