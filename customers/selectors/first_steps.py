"""What the first steps of a company ask of its retailers."""

from customers.models import Retailer


def count_retailers(company_id: int) -> int:
    """All retailers of a company, closed shops as well."""
    return Retailer.objects.filter(company_id=company_id).count()
