"""Reads of the API about published classes."""

import datetime as dt

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from config.common.errors import NotFoundError
from customers.models import Retailer
from segmentation.models import Assignment, SegmentationRun
from segmentation.selectors.schemes import published_runs


def published_run(user: User, scheme: str, day: dt.date | None) -> SegmentationRun:
    """The run of a scheme that readers saw at the end of a day (local time), or see now.

    Raises:
        NotFoundError: Nothing was published then, or there is no such scheme for this caller.
    """
    visible = SegmentationRun.objects.visible_to(user).select_related("scheme", "version")
    runs = visible.filter(scheme__code=scheme)
    if day is None:
        # What readers see is where the scheme points to, whatever the clocks said.
        runs = runs.filter(pk=F("scheme__published_run"))
    found: SegmentationRun | None = published_runs(runs, day).first()
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
