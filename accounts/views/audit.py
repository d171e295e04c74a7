"""The audit trail: the list, and one entry with everything it says."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest, requires
from accounts.lists.audit import AUDIT
from accounts.lists.page import list_page, place_in_list
from accounts.models import AuditEvent
from accounts.roles import Permission
from accounts.selectors import audit as reads
from config.common.audit_objects import object_name, object_url
from config.common.audit_words import action_label
from config.common.pages import crumb


@require_GET
@requires(Permission.VIEW_AUDIT)
def audit_list(request: PersonRequest) -> HttpResponse:
    return list_page(request, AUDIT, template="accounts/audit_list.html")


@require_GET
@requires(Permission.VIEW_AUDIT)
def audit_detail(request: PersonRequest, pk: int) -> HttpResponse:
    event: AuditEvent = get_object_or_404(reads.list_events(request.user), pk=pk)
    context = {
        "event": event,
        "kind": object_name(event.object_type) if event.object_type else "",
        "object_url": object_url(event.object_type, event.object_id, request.user.permissions),
        **place_in_list(request, AUDIT.name, event.pk),
        "crumbs": [
            crumb(_("Home"), reverse("home")),
            crumb(_("Audit trail"), reverse("audit-list")),
            crumb(action_label(event.action)),
        ],
    }
    return render(request, "accounts/audit_detail.html", context)
