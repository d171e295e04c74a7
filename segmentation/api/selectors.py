"""Reads of the API about published classes."""

import datetime as dt

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from config.common.errors import NotFoundError
from config.common.periods import SHANGHAI
from customers.models import Retailer
from segmentation.models import Assignment, RunStatus, SegmentationRun


def published_run(user: User, scheme: str, day: dt.date | None) -> SegmentationRun:
    """The run of a scheme that readers saw at the end of a day (local time), or see now.

    Raises:
        NotFoundError: Nothing was published then, or there is no such scheme for this caller.
    """
    runs = SegmentationRun.objects.visible_to(user).filter(
        scheme__code=scheme, status__in=[RunStatus.PUBLISHED, RunStatus.SUPERSEDED]
    )
    if day is not None:
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=SHANGHAI)
        runs = runs.filter(published_at__lt=end)
    found: SegmentationRun | None = (
        runs.select_related("scheme", "version").order_by("-published_at", "-pk").first()
    )
    if found is None:
        raise NotFoundError(
            _("No classes of the scheme %(scheme)s are published for that day.")
            % {"scheme": scheme},
            code="nothing_published",
        )
    return found


def list_assignments(
    user: User, run: SegmentationRun, retailer_code: str | None
) -> QuerySet[Assignment]:
    """Classes of a run, of the retailers this caller sees.

    Raises:
        NotFoundError: A retailer is named that does not exist for this caller.
    """
    retailers = Retailer.objects.visible_to(user).filter(company_id=run.company_id)
    rows = Assignment.objects.filter(run=run).select_related("retailer")
    if retailer_code is None:
        return rows if user.scope.whole_company else rows.filter(retailer__in=retailers)
    retailer = retailers.filter(code=retailer_code).first()
    if retailer is None:
        raise NotFoundError(
            _("There is no retailer %(code)s.") % {"code": retailer_code}, code="unknown_retailer"
        )
    return rows.filter(retailer=retailer)
