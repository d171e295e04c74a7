"""Log-in, home, runs and the audit trail."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Role
from accounts.services import record
from brands.selectors import figures_day
from config.common.models import JobRun
from tests.factories import DAY, PASSWORD, make_city


@pytest.fixture
def as_role(client, city):
    def log_in(role):
        client.force_login(city.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def test_log_in_leads_back_to_the_page_that_was_asked_for(client, city):
    user = city.people[Role.PLANNER]

    answer = client.post(
        "/login/?next=/plans/", {"username": user.username, "password": PASSWORD, "next": "/plans/"}
    )

    assert answer.status_code == 302
    assert answer["Location"] == "/plans/"


def test_on_an_empty_installation_the_log_in_says_how_the_first_account_is_made(client, db):
    assert "createsuperuser" in client.get(reverse("login")).content.decode()

    make_city()

    assert "createsuperuser" not in client.get(reverse("login")).content.decode()


def test_log_in_never_leads_to_another_host(client, city):
    user = city.people[Role.PLANNER]

    answer = client.post(
        "/login/",
        {"username": user.username, "password": PASSWORD, "next": "https://example.org/"},
    )

    assert answer["Location"] == "/"


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client, city, settings):
    settings.AXES_ENABLED = True
    username = city.people[Role.PLANNER].username
    for _try in range(5):
        client.post("/login/", {"username": username, "password": "wrong"})

    answer = client.post("/login/", {"username": username, "password": PASSWORD})

    assert answer.status_code == 429
    assert "registration/locked.html" in [template.name for template in answer.templates]


def test_somebody_inactive_cannot_log_in(client, city):
    User.objects.filter(pk=city.people[Role.PLANNER].pk).update(is_active=False)

    client.post("/login/", {"username": city.people[Role.PLANNER].username, "password": PASSWORD})

    assert client.get("/").status_code == 302


def test_language_is_chinese_until_somebody_switches(client, db):
    assert 'lang="zh-CN"' in client.get("/login/").content.decode()

    client.post("/language/", {"language": "en", "next": "/login/"})

    assert 'lang="en"' in client.get("/login/").content.decode()


def test_home_says_as_of_which_night_its_figures_are(as_role):
    assert DAY.isoformat() in as_role(Role.PLANNER).get("/").content.decode()


@pytest.mark.parametrize(
    ("role", "hidden"), [(Role.PARTNER, "panel-sales"), (Role.INSPECTOR, "panel-night")]
)
def test_home_has_only_panels_that_may_be_opened(as_role, role, hidden):
    assert f'id="{hidden}"' not in as_role(role).get("/").content.decode()


def test_each_sees_what_waits_for_them(as_role):
    def waiting(role):
        panel = as_role(role).get(reverse("panel-waiting"), headers={"HX-Request": "true"})
        return panel.context["entries"]

    assert any("2026-12" in entry.text for entry in waiting(Role.APPROVER))
    texts = [entry.text for entry in waiting(Role.PLANNER)]
    assert any("2026-11" in text for text in texts)
    assert any("1 of 4 retailers" in text for text in texts)
    assert waiting(Role.CUSTOMER_MANAGER) == []


def test_starting_a_night_puts_it_into_the_queue_with_the_chosen_stages(as_role, city):
    answer = as_role(Role.PLANNER).post(
        reverse("run-start"),
        {"company": city.company.pk, "business_date": "2026-11-19", "stages": ["demand"]},
    )

    night = JobRun.objects.get(kind="night", business_date="2026-11-19")
    assert answer["Location"] == reverse("run-detail", args=[night.pk])
    assert night.requested_by == city.people[Role.PLANNER]
    assert [stage.kind for stage in night.children.all()] == ["night.demand"]


def test_a_second_night_at_once_is_refused_with_a_sentence(as_role, city):
    client = as_role(Role.PLANNER)
    fields = {"company": city.company.pk, "business_date": "2026-11-19"}
    client.post(reverse("run-start"), fields)

    answer = client.post(reverse("run-start"), fields)

    assert answer.status_code == 409
    assert JobRun.objects.filter(kind="night", status="queued").count() == 1


def test_a_date_that_is_none_comes_back_with_the_form(as_role, city):
    answer = as_role(Role.PLANNER).post(
        reverse("run-start"), {"company": city.company.pk, "business_date": "yesterday"}
    )

    assert answer.status_code == 422
    assert "business_date" in answer.context["form"].errors


def test_a_planner_cannot_start_a_night_of_another_company(as_role, city):
    from tests.factories import make_city

    other = make_city("other", retailers=2)

    answer = as_role(Role.PLANNER).post(
        reverse("run-start"), {"company": other.company.pk, "business_date": "2026-11-19"}
    )

    assert answer.status_code == 422


def test_progress_asks_again_while_a_run_is_at_work_and_stops_when_it_has_ended(as_role, city):
    client = as_role(Role.PLANNER)
    night = JobRun.objects.create(
        kind="night", key="n", company_id=city.company.pk, status="running"
    )
    url = reverse("run-progress", args=[night.pk])
    assert "every 2s" in client.get(url).content.decode()

    JobRun.objects.filter(pk=night.pk).update(status="failed", error="Broken")
    page = client.get(url).content.decode()

    assert "every 2s" not in page
    assert "Broken" in page


def test_a_night_is_stopped_only_by_post(as_role, city):
    client = as_role(Role.PLANNER)
    night = JobRun.objects.create(
        kind="night", key="n", company_id=city.company.pk, status="running"
    )
    url = reverse("run-cancel", args=[night.pk])

    client.get(url)
    night.refresh_from_db()
    assert night.status == "running"

    client.post(url)
    night.refresh_from_db()
    assert night.status == "cancelled"


def test_the_stop_button_goes_with_the_poll_that_sees_the_end(as_role, city):
    client = as_role(Role.PLANNER)
    night = JobRun.objects.create(
        kind="night", key="n", company_id=city.company.pk, status="running"
    )
    progress, button = reverse("run-progress", args=[night.pk]), 'data-bs-target="#cancel-run"'

    assert client.get(reverse("run-detail", args=[night.pk])).content.decode().count(button) == 1
    assert button in client.get(progress).content.decode()

    JobRun.objects.filter(pk=night.pk).update(status="succeeded")
    assert button not in client.get(progress).content.decode()


@pytest.fixture
def recomputation(city):
    """Newer than the night, of another day, with some of the stages."""
    at = timezone.now()
    run = JobRun.objects.create(
        kind="night", key="r", company_id=city.company.pk, business_date="2026-11-07",
        status="succeeded", started_at=at, finished_at=at,
    )  # fmt: skip
    for place, stage in enumerate(("demand", "allocation")):
        JobRun.objects.create(
            kind=f"night.{stage}", key=f"r:{stage}", company_id=city.company.pk, parent=run,
            position=place, status="succeeded",
        )  # fmt: skip
    return run


def test_a_recomputation_of_some_stages_is_not_the_last_night(as_role, city, recomputation):
    client = as_role(Role.PLANNER)

    home = client.get("/")
    panel = client.get(reverse("panel-night"))

    assert home.context["night"] == city.night
    assert panel.context["night"] == city.night
    assert "2026-11-07" not in home.content.decode()
    assert figures_day(city.people[Role.PLANNER]) == DAY


def test_a_recomputation_is_listed_under_its_own_name(as_role, city, recomputation):
    client = as_role(Role.PLANNER)
    client.post("/language/", {"language": "en", "next": "/"})

    listed = client.get(reverse("run-list")).content.decode()
    assert f"#{recomputation.pk} Recomputation" in listed
    assert f"#{city.night.pk} Night" in listed
    page = client.get(reverse("run-detail", args=[recomputation.pk])).content.decode()
    assert "<title>Recomputation 2026-11-07" in page


def test_a_failed_recomputation_waits_and_does_not_hide_a_failed_night(
    as_role, city, recomputation
):
    JobRun.objects.filter(pk__in=[recomputation.pk, city.night.pk]).update(status="failed")
    JobRun.objects.filter(pk=city.night.pk).update(created_at="2026-11-20T00:00:00Z")

    entries = as_role(Role.PLANNER).get(reverse("panel-waiting")).context["entries"]

    urls = {entry.url for entry in entries if entry.tone == "bad"}
    assert urls == {
        reverse("run-detail", args=[recomputation.pk]),
        reverse("run-detail", args=[city.night.pk]),
    }


def test_audit_trail_is_filtered_by_action_actor_and_day(as_role, city):
    record(
        action="plan.publish",
        company_id=city.company.pk,
        by=city.people[Role.PLANNER],
        reason="autumn",
    )
    client = as_role(Role.AUDITOR)

    def found(**query):
        rows = client.get(reverse("audit-list"), query).context["page"].rows
        return {event.action for event in rows}

    assert found(action="plan.publish") == {"plan.publish"}
    assert found(q="AUTUMN") == {"plan.publish"}
    assert "plan.publish" not in found(actor=str(city.people[Role.APPROVER].pk))
    assert found(until="2020-01-01") == set()
    assert "plan.publish" in found(since="2020-01-01")


def test_audit_trail_shows_no_whole_telephone_number(as_role):
    page = as_role(Role.AUDITOR).get(reverse("audit-list")).content.decode()

    assert "13812345678" not in page
    assert "138****5678" in page


def test_every_page_of_the_audit_trail_is_reached_once(as_role, city):
    for number in range(120):
        record(action=f"test.{number}", company_id=city.company.pk)
    client = as_role(Role.AUDITOR)
    seen, cursor = [], ""
    while True:
        page = client.get(reverse("audit-list"), {"cursor": cursor}).context["page"]
        seen += [event.pk for event in page.rows]
        cursor = page.next
        if not cursor:
            break

    events = AuditEvent.objects.filter(company=city.company).order_by("-pk")
    assert seen == list(events.values_list("pk", flat=True))
