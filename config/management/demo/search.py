"""Search keys of what the demo makes."""

from pypinyin import Style, lazy_pinyin


def search_key(code: str, name: str, *more: str) -> str:
    """Lower case, separated by blanks: code, name, pinyin initials of the name, and more."""
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return " ".join(part for part in (code, name, initials, *more) if part).lower()[:400]
