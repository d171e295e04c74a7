"""What people type to find a Chinese name: the name, its pinyin initials, its codes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, groupby, product
from math import prod

from pypinyin import Style, lazy_pinyin, pinyin

MAX_READINGS = 12
SEARCH_KEY_LENGTH = 400
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def initials(name: str) -> list[str]:
    """Pinyin initials of a name, one entry per way of reading it: 重庆 is ``cq`` and ``zq``.

    Letters and digits stand for themselves, everything else is left out. At most ``MAX_READINGS``
    entries: the usual reading first, then those with one unusual letter, then with two …, because
    people read one character of a name in their own way, hardly ever three.
    """
    text = narrow(name).casefold()
    read = [(character, letters) for character in text if (letters := _initials_of(character))]
    choices = [letters for _character, letters in read]
    if prod(map(len, choices)) > MAX_READINGS:
        choices = _usual_first("".join(character for character, _letters in read), choices)
    readings: list[str] = []
    for chosen in _by_strangeness(choices):
        reading = "".join(chosen)
        if reading and reading not in readings:
            readings.append(reading)
        if len(readings) == MAX_READINGS:
            break
    return readings


def _usual_first(text: str, choices: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Letters of each character, that of the reading in these words first: 行 of 商行 is ``h``."""
    usual: list[str] = []
    for is_plain, run in groupby(text, str.isascii):
        part = "".join(run)
        usual += part if is_plain else [_plain(syllable[0]) for syllable in lazy_pinyin(part)]
    if len(usual) != len(choices):
        return choices
    pairs = zip(usual, choices, strict=True)
    return [
        tuple(dict.fromkeys((first, *letters))) if first in letters else letters
        for first, letters in pairs
    ]


def _by_strangeness(choices: list[tuple[str, ...]]) -> Iterator[list[str]]:
    usual = [letters[0] for letters in choices]
    doubtful = [place for place, letters in enumerate(choices) if len(letters) > 1]
    for number in range(len(doubtful) + 1):
        for places in combinations(doubtful, number):
            for others in product(*(choices[place][1:] for place in places)):
                reading = list(usual)
                for place, letter in zip(places, others, strict=True):
                    reading[place] = letter
                yield reading


def narrow(text: str) -> str:
    """Wide letters, digits and signs of a Chinese keyboard as plain ones: Ａ１（ as A1(."""
    return text.translate(_WIDE)


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
    parts = [narrow(code).casefold() for code in codes if code]
    parts += [narrow(name).casefold(), *initials(name)]
    key = ""
    for part in dict.fromkeys(parts):
        longer = f"{key} {part}".strip()
        if len(longer) > SEARCH_KEY_LENGTH:
            break
        key = longer
    return key
