"""What brands lets people find: products."""

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from brands.models import Product
from brands.selectors import list_products
from config.common import search
from config.common.search import Hit, Match, Provider, Query

MOST_READ = 300


def find_products(user: User, query: Query, limit: int) -> list[Hit]:
    """By code, name, initials, brand and barcode; those still sold first."""
    products = list_products(user)
    for word in query.words:
        products = products.filter(
            Q(search_key__contains=word) | Q(carton_barcode__startswith=word)
        )
    found = []
    for row in products.order_by("-is_active", "code")[:MOST_READ]:
        key = f"{row.code.casefold()} {row.carton_barcode}"
        match = search.match_of(query.words, key if query.codes_only else f"{key} {row.search_key}")
        if match is not None and not (query.codes_only and match == Match.CONTAINED):
            found.append(_product(row, match))
    return sorted(found, key=lambda hit: hit.match)[:limit]


def recall_products(user: User, keys: list[str]) -> list[Hit]:
    """Products that were opened before and may still be seen."""
    return [
        _product(row, Match.CONTAINED)
        for row in list_products(user).filter(pk__in=search.whole_numbers(keys))
    ]


def _product(row: Product, match: Match) -> Hit:
    facts = [row.code, row.price_class.name, row.manufacturer.name]
    if not row.is_active:
        facts.append(_("no longer sold"))
    return Hit(
        str(row.pk), row.name, " · ".join(facts), reverse("product-detail", args=[row.pk]), match
    )


def register() -> None:
    """Called from ``AppConfig.ready``."""
    search.register(
        Provider(
            kind="product",
            label=gettext_lazy("Products"),
            icon="package",
            permission=Permission.VIEW_PRODUCTS,
            order=20,
            find=find_products,
            recall=recall_products,
            page="product-detail",
            more=lambda words: f"{reverse('product-list')}?{urlencode({'q': words})}",
        )
    )
