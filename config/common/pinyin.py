"""What people type to find a Chinese name: the name, its pinyin initials, its codes."""

from functools import lru_cache
from itertools import product

from pypinyin import Style, pinyin

MAX_READINGS = 8
SEARCH_KEY_LENGTH = 400


def initials(name: str) -> list[str]:
    """Pinyin initials of a name, one entry per way of reading it: 重庆 is ``cq`` and ``zq``.

    Letters and digits stand for themselves, everything else is left out. At most ``MAX_READINGS``
    entries, the usual reading first.
    """
    choices = [_initials_of(character) for character in name.casefold()]
    readings: list[str] = []
    for letters in product(*(choice for choice in choices if choice)):
        reading = "".join(letters)
        if reading not in readings:
            readings.append(reading)
        if len(readings) == MAX_READINGS:
            break
    return [reading for reading in readings if reading]


@lru_cache(maxsize=20_000)
def _initials_of(character: str) -> tuple[str, ...]:
    if character.isascii():
        return (character,) if character.isalnum() else ()
    if not character.isalpha():
        return ()
    [readings] = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore") or [[]]
    return tuple(dict.fromkeys(_plain(reading[0]) for reading in readings if reading))


def _plain(letter: str) -> str:
    return {"ê": "e", "ǹ": "n", "ń": "n", "ň": "n", "ḿ": "m"}.get(letter, letter)


def search_key(name: str, *codes: str) -> str:
    """What a name is searched by, in small letters, parted by blanks; cut at a whole part.

    Args:
        name: Chinese or other.
        codes: Code, licence number, bar code …; empty ones are left out.
    """
    parts = [code.casefold() for code in codes if code]
    parts += [name.casefold(), *initials(name)]
    key = ""
    for part in dict.fromkeys(parts):
        longer = f"{key} {part}".strip()
        if len(longer) > SEARCH_KEY_LENGTH:
            break
        key = longer
    return key
