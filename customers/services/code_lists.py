"""The code lists every company starts with (domain.md 3.1 and 3.2); afterwards they are its own rows."""

from accounts.models import Company
from customers.models import CodeItem, CodeKind

DEFAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    CodeKind.FORMAT: (
        ("Z", "食杂店"),
        ("B", "便利店"),
        ("S", "超市"),
        ("N", "商场"),
        ("Y", "烟酒商店"),
        ("F", "娱乐服务"),
        ("Q", "其他"),
    ),
    CodeKind.MARKET_TYPE: (("U", "城镇"), ("R", "乡村")),
    CodeKind.TRADE_AREA: (
        ("01", "居民区"),
        ("02", "集贸区"),
        ("03", "工业区"),
        ("04", "商业娱乐区"),
        ("05", "办公区"),
        ("06", "旅游景区"),
        ("07", "交通枢纽区"),
        ("08", "院校学区"),
        ("09", "其他"),
    ),
    CodeKind.COMPLIANCE: tuple((grade, grade) for grade in ("AAA", "AA", "A", "B", "C", "D")),
}


def create_default_code_lists(company: Company) -> None:
    """Give a new company its code lists; entries that exist are left alone."""
    CodeItem.objects.bulk_create(
        [
            CodeItem(company=company, kind=kind, code=code, name=name, position=position)
            for kind, entries in DEFAULTS.items()
            for position, (code, name) in enumerate(entries, start=1)
        ],
        ignore_conflicts=True,
    )


def add_code(*, company: Company, kind: str, name: str) -> CodeItem:
    """A new entry at the end of a list, named by itself (the import's rule ``create_codes``)."""
    existing = CodeItem.objects.filter(company=company, kind=kind)
    position = existing.count() + 1
    code = name if len(name) <= 20 else f"X{position}"
    if existing.filter(code=code).exists():
        code = f"X{position}"
    return CodeItem.objects.create(
        company=company, kind=kind, code=code, name=name[:60], position=position
    )
