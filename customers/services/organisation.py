"""What follows a change of the organisation tree, and what hangs on its units and on people."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import OrgLevel, OrgUnit, User
from accounts.services.trail import Changed, record_many
from config.common.administration import Tie
from customers.models import HandOver, HandOverStatus, Retailer, RetailerStatus
from customers.selectors.names import Names

# What a move of a unit does to its retailers. The import does not take it for a change by hand.
FOLLOWED = "retailer.follow_unit"
_COLUMNS = {OrgLevel.LINE: "line_id", OrgLevel.DEPARTMENT: "department_id"}


def follow_unit(unit: OrgUnit, by: User | None, reason: str) -> int:
    """Bring county and department of a moved unit's retailers up to date; inside its transaction.

    Args:
        unit: A line or department that hangs elsewhere now.
        by: Who moved it.
        reason: Why, in the person's words.

    Returns:
        How many retailers there are in it.
    """
    parent = unit.parent
    if parent is None:
        return 0
    values: dict[str, int | None] = {"county_id": parent.pk}
    if unit.level == OrgLevel.LINE:
        values = {"department_id": parent.pk, "county_id": parent.parent_id}
    inside = Retailer.objects.filter(**{_COLUMNS[OrgLevel(unit.level)]: unit.pk})
    differing = inside.exclude(**values)
    rows = list(differing.select_for_update().values("pk", "code", "name", "company_id", *values))
    keys = [row["pk"] for row in rows]
    for start in range(0, len(keys), 5000):
        part = Retailer.objects.filter(pk__in=keys[start : start + 5000])
        part.update(**values, updated_at=timezone.now())
    if by is not None and rows:
        _record(rows, values, reason, by)
    return inside.count()


def _record(
    rows: list[dict[str, object]], values: dict[str, int | None], reason: str, by: User
) -> None:
    names = Names.of([*rows, values])
    record_many(
        action=FOLLOWED,
        object_type=Retailer._meta.label_lower,
        objects=[
            Changed(
                row["company_id"],  # type: ignore[arg-type]
                row["pk"],  # type: ignore[arg-type]
                f"{row['code']} {row['name']}",
                {
                    name.removesuffix("_id"): [
                        names.plain(name, row[name]),
                        names.plain(name, value),
                    ]
                    for name, value in values.items()
                    if row[name] != value
                },
            )
            for row in rows
        ],
        reason=reason,
        by=by,
    )


def retailers_by_unit(company_id: int) -> dict[int, int]:
    """Retailers of every unit of a company, closed shops left out; one query over the lines."""
    rows = (
        Retailer.objects.filter(company_id=company_id)
        .exclude(status=RetailerStatus.CLOSED)
        .order_by()
        .values("county_id", "department_id", "line_id")
        .annotate(number=Count("pk"))
    )
    found: dict[int, int] = {}
    for row in rows:
        for name in ("county_id", "department_id", "line_id"):
            if row[name] is not None:
                found[row[name]] = found.get(row[name], 0) + row["number"]
    return found


def unit_ties(unit: OrgUnit) -> list[Tie]:
    """Retailers of a unit, and hand-overs that will bring some."""
    column = {1: "county", 2: "department", 3: "line"}[unit.level]
    shops = Retailer.objects.filter(**{column: unit}).exclude(status=RetailerStatus.CLOSED).count()
    found = []
    if shops:
        words = ngettext("%(n)s retailer", "%(n)s retailers", shops) % {"n": f"{shops:,}"}
        found.append(Tie(words, f"{reverse('retailer-list')}?{column}={unit.pk}"))
    open_states = [HandOverStatus.REQUESTED, HandOverStatus.APPROVED]
    coming = HandOver.objects.filter(to_line=unit, status__in=open_states).count()
    if coming:
        words = ngettext("%(n)d open hand-over", "%(n)d open hand-overs", coming) % {"n": coming}
        found.append(Tie(words))
    return found


def person_ties(person_id: int) -> list[Tie]:
    """Retailers that somebody looks after, and hand-overs that wait for them."""
    shops = Retailer.objects.filter(manager=person_id).exclude(status=RetailerStatus.CLOSED).count()
    found = []
    if shops:
        words = ngettext("looks after %(n)s retailer", "looks after %(n)s retailers", shops) % {
            "n": f"{shops:,}"
        }
        found.append(Tie(words, f"{reverse('retailer-list')}?manager={person_id}"))
    open_states = [HandOverStatus.REQUESTED, HandOverStatus.APPROVED]
    waiting = HandOver.objects.filter(status__in=open_states)
    number = waiting.filter(Q(from_manager=person_id) | Q(to_manager=person_id)).count()
    if number:
        found.append(Tie(_("takes part in %(n)d open hand-overs") % {"n": number}))
    return found
