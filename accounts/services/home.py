"""Choosing the cards of one's own home page."""

from accounts.models import Preference, User
from accounts.selectors.home import CARDS_KEY
from config.common.panels import registered


def choose_cards(*, cards: list[str], by: User) -> None:
    """Keep these cards in this order; codes of no card are left out."""
    known = {panel.code for panel in registered("home", by.permissions)}
    kept = [code for code in dict.fromkeys(cards) if code in known]
    Preference.objects.update_or_create(user=by, key=CARDS_KEY, defaults={"value": kept})


def forget_cards(*, by: User) -> None:
    """Back to the usual cards of the role."""
    Preference.objects.filter(user=by, key=CARDS_KEY).delete()
