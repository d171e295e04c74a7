"""What the codes of refused rows are called for people; reports and error files keep the codes."""

from django import template
from django.utils.translation import gettext_lazy

register = template.Library()

REFUSALS = {
    "amount_sign": gettext_lazy("Sign of the amount does not fit"),
    "bad_phone": gettext_lazy("Not a telephone number"),
    "changed_by_hand": gettext_lazy("Would overwrite what was changed by hand"),
    "looked_after": gettext_lazy("Has another customer manager: hand it over"),
    "unknown_manager": gettext_lazy("No such customer manager"),
    "conflicting_row": gettext_lazy("The same code with other content"),
    "date_out_of_range": gettext_lazy("Date too early or too late"),
    "duplicate_line": gettext_lazy("Line number twice in an order"),
    "half_coordinates": gettext_lazy("Only one of longitude and latitude"),
    "inconsistent_order": gettext_lazy("Lines of an order differ"),
    "invalid_characters": gettext_lazy("Characters that cannot be taken"),
    "missing_value": gettext_lazy("A required value is empty"),
    "negative_sale": gettext_lazy("A sale without cartons and without a need"),
    "no_amount": gettext_lazy("Neither amount nor unit price"),
    "not_a_date": gettext_lazy("Not a date"),
    "not_a_number": gettext_lazy("Not a number"),
    "nothing_measured": gettext_lazy("Nothing was observed"),
    "order_clash": gettext_lazy("The order is stored with other content"),
    "organisation_path": gettext_lazy("Not a path of the organisation"),
    "other_company": gettext_lazy("Belongs to another company"),
    "out_of_range": gettext_lazy("Out of range"),
    "positive_return": gettext_lazy("A return without negative cartons"),
    "price_not_possible": gettext_lazy("Price not possible"),
    "price_not_positive": gettext_lazy("Unit price not above zero"),
    "skipped_by_mapping": gettext_lazy("Left out by the mapping"),
    "thousands_separator": gettext_lazy("Thousands separator in a number"),
    "too_long": gettext_lazy("Too long"),
    "too_many_decimals": gettext_lazy("More than two decimals"),
    "unknown_code": gettext_lazy("Not in the code list"),
    "unknown_company": gettext_lazy("Unknown company"),
    "unknown_product": gettext_lazy("Unknown product"),
    "unknown_retailer": gettext_lazy("Unknown retailer"),
    "unknown_value": gettext_lazy("Not one of the allowed values"),
    "wrong_width": gettext_lazy("Wrong number of columns"),
}


@register.filter
def refusal_label(code: str) -> str:
    """Why rows were refused, in a few words; a code that is not known here stays as it is."""
    return str(REFUSALS.get(code, code))
