"""Builds the retailers and their contacts."""

import numpy as np

from accounts.models import Company, User
from config.common.pinyin import search_key
from config.management.demo import names, population
from config.management.demo.catalogue import FORMAT_NAMES, MARKET_NAMES, code_item
from config.management.demo.organisation import Tree
from config.management.demo.population import Floats, Ints, Shops
from customers.models import BiweeklyOrder, CodeItem, CodeKind, Contact, Retailer, RetailerStatus

CENTRE = (112.0, 31.0)
COUNTY_DISTANCE = 0.35
SHOP_SPREAD = 0.05
BATCH = 1000
BIWEEKLY = (BiweeklyOrder.WEEKLY, BiweeklyOrder.ODD, BiweeklyOrder.EVEN)


def retailer_code(number: int) -> str:
    """Code of the n-th retailer, from 0."""
    return f"YZ{number + 1:06d}"


def build_retailers(
    company: Company,
    shops: Shops,
    tree: Tree,
    managers: list[User],
    rng: np.random.Generator,
) -> Ints:
    """Insert the retailers with one contact each.

    Returns:
        Their primary keys, in the order of ``shops``.
    """
    line_of = np.sort(rng.integers(0, len(tree.lines), len(shops)))
    rng.shuffle(line_of)
    codes = _code_items(company)
    town_names = [tree.lines[k].name.rstrip("号线0123456789") for k in line_of]
    shop_names = names.shop_names(rng, shops.format, town_names)
    places = _coordinates(rng, tree, line_of)
    rows = [
        _retailer(company, shops, codes, tree, managers, n, int(line_of[n]), shop_names[n], places)
        for n in range(len(shops))
    ]
    Retailer.objects.bulk_create(rows, batch_size=BATCH)
    found = Retailer.objects.filter(company=company).order_by("code").values_list("pk", flat=True)
    ids = np.array(found, dtype=np.int64)
    _build_contacts(ids, rng)
    return ids


def _code_items(company: Company) -> dict[tuple[str, str], CodeItem]:
    wanted = {
        CodeKind.FORMAT: FORMAT_NAMES,
        CodeKind.MARKET_TYPE: MARKET_NAMES,
        CodeKind.TRADE_AREA: {
            name: f"{number:02d}" for number, name in enumerate(population.TRADE_AREAS, start=1)
        },
        CodeKind.COMPLIANCE: {grade: grade for grade in population.GRADES if grade},
    }
    found = {}
    for kind, entries in wanted.items():
        for key, value in entries.items():
            code, name = (value, key) if kind == CodeKind.TRADE_AREA else (key, value)
            found[kind.value, key] = code_item(company, kind, code, name)
    return found


def _coordinates(rng: np.random.Generator, tree: Tree, line_of: Ints) -> Floats:
    county_of = np.array([_county_number(tree, k) for k in range(len(tree.lines))])[line_of]
    angle = 2 * np.pi * county_of / max(len(tree.counties), 1)
    distance = np.where(county_of == 0, 0.0, COUNTY_DISTANCE)
    centre = np.column_stack(
        [CENTRE[0] + distance * np.cos(angle), CENTRE[1] + distance * np.sin(angle)]
    )
    places: Floats = np.round(centre + rng.normal(0.0, SHOP_SPREAD, centre.shape), 6)
    return places


def _county_number(tree: Tree, line: int) -> int:
    prefix = tree.lines[line].code[:2]
    return [county.code for county in tree.counties].index(prefix)


def _retailer(
    company: Company,
    shops: Shops,
    codes: dict[tuple[str, str], CodeItem],
    tree: Tree,
    managers: list[User],
    number: int,
    line_number: int,
    name: str,
    places: Floats,
) -> Retailer:
    line = tree.lines[line_number]
    department = next(unit for unit in tree.departments if unit.pk == line.parent_id)
    code = retailer_code(number)
    licence = f"YZSYF{number + 1:07d}"
    return Retailer(
        company=company,
        code=code,
        name=name,
        search_key=search_key(name, code, licence),
        licence_no=licence,
        format=codes[CodeKind.FORMAT.value, shops.format[number]],
        market_type=codes[CodeKind.MARKET_TYPE.value, shops.market_type[number]],
        trade_area=codes[CodeKind.TRADE_AREA.value, shops.trade_area[number]],
        compliance_grade=codes.get((CodeKind.COMPLIANCE.value, shops.grade[number])),
        order_weekday=int(shops.weekday[number]),
        biweekly=BIWEEKLY[int(shops.biweekly[number])],
        address=f"{names.CITY}{line.path.replace('/', '')}{number % 180 + 1}号",
        longitude=f"{places[number, 0]:.6f}",
        latitude=f"{places[number, 1]:.6f}",
        county_id=department.parent_id,
        department=department,
        line=line,
        manager=managers[line_number],
        opened_on=shops.opened[number].astype(object),
        status=_status(shops, number),
    )


def _status(shops: Shops, number: int) -> RetailerStatus:
    if shops.suspended[number]:
        return RetailerStatus.SUSPENDED
    if shops.stopped[number] < population.FOREVER:
        return RetailerStatus.CLOSED
    return RetailerStatus.ACTIVE


def _build_contacts(ids: Ints, rng: np.random.Generator) -> None:
    people = names.person_names(rng, len(ids))
    phones = names.phone_numbers(rng, len(ids))
    Contact.objects.bulk_create(
        [
            Contact(
                retailer_id=int(pk),
                name=person,
                relation="店主",
                phone=phone,
                is_primary=True,
                is_key_man=True,
            )
            for pk, person, phone in zip(ids, people, phones, strict=True)
        ],
        batch_size=BATCH,
    )
