"""What kinds of objects the audit trail speaks of: their names in words, and the page of each."""

from dataclasses import dataclass

from django.apps import apps
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class ObjectKind:
    """A kind of objects.

    Args:
        label: As in ``AuditEvent.object_type``: ``customers.retailer``.
        url_name: Page of one object, whose address takes ``pk``; "" where it has none.
        permission: Who may open that page.
    """

    label: str
    url_name: str = ""
    permission: str = ""

    @property
    def name(self) -> str:
        """What such an object is called."""
        return object_name(self.label)


_kinds: dict[str, ObjectKind] = {}


def register(label: str, url_name: str = "", permission: str = "") -> None:
    """Say that objects of a model occur in the trail. Called from ``AppConfig.ready``."""
    _kinds[label] = ObjectKind(label, url_name, permission)


def all_kinds() -> list[ObjectKind]:
    """Every kind, by its name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def object_name(label: str) -> str:
    """What an object of this model is called; an unknown one by its label."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def object_url(label: str, object_id: str, permissions: frozenset[str]) -> str:
    """The page of an object for somebody with these permissions; "" where there is none."""
    kind = _kinds.get(label)
    if kind is None or not kind.url_name or not object_id.isdecimal():
        return ""
    if kind.permission and kind.permission not in permissions:
        return ""
    try:
        return reverse(kind.url_name, args=[int(object_id)])
    except NoReverseMatch:
        return ""
