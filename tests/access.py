"""Who may open what: every address of the product × method × role.

A new address fails ``tests/test_architecture.py`` until somebody writes here who may open it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import (
    ApiClient,
    AuditEvent,
    Comment,
    FormerPath,
    OrgUnit,
    SavedView,
    User,
)
from accounts.roles import Role
from config.common.models import JobRun
from customers.models import CodeItem
from tests.factories import City
from tests.factories.handover import hand_over_of, stand_in_of

LETTERS = {
    "A": Role.ADMINISTRATOR,
    "P": Role.PLANNER,
    "V": Role.APPROVER,
    "C": Role.COUNTY_MANAGER,
    "M": Role.CUSTOMER_MANAGER,
    "I": Role.INSPECTOR,
    "R": Role.PARTNER,
    "U": Role.AUDITOR,
}
ALL = "APVCMIRU"
NOBODY = ""

Arguments = Callable[[City], dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """Who may use an address.

    Args:
        get: Letters of the roles that may read it; None where GET is no method of it.
        post: The same for POST.
        of: Arguments of the address; its object belongs to the city, and to county East if ``unit``.
        unit: True when a colleague of another county does not find it.
        foreign: True when somebody of another company does not find it.
        public: True when it needs no log-in.
        own: True when its object belongs to one person; the table asks as somebody else.
    """

    get: str | None = None
    post: str | None = None
    of: Arguments = field(default=lambda city: {})
    unit: bool = False
    foreign: bool = False
    public: bool = False
    own: bool = False


def _retailer(city: City) -> dict[str, Any]:
    return {"pk": city.eastern.pk}


def _contact(city: City) -> dict[str, Any]:
    contact = city.eastern.contacts.first()
    assert contact is not None
    return {"pk": contact.pk}


def _of_retailers(city: City) -> dict[str, Any]:
    return {"name": "retailers"}


def _view(city: City) -> dict[str, Any]:
    """A private view of somebody who has left."""
    owner, _created = User.objects.get_or_create(
        username="gone", defaults={"role": Role.PLANNER, "company": city.company}
    )
    view, _created = SavedView.objects.get_or_create(
        owner=owner, list_name="retailers", name="mine", defaults={"company": city.company}
    )
    return {"pk": view.pk}


def _product(city: City) -> dict[str, Any]:
    return {"pk": city.products[0].pk}


def _night(city: City) -> dict[str, Any]:
    assert city.night is not None
    return {"pk": city.night.pk}


def _file(city: City) -> dict[str, Any]:
    assert city.file is not None
    return {"pk": city.file.pk}


def _proposal(city: City) -> dict[str, Any]:
    assert city.proposal is not None
    return {"pk": city.proposal.pk}


def _scheme(city: City) -> dict[str, Any]:
    return {"pk": city.schemes["abc"].pk}


def _plan(status: str) -> Arguments:
    return lambda city: {"pk": city.plans[status].pk}


def _of_nobody_here(city: City) -> dict[str, Any]:
    return {"pk": 0}


def _cell(city: City) -> dict[str, Any]:
    return {"name": "retailers", "pk": city.eastern.pk, "code": "weekday"}


def _on_retailer(city: City) -> dict[str, Any]:
    return {"object_type": "customers.retailer", "object_id": str(city.eastern.pk)}


def _note(city: City) -> dict[str, Any]:
    """A note of the planner on a retailer of county East; it has no file."""
    note, _made = Comment.objects.get_or_create(
        company=city.company,
        author=city.people[Role.PLANNER],
        defaults={"text": "a note", **_on_retailer(city)},
    )
    return {"pk": note.pk}


def _notice(city: City) -> dict[str, Any]:
    return {"pk": city.plans["published"].pk, "retailer": city.eastern.pk}


def _line(city: City) -> dict[str, Any]:
    return {"pk": city.plans["draft"].pk, "product": city.products[0].pk}


def _hand_over(city: City) -> dict[str, Any]:
    return {"pk": hand_over_of(city).pk}


def _stand_in(city: City) -> dict[str, Any]:
    return {"pk": stand_in_of(city).pk}


def _person(city: City) -> dict[str, Any]:
    return {"pk": city.people[Role.INSPECTOR].pk}


def _unit(city: City) -> dict[str, Any]:
    return {"pk": city.east.pk}


def _line_unit(city: City) -> dict[str, Any]:
    """A line of the county East, which can be moved."""
    department, _created = OrgUnit.objects.get_or_create(
        company=city.company, path="East/North",
        defaults={"level": 2, "code": "0101", "name": "North", "parent": city.east},
    )  # fmt: skip
    line, _created = OrgUnit.objects.get_or_create(
        company=city.company, path="East/North/1",
        defaults={"level": 3, "code": "010101", "name": "1", "parent": department},
    )  # fmt: skip
    return {"pk": line.pk}


def _former(city: City) -> dict[str, Any]:
    former, _created = FormerPath.objects.get_or_create(
        company=city.company, path="Orient", defaults={"unit": city.east}
    )
    return {"pk": city.east.pk, "former": former.pk}


def _client(city: City) -> dict[str, Any]:
    """A machine that orders."""
    client, _created = ApiClient.objects.get_or_create(company=city.company, name="ordering")
    return {"pk": client.pk}


def _event(city: City) -> dict[str, Any]:
    return {"pk": AuditEvent.objects.filter(company=city.company).order_by("pk")[0].pk}


def _failed(city: City) -> dict[str, Any]:
    """A night of long ago that failed in its second stage."""
    assert city.night is not None
    night, created = JobRun.objects.get_or_create(
        key="failed", defaults={"kind": "night", "company_id": city.company.pk, "status": "failed"}
    )
    if created:
        stages = (("sales", "succeeded"), ("segments", "failed"))
        for place, (stage, status) in enumerate(stages):
            JobRun.objects.create(
                kind=f"night.{stage}", key=f"failed:{stage}", company_id=city.company.pk,
                parent=night, position=place, status=status,
            )  # fmt: skip
    return {"pk": night.pk}


def _code(city: City) -> dict[str, Any]:
    return {"pk": CodeItem.objects.filter(company=city.company, kind="format")[0].pk}


SEES_RETAILERS = "APVCMIU"
WRITES = "APVCMI"
STAFF = "APVCMU"
RUNS = "APVCU"
FILES = "APU"

TABLE: dict[str, Rule] = {
    # --- accounts
    "home-cards": Rule(get=ALL, post=ALL),
    "home": Rule(get=ALL),
    "help": Rule(get=ALL),
    "help-tour": Rule(get=ALL, post=ALL),
    "login": Rule(get=ALL, post=ALL, public=True),
    "logout": Rule(post=ALL),
    "set_language": Rule(post=ALL, public=True),
    "styleguide": Rule(get="A"),
    "search": Rule(get=ALL),
    "search-box": Rule(get=ALL),
    "run-list": Rule(get=RUNS),
    "run-start": Rule(get="AP", post="AP"),
    "run-detail": Rule(get=RUNS, of=_night, foreign=True),
    "run-progress": Rule(get=RUNS, of=_night, foreign=True),
    "run-cancel": Rule(get="AP", post="AP", of=_night, foreign=True),
    "run-again": Rule(get="AP", post="AP", of=_failed, foreign=True),
    "audit-list": Rule(get="AVU"),
    "audit-detail": Rule(get="AVU", of=_event, foreign=True),
    # --- administration
    "password_change": Rule(get=ALL, post=ALL),
    "administration": Rule(get="AP"),
    "system-health": Rule(get="A"),
    "sample-data": Rule(get="A"),
    # Only for whoever administers the whole installation; those of the table have a company.
    "sample-remove": Rule(get=NOBODY, post=NOBODY, of=_of_nobody_here),
    "person-list": Rule(get="A"),
    "person-create": Rule(get="A", post="A"),
    "role-matrix": Rule(get="A"),
    "person-detail": Rule(get="A", of=_person, foreign=True),
    "person-edit": Rule(get="A", post="A", of=_person, foreign=True),
    "person-deactivate": Rule(get="A", post="A", of=_person, foreign=True),
    "person-reactivate": Rule(get="A", post="A", of=_person, foreign=True),
    "person-password": Rule(get="A", post="A", of=_person, foreign=True),
    "person-unlock": Rule(post="A", of=_person, foreign=True),
    "organisation": Rule(get="AP"),
    "county-add": Rule(get="AP", post="AP"),
    "unit-detail": Rule(get="AP", of=_unit, foreign=True),
    "unit-add": Rule(get="AP", post="AP", of=_unit, foreign=True),
    "unit-rename": Rule(get="AP", post="AP", of=_unit, foreign=True),
    "unit-move": Rule(get="AP", post="AP", of=_line_unit, foreign=True),
    "unit-close": Rule(get="AP", post="AP", of=_unit, foreign=True),
    "unit-reopen": Rule(get="AP", post="AP", of=_unit, foreign=True),
    "unit-forget-path": Rule(post="AP", of=_former, foreign=True),
    "rule-list": Rule(get="AP"),
    "rule-detail": Rule(get="AP", of=lambda city: {"code": "allocation.total"}),
    "rule-change": Rule(get="AP", post="AP", of=lambda city: {"code": "allocation.total"}),
    "client-list": Rule(get="A"),
    "client-create": Rule(get="A", post="A"),
    "client-rotate": Rule(get="A", post="A", of=_client, foreign=True),
    "client-revoke": Rule(get="A", post="A", of=_client, foreign=True),
    "setup": Rule(get="A"),
    "setup-company": Rule(get=NOBODY, post=NOBODY),
    "setup-administrator": Rule(get="A", post="A"),
    "setup-units": Rule(get="A", post="A"),
    "panel-night": Rule(get=RUNS),
    "panel-waiting": Rule(get=ALL),
    "panel-alerts": Rule(get=ALL),
    # --- accounts: work in hand
    "result-download": Rule(get=ALL, of=_of_nobody_here, own=True),
    "task-list": Rule(get=ALL),
    "task-tray": Rule(get=ALL),
    "notice-list": Rule(get=ALL),
    "notice-bell": Rule(get=ALL),
    "desk-counts": Rule(get=ALL),
    "notice-read": Rule(post=ALL),
    "notice-settings": Rule(get=ALL, post=ALL),
    "notice-open": Rule(get=ALL, of=_of_nobody_here, own=True),
    "notice-day": Rule(
        get=ALL, of=lambda city: {"day": "2026-11-20", "kind": "file.checked"}, own=True
    ),
    "draft-list": Rule(get=ALL, post=ALL),
    "draft-discard": Rule(post=ALL),
    "comment-panel": Rule(
        get=SEES_RETAILERS, post=WRITES, of=_on_retailer, unit=True, foreign=True
    ),
    "comment-people": Rule(get=WRITES, of=_on_retailer, unit=True, foreign=True),
    "comment-open": Rule(get=SEES_RETAILERS, of=_note, unit=True, foreign=True),
    "comment-edit": Rule(get="P", post="P", of=_note, foreign=True),
    "comment-delete": Rule(get="P", post="P", of=_note, foreign=True),
    "comment-pin": Rule(post="APC", of=_note, unit=True, foreign=True),
    "comment-file": Rule(get=SEES_RETAILERS, of=_note, own=True),
    # --- customers
    "retailer-list": Rule(get=SEES_RETAILERS),
    "retailer-edit": Rule(get="APC", post="APC", of=_retailer, unit=True, foreign=True),
    "contact-add": Rule(get="APC", post="APC", of=_retailer, unit=True, foreign=True),
    "contact-edit": Rule(get="APC", post="APC", of=_contact, unit=True, foreign=True),
    "contact-remove": Rule(get="APC", post="APC", of=_contact, unit=True, foreign=True),
    "contact-reveal": Rule(post="APCM", of=_contact, foreign=True),
    # --- lists: one mechanism, here by the list of retailers
    "list-count": Rule(get=SEES_RETAILERS, of=_of_retailers),
    "list-layout": Rule(post=SEES_RETAILERS, of=_of_retailers),
    "list-view-save": Rule(post=SEES_RETAILERS, of=_of_retailers),
    "list-view-update": Rule(post=ALL, of=_view, own=True),
    "list-view-delete": Rule(post=ALL, of=_view, own=True),
    "list-export": Rule(get="APVCU", post="APVCU", of=_of_retailers),
    "list-change": Rule(post="APC", of=lambda city: {"name": "retailers", "action": "line"}),
    "list-cell": Rule(get="APC", post="APC", of=_cell, unit=True, foreign=True),
    "export-detail": Rule(get="APVCU", of=_of_nobody_here, own=True),
    "change-list": Rule(get=ALL),
    "change-detail": Rule(get=ALL, of=_of_nobody_here, own=True),
    "change-undo": Rule(get=ALL, post=ALL, of=_of_nobody_here, own=True),
    "retailer-detail": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-contacts": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-profile": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-notes": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-timeline": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-history": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "file-list": Rule(get=FILES),
    "file-upload": Rule(get="AP", post="AP"),
    "file-detail": Rule(get=FILES, of=_file, foreign=True),
    "file-progress": Rule(get=FILES, of=_file, foreign=True),
    "file-columns": Rule(get="AP", post="AP", of=_file, foreign=True),
    "file-read": Rule(post="AP", of=_file, foreign=True),
    "file-check": Rule(post="AP", of=_file, foreign=True),
    "file-apply": Rule(get="AP", post="AP", of=_file, foreign=True),
    "file-errors": Rule(get="AP", of=_file, foreign=True),
    "file-result": Rule(get="AP", of=_file, foreign=True),
    "file-revert": Rule(get="AP", post="AP", of=_file, foreign=True),
    # --- customers: hand-overs and stand-ins
    "hand-over-list": Rule(get=STAFF),
    "hand-over-new": Rule(get="APC", post="APC"),
    "hand-over-detail": Rule(get=STAFF, of=_hand_over, unit=True, foreign=True),
    "hand-over-sheet": Rule(get=STAFF, of=_hand_over, unit=True, foreign=True),
    "hand-over-approve": Rule(get="APV", post="APV", of=_hand_over, foreign=True),
    "hand-over-refuse": Rule(get="APV", post="APV", of=_hand_over, foreign=True),
    "hand-over-withdraw": Rule(get="APC", post="APC", of=_hand_over, unit=True, foreign=True),
    "hand-over-apply": Rule(get="APV", post="APV", of=_hand_over, foreign=True),
    "stand-in-list": Rule(get=STAFF),
    "stand-in-new": Rule(get="APC", post="APC"),
    "stand-in-end": Rule(get="APC", post="APC", of=_stand_in, unit=True, foreign=True),
    "panel-retailer-ownership": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    # --- customers: code lists
    "code-lists": Rule(get="AP"),
    "code-confirm": Rule(post="AP"),
    "code-add": Rule(get="AP", post="AP", of=lambda city: {"kind": "format"}),
    "code-edit": Rule(get="AP", post="AP", of=_code, foreign=True),
    "code-move": Rule(post="AP", of=_code, foreign=True),
    "code-switch": Rule(post="AP", of=_code, foreign=True),
    "code-delete": Rule(get="AP", post="AP", of=_code, foreign=True),
    # --- brands
    "product-list": Rule(get=ALL),
    "product-detail": Rule(get=ALL, of=_product),
    "panel-county-ranking": Rule(get=STAFF),
    "panel-product-ranking": Rule(get=STAFF),
    "panel-sales": Rule(get=STAFF),
    "panel-area-sales": Rule(get=STAFF),
    "panel-retailer-purchases": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "panel-retailer-observations": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    # --- segmentation
    "scheme-list": Rule(get=STAFF),
    "scheme-detail": Rule(get=STAFF, of=_scheme, foreign=True),
    "panel-scheme-movements": Rule(get=STAFF, of=_scheme, foreign=True),
    "panel-scheme-spread": Rule(get=STAFF, of=_scheme, foreign=True),
    "panel-retailer-beside": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "run-publish": Rule(get="AP", post="AP", of=_proposal, foreign=True),
    "run-dismiss": Rule(get="AP", post="AP", of=_proposal, foreign=True),
    "retailer-map": Rule(get=SEES_RETAILERS),
    "retailer-map-points": Rule(get=SEES_RETAILERS),
    "retailer-map-names": Rule(get=SEES_RETAILERS),
    "retailer-map-boundary": Rule(get="AP", post="AP"),
    "retailer-tier-notice": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "panel-class-counts": Rule(get=STAFF),
    "panel-home-movements": Rule(get=STAFF),
    "panel-retailer-classes": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    # --- allocation
    "plan-list": Rule(get=STAFF),
    "plan-detail": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "plan-quotas": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "plan-sheet": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "plan-posting": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "quota-notice": Rule(get=STAFF, of=_notice, unit=True, foreign=True),
    "retailer-sheet": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "retailer-quota-notice": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "plan-line": Rule(get=STAFF, of=_line, foreign=True),
    "panel-top-quotas": Rule(get=STAFF, of=_line, foreign=True),
    "panel-quota-spread": Rule(get=STAFF, of=_line, foreign=True),
    "plan-approve": Rule(get="V", post="V", of=_plan("draft"), foreign=True),
    "plan-reopen": Rule(get="V", post="V", of=_plan("approved"), foreign=True),
    "plan-publish": Rule(get="P", post="P", of=_plan("approved"), foreign=True),
    "plan-revise": Rule(get="AP", post="AP", of=_plan("published"), foreign=True),
    "plan-recompute": Rule(get="AP", post="AP", of=_plan("draft"), foreign=True),
    "line-factor": Rule(get="AP", post="AP", of=_line, foreign=True),
    "line-cap": Rule(get="AP", post="AP", of=_line, foreign=True),
    "panel-retailer-quotas": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "panel-product-plans": Rule(get=STAFF, of=_product),
    # --- REST: people with a session; machines and their scopes are in tests/integration/api
    "api-token": Rule(post=NOBODY, public=True),
    "api-revoke-token": Rule(post=NOBODY, public=True),
    "api-schema": Rule(get=STAFF),
    "api-docs": Rule(get=STAFF),
    "api-retailers": Rule(get=STAFF),
    "api-retailer": Rule(
        get=STAFF, of=lambda city: {"code": city.eastern.code}, unit=True, foreign=True
    ),
    "api-products": Rule(get=STAFF),
    "api-product": Rule(get=STAFF, of=lambda city: {"code": city.products[0].code}),
    "api-classes": Rule(get=STAFF),
    "api-plans": Rule(get=STAFF),
    "api-plan": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "api-quotas": Rule(get=STAFF),
    "api-quota-changes": Rule(get=STAFF),
    "api-orders": Rule(post=NOBODY),
    "api-unknown": Rule(public=True),
    # --- machines that watch us
    "health-live": Rule(get=ALL, public=True),
    "health-ready": Rule(get=ALL, public=True),
}

# What a request needs besides its address to be meant seriously.
QUERIES: dict[str, dict[str, str]] = {
    "api-quotas": {"retailer": "R00000", "month": "2026-10"},
    "api-classes": {"scheme": "abc"},
}
BODIES: dict[str, dict[str, str]] = {
    "hand-over-refuse": {"reason": "a test"},
    "hand-over-withdraw": {"reason": "a test"},
    "contact-remove": {"reason": "a test"},
    "list-view-save": {"name": "A view"},
    "list-view-update": {"version": "1"},
    "run-dismiss": {"reason": "a test"},
    "person-deactivate": {"reason": "a test"},
    "person-reactivate": {"reason": "a test"},
    "unit-close": {"reason": "a test"},
    "unit-reopen": {"reason": "a test"},
    "client-revoke": {"reason": "a test"},
    "comment-panel": {"text": "a note"},
    "comment-edit": {"text": "a note"},
    "plan-reopen": {"reason": "a test"},
    "plan-revise": {"reason": "a test"},
}
