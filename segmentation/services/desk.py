"""What segmentation adds to the work in hand: notices about proposed classes."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.roles import Permission
from accounts.selectors.people import people_with
from accounts.services import notices
from segmentation.models import RunStatus, SegmentationRun

PROPOSED, HELD = "classes.proposed", "classes.held"


def tell_proposal(run: SegmentationRun) -> None:
    """Tell once who may publish classes that a proposal waits or is held; where it is stored."""
    held = run.status == RunStatus.HELD
    if not held and not run.changed and run.scheme.published_run_id is not None:
        return
    notices.send(
        users=people_with(run.company_id, Permission.PUBLISH_CLASSES),
        kind=HELD if held else PROPOSED,
        params={"name": run.scheme.label, "changed": run.changed, "all": run.retailers},
        url=reverse("scheme-detail", args=[run.scheme_id]),
        dedupe_key=f"classes:{run.pk}:{run.status}",
    )


def _figures(params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params, "changed": f"{params['changed']:,}", "all": f"{params['all']:,}"}


def _proposed(params: Mapping[str, Any]) -> str:
    words = _("%(name)s: a proposal for %(all)s retailers waits, %(changed)s would change class.")
    return words % _figures(params)


def _held(params: Mapping[str, Any]) -> str:
    words = _("%(name)s is held: %(changed)s of %(all)s retailers would change class.")
    return words % _figures(params)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    notices.register(
        PROPOSED,
        words=_proposed,
        label=gettext_lazy("New classes are proposed"),
        many=lambda n: (
            ngettext("%(n)d proposal of classes", "%(n)d proposals of classes", n) % {"n": n}
        ),
        icon="medal",
        permission=Permission.PUBLISH_CLASSES,
    )
    notices.register(
        HELD,
        words=_held,
        label=gettext_lazy("Proposed classes are held"),
        many=lambda n: ngettext("%(n)d proposal is held", "%(n)d proposals are held", n) % {"n": n},
        icon="alert-triangle",
        tone="warn",
        permission=Permission.PUBLISH_CLASSES,
    )
