"""The rules of allocation in words, for the forms of the administration."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Permission
from allocation.core.defaults import POLICIES
from config.common import audit_objects, policies
from config.common.policies import CHOICE, DECIMAL, PERCENT, WHOLE, Parameter, PolicySchema

_NIGHT = gettext_lazy("Drafts that the next night computes; approved and published plans stay.")
_MONTHS = gettext_lazy("months")
_CLASSES = (
    ("1", gettext_lazy("Class 1")),
    ("2", gettext_lazy("Class 2")),
    ("3", gettext_lazy("Class 3")),
    ("4", gettext_lazy("Class 4")),
    ("5", gettext_lazy("Class 5")),
)
_FESTIVALS = (
    ("spring_festival", gettext_lazy("Spring Festival")),
    ("mid_autumn", gettext_lazy("Mid-Autumn Festival")),
    ("national_day", gettext_lazy("National Day")),
)


def _growth_in_order(values: dict[str, Any]) -> dict[str, str]:
    if Decimal(values["growth_floor"]) > Decimal(values["growth_cap"]):
        return {"growth_floor": _("The lowest growth lies above the highest.")}
    return {}


SCHEMAS = (
    PolicySchema(
        code="allocation.total",
        title=gettext_lazy("Monthly total"),
        text=gettext_lazy(
            "How much of a product is planned for a month: last year's sales and the forecast, weighed "
            "against each other, times the factor of the month's festivals."
        ),
        parameters=(
            Parameter(
                "history_weight",
                gettext_lazy("Weight of last year"),
                PERCENT,
                most=Decimal(100),
                help=gettext_lazy(
                    "50 % counts last year's month and the forecast alike; 0 % counts the forecast only."
                ),
            ),
        ),
        defaults=POLICIES["allocation.total"],
        order=10,
        used=_NIGHT,
    ),
    PolicySchema(
        code="demand.forecast",
        title=gettext_lazy("Demand forecast"),
        text=gettext_lazy(
            "Same month last year, grown as the product has grown lately. The limits keep a single odd "
            "month from being carried on."
        ),
        parameters=(
            Parameter(
                "recent_months",
                gettext_lazy("Months compared for growth"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(12),
                unit=_MONTHS,
                help=gettext_lazy("The last closed months against the same months a year before."),
            ),
            Parameter(
                "growth_floor",
                gettext_lazy("Lowest growth"),
                PERCENT,
                least=Decimal(-90),
                most=Decimal(0),
                help=gettext_lazy("A product that falls faster counts as falling so fast."),
            ),
            Parameter(
                "growth_cap",
                gettext_lazy("Highest growth"),
                PERCENT,
                most=Decimal(300),
                help=gettext_lazy("A product that grows faster counts as growing so fast."),
            ),
        ),
        defaults=POLICIES["demand.forecast"],
        order=20,
        used=_NIGHT,
        check=_growth_in_order,
    ),
    PolicySchema(
        code="demand.festivals",
        title=gettext_lazy("Festivals"),
        text=gettext_lazy(
            "What the time before a festival sells more, and how strongly each price class takes part. "
            "From this the factor of a month is suggested, once; a person may set another in the plan."
        ),
        parameters=(
            Parameter(
                "window_days",
                gettext_lazy("Days before the festival"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(60),
                unit=gettext_lazy("days"),
                help=gettext_lazy(
                    "A window that begins in the month before is shared between both months by days."
                ),
            ),
            *(
                Parameter(
                    f"uplift.{code}",
                    name,
                    PERCENT,
                    most=Decimal(300),
                    group=gettext_lazy("Extra trade over the whole window, of a month's sales"),
                )
                for code, name in _FESTIVALS
            ),
            *(
                Parameter(
                    f"class_factor.{code}",
                    name,
                    DECIMAL,
                    most=Decimal(3),
                    group=gettext_lazy("How strongly a price class takes part: 1 is the average"),
                )
                for code, name in _CLASSES
            ),
        ),
        defaults=POLICIES["demand.festivals"],
        order=30,
        used=gettext_lazy(
            "Months whose factors have not been made yet: from the month after next on."
        ),
    ),
    PolicySchema(
        code="allocation.tiers",
        title=gettext_lazy("Tier quotas"),
        text=gettext_lazy(
            "How a product's total becomes a quota for each tier: higher tiers never get less, and the "
            "sum over all retailers comes as close to the total as whole cartons allow."
        ),
        parameters=(
            Parameter(
                "objective",
                gettext_lazy("When the total cannot be met exactly"),
                CHOICE,
                choices=(
                    ("closest", gettext_lazy("closest, also a little above")),
                    ("not_above", gettext_lazy("never above the total")),
                ),
                help=gettext_lazy("“Never above” suits products whose supply is agreed."),
            ),
            Parameter(
                "min_width",
                gettext_lazy("Tiers that get at least one carton"),
                WHOLE,
                most=Decimal(30),
                unit=gettext_lazy("tiers"),
                help=gettext_lazy(
                    "Counted from the highest tier; 0 leaves it to the breadth below."
                ),
            ),
            Parameter(
                "breadth_share",
                gettext_lazy("Share of the total for breadth"),
                PERCENT,
                most=Decimal(100),
                help=gettext_lazy(
                    "So much may go into the first carton of each tier, down to the lowest tier that "
                    "bought the product; the rest goes by what the tiers buy. 0 % switches it off."
                ),
            ),
            Parameter(
                "tolerance",
                gettext_lazy("Miss of the total that is allowed"),
                PERCENT,
                most=Decimal(20),
                help=gettext_lazy(
                    "A ladder that follows what the tiers buy is taken when it misses the total by no more; "
                    "0 % asks for the closest total, whatever the ladder."
                ),
            ),
            Parameter(
                "top_cap_factor",
                gettext_lazy("Most of the highest tier"),
                DECIMAL,
                least=Decimal("0.5"),
                most=Decimal(10),
                unit=gettext_lazy("times what it bought in a month"),
                help=gettext_lazy("Keeps one tier from taking everything."),
            ),
        ),
        defaults=POLICIES["allocation.tiers"],
        order=40,
        used=_NIGHT,
    ),
    PolicySchema(
        code="allocation.retailers",
        title=gettext_lazy("Retailer quotas"),
        text=gettext_lazy(
            "How the released total is shared among the retailers: by what they buy, up to a limit from "
            "their tier and their habit. The quotas add up exactly."
        ),
        parameters=(
            Parameter(
                "weight_months",
                gettext_lazy("Months of purchases that count"),
                WHOLE,
                least=Decimal(1),
                most=Decimal(12),
                unit=_MONTHS,
            ),
            Parameter(
                "own_share",
                gettext_lazy("Weight of the product's own purchases"),
                PERCENT,
                most=Decimal(100),
                help=gettext_lazy(
                    "The rest of the weight is what a retailer buys of everything, so that shops "
                    "without history of the product get some, too."
                ),
            ),
            Parameter(
                "tier_factor",
                gettext_lazy("Limit against the quota of the tier"),
                DECIMAL,
                least=Decimal(1),
                most=Decimal(10),
                unit=gettext_lazy("times"),
            ),
            Parameter(
                "habit_factor",
                gettext_lazy("Limit against the own monthly purchases"),
                DECIMAL,
                least=Decimal(1),
                most=Decimal(10),
                unit=gettext_lazy("times"),
                help=gettext_lazy("The larger of both limits counts."),
            ),
        ),
        defaults=POLICIES["allocation.retailers"],
        order=50,
        used=_NIGHT,
    ),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for schema in SCHEMAS:
        policies.register(schema)
    audit_objects.register("allocation.plan", "plan-detail", Permission.VIEW_PLANS)
    audit_objects.register("allocation.nodefactor")
    audit_objects.register("allocation.supplycap")
