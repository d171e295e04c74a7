"""What pages share: fragments that also stand alone, and the question before a binding step."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Question:
    """What is asked before a step that binds somebody; a modal, and a page without JavaScript.

    Args:
        id: Id of the modal.
        title: The question.
        text: What happens, and whether it can be undone.
        url: Where the answer is posted.
        label: Word on the button.
        facts: Who and how much is touched, as (label, value).
        fields: Hidden inputs, as (name, value).
        reason: True when a reason must be given.
        danger: True for steps that destroy something.
        icon: Symbol on the button that opens it.
    """

    id: str
    title: Promise | str
    text: Promise | str
    url: str
    label: Promise | str
    facts: list[tuple[Any, Any]] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    reason: bool = False
    danger: bool = False
    icon: str = "check"

    @property
    def context(self) -> dict[str, Any]:
        """For ``components/_confirm_modal.html``."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "action_url": self.url,
            "action_label": self.label,
            "facts": [{"label": label, "value": value} for label, value in self.facts],
            "fields": [{"name": name, "value": value} for name, value in self.fields],
            "reason": self.reason,
            "danger": self.danger,
        }


def ask(
    request: HttpRequest, question: Question, *, crumbs: list[dict[str, Any]]
) -> HttpResponse | None:
    """The question as a page of its own, until it is answered.

    People without JavaScript get it instead of the modal; so does whoever left out the reason.

    Returns:
        The page; None when the step was confirmed, with a reason where one is needed.
    """
    context: dict[str, Any] = {"question": question, "crumbs": crumbs}
    if request.method != "POST":
        return render(request, "pages/question.html", context)
    if question.reason and not reason_of(request):
        context["error"] = _("Say why; the reason goes into the audit trail.")
        return render(request, "pages/question.html", context, status=422)
    return None


def render_panel(
    request: HttpRequest, template: str, context: dict[str, Any], *, title: Promise | str
) -> HttpResponse:
    """A fragment for HTMX; opened by itself, the same inside the frame of a page."""
    if request.headers.get("HX-Request"):
        return render(request, template, context)
    return render(request, "pages/panel.html", {**context, "panel": template, "title": title})


def crumb(label: Promise | str, url: str = "") -> dict[str, Any]:
    """One step of the breadcrumbs."""
    return {"label": label, "url": url}


def with_query(query: QueryDict, **changes: str | None) -> str:
    """The query string with some values changed; None or "" removes one. Paging starts anew."""
    changed = query.copy()
    changed.pop("cursor", None)
    for name, value in changes.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    return f"?{changed.urlencode()}"


def reason_of(request: HttpRequest) -> str:
    """The reason that was given for a step, without signs that a database cannot store."""
    return request.POST.get("reason", "").replace("\x00", "").strip()
