"""Reads of the API about products."""

from django.db.models import QuerySet

from accounts.models import User
from brands.models import Product


def list_products(user: User) -> QuerySet[Product]:
    """Products this caller sees, with what their representation needs."""
    return Product.objects.visible_to(user).select_related("manufacturer", "price_class")
