"""Products (品规), orders and the sales that follow from them.

Order lines, sales and their keys are the big tables (31 million lines a year for 15,000 retailers). They
hold integers only: cartons (条), money in cents (分), months as yyyymm. Their foreign keys are not
checked by the database: ids are resolved in arrays inside the writing transaction, and
``check_invariants`` proves afterwards that nothing dangles (docs/adr/0003-bulk-tables.md).
"""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, ScopedQuerySet, User
from customers.models import Retailer


class Manufacturer(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("manufacturer")

    def __str__(self) -> str:
        return self.name


class PriceClass(models.Model):
    """One of the price classes (一类 … 五类). Its cut-offs are effective-dated rows."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("price class")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class PriceClassCut(models.Model):
    """From ``effective_from`` on, wholesale prices at or above ``min_wholesale`` are in this class."""

    price_class = models.ForeignKey(PriceClass, on_delete=models.PROTECT, related_name="cuts")
    effective_from = models.DateField()
    min_wholesale = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("cut-off of a price class")
        constraints = [
            models.UniqueConstraint(
                fields=["price_class", "effective_from"], name="brands_priceclasscut_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.price_class} ≥ {self.min_wholesale}"


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, user: User) -> Self:
        """Everyone of the companies sees the catalogue; an industry partner only their own brands."""
        scope = user.scope
        if scope.partner:
            return self.filter(manufacturer__name=scope.partner)
        if scope.everything or scope.company_id is not None:
            return self
        return self.none()


class Product(models.Model):
    """An SKU (品规). The catalogue is shared by all companies of an installation."""

    code = models.CharField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    search_key = models.CharField(max_length=400, default="")
    manufacturer = models.ForeignKey(
        Manufacturer, on_delete=models.PROTECT, related_name="products"
    )
    brand = models.CharField(_("brand"), max_length=60, default="", blank=True)
    price_class = models.ForeignKey(PriceClass, on_delete=models.PROTECT, related_name="products")
    wholesale_price = models.DecimalField(
        _("wholesale price"), max_digits=10, decimal_places=2, help_text="Yuan per carton (条)."
    )
    retail_price = models.DecimalField(_("retail price"), max_digits=10, decimal_places=2)
    carton_barcode = models.CharField(max_length=20, default="", blank=True)
    sticks_per_carton = models.PositiveSmallIntegerField(default=200)
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    is_key_brand = models.BooleanField(_("key brand"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                condition=Q(wholesale_price__gt=0, retail_price__gt=0),
                name="brands_product_prices_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class OrderStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    CANCELLED = "cancelled", _("Cancelled")


class LineKind(models.IntegerChoices):
    SALE = 1, _("Sale")
    RETURN = 2, _("Return")
    CANCELLED = 3, _("Cancelled")


class OrderBatch(models.Model):
    """Orders that came together: one file, or one push."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="order_batches")
    channel = models.CharField(max_length=10)
    label = models.CharField(max_length=200, default="")
    received_at = models.DateTimeField(default=timezone.now)
    orders = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of orders")

    def __str__(self) -> str:
        return f"{self.channel} {self.received_at:%Y-%m-%d %H:%M}"


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> Self:
        """Orders of the retailers this person sees."""
        wanted = user.scope.retailer_filter("retailer__")
        return self.none() if wanted is None else self.filter(wanted)


class Order(models.Model):
    """An order. (company, source, order_no) is one order for ever, however often it is sent."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=20, default="main")
    order_no = models.CharField(max_length=60)
    retailer = models.ForeignKey(
        Retailer,
        on_delete=models.PROTECT,
        related_name="orders",
        db_constraint=False,
        db_index=False,
    )
    ordered_on = models.DateField()
    period = models.IntegerField()
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.ACTIVE)
    revision = models.PositiveIntegerField(default=0)
    line_count = models.IntegerField(default=0)
    cartons = models.BigIntegerField(default=0)
    amount_cents = models.BigIntegerField(default=0)
    content_hash = models.BigIntegerField(
        default=0, help_text="Sum of the hashes of its lines, modulo 2^63: order does not matter."
    )
    batch = models.ForeignKey(
        OrderBatch,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "source", "order_no"], name="brands_order_number_once"
            )
        ]
        indexes = [
            models.Index(fields=["retailer", "ordered_on"], name="brands_order_by_retailer"),
        ]

    def __str__(self) -> str:
        return self.order_no


class OrderLine(models.Model):
    """A line of an order. A return has negative cartons."""

    pk = models.CompositePrimaryKey("period", "order_id", "line_no")
    period = models.IntegerField()
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    line_no = models.IntegerField()
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    ordered_on = models.DateField()
    kind = models.SmallIntegerField(choices=LineKind, default=LineKind.SALE)
    ordered_cartons = models.IntegerField()
    needed_cartons = models.IntegerField(null=True)
    quota_cartons = models.IntegerField(null=True)
    unit_price_cents = models.IntegerField(null=True)
    amount_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("order line")

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class SalesTouch(models.Model):
    """A retailer and month whose orders have changed since sales were last refreshed.

    Append-only; written in the transaction that changes the orders and deleted, by id, in the one that
    refreshes the sales. A change that commits while a refresh runs keeps its own row.
    """

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    period = models.IntegerField()
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = _("changed sales")

    def __str__(self) -> str:
        return f"{self.retailer_id} {self.period}"


class MonthlySales(models.Model):
    """Net purchases of one retailer, product and month."""

    pk = models.CompositePrimaryKey("company_id", "period", "retailer_id", "product_id")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    period = models.IntegerField()
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    cartons = models.IntegerField()
    amount_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("monthly sales")

    def __str__(self) -> str:
        return f"{self.retailer_id} {self.product_id} {self.period}"


class RetailerMonth(models.Model):
    """Net purchases of one retailer in one month, over all products."""

    pk = models.CompositePrimaryKey("company_id", "period", "retailer_id")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    period = models.IntegerField()
    retailer = models.ForeignKey(
        Retailer,
        on_delete=models.PROTECT,
        related_name="months",
        db_constraint=False,
        db_index=False,
    )
    orders = models.IntegerField(help_text="Orders with at least one sale line.")
    products = models.IntegerField(help_text="Products with net purchases above zero.")
    cartons = models.IntegerField()
    amount_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("retailer's month")

    def __str__(self) -> str:
        return f"{self.retailer_id} {self.period}"


class ProductMonth(models.Model):
    """Net sales of one product in one month, over all retailers of a company."""

    pk = models.CompositePrimaryKey("company_id", "period", "product_id")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    period = models.IntegerField()
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    retailers = models.IntegerField(help_text="Retailers with net purchases above zero.")
    cartons = models.BigIntegerField()
    amount_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("product's month")

    def __str__(self) -> str:
        return f"{self.product_id} {self.period}"


class SalesDay(models.Model):
    """Net sales of a company on one order day; tells the order weeks of a month."""

    pk = models.CompositePrimaryKey("company_id", "ordered_on")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    ordered_on = models.DateField()
    period = models.IntegerField()
    orders = models.IntegerField()
    cartons = models.BigIntegerField()
    amount_cents = models.BigIntegerField()

    class Meta:
        verbose_name = _("sales of a day")

    def __str__(self) -> str:
        return f"{self.company_id} {self.ordered_on}"


class ObservationQuerySet(models.QuerySet["MarketObservation"]):
    def visible_to(self, user: User) -> Self:
        """Observations at the retailers this person sees."""
        wanted = user.scope.retailer_filter("retailer__")
        return self.none() if wanted is None else self.filter(wanted)


class MarketObservation(models.Model):
    """What somebody saw of a product in a shop on a day; an empty figure was not observed."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    observed_on = models.DateField(_("observed on"))
    period = models.IntegerField()
    retailer = models.ForeignKey(Retailer, on_delete=models.PROTECT, related_name="observations")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="observations")
    source = models.CharField(_("source"), max_length=40, default="", blank=True)
    shelf = models.BooleanField(_("on the shelf"), null=True)
    # Yuan for a carton (条) and for a pack (包).
    carton_price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    pack_price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    stock_cartons = models.IntegerField(null=True)
    sold_cartons = models.IntegerField(null=True)
    out_of_stock_days = models.SmallIntegerField(null=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("market observation")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "retailer", "product", "observed_on", "source"],
                name="brands_observation_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    carton_price__gt=0,
                    pack_price__gt=0,
                    stock_cartons__gte=0,
                    sold_cartons__gte=0,
                    out_of_stock_days__range=(0, 31),
                ),
                name="brands_observation_figures_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retailer_id} {self.product_id} {self.observed_on}"

    @property
    def price_gap(self) -> Decimal | None:
        """Carton price against the retail price, as a fraction; None where it was not observed."""
        return self.carton_price and self.carton_price / self.product.retail_price - 1
