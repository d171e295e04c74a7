"""Monthly plans: from the total of each product to the quota of each retailer."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, ScopedQuerySet, User
from brands.models import PriceClass, Product
from config.common.models import JobRun
from customers.models import Retailer
from segmentation.models import SegmentationRun


class NodeFactor(models.Model):
    """Festival (node) factor of a month and price class. A change is a new version."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    period = models.IntegerField(_("month"))
    price_class = models.ForeignKey(PriceClass, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    factor = models.DecimalField(
        _("factor"), max_digits=5, decimal_places=2, help_text="1.25 means 25 % more."
    )
    reason = models.CharField(_("reason"), max_length=200, default="", blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("node factor")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "period", "price_class", "version"],
                name="allocation_nodefactor_once",
            ),
            models.CheckConstraint(
                condition=Q(factor__gt=0, factor__lte=5), name="allocation_nodefactor_sensible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.price_class_id} {self.factor}"


class SupplyCap(models.Model):
    """Cartons agreed with the manufacturer for a month. A change is a new version."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    period = models.IntegerField(_("month"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    cartons = models.BigIntegerField(_("cartons"))
    reason = models.CharField(_("reason"), max_length=200, default="", blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed supply")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "period", "product", "version"],
                name="allocation_supplycap_once",
            ),
            models.CheckConstraint(
                condition=Q(cartons__gte=0), name="allocation_supplycap_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.product_id} {self.cartons}"


class DemandForecast(models.Model):
    """What a product will sell in a month, as far as its history tells; recomputed every night."""

    pk = models.CompositePrimaryKey("company_id", "period", "product_id")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.IntegerField(_("month"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    business_date = models.DateField(help_text="As of which day.")
    last_year_cartons = models.BigIntegerField(
        null=True, help_text="Same month last year, normalised to this month's order weeks."
    )
    forecast_cartons = models.BigIntegerField()
    backtest_error = models.FloatField(
        null=True,
        help_text="Mean of |forecast - actual| / actual over the last closed months; 0.1 is 10 %.",
    )
    figures = models.JSONField(default=dict, help_text="All ingredients, by name.")

    class Meta:
        verbose_name = _("forecast")

    def __str__(self) -> str:
        return f"{self.product_id} {self.period} {self.forecast_cartons}"


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class Plan(models.Model):
    """The allocation plan of a company's month. After publication only a new version can change it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="plans")
    period = models.IntegerField(_("month"))
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    business_date = models.DateField(null=True, help_text="As of which day it was computed.")
    policies = models.JSONField(default=dict, help_text="Rule code: version used.")
    tier_run = models.ForeignKey(
        SegmentationRun, on_delete=models.PROTECT, null=True, related_name="+"
    )
    products = models.PositiveIntegerField(default=0)
    retailers = models.PositiveIntegerField(default=0)
    total_cartons = models.BigIntegerField(default=0)
    released_cartons = models.BigIntegerField(default=0)
    quota_rows = models.PositiveIntegerField(default=0)
    result_hash = models.CharField(max_length=64, default="")
    inputs_hash = models.CharField(
        max_length=64, default="", help_text="Of all that the result was computed from."
    )
    warnings = models.JSONField(default=list)
    job = models.ForeignKey(JobRun, on_delete=models.SET_NULL, null=True, related_name="+")
    computed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    publication_no = models.BigIntegerField(
        null=True, unique=True, help_text="Grows with every publication; the change cursor."
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "period", "version"], name="allocation_plan_version_once"
            ),
            models.UniqueConstraint(
                fields=["company", "period"],
                condition=Q(status="published"),
                name="allocation_plan_one_published",
            ),
            models.UniqueConstraint(
                fields=["company", "period"],
                condition=Q(status__in=["draft", "approved"]),
                name="allocation_plan_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} v{self.version}"

    @property
    def has_unpublished_tiers(self) -> bool:
        """True while the tiers it was computed with are only a proposal."""
        return self.tier_run is not None and self.tier_run.published_at is None

    def current_warnings(self) -> list[dict[str, Any]]:
        """What the computation warned of, and what is still to be done before it may bind."""
        missing = [{"code": "tiers_not_published"}] if self.has_unpublished_tiers else []
        return [*missing, *self.warnings]

    @property
    def is_open(self) -> bool:
        """True while it binds nobody."""
        return self.status in (PlanStatus.DRAFT, PlanStatus.APPROVED)


class PlanLine(models.Model):
    """One product of a plan: the total with everything it was computed from."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    last_year_cartons = models.BigIntegerField(
        null=True, help_text="Same month last year, normalised to this month's order weeks."
    )
    forecast_cartons = models.BigIntegerField()
    node_factor = models.DecimalField(max_digits=5, decimal_places=2)
    history_weight = models.DecimalField(max_digits=4, decimal_places=3)
    supply_cap = models.BigIntegerField(null=True)
    total_cartons = models.BigIntegerField(help_text="The monthly total (M8).")
    tier_cartons = models.BigIntegerField(
        default=0, help_text="What the tier quotas would release if everyone took all."
    )
    released_cartons = models.BigIntegerField(default=0, help_text="Sum of the retailers' quotas.")
    reserve_cartons = models.BigIntegerField(default=0, help_text="Total less released.")
    figures = models.JSONField(default=dict, help_text="All ingredients, by name.")

    class Meta:
        verbose_name = _("line of a plan")
        constraints = [
            models.UniqueConstraint(fields=["plan", "product"], name="allocation_planline_once"),
            models.CheckConstraint(
                condition=Q(reserve_cartons__gte=0, released_cartons__gte=0),
                name="allocation_planline_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.product_id}"


class TierQuota(models.Model):
    """Reference quota of a tier for one product (M9)."""

    pk = models.CompositePrimaryKey("line_id", "tier")
    line = models.ForeignKey(
        PlanLine, on_delete=models.CASCADE, related_name="tier_quotas", db_index=False
    )
    tier = models.PositiveSmallIntegerField()
    retailers = models.PositiveIntegerField()
    cartons = models.IntegerField(help_text="Per retailer of the tier.")

    class Meta:
        verbose_name = _("tier quota")

    def __str__(self) -> str:
        return f"{self.line_id} D{self.tier} {self.cartons}"


class RetailerQuotaQuerySet(models.QuerySet["RetailerQuota"]):
    def visible_to(self, user: User) -> Self:
        """Quotas of the retailers this person sees."""
        if user.scope.whole_company and user.scope.company_id is not None:
            # A plan has quotas of its own company alone: no need to look at each of its retailers.
            return self.filter(plan__company_id=user.scope.company_id)
        wanted = user.scope.retailer_filter("retailer__")
        return self.none() if wanted is None else self.filter(wanted)


class RetailerQuota(models.Model):
    """What one retailer may order of one product in the plan's month. Zero is not stored."""

    pk = models.CompositePrimaryKey("plan_id", "retailer_id", "product_id")
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="quotas", db_constraint=False, db_index=False
    )
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    tier = models.SmallIntegerField()
    weight = models.BigIntegerField(help_text="Basis of the share, such as last quarter's cartons.")
    upper = models.IntegerField(help_text="Most that the rules allow this retailer.")
    cartons = models.IntegerField()

    objects = RetailerQuotaQuerySet.as_manager()

    class Meta:
        verbose_name = _("retailer quota")

    def __str__(self) -> str:
        return f"{self.plan_id} {self.retailer_id} {self.product_id} {self.cartons}"
