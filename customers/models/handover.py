"""Who looks after which retailers, how that passes on (M20), and who stands in meanwhile."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, OrgUnit, Scope, User
from customers.models.retailers import Retailer


class HandOverStatus(models.TextChoices):
    REQUESTED = "requested", _("Waits for approval")
    APPROVED = "approved", _("Approved, waits for its date")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# From a retailer's line to the unit that a scope names, by the column of the scope.
_ABOVE = {
    "county_id": "line_before__parent__parent_id",
    "department_id": "line_before__parent_id",
    "line_id": "line_before_id",
}


def _was_in(scope: Scope) -> Q:
    """Rows of hand-overs whose retailer was in the unit of this scope before."""
    return Q(**{_ABOVE[scope.unit_field]: scope.unit_id})


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, user: User) -> Self:
        """Hand-overs of this person's company that touch what they see.

        A customer manager sees those of their own retailers at once, and those that bring retailers
        from the approval on; a county those that touch its retailers, and those it asked for.
        """
        scope = user.scope
        if scope.everything:
            return self
        if scope.company_id is None or scope.partner:
            return self.none()
        ours = self.filter(company_id=scope.company_id)
        if scope.whole_company:
            return ours
        rows = HandOverRetailer.objects.filter(hand_over=OuterRef("pk"))
        if scope.manager_id is not None:
            theirs = Q(to_manager=scope.manager_id, status__in=["approved", "done"])
            gives = Exists(rows.filter(manager_before=scope.manager_id))
            return ours.filter(theirs | Q(from_manager=scope.manager_id) | gives)
        inside = Q(**{f"retailer__{scope.unit_field}": scope.unit_id}) | _was_in(scope)
        return ours.filter(Q(requested_by=user) | Exists(rows.filter(inside)))


class HandOver(models.Model):
    """Retailers pass from one customer manager to another, on a day, for a reason, with approval."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    from_manager = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    to_manager = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_line = models.ForeignKey(
        OrgUnit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the retailers stay in their lines.",
    )
    status = models.CharField(
        max_length=10, choices=HandOverStatus, default=HandOverStatus.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=300)
    effective_on = models.DateField(_("effective on"))
    accompany_until = models.DateField(
        null=True, help_text="Until then the one before still sees the retailers (proxy period)."
    )
    retailers = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, help_text="Workload before and after, open work.")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, default="", blank=True)
    done_at = models.DateTimeField(null=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_manager=None) | ~Q(from_manager=F("to_manager")),
                name="customers_handover_to_another",
            )
        ]
        indexes = [
            models.Index(fields=["company", "-requested_at"], name="customers_handover_recent"),
            models.Index(
                fields=["effective_on"],
                condition=Q(status="approved"),
                name="customers_handover_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_manager or '–'} → {self.to_manager} {self.effective_on}"


class HandOverRetailerQuerySet(models.QuerySet["HandOverRetailer"]):
    def visible_to(self, user: User) -> Self:
        """Rows whose retailer this person sees, or had before: what they handed over stays readable."""
        scope = user.scope
        wanted = scope.retailer_filter("retailer__")
        if wanted is None:
            return self.none()
        if scope.manager_id is not None:
            wanted |= Q(manager_before=scope.manager_id)
        elif scope.unit_field:
            wanted |= _was_in(scope)
        return self.filter(wanted)


class HandOverRetailer(models.Model):
    """One retailer of a hand-over, as it was and what became of it."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="rows")
    retailer = models.ForeignKey(Retailer, on_delete=models.PROTECT, related_name="hand_overs")
    line_before = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, null=True, related_name="+")
    manager_before = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField(null=True)
    skipped = models.CharField(
        max_length=20, default="", help_text="Why it was left: it had passed to somebody else."
    )
    is_open = models.BooleanField(
        default=True, help_text="Until the hand-over is done, refused or withdrawn."
    )

    objects = HandOverRetailerQuerySet.as_manager()

    class Meta:
        verbose_name = _("retailer of a hand-over")
        constraints = [
            models.UniqueConstraint(
                fields=["retailer"],
                condition=Q(is_open=True),
                name="customers_handoverretailer_one_open",
            ),
            models.UniqueConstraint(
                fields=["hand_over", "retailer"], name="customers_handoverretailer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_over_id}: {self.retailer_id}"


class StandInQuerySet(models.QuerySet["StandIn"]):
    def visible_to(self, user: User) -> Self:
        """Stand-ins of this person's company; of a county, those of managers with retailers in it."""
        scope = user.scope
        if scope.everything:
            return self
        if scope.company_id is None or scope.partner:
            return self.none()
        ours = self.filter(company_id=scope.company_id)
        if scope.whole_company:
            return ours
        if scope.manager_id is not None:
            return ours.filter(Q(absent=scope.manager_id) | Q(stand_in=scope.manager_id))
        inside = Retailer.objects.filter(**{scope.unit_field: scope.unit_id})
        here = [Exists(inside.filter(manager=OuterRef(name))) for name in ("absent", "stand_in")]
        return ours.filter(Q(created_by=user) | here[0] | here[1])


class StandIn(models.Model):
    """Somebody also sees the retailers of an absent colleague, from a day to a day."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    from_on = models.DateField()
    until_on = models.DateField()
    reason = models.CharField(max_length=300)
    hand_over = models.ForeignKey(
        HandOver,
        on_delete=models.CASCADE,
        null=True,
        related_name="stand_ins",
        help_text="Set when it only accompanies a hand-over; then it holds for its retailers alone.",
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="customers_standin_days_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(absent=F("stand_in")), name="customers_standin_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} for {self.absent} {self.from_on}–{self.until_on}"
