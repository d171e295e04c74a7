"""The ten-minute tour: the tasks of docs/tasks.md, each with the page where it is done.

A feature that people use every day adds its step here, as it adds its row there.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission

P = Permission


@dataclass(frozen=True)
class Place:
    """A page of the product, for whoever may open it."""

    label: Promise
    url_name: str
    permission: Permission
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.url_name) + self.query


@dataclass(frozen=True)
class Step:
    """One thing to try.

    Args:
        code: What is remembered when it is ticked.
        title: What one can do afterwards.
        text: How it is done.
        places: Where; who may open none of them is not shown the step.
        permission: Who can do it at all, where that is more than opening the page.
    """

    code: str
    title: Promise
    text: Promise
    places: tuple[Place, ...]
    permission: Permission = P.VIEW_HOME


RETAILERS = Place(_("To the retailers"), "retailer-list", P.VIEW_RETAILERS, "?view=0")

STEPS = (
    Step(
        "figures",
        _("Ask a figure what it means"),
        _(
            "Behind a question mark stands how a figure is computed. Switch its unit in the menu under "
            "your name: cartons, cases or boxes; yuan or 10,000 yuan."
        ),
        (
            Place(_("To the plans"), "plan-list", P.VIEW_PLANS),
            Place(_("To the products"), "product-list", P.VIEW_PRODUCTS),
        ),
    ),
    Step(
        "find",
        _("Find a shop, and read why its quota is what it is"),
        _(
            "Press Ctrl+K anywhere and type the initials of the name, the code or the licence number; "
            "Enter opens the shop. “Quotas, and why” shows its share, its upper limit and the quota; a "
            "product leads to the total of the month and how it was reached."
        ),
        (RETAILERS,),
        P.VIEW_PLANS,
    ),
    Step(
        "view",
        _("Keep a view of a list, and take it along as a file"),
        _(
            "Choose class A and falling purchases, then “Views”, “Save as a new view”. The file of "
            "“Export” has the same columns, filters and order as the screen."
        ),
        (
            Place(
                _("Retailers whose purchases fall"),
                "retailer-list",
                P.VIEW_RETAILERS,
                "?trend=falling&status=active",
            ),
        ),
        P.EXPORT_LISTS,
    ),
    Step(
        "many",
        _("Change many shops at once, and take it back"),
        _(
            "Tick rows, or all that match, and choose what to change. You see what would happen before it "
            "happens; “Undo” on the page of the change takes it back within seven days."
        ),
        (RETAILERS, Place(_("To the changes made so far"), "change-list", P.VIEW_HOME)),
        P.EDIT_RETAILERS,
    ),
    Step(
        "cell",
        _("Change one value in the list itself"),
        _(
            "Double-click an order day, choose another one and press Enter. The notice that it was "
            "changed offers to undo it."
        ),
        (RETAILERS,),
        P.EDIT_RETAILERS,
    ),
    Step(
        "hand-over",
        _("Hand a line over to another customer manager"),
        _(
            "Choose the line, to whom and from when; you see what it means for both workloads before it "
            "is sent for approval."
        ),
        (Place(_("To the hand-overs"), "hand-over-list", P.VIEW_PLANS),),
        P.REQUEST_HAND_OVERS,
    ),
    Step(
        "file",
        _("Import a file, apply its good rows, revert it"),
        _(
            "Upload it, match its columns once, look at the dry run. Nothing is changed before you "
            "apply it, and what it did can be reverted."
        ),
        (Place(_("Upload a file"), "file-upload", P.IMPORT_FILES),),
    ),
    Step(
        "trail",
        _("Find out who changed something"),
        _(
            "“Changes” on the page of a shop says who, when, from what to what. The audit trail says it "
            "for everything."
        ),
        (RETAILERS, Place(_("To the audit trail"), "audit-list", P.VIEW_AUDIT)),
        P.VIEW_RETAILERS,
    ),
    Step(
        "plan",
        _("Read a plan before it is approved and published"),
        _(
            "A product of the plan shows step by step where its total comes from. One person approves, "
            "another publishes; both find it under “Waits for me”."
        ),
        (Place(_("To the plans"), "plan-list", P.VIEW_PLANS),),
    ),
    Step(
        "note",
        _("Ask a colleague in a note"),
        _(
            "Type @ and the first letters of a name in a note on a shop or a plan. The colleague finds a "
            "notice under the bell, and answers from there."
        ),
        (RETAILERS, Place(_("To the notices"), "notice-list", P.VIEW_HOME)),
        P.WRITE_COMMENTS,
    ),
    Step(
        "run",
        _("See how last night went, and start a failed run again"),
        _("The page of a run names the stage that failed and why; it goes on from there."),
        (Place(_("To the runs"), "run-list", P.VIEW_RUNS),),
    ),
    Step(
        "home",
        _("Put your home page in order"),
        _("Tick the cards you want and drag them into your order."),
        (Place(_("Arrange the home page"), "home-cards", P.VIEW_HOME),),
    ),
)


def steps_for(user: User) -> list[tuple[Step, list[Place]]]:
    """The steps this person can do, each with the pages they may open."""
    allowed = user.permissions
    found = []
    for step in STEPS:
        places = [place for place in step.places if place.permission in allowed]
        if places and step.permission in allowed:
            found.append((step, places))
    return found
