"""Who may open what: every address of the product × method × role.

A new address fails ``tests/test_architecture.py`` until somebody writes here who may open it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.roles import Role
from tests.factories import City

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
    """

    get: str | None = None
    post: str | None = None
    of: Arguments = field(default=lambda city: {})
    unit: bool = False
    foreign: bool = False
    public: bool = False


def _retailer(city: City) -> dict[str, Any]:
    return {"pk": city.eastern.pk}


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


def _line(city: City) -> dict[str, Any]:
    return {"pk": city.plans["draft"].pk, "product": city.products[0].pk}


SEES_RETAILERS = "APVCMIU"
STAFF = "APVCMU"
RUNS = "APVCU"
FILES = "APU"

TABLE: dict[str, Rule] = {
    # --- accounts
    "home": Rule(get=ALL),
    "login": Rule(get=ALL, post=ALL, public=True),
    "logout": Rule(post=ALL),
    "set_language": Rule(post=ALL, public=True),
    "styleguide": Rule(get="A"),
    "run-list": Rule(get=RUNS),
    "run-start": Rule(get="AP", post="AP"),
    "run-detail": Rule(get=RUNS, of=_night, foreign=True),
    "run-progress": Rule(get=RUNS, of=_night, foreign=True),
    "run-cancel": Rule(get="AP", post="AP", of=_night, foreign=True),
    "audit-list": Rule(get="AVU"),
    "panel-night": Rule(get=RUNS),
    "panel-waiting": Rule(get=ALL),
    # --- customers
    "retailer-list": Rule(get=SEES_RETAILERS),
    "retailer-count": Rule(get=SEES_RETAILERS),
    "retailer-detail": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-profile": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "panel-retailer-history": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    "file-list": Rule(get=FILES),
    "file-upload": Rule(get="AP", post="AP"),
    "file-detail": Rule(get=FILES, of=_file, foreign=True),
    "file-progress": Rule(get=FILES, of=_file, foreign=True),
    "file-check": Rule(post="AP", of=_file, foreign=True),
    "file-apply": Rule(get="AP", post="AP", of=_file, foreign=True),
    "file-errors": Rule(get="AP", of=_file, foreign=True),
    # --- brands
    "product-list": Rule(get=ALL),
    "product-detail": Rule(get=ALL, of=_product),
    "panel-sales": Rule(get=STAFF),
    "panel-retailer-purchases": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    "panel-retailer-observations": Rule(get=SEES_RETAILERS, of=_retailer, unit=True, foreign=True),
    # --- segmentation
    "scheme-list": Rule(get=STAFF),
    "scheme-detail": Rule(get=STAFF, of=_scheme, foreign=True),
    "run-publish": Rule(get="AP", post="AP", of=_proposal, foreign=True),
    "run-dismiss": Rule(get="AP", post="AP", of=_proposal, foreign=True),
    "panel-class-counts": Rule(get=STAFF),
    "panel-retailer-classes": Rule(get=STAFF, of=_retailer, unit=True, foreign=True),
    # --- allocation
    "plan-list": Rule(get=STAFF),
    "plan-detail": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "plan-quotas": Rule(get=STAFF, of=_plan("draft"), foreign=True),
    "plan-line": Rule(get=STAFF, of=_line, foreign=True),
    "panel-top-quotas": Rule(get=STAFF, of=_line, foreign=True),
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
    "run-dismiss": {"reason": "a test"},
    "plan-reopen": {"reason": "a test"},
    "plan-revise": {"reason": "a test"},
}
