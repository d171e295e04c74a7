"""First steps of a company: the company itself, its tree from a text or a file, and the words of the steps."""

import csv
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Company, OrgLevel, User
from accounts.roles import Role
from accounts.selectors import organisation as units
from accounts.selectors import setup as reads
from accounts.services import create_company, ensure_unit, record
from accounts.services.organisation import LONGEST_NAME, hold_organisation
from config.common import setup, sheets, textfiles
from config.common.errors import ConflictError, DomainError, ForbiddenError, RefusedFileError
from config.common.models import JobStatus
from config.common.setup import State, Step

MOST_LINES = 5000
MOST_BYTES = 5 * 1024 * 1024
_SEPARATORS = re.compile(r"[\t/,，;；]")
_CODE = re.compile(r"[A-Za-z0-9._-]{2,40}")
_HEAD = ("县", "county", "单位", "市场部", "department", "线路", "line")


def found_company(*, code: str, name: str, by: User) -> Company:
    """The first, or another, real company of this installation.

    Raises:
        ForbiddenError: Only an administrator of the whole installation does this.
        ConflictError: There is a company with this code or name.
        DomainError: The code is not 2 to 40 letters, digits, dots or hyphens; no name.
    """
    if not by.scope.everything:
        raise ForbiddenError(
            _("Only an administrator of the whole installation can do this."), code="other_company"
        )
    code, name = code.strip(), " ".join(name.split())
    if not _CODE.fullmatch(code):
        raise DomainError(
            _("A code has 2 to 40 letters, digits, dots, hyphens or underlines."),
            code="company_code",
        )
    if not name or "/" in name:
        raise DomainError(_("A company needs a name, without a slash."), code="company_name")
    taken = _("There is a company with this code or name already.")
    if (
        Company.objects.filter(code__iexact=code).exists()
        or Company.objects.filter(name=name).exists()
    ):
        raise ConflictError(taken, code="company_exists")
    try:
        return create_company(code=code, name=name, by=by)
    except IntegrityError as error:
        raise ConflictError(taken, code="company_exists") from error


# --- the tree from a text -----------------------------------------------------------------


@dataclass
class Outline:
    """A tree as somebody typed it.

    Args:
        paths: Every unit's names from the county down, parents first, once each.
        new: Those that are not there yet, by level.
        problems: (line, what is wrong).
    """

    paths: list[tuple[str, ...]] = field(default_factory=list)
    new: dict[int, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_outline(company: Company, text: str) -> Outline:
    """What a text of lines ``county/department/line`` would make of the tree.

    Parts may be separated by slashes, commas or tabs, as copied from a sheet. An empty part means the one
    above it; the company in front and a heading in the first line are passed over.
    """
    outline = Outline(new=dict.fromkeys(OrgLevel.values, 0))
    seen: set[tuple[str, ...]] = set()
    above: tuple[str, ...] = ()
    rows = [line.rstrip("\r") for line in text.split("\n")]
    if len(rows) > MOST_LINES:
        outline.problems.append((MOST_LINES, _("More than %(n)d lines.") % {"n": MOST_LINES}))
        return outline
    for number, row in enumerate(rows, start=1):
        if not row.strip() or (number == 1 and _is_head(row)):
            continue
        names = _names(company, row, above)
        problem = _problem(names)
        if problem:
            outline.problems.append((number, problem))
            continue
        above = names
        for depth in range(1, len(names) + 1):
            if names[:depth] not in seen:
                seen.add(names[:depth])
                outline.paths.append(names[:depth])
    _count_new(company, outline)
    return outline


def _is_head(row: str) -> bool:
    parts = [part.strip() for part in _SEPARATORS.split(row.strip().casefold())]
    return (
        len(parts) > 1
        and sum(any(word in part for word in _HEAD) for part in parts) == len(parts)
        and any(
            part in ("线路", "line", "市场部", "department", "county", "县级局") for part in parts
        )
    )


def _names(company: Company, row: str, above: tuple[str, ...]) -> tuple[str, ...]:
    parts = [" ".join(part.split()) for part in _SEPARATORS.split(row.strip(" \r"))]
    if parts and parts[0] in (company.code, company.name):
        parts = parts[1:]
    while parts and not parts[-1]:
        parts.pop()
    filled = [
        part or (above[place] if place < len(above) else "") for place, part in enumerate(parts)
    ]
    return tuple(filled)


def _problem(names: tuple[str, ...]) -> str:
    if not 1 <= len(names) <= len(OrgLevel):
        return _("one to three names: county, market department, line")
    if not all(names):
        return _("a name is missing")
    if any(len(name) > LONGEST_NAME or not name.isprintable() for name in names):
        return _("a name is too long or holds invisible characters")
    return ""


def _count_new(company: Company, outline: Outline) -> None:
    known = {unit.path for unit in _all_units(company)}
    for names in outline.paths:
        if "/".join(names) not in known:
            outline.new[len(names)] += 1


def _all_units(company: Company) -> Any:
    nodes = units.tree_of(company, with_closed=True)
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        yield node.unit


@transaction.atomic
def make_units(*, company: Company, outline: Outline, by: User) -> int:
    """Make what is missing of a tree; what is there is left alone.

    Returns:
        How many units were made.

    Raises:
        DomainError: The text has problems, holds nothing, or names a closed unit.
    """
    if outline.problems or not outline.paths:
        raise DomainError(_("Correct the marked lines first."), code="outline")
    hold_organisation(company.pk)
    before = sum(reads.count_units(company).values())
    for names in outline.paths:
        ensure_unit(company=company, names=list(names))
    made = sum(reads.count_units(company).values()) - before
    record(
        action="org_unit.outline",
        company_id=company.pk,
        by=by,
        obj=company,
        changes={"units": made},
    )
    return made


def text_of(upload: "UploadedFile[bytes]") -> str:
    """The lines of a file (XLSX, CSV or TXT), cells separated by tabs.

    Raises:
        RefusedFileError: Too large, of another type, or damaged.
    """
    name = (upload.name or "").lower()
    ending = next((it for it in (".csv", ".txt", ".xlsx") if name.endswith(it)), "")
    if not ending:
        raise RefusedFileError(_("The file must be XLSX, CSV or TXT."), code="unknown_type")
    if (upload.size or 0) > MOST_BYTES:
        raise RefusedFileError(_("The file is too large for a tree of units."), code="too_large")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"units{ending}"
        with path.open("wb") as stream:
            for block in upload.chunks():
                stream.write(block)
        if ending == ".xlsx":
            target = Path(folder) / "units.csv"
            sheets.to_csv(path, target)
            path = target
        known = textfiles.inspect(path, final_newline=False, max_bytes=MOST_BYTES)
        with path.open(encoding=known.encoding, newline="") as lines:
            return _tabbed(lines.read())


def _tabbed(text: str) -> str:
    if "\t" in text or "," not in text:
        return text
    rows = csv.reader(text.splitlines())
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in rows)


# --- steps --------------------------------------------------------------------------------


def _company_state(company: Company) -> State:
    return State(done=True, words=f"{company.code} {company.name}")


def _administrator_state(company: Company) -> State:
    number = reads.administrators_of(company)
    words = ngettext("%(n)d administrator", "%(n)d administrators", number) % {"n": number}
    return State(done=number > 0, words=words if number else "")


def _units_state(company: Company) -> State:
    found = reads.count_units(company)
    words = _("%(counties)d counties, %(departments)d market departments, %(lines)d lines") % {
        "counties": found[OrgLevel.COUNTY],
        "departments": found[OrgLevel.DEPARTMENT],
        "lines": found[OrgLevel.LINE],
    }
    return State(done=found[OrgLevel.LINE] > 0, words=words if sum(found.values()) else "")


def _people_state(company: Company) -> State:
    found = reads.count_role(company, Role.PLANNER, Role.APPROVER, Role.CUSTOMER_MANAGER)
    words = ", ".join(f"{Role(role).label} {number}" for role, number in found.items())
    return State(done=bool(found[Role.PLANNER] and found[Role.APPROVER]), words=words)


def _night_state(company: Company) -> State:
    newest, ended = reads.first_night(company)
    if newest is None:
        return State(done=False)
    words = f"{newest.business_date} {JobStatus(newest.status).label}"
    return State(done=ended, words=words)


STEPS = (
    Step(
        code="company",
        title=gettext_lazy("Company"),
        text=gettext_lazy("Code and name of the wholesale company. Files name it by its code."),
        order=10,
        state=_company_state,
        url=lambda company: reverse("setup-company"),
        label=gettext_lazy("Enter the company"),
        icon="building",
    ),
    Step(
        code="administrator",
        title=gettext_lazy("Administrator of the company"),
        text=gettext_lazy(
            "Who looks after people, organisation and files from now on. They get a one-time password."
        ),
        order=20,
        state=_administrator_state,
        url=lambda company: reverse("setup-administrator"),
        label=gettext_lazy("Create the administrator"),
        icon="user-plus",
    ),
    Step(
        code="units",
        title=gettext_lazy("Counties, market departments, lines"),
        text=gettext_lazy(
            "Typed, copied from a sheet, or from a file. A file of retailers makes missing units, too."
        ),
        order=30,
        state=_units_state,
        url=lambda company: reverse("setup-units"),
        label=gettext_lazy("Enter the organisation"),
        icon="sitemap",
    ),
    Step(
        code="people",
        title=gettext_lazy("Colleagues"),
        text=gettext_lazy(
            "At least a planner and an approver: plans are published by one and approved by another. "
            "Customer managers follow when there are retailers."
        ),
        order=50,
        state=_people_state,
        url=lambda company: reverse("person-create"),
        label=gettext_lazy("Create a person"),
        icon="users",
    ),
    Step(
        code="night",
        title=gettext_lazy("First night"),
        text=gettext_lazy(
            "Computes monthly sales, classes, forecasts and the draft of the plan. It runs by itself "
            "after 02:00, or at once."
        ),
        order=90,
        state=_night_state,
        url=lambda company: reverse("run-start"),
        label=gettext_lazy("Start it now"),
        icon="moon",
    ),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for step in STEPS:
        setup.register(step)
