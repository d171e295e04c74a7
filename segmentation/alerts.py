"""What looks wrong with classes: active retailers that have none."""

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from config.common import panels
from config.common.panels import Waiting
from segmentation.selectors.classes import count_without_class


def class_alerts(user: User) -> list[Waiting]:
    """Active retailers that the published classes do not know, by scheme."""
    if Permission.VIEW_CLASSES not in user.permissions:
        return []
    found = []
    for scheme, number in count_without_class(user):
        text = ngettext(
            "%(n)s active retailer is in no class of %(scheme)s",
            "%(n)s active retailers are in no class of %(scheme)s",
            number,
        )
        words = text % {"n": f"{number:,}", "scheme": scheme.label}
        found.append(Waiting(words, reverse("scheme-detail", args=[scheme.pk]), "info"))
    return found


def register() -> None:
    """Called from ``AppConfig.ready``."""
    panels.register_alert(class_alerts)
