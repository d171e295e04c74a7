"""What the codes in audit events are called for people; the rows themselves keep the codes."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy

ACTIONS = {
    "api_client.create": gettext_lazy("API client created"),
    "api_client.revoke": gettext_lazy("API client revoked"),
    "api_client.rotate": gettext_lazy("Secret of an API client replaced"),
    "boundary.upload": gettext_lazy("Districts of the map uploaded"),
    "classes.dismiss": gettext_lazy("Proposed classes dropped"),
    "classes.publish": gettext_lazy("Classes published"),
    "code_item.create": gettext_lazy("Entry of a code list added"),
    "code_item.delete": gettext_lazy("Entry of a code list deleted"),
    "code_item.order": gettext_lazy("Code list put in another order"),
    "code_item.switch": gettext_lazy("Entry of a code list switched on or off"),
    "code_item.update": gettext_lazy("Entry of a code list changed"),
    "code_lists.confirm": gettext_lazy("Code lists confirmed"),
    "comment.delete": gettext_lazy("Note deleted"),
    "comment.pin": gettext_lazy("Note pinned"),
    "comment.unpin": gettext_lazy("Note unpinned"),
    "company.create": gettext_lazy("Company created"),
    "contact.create": gettext_lazy("Contact added"),
    "contact.remove": gettext_lazy("Contact removed"),
    "contact.update": gettext_lazy("Contact changed"),
    "file.apply": gettext_lazy("Import of a file started"),
    "file.check": gettext_lazy("Check of a file started"),
    "file.mapping": gettext_lazy("Columns of a file matched"),
    "file.receive": gettext_lazy("File uploaded"),
    "file.revert": gettext_lazy("Reverting of a file started"),
    "file.reverted": gettext_lazy("File reverted"),
    "hand_over.approve": gettext_lazy("Hand-over approved"),
    "hand_over.done": gettext_lazy("Hand-over carried out"),
    "hand_over.refuse": gettext_lazy("Hand-over refused"),
    "hand_over.request": gettext_lazy("Hand-over asked for"),
    "hand_over.withdraw": gettext_lazy("Hand-over withdrawn"),
    "job.rerun": gettext_lazy("Run started again"),
    "list.change": gettext_lazy("Many rows changed at once"),
    "list.export": gettext_lazy("List exported"),
    "list.undo": gettext_lazy("Change of many rows undone"),
    "node_factor.set": gettext_lazy("Node factor changed"),
    "observations.import": gettext_lazy("Market observations imported"),
    "orders.import": gettext_lazy("Orders imported"),
    "orders.push": gettext_lazy("Orders pushed"),
    "org_unit.close": gettext_lazy("Unit closed"),
    "org_unit.create": gettext_lazy("Unit added"),
    "org_unit.forget_path": gettext_lazy("Former path of a unit forgotten"),
    "org_unit.move": gettext_lazy("Unit moved"),
    "org_unit.outline": gettext_lazy("Units made from a text"),
    "org_unit.rename": gettext_lazy("Unit renamed"),
    "org_unit.reopen": gettext_lazy("Unit opened again"),
    "password.change": gettext_lazy("Own password changed"),
    "person.create": gettext_lazy("Person created"),
    "person.deactivate": gettext_lazy("Person deactivated"),
    "person.reactivate": gettext_lazy("Person let in again"),
    "person.reset_password": gettext_lazy("One-time password made"),
    "person.unlock": gettext_lazy("Person unlocked"),
    "person.update": gettext_lazy("Person changed"),
    "personal.reveal": gettext_lazy("Personal data revealed"),
    "plan.approve": gettext_lazy("Plan approved"),
    "plan.publish": gettext_lazy("Plan published"),
    "plan.reopen": gettext_lazy("Plan made a draft again"),
    "plan.revise": gettext_lazy("New version of a plan"),
    "policy.set": gettext_lazy("Rule changed"),
    "product.import": gettext_lazy("Product changed by a file"),
    "product.revert": gettext_lazy("Product put back, as its file was reverted"),
    "product.update": gettext_lazy("Product changed"),
    "products.import": gettext_lazy("Products imported"),
    "retailer.create": gettext_lazy("Retailer created"),
    "retailer.follow_unit": gettext_lazy("Moved with its unit"),
    "retailer.hand_over": gettext_lazy("Retailer handed over"),
    "retailer.import": gettext_lazy("Retailer changed by a file"),
    "retailer.revert": gettext_lazy("Retailer put back, as its file was reverted"),
    "retailer.update": gettext_lazy("Retailer changed"),
    "retailers.import": gettext_lazy("Retailers imported"),
    "sample.remove": gettext_lazy("Removal of sample data started"),
    "sample.removed": gettext_lazy("Sample data removed"),
    "stand_in.create": gettext_lazy("Stand-in arranged"),
    "stand_in.end": gettext_lazy("Stand-in ended"),
    "supply_cap.set": gettext_lazy("Agreed supply changed"),
    "view.delete": gettext_lazy("Shared view deleted"),
    "view.save": gettext_lazy("View saved for others"),
    "view.update": gettext_lazy("Shared view changed"),
}
FIELDS = {
    "address": gettext_lazy("Address"),
    "biweekly": gettext_lazy("Order weeks"),
    "code": gettext_lazy("Code"),
    "columns": gettext_lazy("Columns"),
    "comment": gettext_lazy("Note"),
    "compliance_grade": gettext_lazy("Compliance grade"),
    "contact": gettext_lazy("Contact"),
    "coordinate_system": gettext_lazy("Coordinate system"),
    "county": gettext_lazy("County"),
    "created": gettext_lazy("new"),
    "deleted": gettext_lazy("deleted"),
    "department": gettext_lazy("Market department"),
    "file_type": gettext_lazy("Kind of file"),
    "filters": gettext_lazy("Filters"),
    "format": gettext_lazy("Format"),
    "from_on": gettext_lazy("From"),
    "hand_over": gettext_lazy("Hand-over"),
    "is_active": gettext_lazy("Active"),
    "is_key_man": gettext_lazy("Key man"),
    "is_primary": gettext_lazy("First contact"),
    "latitude": gettext_lazy("Latitude"),
    "left": gettext_lazy("left as it is"),
    "licence_no": gettext_lazy("Licence number"),
    "line": gettext_lazy("Line"),
    "longitude": gettext_lazy("Longitude"),
    "manufacturer": gettext_lazy("Manufacturer"),
    "manager": gettext_lazy("Customer manager"),
    "market_type": gettext_lazy("Market type"),
    "moved": gettext_lazy("passed on"),
    "name": gettext_lazy("Name"),
    "opened_on": gettext_lazy("Opened on"),
    "order_weekday": gettext_lazy("Order weekday"),
    "orders": gettext_lazy("Orders"),
    "params": gettext_lazy("Parameters"),
    "partial": gettext_lazy("Only the good rows"),
    "phone": gettext_lazy("Phone"),
    "price_class": gettext_lazy("Price class"),
    "refused": gettext_lazy("refused"),
    "rows": gettext_lazy("Rows"),
    "restored": gettext_lazy("restored"),
    "scopes": gettext_lazy("Rights"),
    "skipped": gettext_lazy("left"),
    "source": gettext_lazy("Name space of its orders"),
    "source_tier": gettext_lazy("Tier in the source system"),
    "stale": gettext_lazy("overtaken"),
    "retail_price": gettext_lazy("Retail price"),
    "status": gettext_lazy("Status"),
    "trade_area": gettext_lazy("Trade area"),
    "until_on": gettext_lazy("Until"),
    "wholesale_price": gettext_lazy("Wholesale price"),
    "attempts": gettext_lazy("Attempts"),
    "audience": gettext_lazy("Seen by"),
    "display_name": gettext_lazy("Name"),
    "effective_from": gettext_lazy("Counts from"),
    "error": gettext_lazy("Error"),
    "note": gettext_lazy("Note"),
    "partner_of": gettext_lazy("Manufacturer"),
    "path": gettext_lazy("Path"),
    "position": gettext_lazy("Position"),
    "query": gettext_lazy("Filters and columns"),
    "role": gettext_lazy("Role"),
    "stage": gettext_lazy("Stage"),
    "unit": gettext_lazy("Unit"),
    "units": gettext_lazy("Units"),
}
# Tables whose rows a removal counts, and which have no name but the one that Django gives them.
TABLES = {
    "accounts.comment_mentions": gettext_lazy("people mentioned in notes"),
    "accounts.preference": gettext_lazy("personal setting"),
    "accounts.recentitem": gettext_lazy("recently opened page"),
    "common.jobrun": gettext_lazy("run of a job"),
}
VALUES = {
    "active": gettext_lazy("Active"),
    "suspended": gettext_lazy("Supply suspended"),
    "closed": gettext_lazy("Closed"),
    "odd": gettext_lazy("Odd weeks"),
    "even": gettext_lazy("Even weeks"),
    "True": gettext_lazy("Yes"),
    "False": gettext_lazy("No"),
    # Who sees a saved view.
    "company": gettext_lazy("Everybody in the company"),
    "role": gettext_lazy("Everybody with a role"),
}


def name_field(code: str, words: Any) -> None:
    """Say what a column is called, where no other says so already. Called from ``ready``."""
    FIELDS.setdefault(code, words)


def name_value(code: str, words: Any) -> None:
    """Say what a value is called, where no other says so already. Called from ``ready``."""
    VALUES.setdefault(code, words)


def action_label(action: str) -> str:
    """What an action is called; one that is not known here keeps its code."""
    return str(ACTIONS.get(action, action))


def table_label(model: type[Model]) -> str:
    """What the rows of a table are called."""
    return str(TABLES.get(model._meta.label_lower) or model._meta.verbose_name)


def actor_name(label: str) -> str:
    """Who did it; ``system`` is what stands in the row when nobody was logged in."""
    return str(gettext_lazy("The clock or the command line")) if label == "system" else label


def figures(values: dict[str, Any]) -> str:
    """Figures by name on one line: ``A 122, B 91``; D2 stands before D10."""
    ordered = sorted(values.items(), key=lambda pair: (len(pair[0]), pair[0]))
    return ", ".join(f"{name} {value}" for name, value in ordered)
