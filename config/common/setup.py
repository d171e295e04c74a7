"""First steps of a new company: a checklist whose state is read from the data.

Apps register their steps. Nothing is stored about a step but what it is about, so that it can be done in any
way (on its page, from a file, by a command) and left and taken up again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Words = Promise | str


@dataclass(frozen=True)
class State:
    """How far a step is.

    Args:
        done: True when nothing more is needed.
        words: What is there: "12 lines in 3 counties"; "" says nothing.
    """

    done: bool
    words: str = ""


@dataclass(frozen=True)
class Step:
    """A step.

    Args:
        code: Names it.
        title: What is done.
        text: How, and what for, in a sentence or two.
        order: Place, from small to large.
        state: Asked with the company.
        url: Where it is done, asked with the company.
        label: Word on its button.
        icon: Name of a symbol of the sprite.
    """

    code: str
    title: Words
    text: Words
    order: int
    state: Callable[[Any], State]
    url: Callable[[Any], str]
    label: Words
    icon: str = "circle-dashed"


_steps: list[Step] = []


def register(step: Step) -> None:
    """Add a step. Called from ``AppConfig.ready``."""
    _steps.append(step)


def steps() -> list[Step]:
    """Every step, in order."""
    return sorted(_steps, key=lambda step: step.order)
