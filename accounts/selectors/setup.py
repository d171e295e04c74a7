"""How far the first steps of a company are: asked of the data, stored nowhere."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Exists

from accounts.models import Company, OrgLevel, OrgUnit, User
from accounts.roles import Permission, Role
from config.common import setup
from config.common.models import JobRun, JobStatus
from config.common.nights import NIGHT
from config.common.setup import State, Step

DONE_SECONDS = 3600


@dataclass(frozen=True)
class StepView:
    """A step as the checklist shows it.

    Args:
        step: Its declaration.
        state: How far it is.
        url: Where it is done; "" while an earlier step must come first.
        is_next: True for the first that is not done.
    """

    step: Step
    state: State
    url: str
    is_next: bool


@dataclass(frozen=True)
class Progress:
    """The checklist of a company.

    Args:
        company: Whose; None when there is none yet.
        steps: All of them.
    """

    company: Company | None
    steps: list[StepView]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(one.state.done for one in self.steps)

    @property
    def next(self) -> StepView | None:
        """The first step that is not done; None when all are."""
        return next((one for one in self.steps if one.is_next), None)


def setup_company(user: User) -> Company | None:
    """The real company whose first steps somebody would take: their own, or the newest one."""
    if user.scope.everything:
        return Company.objects.filter(is_demo=False).order_by("-pk").first()
    company: Company | None = user.company
    return None if company is None or company.is_demo else company


def may_set_up(user: User) -> bool:
    """Whether somebody takes the first steps at all: nobody does in a company of sample data."""
    if Permission.MANAGE_INSTALLATION not in user.permissions:
        return False
    return user.scope.everything or not (user.company is not None and user.company.is_demo)


def is_waiting(user: User) -> bool:
    """True when there is a step to take. That none is left is remembered for an hour."""
    if not may_set_up(user):
        return False
    company = setup_company(user)
    if company is None:
        return True
    key = f"setup.done.{company.pk}"
    if cache.get(key):
        return False
    waiting = any(not step.state(company).done for step in reversed(setup.steps()))
    if not waiting:
        cache.set(key, 1, DONE_SECONDS)
    return waiting


def progress_of(user: User) -> Progress | None:
    """The checklist for somebody; None where there is nothing to set up for them."""
    if not may_set_up(user):
        return None
    company = setup_company(user)
    found: list[StepView] = []
    has_next = False
    for step in setup.steps():
        state = step.state(company) if company is not None else State(done=False)
        is_next = not state.done and not has_next
        has_next = has_next or is_next
        reachable = company is not None or is_next
        found.append(StepView(step, state, step.url(company) if reachable else "", is_next))
    return Progress(company, found)


# --- states of the steps that accounts itself knows ----------------------------------------


def nobody_at_all() -> bool:
    """True on an installation in which nobody can log in yet."""
    return not User.objects.exists()


def count_role(company: Company, *roles: str) -> dict[str, int]:
    """Active people of a company by role, for these roles; read once for an object of a company."""
    everybody: dict[str, int] | None = company.__dict__.get("_people_by_role")
    if everybody is None:
        people = User.objects.filter(company=company, is_active=True).order_by()
        everybody = dict(people.values_list("role").annotate(Count("pk")))
        company.__dict__["_people_by_role"] = everybody
    return {role: everybody.get(role, 0) for role in roles}


def count_units(company: Company) -> dict[int, int]:
    """Open units of a company by level."""
    found = dict.fromkeys(OrgLevel.values, 0)
    units = OrgUnit.objects.filter(company=company, is_active=True)
    for level in units.values_list("level", flat=True):
        found[level] += 1
    return found


def first_night(company: Company) -> tuple[JobRun | None, bool]:
    """The newest night of a company, whatever became of it, and whether any has ended well so far."""
    nights = JobRun.objects.filter(kind=NIGHT, company_id=company.pk)
    ended = nights.filter(status__in=[JobStatus.SUCCEEDED, JobStatus.HELD])
    newest = nights.annotate(any_ended=Exists(ended)).order_by("-pk").first()
    return newest, newest is not None and newest.any_ended


def administrators_of(company: Company) -> int:
    """Active administrators of a company."""
    return count_role(company, Role.ADMINISTRATOR)[Role.ADMINISTRATOR]
