"""What brands brings to the administration: first steps, manufacturers, its objects in the trail."""

from django.db.models import Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Company
from accounts.roles import Permission
from brands.models import Manufacturer, Order, OrderBatch, Product
from config.common import administration, audit_objects, setup
from config.common.setup import State, Step


def _products_state(company: Company) -> State:
    number = Product.objects.filter(is_active=True).count()
    words = ngettext("%(n)s product", "%(n)s products", number) % {"n": f"{number:,}"}
    return State(done=number > 0, words=words if number else "")


def _orders_state(company: Company) -> State:
    newest = OrderBatch.objects.filter(company=company).order_by("-pk").values("label")[:1]
    # Any order will do; counting millions would take seconds.
    any_order = Order.objects.filter(company=company).order_by()
    found = any_order.annotate(newest=Subquery(newest)).values_list("newest", flat=True)[:1]
    return State(done=bool(found), words=(found[0] or "")[:80] if found else "")


def _manufacturers() -> list[str]:
    return list(Manufacturer.objects.order_by("name").values_list("name", flat=True))


STEPS = (
    Step(
        code="products",
        title=_("Products"),
        text=_("A file with every product: code, name, manufacturer, price class, prices."),
        order=60,
        state=_products_state,
        url=lambda company: f"{reverse('file-upload')}?kind=products",
        label=_("Bring in products"),
        icon="package",
    ),
    Step(
        code="orders",
        title=_("Orders"),
        text=_(
            "Files of orders, best of the last 24 months: forecasts compare with the year before. Later "
            "the ordering platform pushes them by itself."
        ),
        order=80,
        state=_orders_state,
        url=lambda company: f"{reverse('file-upload')}?kind=orders",
        label=_("Bring in orders"),
        icon="shopping-cart",
    ),
)


def register() -> None:
    """Called from ``AppConfig.ready``."""
    for step in STEPS:
        setup.register(step)
    administration.on_manufacturers(_manufacturers)
    audit_objects.register("brands.product", "product-detail", Permission.VIEW_PRODUCTS)
