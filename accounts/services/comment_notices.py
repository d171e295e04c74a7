"""Words of the notices about comments."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.services import notices
from accounts.services.comments import MENTION, REPLY


def _mention(params: Mapping[str, Any]) -> str:
    return _("%(by)s mentions you in a note about %(name)s.") % params


def _reply(params: Mapping[str, Any]) -> str:
    return _("%(by)s wrote a note about %(name)s too.") % params


def register() -> None:
    """Called from ``AppConfig.ready``."""
    notices.register(
        MENTION,
        words=_mention,
        label=gettext_lazy("Somebody mentions me in a note"),
        many=lambda n: ngettext("%(n)d note mentions you", "%(n)d notes mention you", n) % {"n": n},
        icon="message-circle",
    )
    notices.register(
        REPLY,
        words=_reply,
        label=gettext_lazy("Somebody writes where I have written a note"),
        many=lambda n: (
            ngettext(
                "%(n)d note where you have written one", "%(n)d notes where you have written one", n
            )
            % {"n": n}
        ),
        icon="message",
    )
