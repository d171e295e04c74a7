"""Reads of contacts, through the retailers a person sees."""

from django.db.models import QuerySet

from accounts.models import User
from customers.models import Contact, Retailer
from customers.selectors.retailers import list_retailers


def contacts_of(retailer: Retailer) -> QuerySet[Contact]:
    """Contacts of one retailer: the first contact, then who decides, then the others."""
    return retailer.contacts.order_by("-is_primary", "-is_key_man", "pk")


def list_contacts(user: User) -> QuerySet[Contact]:
    """Contacts of the retailers this person sees."""
    retailers = list_retailers(user).select_related(None).values("pk")
    return Contact.objects.filter(retailer__in=retailers).select_related("retailer")
