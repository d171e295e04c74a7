"""What lists add to the menu."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from config.common import navigation
from config.common.navigation import NavItem


def register() -> None:
    """Called from ``AppConfig.ready``."""
    navigation.register(
        NavItem(
            label=_("Changes of many rows"),
            url_name="change-list",
            icon="checks",
            permission=Permission.EDIT_RETAILERS,
            order=75,
            group=_("Operation"),
        )
    )
