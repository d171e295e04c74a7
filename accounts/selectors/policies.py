"""Reads of rules: what counts now, what will count, and how each came about."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Company, PolicyVersion
from config.common import periods, policies
from config.common.policies import Parameter, PolicySchema


@dataclass
class Rule:
    """A rule of a company as of a day.

    Args:
        code: Of the rule.
        schema: Its declaration; None when this release knows it not.
        present: The version in force; None when the defaults count.
        coming: Versions that take over later, in the order of their days.
        newest: Number of the newest version, 0 for none.
    """

    code: str
    schema: PolicySchema | None
    present: PolicyVersion | None = None
    coming: list[PolicyVersion] = field(default_factory=list)
    newest: int = 0

    @property
    def title(self) -> Any:
        """What it is called; its code when this release knows it not."""
        return self.schema.title if self.schema is not None else self.code

    @property
    def values(self) -> list[tuple[Parameter, str]]:
        """What counts, in words."""
        if self.schema is None:
            return []
        return self.schema.shown(self.present.params if self.present else None)


@dataclass(frozen=True)
class Step:
    """A version in the history of a rule.

    Args:
        version: The version.
        differences: Parameter, value before and value since, in words.
        state: ``present``, ``coming``, ``past`` or ``never`` (another took its place before its day).
    """

    version: PolicyVersion
    differences: list[tuple[Parameter, str, str]]
    state: str


def next_night(now: dt.datetime | None = None) -> tuple[dt.datetime, dt.date]:
    """When the clock starts the next night, and as of the close of which day it computes."""
    local = timezone.localtime(now, periods.SHANGHAI)
    start = local.replace(hour=settings.NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if local >= start:
        start += dt.timedelta(days=1)
    return start, start.date() - dt.timedelta(days=1)


def list_rules(company: Company, day: dt.date) -> list[Rule]:
    """Every rule that is declared or stored, as of a day; one query."""
    by_code: dict[str, list[PolicyVersion]] = {}
    rows = PolicyVersion.objects.filter(company=company).select_related("created_by")
    for version in rows.order_by("effective_from", "version"):
        by_code.setdefault(version.code, []).append(version)
    known = [schema.code for schema in policies.all_schemas()]
    others = sorted(set(by_code) - set(known))
    return [_rule(code, by_code.get(code, []), day) for code in (*known, *others)]


def rule_of(company: Company, code: str, day: dt.date) -> Rule | None:
    """One rule as of a day; None when there is none."""
    return next((rule for rule in list_rules(company, day) if rule.code == code), None)


def _rule(code: str, versions: list[PolicyVersion], day: dt.date) -> Rule:
    present = [version for version in versions if version.effective_from <= day]
    last = max((version.version for version in present), default=0)
    return Rule(
        code=code,
        schema=policies.find(code),
        present=present[-1] if present else None,
        coming=[
            version
            for version in _in_force(versions)
            if version.effective_from > day and version.version != last
        ],
        newest=max((version.version for version in versions), default=0),
    )


def _in_force(versions: list[PolicyVersion]) -> list[PolicyVersion]:
    """Of versions that begin on the same day only the last ever counts."""
    by_day = {version.effective_from: version for version in versions}
    return [by_day[day] for day in sorted(by_day)]


def history_of_rule(company: Company, code: str, day: dt.date) -> list[Step]:
    """All versions, newest first, each compared with the one stored before it."""
    schema = policies.find(code)
    rows = PolicyVersion.objects.filter(company=company, code=code).select_related("created_by")
    versions = list(rows.order_by("version"))
    counting = _in_force(sorted(versions, key=lambda one: (one.effective_from, one.version)))
    present = [version for version in counting if version.effective_from <= day]
    steps = []
    for number, version in enumerate(versions):
        before = versions[number - 1].params if number else None
        steps.append(
            Step(
                version,
                compare(schema, before, version.params) if schema is not None and number else [],
                _state(version, counting, present[-1] if present else None, day),
            )
        )
    return steps[::-1]


def compare(
    schema: PolicySchema, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> list[tuple[Parameter, str, str]]:
    """Parameters that differ, with both values in words."""
    return [
        (one, one.shown(was), one.shown(now)) for one, was, now in schema.differences(before, after)
    ]


def _state(
    version: PolicyVersion,
    counting: list[PolicyVersion],
    present: PolicyVersion | None,
    day: dt.date,
) -> str:
    if present is not None and version.pk == present.pk:
        return "present"
    if version.pk not in {one.pk for one in counting}:
        return "never"
    return "coming" if version.effective_from > day else "past"
