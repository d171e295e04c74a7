"""What the codes in audit events are called for people; the rows themselves keep the codes."""

from typing import Any

from django.utils.translation import gettext_lazy

ACTIONS = {
    "api_client.create": gettext_lazy("API client created"),
    "api_client.revoke": gettext_lazy("API client revoked"),
    "api_client.rotate": gettext_lazy("Secret of an API client replaced"),
    "classes.dismiss": gettext_lazy("Proposed classes dropped"),
    "classes.publish": gettext_lazy("Classes published"),
    "company.create": gettext_lazy("Company created"),
    "file.apply": gettext_lazy("Import of a file started"),
    "file.check": gettext_lazy("Check of a file started"),
    "file.receive": gettext_lazy("File uploaded"),
    "node_factor.set": gettext_lazy("Node factor changed"),
    "observations.import": gettext_lazy("Market observations imported"),
    "orders.import": gettext_lazy("Orders imported"),
    "orders.push": gettext_lazy("Orders pushed"),
    "plan.approve": gettext_lazy("Plan approved"),
    "plan.publish": gettext_lazy("Plan published"),
    "plan.reopen": gettext_lazy("Plan made a draft again"),
    "plan.revise": gettext_lazy("New version of a plan"),
    "policy.set": gettext_lazy("Rule changed"),
    "product.update": gettext_lazy("Product changed"),
    "products.import": gettext_lazy("Products imported"),
    "retailer.create": gettext_lazy("Retailer created"),
    "retailer.update": gettext_lazy("Retailer changed"),
    "retailers.import": gettext_lazy("Retailers imported"),
    "supply_cap.set": gettext_lazy("Agreed supply changed"),
}
FIELDS = {
    "address": gettext_lazy("Address"),
    "biweekly": gettext_lazy("Order weeks"),
    "code": gettext_lazy("Code"),
    "compliance_grade": gettext_lazy("Compliance grade"),
    "coordinate_system": gettext_lazy("Coordinate system"),
    "county": gettext_lazy("County"),
    "created": gettext_lazy("new"),
    "department": gettext_lazy("Market department"),
    "format": gettext_lazy("Format"),
    "is_active": gettext_lazy("Active"),
    "latitude": gettext_lazy("Latitude"),
    "licence_no": gettext_lazy("Licence number"),
    "line": gettext_lazy("Line"),
    "longitude": gettext_lazy("Longitude"),
    "manufacturer": gettext_lazy("Manufacturer"),
    "manager": gettext_lazy("Customer manager"),
    "market_type": gettext_lazy("Market type"),
    "name": gettext_lazy("Name"),
    "opened_on": gettext_lazy("Opened on"),
    "order_weekday": gettext_lazy("Order weekday"),
    "orders": gettext_lazy("Orders"),
    "params": gettext_lazy("Parameters"),
    "partial": gettext_lazy("Only the good rows"),
    "phone": gettext_lazy("Phone"),
    "price_class": gettext_lazy("Price class"),
    "refused": gettext_lazy("refused"),
    "scopes": gettext_lazy("Rights"),
    "source": gettext_lazy("Name space of its orders"),
    "source_tier": gettext_lazy("Tier in the source system"),
    "stale": gettext_lazy("overtaken"),
    "retail_price": gettext_lazy("Retail price"),
    "trade_area": gettext_lazy("Trade area"),
    "wholesale_price": gettext_lazy("Wholesale price"),
}
VALUES = {
    "active": gettext_lazy("Active"),
    "suspended": gettext_lazy("Supply suspended"),
    "closed": gettext_lazy("Closed"),
    "odd": gettext_lazy("Odd weeks"),
    "even": gettext_lazy("Even weeks"),
    "True": gettext_lazy("Yes"),
    "False": gettext_lazy("No"),
}


def action_label(action: str) -> str:
    """What an action is called; one that is not known here keeps its code."""
    return str(ACTIONS.get(action, action))


def actor_name(label: str) -> str:
    """Who did it; ``system`` is what stands in the row when nobody was logged in."""
    return str(gettext_lazy("The clock or the command line")) if label == "system" else label


def figures(values: dict[str, Any]) -> str:
    """Figures by name on one line: ``A 122, B 91``; D2 stands before D10."""
    ordered = sorted(values.items(), key=lambda pair: (len(pair[0]), pair[0]))
    return ", ".join(f"{name} {value}" for name, value in ordered)
