"""Drafts, for ``static/js/drafts.js``. Without JavaScript there are none, and every form still works."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest, requires
from accounts.models import Draft
from accounts.roles import Permission
from accounts.selectors.drafts import drafts_of
from accounts.services import drafts
from config.common.errors import ConflictError, DomainError


def _as_json(draft: Draft) -> dict[str, Any]:
    saved = timezone.localtime(draft.saved_at)
    today = saved.date() == timezone.localdate()
    return {
        "key": draft.form_key,
        "fields": draft.fields,
        "at": int(draft.saved_at.timestamp() * 1000),
        "saved": f"{saved:%H:%M}" if today else f"{saved:%Y-%m-%d %H:%M}",
    }


def _same_person(request: PersonRequest) -> None:
    """A page that another person left open must not write into this person's drafts."""
    if request.POST.get("person") != str(request.user.pk):
        raise ConflictError(
            _("Somebody else is logged in now; reload the page."), code="other_person"
        )


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def draft_list(request: PersonRequest) -> HttpResponse:
    """GET: the drafts of the forms on a page. POST: keep one."""
    if request.method == "GET":
        found = drafts_of(request.user, request.GET.getlist("key"))
        return JsonResponse({"drafts": [_as_json(draft) for draft in found]})
    _same_person(request)
    try:
        fields = json.loads(request.POST.get("fields", ""))
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise DomainError(_("This draft cannot be kept."), code="draft_invalid")
    draft = drafts.save(user=request.user, key=request.POST.get("key", ""), fields=fields)
    return JsonResponse({"draft": _as_json(draft) if draft else None})


@require_POST
@requires(Permission.VIEW_HOME)
def draft_discard(request: PersonRequest) -> HttpResponse:
    _same_person(request)
    drafts.discard(user=request.user, key=request.POST.get("key", ""))
    return JsonResponse({"draft": None})
