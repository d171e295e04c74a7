"""What customers knows of a retailer's past: notes, changes, hand-overs, its life cycle."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Comment, User
from accounts.roles import Permission
from accounts.selectors.comments import comments_before
from config.common import timeline
from config.common.audit_words import action_label, actor_name
from config.common.logs import mask_personal_data
from config.common.templatetags.desk import note_text
from config.common.timeline import Before, Entry, Provider, day_start
from customers.models import Retailer
from customers.selectors.timeline import HAND_OVER, changes_before, hand_overs_before

_ICONS = {
    "contact": "users",
    "retailer.create": "building-store",
    "retailer.import": "file-import",
    "retailer.revert": "arrow-back-up",
    "personal": "eye",
}


# --- notes --------------------------------------------------------------------------------


def find_notes(user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """Notes on a retailer. Who may see it may read them (``services.desk``: its finder)."""
    rows = comments_before(
        retailer.company_id,
        "customers.retailer",
        str(retailer.pk),
        before=before.condition("created_at"),
        with_pinned=before.is_first,
        limit=limit,
    )
    may_pin = {Permission.WRITE_COMMENTS, Permission.EDIT_RETAILERS} <= set(user.permissions)
    for note in rows:
        yield _note(note, may_pin=may_pin)


def _note(note: Comment, *, may_pin: bool) -> Entry:
    file = (note.file_name, reverse("comment-file", args=[note.pk])) if note.file_path else None
    return Entry(
        at=note.created_at,
        key=note.pk,
        title=_("Note"),
        text=note_text(note),
        by=str(note.author),
        pinned=note.pinned_at is not None,
        file=file,
        pin_url=reverse("comment-pin", args=[note.pk]) if may_pin else "",
    )


# --- the trail ----------------------------------------------------------------------------


def find_changes(_user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """Changes by people and files, from what to what."""
    for event in changes_before(retailer, before, limit):
        area = event.action.partition(".")[0]
        # The number of a note says nothing to people.
        changes = {} if area == "comment" else event.changes
        icon = _ICONS.get(event.action) or _ICONS.get(area, "")
        yield _entry(event, action_label(event.action), changes=changes, icon=icon)


def find_hand_overs(user: User, retailer: Retailer, before: Before, limit: int) -> Iterator[Entry]:
    """Hand-overs: asked for, decided, carried out."""
    may_open = Permission.VIEW_SALES in user.permissions
    for event in hand_overs_before(user, retailer, before, limit):
        changes = dict(event.changes)
        key = (changes.pop("hand_over", None) or [None, None])[1]
        if event.object_type == HAND_OVER:
            # Figures of a hand-over are about all of its retailers.
            changes, key = {}, int(event.object_id)
        url = reverse("hand-over-detail", args=[key]) if key and may_open else ""
        text = event.object_label if event.object_type == HAND_OVER else ""
        yield _entry(event, action_label(event.action), changes=changes, url=url, text=text)


def _entry(event: AuditEvent, title: str, *, text: str = "", **fields: object) -> Entry:
    return Entry(
        at=event.at,
        key=event.pk,
        title=title,
        text=mask_personal_data(text),
        by=actor_name(event.actor_label),
        reason=mask_personal_data(event.reason),
        **fields,  # type: ignore[arg-type]
    )


# --- life cycle ---------------------------------------------------------------------------


def find_life_cycle(
    _user: User, retailer: Retailer, before: Before, _limit: int
) -> Iterator[Entry]:
    """When it opened, and since when it is in its stage; earlier stages are not kept."""
    found = []
    if retailer.life_cycle_since and retailer.life_cycle_stage:
        stage = retailer.get_life_cycle_stage_display()
        title = _("Life cycle: %(stage)s from this day") % {"stage": stage}
        found.append(Entry(day_start(retailer.life_cycle_since), 1, title, day_only=True))
    if retailer.opened_on:
        title = _("The shop opened")
        opened = day_start(retailer.opened_on)
        found.append(Entry(opened, 0, title, icon="building-store", day_only=True))
    yield from (entry for entry in found if before.admits(entry))


def register() -> None:
    """Called from ``AppConfig.ready``."""
    sees = Permission.VIEW_RETAILERS
    for provider in (
        Provider("note", gettext_lazy("Notes"), "notes", sees, 10, find_notes),
        Provider("change", gettext_lazy("Changes"), "history", sees, 20, find_changes),
        Provider("hand_over", gettext_lazy("Hand-overs"), "transfer", sees, 30, find_hand_overs),
        Provider("life_cycle", gettext_lazy("Life cycle"), "leaf", sees, 70, find_life_cycle),
    ):
        timeline.register(provider)
