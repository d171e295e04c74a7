"""Who may do what: permissions and roles in code, so that a diff shows who gained what.

*May this person do it at all?* is answered here (403). *On which rows?* is answered by
``Model.objects.visible_to(user)`` (404).
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing a person may do."""

    VIEW_HOME = "view_home"
    VIEW_RETAILERS = "view_retailers"
    EDIT_RETAILERS = "edit_retailers"
    VIEW_PERSONAL_DATA = "view_personal_data"  # reveal what is masked; each time is logged
    VIEW_PRODUCTS = "view_products"
    VIEW_SALES = "view_sales"
    VIEW_CLASSES = "view_classes"
    PUBLISH_CLASSES = "publish_classes"
    VIEW_PLANS = "view_plans"
    EDIT_PLANS = "edit_plans"
    APPROVE_PLANS = "approve_plans"
    PUBLISH_PLANS = "publish_plans"
    VIEW_RUNS = "view_runs"
    START_RUNS = "start_runs"
    VIEW_FILES = "view_files"
    IMPORT_FILES = "import_files"
    VIEW_AUDIT = "view_audit"
    EXPORT_LISTS = "export_lists"
    SHARE_VIEWS = "share_views"
    WRITE_COMMENTS = "write_comments"
    REQUEST_HAND_OVERS = "request_hand_overs"
    DECIDE_HAND_OVERS = "decide_hand_overs"
    MANAGE_INSTALLATION = "manage_installation"
    MANAGE_USERS = "manage_users"
    MANAGE_RULES = "manage_rules"
    READ_API = "read_api"


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    PLANNER = "planner", _("Planner")
    APPROVER = "approver", _("Approver")
    COUNTY_MANAGER = "county_manager", _("County manager")
    CUSTOMER_MANAGER = "customer_manager", _("Customer manager")
    INSPECTOR = "inspector", _("Inspector")
    PARTNER = "partner", _("Industry partner")
    AUDITOR = "auditor", _("Auditor")


_P = Permission

_READ = frozenset(
    {
        _P.VIEW_HOME,
        _P.VIEW_RETAILERS,
        _P.VIEW_PRODUCTS,
        _P.VIEW_SALES,
        _P.VIEW_CLASSES,
        _P.VIEW_PLANS,
        _P.READ_API,
    }
)

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - {_P.APPROVE_PLANS, _P.PUBLISH_PLANS},
    Role.PLANNER: _READ
    | {
        _P.EDIT_RETAILERS,
        _P.VIEW_PERSONAL_DATA,
        _P.PUBLISH_CLASSES,
        _P.EDIT_PLANS,
        _P.PUBLISH_PLANS,
        _P.VIEW_RUNS,
        _P.START_RUNS,
        _P.VIEW_FILES,
        _P.IMPORT_FILES,
        _P.MANAGE_RULES,
        _P.EXPORT_LISTS,
        _P.SHARE_VIEWS,
        _P.WRITE_COMMENTS,
        _P.REQUEST_HAND_OVERS,
        _P.DECIDE_HAND_OVERS,
    },
    Role.APPROVER: _READ
    | {
        _P.APPROVE_PLANS,
        _P.VIEW_RUNS,
        _P.VIEW_AUDIT,
        _P.EXPORT_LISTS,
        _P.WRITE_COMMENTS,
        _P.DECIDE_HAND_OVERS,
    },
    Role.COUNTY_MANAGER: _READ
    | {
        _P.EDIT_RETAILERS,
        _P.VIEW_PERSONAL_DATA,
        _P.VIEW_RUNS,
        _P.EXPORT_LISTS,
        _P.SHARE_VIEWS,
        _P.WRITE_COMMENTS,
        _P.REQUEST_HAND_OVERS,
    },
    Role.CUSTOMER_MANAGER: _READ | {_P.VIEW_PERSONAL_DATA, _P.WRITE_COMMENTS},
    Role.INSPECTOR: frozenset(
        {_P.VIEW_HOME, _P.VIEW_RETAILERS, _P.VIEW_PRODUCTS, _P.WRITE_COMMENTS}
    ),
    Role.PARTNER: frozenset({_P.VIEW_HOME, _P.VIEW_PRODUCTS}),
    Role.AUDITOR: _READ | {_P.VIEW_RUNS, _P.VIEW_FILES, _P.VIEW_AUDIT, _P.EXPORT_LISTS},
}
