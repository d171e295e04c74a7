"""Deletes what belongs to the demo company, whatever apps have tables of it."""

from django.apps import apps
from django.db import connection, models

from accounts.models import AuditEvent, Company, PolicyVersion, User
from brands.models import Manufacturer, Product
from config.management.demo.catalogue import sample_codes
from customers.models import CodeItem
from segmentation.models import Scheme, SchemeVersion

# Kept: the audit trail, which nobody may delete, what it points at, and the company's rules.
KEPT: tuple[type[models.Model], ...] = (
    Company,
    User,
    AuditEvent,
    PolicyVersion,
    CodeItem,
    Scheme,
    SchemeVersion,
)


def delete_company_data(company: Company) -> int:
    """Delete the company's rows except audit trail, people, rules and code lists.

    Tables are found by following foreign keys to the company, so that a new table is not forgotten.
    Foreign keys are checked at the end of the transaction, so only the paths decide the order.

    Returns:
        The number of deleted rows.

    Raises:
        ValueError: The company is not a demo company.
    """
    if not company.is_demo:
        raise ValueError(f"{company} is not a demo company")
    paths = {model: path for model in apps.get_models() if (path := path_to_company(model))}
    doomed = {model for model in paths if model not in KEPT}
    for model in KEPT:
        _forget(model, doomed, paths, company)
    deleted = 0
    for model in sorted(doomed, key=lambda m: (-paths[m].count("__"), m._meta.label)):
        rows = model._default_manager.filter(**{paths[model]: company.pk})
        deleted += rows._raw_delete(rows.db)
    connection.check_constraints()
    return deleted


def path_to_company(
    model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()
) -> str:
    """The shortest chain of foreign keys from a model to the company, as a filter; empty if none."""
    if model is Company or model in seen:
        return ""
    names = {field.attname for field in model._meta.concrete_fields}
    if "company_id" in names:
        return "company_id"
    found = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(target, type):
            if target in KEPT and target is not Company:
                continue
            rest = path_to_company(target, seen | {model})
            if rest:
                found.append(f"{field.name}__{rest}")
    return min(found, key=len, default="")


def _forget(
    model: type[models.Model],
    doomed: set[type[models.Model]],
    paths: dict[type[models.Model], str],
    company: Company,
) -> None:
    """Empty the pointers of kept rows to rows that are about to go."""
    empty = {
        field.name: None
        for field in model._meta.concrete_fields
        if field.null and field.related_model in doomed
    }
    if empty and model in paths:
        model._default_manager.filter(**{paths[model]: company.pk}).update(**empty)


def remove_sample_products() -> int:
    """The products that only sample data brought, once no company is left that could use them.

    Returns:
        The number of deleted rows.
    """
    products = Product.objects.filter(code__in=sample_codes())
    makers = list(products.order_by().values_list("manufacturer", flat=True).distinct())
    deleted = products._raw_delete(products.db)
    idle = Manufacturer.objects.filter(pk__in=makers, products=None).values_list("pk", flat=True)
    left = Manufacturer.objects.filter(pk__in=list(idle))
    return deleted + left._raw_delete(left.db)
