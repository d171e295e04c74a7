"""A small city with two companies, and callers of the API."""

import datetime as dt
import json

import pytest
from django.core.cache import cache
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from accounts.models import ApiClient, Company, OrgLevel, OrgUnit, User
from accounts.roles import Role
from allocation.models import Plan, PlanLine, RetailerQuota, TierQuota
from brands.models import Manufacturer, PriceClass, Product
from config.common import throttles
from config.common.periods import SHANGHAI
from customers.models import Contact, Retailer
from segmentation.models import Assignment, Scheme, SchemeVersion, SegmentationRun

ALL_SCOPES = "retailer:read product:read class:read plan:read quota:read order:write"
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _api_only(settings, monkeypatch):
    monkeypatch.setattr("brands.api.views.business_today", lambda: TODAY)
    settings.WHITENOISE_AUTOREFRESH = True  # no collected files here
    cache.clear()
    throttles.forget()


class City:
    """Rows that tests talk about by name."""

    def __init__(self, code: str) -> None:
        self.company = Company.objects.create(code=code, name=f"Company {code}")
        self.east = self._county("01", "East")
        self.west = self._county("02", "West")
        self.manager = self.person("cm", Role.CUSTOMER_MANAGER)
        self.retailers = [
            Retailer.objects.create(
                company=self.company,
                code=f"R{number}",
                name=f"Shop {number}",
                county=self.east if number % 2 else self.west,
                manager=self.manager if number == 1 else None,
            )
            for number in range(1, 5)
        ]
        Contact.objects.create(
            retailer=self.retailers[0], name="Wang", phone="13812345678", is_primary=True
        )

    def _county(self, code: str, name: str) -> OrgUnit:
        return OrgUnit.objects.create(
            company=self.company, level=OrgLevel.COUNTY, code=code, name=name, path=name
        )

    def person(self, name: str, role: str, **fields) -> User:
        return User.objects.create_user(
            f"{self.company.code}-{name}",
            "secret-secret",
            role=role,
            company=self.company,
            **fields,
        )

    def client(self, scopes: str = ALL_SCOPES, **fields) -> ApiClient:
        return ApiClient.objects.create(
            company=self.company,
            name=f"ordering {self.company.code}",
            client_type="confidential",
            authorization_grant_type="client-credentials",
            client_secret="a-secret",
            allowed_scopes=scopes,
            **fields,
        )

    def publish_plan(self, period: int, version: int, number: int, cartons: dict) -> Plan:
        """``cartons``: {(retailer index, product): cartons}."""
        Plan.objects.filter(company=self.company, period=period, status="published").update(
            status="superseded"
        )
        plan = Plan.objects.create(
            company=self.company,
            period=period,
            version=version,
            status="published",
            publication_no=number,
            published_at=timezone.now(),
        )
        products = {product for _retailer, product in cartons}
        for product in sorted(products, key=lambda row: row.pk):
            total = sum(value for (_r, p), value in cartons.items() if p == product)
            line = PlanLine.objects.create(
                plan=plan,
                product=product,
                last_year_cartons=total,
                forecast_cartons=total,
                node_factor="1.00",
                history_weight="0.500",
                total_cartons=total + 1,
                released_cartons=total,
                reserve_cartons=1,
                figures={"weeks": 4},
            )
            TierQuota.objects.create(line=line, tier=30, retailers=2, cartons=9)
        for (retailer, product), value in cartons.items():
            RetailerQuota.objects.create(
                plan=plan,
                retailer=self.retailers[retailer],
                product=product,
                tier=30,
                weight=100,
                upper=50,
                cartons=value,
            )
        return plan

    def publish_classes(self, scheme: str, day: dt.date, classes: dict) -> SegmentationRun:
        """``classes``: {retailer index: class code}; published at noon of the day."""
        row, _created = Scheme.objects.get_or_create(
            company=self.company, code=scheme, defaults={"name": scheme, "kind": "abc"}
        )
        version, _created = SchemeVersion.objects.get_or_create(
            scheme=row, version=1, defaults={"effective_from": day, "params": {}}
        )
        SegmentationRun.objects.filter(scheme=row, status="published").update(status="superseded")
        run = SegmentationRun.objects.create(
            company=self.company,
            scheme=row,
            version=version,
            business_date=day,
            window_from=202601,
            window_to=202610,
            status="published",
            result_hash="x",
            published_at=dt.datetime.combine(day, dt.time(12), tzinfo=SHANGHAI),
        )
        row.published_run = run
        row.save()
        for rank, (retailer, code) in enumerate(classes.items(), start=1):
            Assignment.objects.create(
                run=run,
                retailer=self.retailers[retailer],
                class_code=code,
                rank=rank,
                figures={"share": "0.5"},
            )
        return run


@pytest.fixture
def products(db):
    maker = Manufacturer.objects.create(name="Maker")
    price_class = PriceClass.objects.create(code="T", name="Class of tests")
    return [
        Product.objects.create(
            code=f"P{number}",
            name=f"Brand {number}",
            manufacturer=maker,
            price_class=price_class,
            wholesale_price="100.00",
            retail_price="120.00",
        )
        for number in range(1, 4)
    ]


@pytest.fixture
def city(db, products):
    return City("alpha")


@pytest.fixture
def other(db, products):
    return City("beta")


def token_of(client: ApiClient, scopes: str = ALL_SCOPES, *, minutes: int = 15) -> str:
    """A token without the costly secret check."""
    raw = f"token-{client.pk}-{scopes}-{minutes}".replace(" ", ".").replace(":", "_")
    token = get_access_token_model()(
        application=client, scope=scopes, expires=timezone.now() + dt.timedelta(minutes=minutes)
    )
    token._raw_token = raw
    token.token = ""
    token.save()
    return raw


@pytest.fixture
def machine(city):
    return city.client()


@pytest.fixture
def bearer(machine):
    return {"HTTP_AUTHORIZATION": f"Bearer {token_of(machine)}"}


@pytest.fixture
def call(client, bearer):
    """GET as the machine of alpha."""

    def get(path, **query):
        return client.get(path, query, **bearer)

    return get


@pytest.fixture
def push(client, bearer):
    """POST orders as the machine of alpha."""

    def post(*orders, body=None, **extra):
        text = json.dumps({"orders": list(orders)}) if body is None else body
        headers = {"content_type": "application/json", **bearer, **extra}
        return client.post("/api/v1/orders/", text, **headers)

    return post


def order(number: str = "N1", **changes) -> dict:
    """A good order."""
    return {
        "order_no": number,
        "retailer_code": "R1",
        "ordered_on": "2026-11-20",
        "revision": 0,
        "lines": [line(1)],
        **changes,
    }


def line(number: int, **changes) -> dict:
    """A good line."""
    return {
        "line_no": number,
        "product_code": "P1",
        "ordered_cartons": 5,
        "unit_price": "100.00",
        **changes,
    }
