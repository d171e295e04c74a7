"""What segmentation knows of a retailer's past: how its published classes changed."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from config.common import timeline
from config.common.periods import period_text
from config.common.timeline import Before, Entry, Provider
from customers.models import Retailer
from segmentation.selectors.class_changes import ClassChange, class_changes_before


def find_classes(_user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """A class that was published and is another than the one before."""
    for change in class_changes_before(retailer, before, limit):
        run = change.run
        yield Entry(
            at=run.published_at,  # type: ignore[arg-type]  # asked for
            key=run.pk,
            title=_title(change),
            text=_("By purchases from %(first)s to %(last)s")
            % {"first": period_text(run.window_from), "last": period_text(run.window_to)},
            by=str(run.published_by or ""),
            url=reverse("scheme-detail", args=[run.scheme_id]),
        )


def _title(change: ClassChange) -> str:
    facts = {"scheme": change.run.scheme.label, "old": change.old, "new": change.new}
    if change.old:
        return _("%(scheme)s: %(old)s → %(new)s") % facts
    return _("%(scheme)s: %(new)s, the first class") % facts


def register() -> None:
    """Called from ``AppConfig.ready``."""
    timeline.register(
        Provider(
            kind="class",
            label=gettext_lazy("Classes"),
            icon="medal",
            permission=Permission.VIEW_CLASSES,
            order=40,
            find=find_classes,
        )
    )
