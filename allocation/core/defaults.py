"""Parameters that a new company's allocation rules start with (domain research 4.1, 4.3, 4.4).

Numbers marked *own* have no published source; docs/algorithms/ says why they were chosen.
"""

from typing import Any

POLICIES: dict[str, dict[str, Any]] = {
    # Weight of last year against the forecast: the seed formula's 50 : 50.
    "allocation.total": {"history_weight": "0.5"},
    # Months compared for growth, and its limits (own).
    "demand.forecast": {"recent_months": 3, "growth_floor": "-0.30", "growth_cap": "0.30"},
    # Extra trade over the window before a festival, as a share of a month (own, to be confirmed).
    "demand.festivals": {
        "window_days": 20,
        "uplift": {"spring_festival": "0.30", "mid_autumn": "0.15", "national_day": "0.08"},
        "class_factor": {"1": "1.20", "2": "1.10", "3": "1.00", "4": "0.90", "5": "0.80"},
    },
    # How tier quotas are solved. The top cap keeps one tier from taking everything; half of the total
    # goes into breadth, as far down as the product was bought; one per cent of the total may be missed
    # for a ladder that follows purchases (own).
    "allocation.tiers": {
        "objective": "closest",
        "min_width": 0,
        "breadth_share": "0.5",
        "tolerance": "0.01",
        "top_cap_factor": "1.5",
    },
    # How retailers share a product: own_share of the weight is their purchases of the product, the
    # rest their purchases of everything; caps against the tier's quota and against habit (own).
    "allocation.retailers": {
        "weight_months": 3,
        "own_share": "0.9",
        "tier_factor": "1.5",
        "habit_factor": "1.5",
    },
}
