"""Small worlds for tests, made of plain rows; nothing here is computed by the code under test.

``make_city`` gives a company with two counties, a person per role, retailers, products, fourteen months
of sales, published classes and a proposal, plans of every state, a night, and a file.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from accounts.models import Company, OrgLevel, OrgUnit, User
from accounts.roles import Role
from accounts.services import create_company, record
from allocation.models import Plan, PlanLine, RetailerQuota, SupplyCap, TierQuota
from brands.models import (
    Manufacturer,
    MonthlySales,
    PriceClass,
    Product,
    ProductMonth,
    RetailerMonth,
    SalesDay,
)
from config.common import periods
from config.common.models import JobRun
from config.common.nights import stage_names
from customers.models import Contact, ImportedFile, Retailer
from segmentation.models import Assignment, Scheme, SegmentationRun

DAY = dt.date(2026, 11, 20)
MONTHS = periods.period_range(202510, 202611)
PASSWORD = "a-long-test-password"


@dataclass
class City:
    """What ``make_city`` made, by name."""

    company: Company
    east: OrgUnit
    west: OrgUnit
    people: dict[str, User] = field(default_factory=dict)
    retailers: list[Retailer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    schemes: dict[str, Scheme] = field(default_factory=dict)
    published: dict[str, SegmentationRun] = field(default_factory=dict)
    proposal: SegmentationRun | None = None
    plans: dict[str, Plan] = field(default_factory=dict)
    night: JobRun | None = None
    file: ImportedFile | None = None

    @property
    def eastern(self) -> Retailer:
        """A retailer of the county East, looked after by its customer manager."""
        return self.retailers[0]


def make_city(code: str = "yun", *, retailers: int = 4) -> City:
    """A company with everything that a page can show."""
    company = create_company(code=code, name=f"Company {code}")
    east, west = (_county(company, number, name) for number, name in ((1, "East"), (2, "West")))
    city = City(company, east, west)
    _people(city)
    _products(city)
    for number in range(retailers):
        add_retailer(city, number)
    _company_sales(city)
    _classes(city)
    _plans(city)
    _night(city)
    _file(city)
    return city


def _county(company: Company, number: int, name: str) -> OrgUnit:
    return OrgUnit.objects.create(
        company=company, level=OrgLevel.COUNTY, code=f"0{number}", name=name, path=name
    )


def person(city: City, name: str, role: str, **fields) -> User:
    """One more person of the city."""
    return User.objects.create_user(
        f"{city.company.code}-{name}",
        PASSWORD,
        display_name=name.title(),
        role=role,
        company=city.company,
        **fields,
    )


def _people(city: City) -> None:
    for role in Role:
        fields = {}
        if role == Role.COUNTY_MANAGER:
            fields["unit"] = city.east
        if role == Role.PARTNER:
            fields["partner_of"] = "Maker A"
        city.people[role] = person(city, role.value, role, **fields)


def _products(city: City) -> None:
    classes = []
    for position, name in enumerate(["一类", "二类"], 1):
        price_class, _made = PriceClass.objects.get_or_create(
            code=str(position), defaults={"name": name, "position": position}
        )
        classes.append(price_class)
    for number in range(3):
        maker, _made = Manufacturer.objects.get_or_create(
            name="Maker A" if number < 2 else "Maker B"
        )
        product, _made = Product.objects.get_or_create(
            code=f"P{number}",
            defaults={
                "name": f"Product {number}",
                "search_key": f"p{number} product {number} cp",
                "manufacturer": maker,
                "price_class": classes[number % 2],
                "wholesale_price": Decimal("100.00"),
                "retail_price": Decimal("120.00"),
            },
        )
        city.products.append(product)


def add_retailer(city: City, number: int) -> Retailer:
    """A retailer; even ones are in East, with the customer manager, odd ones in West."""
    code = f"R{number:05d}"
    is_east = number % 2 == 0
    retailer = Retailer.objects.create(
        company=city.company,
        code=code,
        name=f"Shop {number}",
        search_key=f"{code.lower()} shop {number} sp{number} l{number:06d}",
        licence_no=f"L{number:06d}",
        county=city.east if is_east else city.west,
        manager=city.people[Role.CUSTOMER_MANAGER] if is_east else None,
        order_weekday=number % 5 + 1,
        life_cycle_stage="maturity",
        recent_cartons=1000 - number,
    )
    Contact.objects.create(
        retailer=retailer, name="Wang", phone="13812345678", is_primary=True, is_key_man=True
    )
    cartons = 100 - number % 50
    RetailerMonth.objects.bulk_create(
        RetailerMonth(
            company=city.company, period=period, retailer=retailer, orders=4, products=2,
            cartons=cartons, amount_cents=cartons * 10_000,
        )
        for period in MONTHS
    )  # fmt: skip
    MonthlySales.objects.bulk_create(
        MonthlySales(
            company=city.company, period=period, retailer=retailer, product=product,
            cartons=cartons // 2, amount_cents=cartons * 5_000,
        )
        for period in MONTHS
        for product in city.products[:2]
    )  # fmt: skip
    city.retailers.append(retailer)
    return retailer


def _company_sales(city: City) -> None:
    number = len(city.retailers)
    ProductMonth.objects.bulk_create(
        ProductMonth(
            company=city.company, period=period, product=product, retailers=number,
            cartons=50 * number, amount_cents=500_000 * number,
        )
        for period in MONTHS
        for product in city.products[:2]
    )  # fmt: skip
    SalesDay.objects.bulk_create(
        SalesDay(
            company=city.company, ordered_on=periods.first_day(period) + dt.timedelta(days=days),
            period=period, orders=number, cartons=25 * number, amount_cents=250_000 * number,
        )
        for period in MONTHS
        for days in (3, 10, 17, 24)
    )  # fmt: skip


def _classes(city: City) -> None:
    for code in ("abc", "tier30"):
        scheme = Scheme.objects.get(company=city.company, code=code)
        city.schemes[code] = scheme
        run = add_run(city, code, status="published")
        run.published_by, run.published_at = city.people[Role.PLANNER], timezone.now()
        run.save()
        scheme.published_run = run
        scheme.save()
        city.published[code] = run
    city.proposal = add_run(city, "abc", status="held")


def add_run(city: City, code: str, *, status: str) -> SegmentationRun:
    """A run in which every retailer has the class of its place."""
    scheme = city.schemes[code]
    of = len(city.retailers)
    run = SegmentationRun.objects.create(
        company=city.company,
        scheme=scheme,
        version=scheme.versions.get(),
        business_date=DAY,
        window_from=202511 if code == "abc" else 202608,
        window_to=202610,
        status=status,
        retailers=of,
        sizes={"A": 1, "B": 1, "C": of - 2} if code == "abc" else {"D30": 1, "D1": of - 1},
        changed=1 if status == "held" else 0,
        movements={"A>B": 1} if status == "held" else {},
        hold_reason="1 of 4 retailers would change class" if status == "held" else "",
        result_hash="a" * 64,
    )
    for rank, retailer in enumerate(city.retailers, 1):
        add_assignment(run, retailer, rank, of)
    return run


def add_assignment(run: SegmentationRun, retailer: Retailer, rank: int, of: int) -> Assignment:
    """A class with figures of the shape that the night writes."""
    if run.scheme.code == "abc":
        klass = {1: "A", 2: "B"}.get(rank, "C")
        figures = {
            "contribution_cents": 1_000_000, "share_before": {1: 0.5, 2: 0.9}.get(rank, 0.97),
            "before": {1: 5_000_000, 2: 9_000_000}.get(rank, 9_700_000), "total_cents": 10_000_000,
            "rank_of": of,
        }  # fmt: skip
    else:
        klass = "D30" if rank == 1 else "D1"
        figures = {
            "cartons": 300, "amount_cents": 3_000_000, "avg_price_cents": 10_000.0,
            "pct_cartons": 90.0, "pct_amount": 80.0, "pct_price": 50.0, "score": 79.0, "of": of,
        }  # fmt: skip
    return Assignment.objects.create(
        run=run, retailer=retailer, class_code=klass, rank=rank, figures=figures
    )


def _plans(city: City) -> None:
    for number, (status, period) in enumerate(
        [("published", 202610), ("approved", 202611), ("draft", 202612)], 1
    ):
        plan = Plan.objects.create(
            company=city.company,
            period=period,
            status=status,
            business_date=DAY,
            computed_at=timezone.now(),
            products=2,
            retailers=len(city.retailers),
            total_cartons=200,
            released_cartons=180,
            quota_rows=2 * len(city.retailers),
            result_hash="b" * 64,
            tier_run=city.published["tier30"],
            publication_no=city.company.pk * 10 + number if status == "published" else None,
            warnings=[{"code": "reserve", "cartons": 20}],
        )
        for product in city.products[:2]:
            _line(city, plan, product)
        city.plans[status] = plan
    SupplyCap.objects.create(
        company=city.company, period=202612, product=city.products[0], cartons=500, reason="agreed"
    )


def _line(city: City, plan: Plan, product: Product) -> None:
    line = PlanLine.objects.create(
        plan=plan,
        product=product,
        last_year_cartons=100,
        forecast_cartons=100,
        node_factor=Decimal("1.00"),
        history_weight=Decimal("0.5"),
        total_cartons=100,
        tier_cartons=98,
        released_cartons=90,
        reserve_cartons=10,
        figures={
            "last_year_raw_cartons": 98, "last_year_weeks": 4.2, "plan_weeks": 4.3,
            "recent_cartons": 300, "recent_weeks": 13, "recent_last_year_cartons": 290,
            "recent_last_year_weeks": 13, "growth": 0.03, "growth_flag": "ok",
            "tier_error": -2, "tier_top_cap": 60, "weights_basis": "product",
            "weights_sum": 1_000_000_000, "level": 0.000_000_09, "flags": ["reserve"],
        },
    )  # fmt: skip
    for tier in (30, 1):
        TierQuota.objects.create(line=line, tier=tier, retailers=1, cartons=tier)
    RetailerQuota.objects.bulk_create(
        RetailerQuota(
            plan=plan, retailer=retailer, product=product, tier=1, weight=100_000_000,
            upper=30, cartons=9,
        )
        for retailer in city.retailers
    )  # fmt: skip


def _night(city: City) -> None:
    key = f"night:{city.company.pk}:{DAY}:1"
    at = timezone.now()
    city.night = JobRun.objects.create(
        kind="night", key=key, company_id=city.company.pk, business_date=DAY, status="succeeded",
        started_at=at, finished_at=at, result_hash="c" * 64, progress_done=1, progress_total=1,
    )  # fmt: skip
    JobRun.objects.bulk_create(
        JobRun(
            kind=f"night.{stage}", key=f"{key}:{stage}", company_id=city.company.pk, position=place,
            business_date=DAY, parent=city.night, status="succeeded", started_at=at, finished_at=at,
            summary={"lines": 12, "note": "fine"},
        )
        for place, stage in enumerate(stage_names())
    )  # fmt: skip
    record(action="test.make", company_id=city.company.pk, obj=city.eastern,
           changes={"phone": [None, "13812345678"]})  # fmt: skip


def _file(city: City) -> None:
    city.file = ImportedFile.objects.create(
        company=city.company, kind="orders", name="orders.csv", sha256="d" * 64, bytes=10,
        status="checked", imported=3, rejected=1, reasons={"unknown_retailer": 1},
        preview=[{"line": 4, "column": "retailer_code", "code": "x", "reason": "Unknown: 13812345678"}],
        uploaded_by=city.people[Role.PLANNER],
    )  # fmt: skip
