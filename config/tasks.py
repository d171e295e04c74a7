"""What the clock starts. A task only makes rows; the rows are the work (docs/adr/0001)."""

import datetime as dt
import logging

from celery import shared_task
from oauth2_provider.models import clear_expired

from accounts.models import Company
from config.common import nights, periods
from config.common.errors import ConflictError

logger = logging.getLogger(__name__)


@shared_task(name="liangzhun.start_nights.v1")
def start_nights() -> None:
    """Start the night of every company, as of the close of yesterday.

    A clock that rings twice, or late, starts nothing twice: the second night of a date clashes.
    """
    clear_expired()  # tokens live 15 minutes; their rows need not stay
    day = periods.business_today() - dt.timedelta(days=1)
    for company_id in Company.objects.order_by("code").values_list("pk", flat=True):
        try:
            nights.start_night(company_id=company_id, business_date=day, scheduled=True)
        except ConflictError as error:
            logger.info("night of company %s and %s not started: %s", company_id, day, error)
