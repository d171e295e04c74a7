"""Class schemes as versioned rows, their runs, and who is in which class and why."""

from functools import cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, ScopedQuerySet, User
from config.common.models import JobRun
from customers.models import Retailer


class SchemeKind(models.TextChoices):
    ABC = "abc", _("ABC by contribution")
    TIERS = "tiers", _("Tiers by score")


# Schemes that every company starts with; a name of one's own stays as it was written.
FIRST_SCHEMES = {"abc": gettext_noop("ABC by contribution"), "tier30": gettext_noop("30 tiers")}


def scheme_label(code: str, name: str) -> str:
    """The name of a scheme; that of one everybody starts with in the reader's language."""
    return gettext(FIRST_SCHEMES[code]) if name in _first_names(code) else name


@cache
def _first_names(code: str) -> frozenset[str]:
    found = set()
    if code in FIRST_SCHEMES:
        for language, _words in settings.LANGUAGES:
            with translation.override(language):
                found.add(gettext(FIRST_SCHEMES[code]))
    return frozenset(found)


class Scheme(models.Model):
    """A way to classify the retailers of a company. What it means is in its versions."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="schemes")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=SchemeKind)
    is_active = models.BooleanField(default=True)
    published_run = models.ForeignKey(
        "SegmentationRun",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What readers see; publishing swaps this pointer.",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("class scheme")
        ordering = ["company", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="segmentation_scheme_once")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return scheme_label(self.code, self.name)


class SchemeVersion(models.Model):
    """Parameters of a scheme from a date on. Never changed; a run stores the version it used."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    effective_from = models.DateField()
    params = models.JSONField()
    note = models.CharField(max_length=200, default="", blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("version of a class scheme")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "version"], name="segmentation_schemeversion_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} v{self.version}"


class RunStatus(models.TextChoices):
    COMPUTED = "computed", _("Proposal")
    HELD = "held", _("Held: unusual change")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class SegmentationRun(models.Model):
    """One computation of a scheme as of a business date. Published rows never change."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="runs")
    business_date = models.DateField()
    window_from = models.IntegerField(help_text="First month looked at, yyyymm.")
    window_to = models.IntegerField(help_text="Last month looked at, yyyymm.")
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.COMPUTED)
    retailers = models.PositiveIntegerField(default=0)
    sizes = models.JSONField(default=dict, help_text="Class code: number of retailers.")
    changed = models.PositiveIntegerField(
        default=0, help_text="Retailers in another class than in the published run."
    )
    movements = models.JSONField(default=dict, help_text='"A>B": number of retailers.')
    hold_reason = models.CharField(max_length=300, default="", blank=True)
    result_hash = models.CharField(max_length=64)
    job = models.ForeignKey(JobRun, on_delete=models.SET_NULL, null=True, related_name="+")
    computed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("class run")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(status__in=["computed", "held"]),
                name="segmentation_run_one_proposal",
            ),
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(status="published"),
                name="segmentation_run_one_published",
            ),
        ]
        indexes = [
            models.Index(fields=["scheme", "-business_date"], name="segmentation_run_by_date")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.business_date}"


class Assignment(models.Model):
    """A retailer's class in a run, with the figures behind it."""

    pk = models.CompositePrimaryKey("run_id", "retailer_id")
    run = models.ForeignKey(
        SegmentationRun, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="assignments", db_constraint=False
    )
    class_code = models.CharField(max_length=10)
    rank = models.IntegerField(help_text="1 is the best.")
    figures = models.JSONField(help_text="The numbers from which the class can be recomputed.")

    class Meta:
        verbose_name = _("class of a retailer")

    def __str__(self) -> str:
        return f"{self.retailer_id} {self.class_code}"
