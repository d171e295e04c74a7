"""Retailers (零售户) and what is known about them."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, OrgUnit, ScopedQuerySet, User


class CodeKind(models.TextChoices):
    FORMAT = "format", _("Format")
    MARKET_TYPE = "market_type", _("Market type")
    TRADE_AREA = "trade_area", _("Trade area")
    COMPLIANCE = "compliance_grade", _("Compliance grade")


class CodeItem(models.Model):
    """An entry of a code list. Cities differ, so lists are rows of each company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="code_items")
    kind = models.CharField(max_length=20, choices=CodeKind)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, default="", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("code list entry")
        ordering = ["kind", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "code"], name="customers_codeitem_code_once"
            ),
            models.UniqueConstraint(
                fields=["company", "kind", "name"], name="customers_codeitem_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RetailerStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Supply suspended")
    CLOSED = "closed", _("Closed")


class BiweeklyOrder(models.TextChoices):
    WEEKLY = "", _("Every week")
    ODD = "odd", _("Odd weeks")
    EVEN = "even", _("Even weeks")


class CoordinateSystem(models.TextChoices):
    WGS84 = "WGS84", "WGS-84"
    GCJ02 = "GCJ02", "GCJ-02"
    BD09 = "BD09", "BD-09"


class LifeCycleStage(models.TextChoices):
    """M20. Computed every night from orders."""

    POTENTIAL = "potential", _("Potential")
    DEVELOPMENT = "development", _("Development")
    GROWTH = "growth", _("Growth")
    MATURITY = "maturity", _("Maturity")
    DECLINE = "decline", _("Decline")
    END = "end", _("Ended")


class RetailerQuerySet(models.QuerySet["Retailer"]):
    def visible_to(self, user: User) -> Self:
        """Rows this person may see; another county's retailer simply does not exist for them."""
        wanted = user.scope.retailer_filter()
        return self.none() if wanted is None else self.filter(wanted)

    def active(self) -> Self:
        """Retailers that may be supplied."""
        return self.filter(status=RetailerStatus.ACTIVE)


class Retailer(models.Model):
    """A licensed shop. ``county``, ``department`` and ``line`` repeat the tree for fast scoping."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="retailers")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    search_key = models.CharField(
        max_length=400, default="", help_text="Lower case: code, name, pinyin initials, licence."
    )
    licence_no = models.CharField(_("licence number"), max_length=40, default="", blank=True)
    format = models.ForeignKey(
        CodeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    market_type = models.ForeignKey(
        CodeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    trade_area = models.ForeignKey(
        CodeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    compliance_grade = models.ForeignKey(
        CodeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    order_weekday = models.PositiveSmallIntegerField(
        _("order weekday"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text="ISO: Monday is 1.",
    )
    biweekly = models.CharField(
        _("order weeks"), max_length=4, choices=BiweeklyOrder, default="", blank=True
    )
    address = models.CharField(_("address"), max_length=200, default="", blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    coordinate_system = models.CharField(
        max_length=5, choices=CoordinateSystem, default=CoordinateSystem.WGS84
    )
    county = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    department = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    line = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="retailers",
        verbose_name=_("customer manager"),
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    source_tier = models.PositiveSmallIntegerField(
        _("tier in the source system"), null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=10, choices=RetailerStatus, default=RetailerStatus.ACTIVE
    )
    life_cycle_stage = models.CharField(
        _("life-cycle stage"), max_length=12, choices=LifeCycleStage, default="", blank=True
    )
    life_cycle_since = models.DateField(null=True, blank=True)
    recent_cartons = models.BigIntegerField(
        _("purchases of three months"),
        default=0,
        db_default=0,
        help_text="Net purchases of the last three closed months, cartons; kept by the night.",
    )
    prior_cartons = models.BigIntegerField(
        _("purchases of the three months before"),
        default=0,
        db_default=0,
        help_text="Net purchases of the three closed months before those, cartons; kept by the night.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RetailerQuerySet.as_manager()

    class Meta:
        verbose_name = _("retailer")
        verbose_name_plural = _("retailers")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code"], name="customers_retailer_code_in_company"
            ),
            models.CheckConstraint(
                condition=Q(order_weekday=None) | Q(order_weekday__range=(1, 7)),
                name="customers_retailer_weekday_is_iso",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                ),
                name="customers_retailer_coordinates_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "name", "id"], name="customers_retailer_name"),
            models.Index(fields=["county", "code"], name="customers_retailer_county"),
            models.Index(fields=["manager", "code"], name="customers_retailer_manager"),
            models.Index(
                fields=["company", "recent_cartons", "id"], name="customers_retailer_recent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Contact(models.Model):
    """A person of the shop; ``is_key_man`` marks who decides (KeyMan)."""

    retailer = models.ForeignKey(Retailer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=60, default="", blank=True)
    relation = models.CharField(_("relation"), max_length=40, default="", blank=True)
    phone = models.CharField(_("phone"), max_length=30, default="", blank=True)
    phone_tail = models.GeneratedField(
        expression=Right("phone", 4),
        output_field=models.CharField(max_length=4),
        db_persist=True,
        help_text="What people search by.",
    )
    is_primary = models.BooleanField(default=False)
    is_key_man = models.BooleanField(_("key man"), default=False)

    class Meta:
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint(
                fields=["retailer"],
                condition=Q(is_primary=True),
                name="customers_contact_one_primary",
            )
        ]
        indexes = [models.Index(fields=["phone_tail"], name="customers_contact_phone_tail")]

    def __str__(self) -> str:
        return self.name


class Boundary(models.Model):
    """Districts of the company as it drew them itself (GeoJSON); we ship no borders."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="boundary")
    name = models.CharField(max_length=200, help_text="Of the file.")
    geojson = models.JSONField(help_text="A FeatureCollection of polygons, each with a name.")
    coordinate_system = models.CharField(
        max_length=5, choices=CoordinateSystem, default=CoordinateSystem.WGS84
    )
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("boundary")

    def __str__(self) -> str:
        return self.name
