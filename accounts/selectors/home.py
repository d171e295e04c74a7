"""Which cards stand on a person's home page."""

from typing import Any

from accounts.models import Preference, User
from config.common.panels import Panel, addressed, registered

CARDS_KEY = "home.cards"


def cards_of(user: User) -> list[dict[str, Any]]:
    """Every card this person may have, those of their choice first and in their order.

    Who has chosen nothing gets the usual cards of their role. A card that is new since the choice
    was made is offered, not forced upon anybody.
    """
    allowed = registered("home", user.permissions)
    chosen = _chosen(user)
    if chosen is None:
        return [_card(panel, shown=_is_usual(panel, user)) for panel in allowed]
    by_code = {panel.code: panel for panel in allowed}
    first = [by_code[code] for code in dict.fromkeys(chosen) if code in by_code]
    rest = [panel for panel in allowed if panel not in first]
    return [
        *[_card(panel, shown=True) for panel in first],
        *[_card(panel, shown=False) for panel in rest],
    ]


def _chosen(user: User) -> list[str] | None:
    value = (
        Preference.objects.filter(user=user, key=CARDS_KEY).values_list("value", flat=True).first()
    )
    return [str(code) for code in value] if isinstance(value, list) else None


def _is_usual(panel: Panel, user: User) -> bool:
    return not panel.roles or user.role in panel.roles


def _card(panel: Panel, *, shown: bool) -> dict[str, Any]:
    return {**addressed(panel), "code": panel.code, "about": panel.about, "shown": shown}
