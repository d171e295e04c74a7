"""The rules of customers in words, for the forms of the administration."""

from dataclasses import asdict
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from config.common import policies
from config.common.policies import WHOLE, Parameter, PolicySchema
from customers.core.handover import HandOverRules
from customers.selectors.files import REVERT_DAYS, REVERT_POLICY
from customers.selectors.handover import POLICY

_AT_ONCE = _("At once, for what is asked for from that day on.")
_DAYS = _("days")

SCHEMAS = (
    PolicySchema(
        code=POLICY,
        title=_("Hand-overs and stand-ins"),
        text=_(
            "When a hand-over warns of too much work, and how long colleagues stand in for each other."
        ),
        parameters=(
            Parameter(
                "most_retailers",
                _("Retailers of one customer manager"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(2000),
                unit=_("retailers"),
                help=_("The preview of a hand-over warns beyond."),
            ),
            Parameter(
                "most_per_weekday",
                _("Of these on one order day"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(1000),
                unit=_("retailers"),
                help=_("The preview of a hand-over warns beyond."),
            ),
            Parameter(
                "not_back_months",
                _("Not back to the one before within"),
                WHOLE,
                most=Decimal(36),
                unit=_("months"),
                help=_("Rotation: the preview warns when a retailer goes back sooner."),
            ),
            Parameter(
                "accompany_days",
                _("The one before accompanies for at most"),
                WHOLE,
                most=Decimal(366),
                unit=_DAYS,
            ),
            Parameter(
                "stand_in_days",
                _("Somebody stands in for at most"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(366),
                unit=_DAYS,
                help=_("Longer is a hand-over."),
            ),
        ),
        defaults=asdict(HandOverRules()),
        order=60,
        used=_AT_ONCE,
    ),
    PolicySchema(
        code=REVERT_POLICY,
        title=_("Files"),
        text=_("How long an applied file can be taken back."),
        parameters=(
            Parameter(
                "revert_days",
                _("Files can be reverted for"),
                WHOLE,
                most=Decimal(60),
                unit=_DAYS,
                help=_("What is needed for it is kept so long, and takes room in the database."),
            ),
        ),
        defaults={"revert_days": REVERT_DAYS},
        order=70,
        used=_AT_ONCE,
    ),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for schema in SCHEMAS:
        policies.register(schema)
