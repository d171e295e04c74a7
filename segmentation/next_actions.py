"""What segmentation finds to do about a retailer: a proposal gives it another class."""

import datetime as dt
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from config.common import next_action
from config.common.next_action import Action, Provider, Urgency
from segmentation.models import Assignment, RunStatus, scheme_label


def columns(user: User, _today: dt.date) -> dict[str, Any]:
    """The class of an open proposal that differs from the published one, for who may publish."""
    if Permission.PUBLISH_CLASSES not in user.permissions:
        return {}
    published = Assignment.objects.filter(
        retailer=OuterRef("retailer"), run=OuterRef("run__scheme__published_run")
    )
    proposed = (
        Assignment.objects.filter(
            retailer=OuterRef("pk"),
            run__status__in=[RunStatus.COMPUTED, RunStatus.HELD],
            run__scheme__is_active=True,
        )
        .annotate(now=Subquery(published.values("class_code")[:1]))
        .exclude(now=F("class_code"))
        .order_by("run__scheme__code")
    )
    return {
        "next_scheme": Subquery(proposed.values("run__scheme_id")[:1]),
        "next_scheme_code": Subquery(proposed.values("run__scheme__code")[:1]),
        "next_scheme_name": Subquery(proposed.values("run__scheme__name")[:1]),
        "next_class": Subquery(proposed.values("class_code")[:1]),
        "next_class_now": Subquery(proposed.values("now")[:1]),
    }


def find(_user: User, retailer: Any, _today: dt.date) -> list[Action]:
    """A proposal waits that moves this retailer."""
    scheme = getattr(retailer, "next_scheme", None)
    if scheme is None:
        return []
    words = _("%(scheme)s: %(old)s → %(new)s is proposed and waits") % {
        "scheme": scheme_label(retailer.next_scheme_code, retailer.next_scheme_name),
        "old": retailer.next_class_now or "–",
        "new": retailer.next_class,
    }
    url = reverse("scheme-detail", args=[scheme])
    return [Action(Urgency.CLASS_WAITS, words, url, "medal", "info")]


def register() -> None:
    """Called from ``AppConfig.ready``."""
    next_action.register(Provider(find=find, columns=columns))
