"""Ticking steps of the tour."""

from accounts.models import Preference, User
from accounts.selectors.tour import TOUR_KEY
from accounts.selectors.tour_steps import STEPS


def tick_steps(*, codes: list[str], by: User) -> None:
    """Keep exactly these as ticked; codes of no step are left out."""
    known = [step.code for step in STEPS if step.code in set(codes)]
    Preference.objects.update_or_create(user=by, key=TOUR_KEY, defaults={"value": known})
