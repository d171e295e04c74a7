"""How notes are shown: as text, with the names of who is mentioned."""

import re
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def note_text(comment: Any) -> SafeString:
    """The text of a note, escaped, line by line; ``@username`` of somebody mentioned as a name."""
    people = {person.username: person for person in comment.mentions.all()}
    text = str(comment.text)
    if not people:
        return _lines(text)
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    parts = re.split(rf"(?<![A-Za-z0-9_.+@-])@({names})", text)
    # Every second part is a name that was found.
    shown = [
        _lines(part) if place % 2 == 0 else _name(people[part]) for place, part in enumerate(parts)
    ]
    return mark_safe("".join(shown))  # noqa: S308 - every part is escaped


def _lines(text: str) -> SafeString:
    escaped = str(conditional_escape(text))
    return mark_safe(escaped.replace("\n", "<br>"))  # noqa: S308 - escaped in the line above


def _name(person: Any) -> SafeString:
    return format_html('<span class="lz-mention" title="{}">@{}</span>', person.username, person)
