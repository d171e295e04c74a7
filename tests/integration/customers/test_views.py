"""The list of retailers, the page of one, and files."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from config.common.models import JobRun
from customers.models import ImportedFile, Retailer
from tests.factories import add_assignment, add_retailer


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def codes(as_role):
    """Codes of the first page of the list, for a query."""
    client = as_role(Role.PLANNER)

    def ask(**query):
        return [row.code for row in client.get("/retailers/", query).context["page"].rows]

    return ask


def test_scope_of_a_county_and_of_a_customer_manager_is_the_list(as_role):
    for role in (Role.COUNTY_MANAGER, Role.CUSTOMER_MANAGER):
        rows = as_role(role).get("/retailers/").context["page"].rows
        assert [row.code for row in rows] == ["R00000", "R00002"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "r00003"}, ["R00003"]),
        ({"q": "sp2"}, ["R00002"]),
        ({"q": "SHOP 1"}, ["R00001"]),
        ({"q": "l000003"}, ["R00003"]),
        ({"q": "nothing of the kind"}, []),
        ({"q": "100%"}, []),
        ({"abc": "A"}, ["R00000"]),
        ({"tier_from": "30"}, ["R00000"]),
        ({"tier_to": "1"}, ["R00001", "R00002", "R00003"]),
        ({"abc": "C", "tier_from": "2"}, []),
        ({"status": "closed"}, []),
        ({"weekday": "2"}, ["R00001"]),
        ({"stage": "maturity", "q": "sp0"}, ["R00000"]),
    ],
)
def test_filters_and_search(codes, query, found):
    assert codes(**query) == found


def test_filter_by_county(codes, city):
    assert codes(county=city.west.pk) == ["R00001", "R00003"]


def test_a_filter_that_is_none_is_shown_as_an_error_and_filters_nothing(as_role):
    answer = as_role(Role.PLANNER).get("/retailers/", {"county": "moon", "tier_from": "x"})

    assert answer.status_code == 200
    assert set(answer.context["state"].form.errors) == {"county", "tier_from"}
    assert len(answer.context["page"].rows) == 4


def test_orders_by_purchases_and_tier(codes, city):
    Retailer.objects.filter(code="R00002").update(recent_cartons=5000)

    assert codes(sort="-recent")[0] == codes(sort="recent")[-1] == "R00002"
    assert codes(sort="tier")[0] == "R00000"
    assert codes(sort="nonsense") == codes()


@pytest.mark.parametrize("sort", ["code", "-code", "name", "-recent", "recent", "tier", "-tier"])
def test_paging_reaches_every_row_once_forwards_and_backwards(as_role, city, sort):
    for number in range(4, 123):
        retailer = add_retailer(city, number)
        if number % 3:  # the others have no tier and come last
            add_assignment(city.published["tier30"], retailer, number % 7 + 2, 123)
    client = as_role(Role.PLANNER)
    pages, cursor = [], ""
    while True:
        page = client.get("/retailers/", {"sort": sort, "cursor": cursor}).context["page"]
        pages.append([row.pk for row in page.rows])
        if not page.next:
            break
        cursor = page.next
    back, cursor = [pages[-1]], page.previous
    while cursor:
        page = client.get("/retailers/", {"sort": sort, "cursor": cursor}).context["page"]
        back.insert(0, [row.pk for row in page.rows])
        cursor = page.previous

    flat = [pk for rows in pages for pk in rows]
    assert len(flat) == len(set(flat)) == 123
    assert [pk for rows in back for pk in rows] == flat


def _cursor(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "?", "%%%", "AAAA", _cursor([]), _cursor([False, 3, 4]), _cursor([False, "a", "b"]),
        _cursor([False, "a\x00", 1]), _cursor([False, "a", 2**70]), _cursor(["x", "a", 1]),
        _cursor([False, "a", True]), _cursor("[" * 5000), "é",
    ],
)  # fmt: skip
def test_a_cursor_that_is_not_ours_is_refused_with_a_sentence(as_role, cursor):
    assert as_role(Role.PLANNER).get("/retailers/", {"cursor": cursor}).status_code == 400


def test_count_is_exact_and_scoped(as_role):
    assert "4" in as_role(Role.PLANNER).get("/retailers/count/").content.decode()
    assert "2" in as_role(Role.COUNTY_MANAGER).get("/retailers/count/").content.decode()


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.AUDITOR, Role.APPROVER, Role.PLANNER])
def test_telephone_is_masked_until_somebody_reveals_it(as_role, city, role):
    url = reverse("panel-retailer-contacts", args=[city.eastern.pk])

    page = as_role(role).get(url, headers={"HX-Request": "true"}).content.decode()

    assert "13812345678" not in page
    assert "138****5678" in page


def test_a_panel_opened_by_itself_stands_in_the_frame(as_role, city):
    url = reverse("panel-retailer-profile", args=[city.eastern.pk])
    client = as_role(Role.PLANNER)

    assert "<html" in client.get(url).content.decode()
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).content.decode()


# --- files --------------------------------------------------------------------------------


def test_an_upload_is_stored_and_looked_at_in_the_background(as_role, city, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = b"product_code,name\nP9,New\n"

    answer = as_role(Role.PLANNER).post(
        reverse("file-upload"),
        {
            "company": city.company.pk,
            "kind": "products",
            "upload": SimpleUploadedFile("p.csv", content),
        },
    )

    file = ImportedFile.objects.get(name="p.csv")
    assert answer["Location"] == reverse("file-detail", args=[file.pk])
    assert file.status == "uploaded"
    assert JobRun.objects.filter(kind="import.look", status="queued").count() == 1


def test_a_file_with_refused_rows_is_applied_only_for_its_good_rows(as_role, city):
    page = as_role(Role.PLANNER).get(reverse("file-detail", args=[city.file.pk]))

    assert [question.id for question in page.context["questions"]] == ["apply-partial"]


def test_a_page_of_a_file_shows_no_whole_telephone_number(as_role, city):
    page = as_role(Role.AUDITOR).get(reverse("file-detail", args=[city.file.pk]))

    assert "13812345678" not in page.content.decode()
    assert page.context["questions"] == []


def test_the_page_of_a_file_reloads_when_its_job_has_ended(as_role, city):
    client = as_role(Role.PLANNER)
    url = reverse("file-progress", args=[city.file.pk])
    ImportedFile.objects.filter(pk=city.file.pk).update(status="checking")
    assert "HX-Refresh" not in client.get(url).headers

    ImportedFile.objects.filter(pk=city.file.pk).update(status="checked")

    assert client.get(url)["HX-Refresh"] == "true"
