"""What people fill in for hand-overs and stand-ins, and what they are asked before a step."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import DayField
from accounts.models import OrgUnit, User
from accounts.roles import Permission
from config.common.pages import Question
from config.common.templatetags.lz import day
from customers.models import HandOver, HandOverStatus, StandIn
from customers.selectors import handover as reads

NOBODY = "none"


def _numbered(person: Any, number: int) -> str:
    """A name with the number of their retailers."""
    return _("%(name)s (%(n)d)") % {"name": person, "n": number}


if TYPE_CHECKING:
    _PersonField = forms.ModelChoiceField[User]
else:
    _PersonField = forms.ModelChoiceField


class PersonField(_PersonField):
    """Somebody, shown with the number of their retailers."""

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, queryset=User.objects.none(), empty_label="–")
        self.numbers: dict[int, int] = {}

    def label_from_instance(self, obj: Any) -> str:
        """As the choice reads."""
        return _numbered(obj, self.numbers.get(obj.pk, 0))

    def offer(self, people: QuerySet[User], numbers: dict[int, int]) -> None:
        """Say who may be chosen, and how many retailers each has, by key."""
        self.queryset, self.numbers = people, numbers


class SourceForm(forms.Form):
    """Whose retailers: of a customer manager, of a line, or both."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers: Any = [("", "–")]
        managers += [(one.pk, _numbered(one, number)) for one, number in reads.list_sources(user)]
        managers.append((NOBODY, _("Retailers without a customer manager")))
        lines = [("", "–"), *((line.pk, line.path) for line in reads.list_lines(user))]
        self.fields["manager"] = forms.ChoiceField(
            label=gettext_lazy("Customer manager"), required=False, choices=managers
        )
        self.fields["line"] = forms.ChoiceField(
            label=gettext_lazy("Line"), required=False, choices=lines
        )

    def chosen(self) -> dict[str, Any]:
        """Arguments of ``reads.retailers_to_hand_over``; empty when nothing valid is chosen."""
        if not self.is_valid():
            return {}
        manager, line = self.cleaned_data["manager"], self.cleaned_data["line"]
        found: dict[str, Any] = {}
        if manager == NOBODY:
            found["nobody"] = True
        elif manager:
            found["manager"] = int(manager)
        if line:
            found["line"] = int(line)
        return found


class TermsForm(forms.Form):
    """To whom, from when, how long the one before goes along, and why."""

    to_manager = PersonField(gettext_lazy("New customer manager"))
    to_line: "forms.ModelChoiceField[OrgUnit]" = forms.ModelChoiceField(
        label=gettext_lazy("Into the line"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Each stays in its line"),
    )
    effective_on = DayField(label=gettext_lazy("Effective on"))
    accompany_until = DayField(
        label=gettext_lazy("Accompanied until"),
        required=False,
        help_text=gettext_lazy(
            "Until then the one before still sees the retailers and goes along; empty for not at all."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, user: User, company_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers, lines = self.fields["to_manager"], self.fields["to_line"]
        assert isinstance(managers, PersonField)  # noqa: S101 - narrows the type
        assert isinstance(lines, forms.ModelChoiceField)  # noqa: S101
        managers.offer(reads.list_takers(user, company_id), reads.numbers_of_company(company_id))
        lines.queryset = reads.list_lines(user).filter(company=company_id)


class StandInForm(forms.Form):
    """Who is away, who stands in, from when to when, and why."""

    absent = PersonField(gettext_lazy("Absent customer manager"))
    stand_in = PersonField(gettext_lazy("Stand-in"))
    from_on = DayField(label=gettext_lazy("First day"))
    until_on = DayField(label=gettext_lazy("Last day (included)"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, user: User, company_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = reads.numbers_of_company(company_id)
        for name, people in (
            ("absent", reads.list_absentees(user, company_id)),
            ("stand_in", reads.list_takers(user, company_id)),
        ):
            field = self.fields[name]
            assert isinstance(field, PersonField)  # noqa: S101 - narrows the type
            field.offer(people, numbers)


# --- questions ----------------------------------------------------------------------------


def steps_of(hand_over: HandOver, user: User, today: dt.date) -> list[Question]:
    """The steps that this person may take with this hand-over now; the main one first."""
    decides = user.has(Permission.DECIDE_HAND_OVERS)
    asked = hand_over.requested_by_id == user.pk
    found = []
    if hand_over.status == HandOverStatus.REQUESTED and decides and not asked:
        found += [approve(hand_over, today), refuse(hand_over)]
    if hand_over.status == HandOverStatus.APPROVED and decides and hand_over.effective_on <= today:
        found.append(carry_out(hand_over))
    can_ask = user.has(Permission.REQUEST_HAND_OVERS)
    if hand_over.status in reads.OPEN and can_ask and (asked or decides):
        found.append(withdraw(hand_over))
    return found


def _facts(hand_over: HandOver) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Retailers"), f"{hand_over.retailers:,}"),
        (_("New customer manager"), hand_over.to_manager),
        (_("Effective on"), day(hand_over.effective_on)),
    ]
    if hand_over.from_manager is not None:
        facts.insert(1, (_("Customer manager until now"), hand_over.from_manager))
    if hand_over.to_line is not None:
        facts.append((_("Into the line"), hand_over.to_line))
    if hand_over.accompany_until is not None:
        facts.append((_("Accompanied until"), day(hand_over.accompany_until)))
    return facts


def approve(hand_over: HandOver, today: dt.date) -> Question:
    """Approve a request."""
    at_once = hand_over.effective_on <= today
    return Question(
        id="hand-over-approve",
        title=_("Approve this hand-over?"),
        text=_("The retailers pass to the new customer manager at once, with their open work.")
        if at_once
        else _(
            "On its day the retailers pass to the new customer manager, with their open work. "
            "Until then it can be withdrawn."
        ),
        url=reverse("hand-over-approve", args=[hand_over.pk]),
        label=_("Approve"),
        facts=_facts(hand_over),
        icon="check",
    )


def refuse(hand_over: HandOver) -> Question:
    """Refuse a request."""
    return Question(
        id="hand-over-refuse",
        title=_("Refuse this hand-over?"),
        text=_("Nothing changes; who asked for it reads your reason."),
        url=reverse("hand-over-refuse", args=[hand_over.pk]),
        label=_("Refuse"),
        facts=_facts(hand_over),
        reason=True,
        icon="ban",
    )


def withdraw(hand_over: HandOver) -> Question:
    """Take a hand-over back."""
    return Question(
        id="hand-over-withdraw",
        title=_("Withdraw this hand-over?"),
        text=_("Nothing changes; the retailers stay where they are and can be handed over anew."),
        url=reverse("hand-over-withdraw", args=[hand_over.pk]),
        label=_("Withdraw"),
        facts=_facts(hand_over),
        fields=[("seen", hand_over.status)],
        reason=True,
        icon="arrow-back-up",
    )


def carry_out(hand_over: HandOver) -> Question:
    """Carry out an approved hand-over whose day has come and that nobody has carried out."""
    return Question(
        id="hand-over-apply",
        title=_("Carry out this hand-over now?"),
        text=_("The retailers pass to the new customer manager at once, with their open work."),
        url=reverse("hand-over-apply", args=[hand_over.pk]),
        label=_("Carry out now"),
        facts=_facts(hand_over),
        icon="player-play",
    )


def end_stand_in(row: StandIn) -> Question:
    """End a stand-in before its last day."""
    return Question(
        id=f"stand-in-end-{row.pk}",
        title=_("End this stand-in?"),
        text=_("From now on %(name)s no longer sees these retailers.") % {"name": row.stand_in},
        url=reverse("stand-in-end", args=[row.pk]),
        label=_("End now"),
        facts=[
            (_("Absent customer manager"), row.absent),
            (_("Stand-in"), row.stand_in),
            (_("Days"), f"{day(row.from_on)} – {day(row.until_on)}"),
        ],
        icon="player-stop",
    )
