"""What customers brings to the administration: code lists, first steps, what follows the organisation."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Company
from accounts.roles import Permission
from accounts.services import organisation as tree
from accounts.services import sample_data
from accounts.views.administration_registry import add_to_menu
from config.common import administration, audit_objects, setup
from config.common.administration import AdminPage
from config.common.setup import State, Step
from customers.models import ImportedFile
from customers.selectors import code_lists as code_reads
from customers.selectors.first_steps import count_retailers
from customers.services import organisation as follows
from customers.services import policy_schemas


def _codes_state(company: Company) -> State:
    return State(done=code_reads.is_confirmed(company))


def _retailers_state(company: Company) -> State:
    number = count_retailers(company.pk)
    words = ngettext("%(n)s retailer", "%(n)s retailers", number) % {"n": f"{number:,}"}
    return State(done=number > 0, words=words if number else "")


STEPS = (
    Step(
        code="code_lists",
        title=_("Code lists"),
        text=_(
            "Formats, market types, trade areas and compliance grades as your files name them. Look through them and confirm."
        ),
        order=40,
        state=_codes_state,
        url=lambda company: f"{reverse('code-lists')}?company={company.pk}",
        label=_("Look through the lists"),
        icon="list-details",
    ),
    Step(
        code="retailers",
        title=_("Retailers"),
        text=_("A file with every shop: code, name, organisation, and what else there is."),
        order=70,
        state=_retailers_state,
        url=lambda company: f"{reverse('file-upload')}?kind=retailers",
        label=_("Bring in retailers"),
        icon="building-store",
    ),
)
OBJECTS = (
    ("customers.retailer", "retailer-detail", Permission.VIEW_RETAILERS),
    ("customers.importedfile", "file-detail", Permission.VIEW_FILES),
    ("customers.codeitem", "code-edit", Permission.MANAGE_RULES),
    ("customers.handover", "hand-over-detail", Permission.VIEW_RETAILERS),
    ("customers.standin", "", ""),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    add_to_menu(
        AdminPage(
            _("Code lists"),
            _(
                "Formats, market types, trade areas, compliance grades: what files and forms may name."
            ),
            "list-details",
            "code-lists",
            Permission.MANAGE_RULES,
            130,
        )
    )
    for step in STEPS:
        setup.register(step)
    for label, url_name, permission in OBJECTS:
        audit_objects.register(label, url_name, permission)
    policy_schemas.register()
    tree.on_moved(follows.follow_unit)
    administration.on_retailers_by_unit(follows.retailers_by_unit)
    administration.on_unit_ties(follows.unit_ties)
    administration.on_person_ties(follows.person_ties)
    sample_data.has_files(ImportedFile, "path", "errors_path", "result_path")
