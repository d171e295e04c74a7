"""Hand-overs and stand-ins as people meet them: the wizard, the pages, what waits, who sees what."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification, User
from accounts.roles import Role
from config.common import housekeeping
from config.common.periods import business_today
from customers.models import HandOver, HandOverRetailer, Retailer, StandIn
from customers.services import handover
from tests.factories import add_assignment, add_retailer, make_city, person
from tests.factories.handover import colleague_of, hand_over_of, stand_in_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def as_user():
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def as_role(city, as_user):
    return lambda role: as_user(city.people[role])


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def terms(city, **words) -> dict:
    """What is posted with the last two steps of the wizard."""
    return {
        "keys": str(city.eastern.pk),
        "to_manager": colleague_of(city).pk,
        "to_line": "",
        "effective_on": (business_today() + DAY).isoformat(),
        "accompany_until": "",
        "reason": "New areas",
        **words,
    }


# --- the wizard ---------------------------------------------------------------------------


def test_the_first_step_offers_only_whom_one_may_take_from(city, as_role):
    other = person(city, "western", Role.CUSTOMER_MANAGER)
    Retailer.objects.filter(pk=city.retailers[1].pk).update(manager=other)

    form = as_role(Role.COUNTY_MANAGER).get("/hand-overs/new/").context["form"]

    manager = city.people[Role.CUSTOMER_MANAGER]
    assert [value for value, _label in form.fields["manager"].choices] == ["", manager.pk, "none"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"manager": "own"}, ["R00000", "R00002"]),
        ({"manager": "none"}, []),
        ({"manager": ""}, []),
        ({"manager": "999999"}, []),
        ({"manager": "x"}, []),
    ],
)
def test_the_first_step_shows_the_retailers_of_a_manager(city, as_role, query, codes):
    if query["manager"] == "own":
        query = {"manager": city.people[Role.CUSTOMER_MANAGER].pk}

    answer = as_role(Role.COUNTY_MANAGER).get("/hand-overs/new/", query)

    assert [row.code for row in answer.context["rows"]] == codes
    wrong = query["manager"] in ("999999", "x")
    assert answer.status_code == (422 if wrong else 200)


def test_a_planner_finds_the_retailers_that_nobody_looks_after(city, as_role):
    answer = as_role(Role.PLANNER).get("/hand-overs/new/", {"manager": "none"})

    assert [row.code for row in answer.context["rows"]] == ["R00001", "R00003"]


def test_a_retailer_in_an_open_hand_over_cannot_be_ticked_but_leads_there(city, as_role):
    hand_over = hand_over_of(city)
    manager = city.people[Role.CUSTOMER_MANAGER]

    page = as_role(Role.PLANNER).get("/hand-overs/new/", {"manager": manager.pk})

    html = page.content.decode()
    assert f'value="{city.eastern.pk}"' not in html
    assert f'value="{city.retailers[2].pk}"' in html
    assert reverse("hand-over-detail", args=[hand_over.pk]) in html


@pytest.mark.parametrize(
    "posted",
    [
        lambda keys: {"keys": keys},
        lambda keys: {"keys": ",".join(map(str, keys))},
        lambda keys: {"all": "1", "query": "?county=&q=shop"},
    ],
)
def test_a_selection_of_the_list_of_retailers_arrives_at_the_second_step(city, as_role, posted):
    keys = [row.pk for row in city.retailers]

    answer = as_role(Role.PLANNER).post("/hand-overs/new/", posted(keys))

    assert answer.status_code == 200
    assert [row.code for row in answer.context["retailers"]] == [
        "R00000", "R00001", "R00002", "R00003",
    ]  # fmt: skip


@pytest.mark.parametrize("keys", ["", "x", "0", "9" * 30, "٣"])
def test_no_retailer_leads_back_to_the_first_step(city, as_role, keys):
    answer = as_role(Role.PLANNER).post("/hand-overs/new/", {"keys": keys})

    assert answer.status_code == 422
    assert answer.context["error"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"to_manager": ""}, "to_manager"),
        ({"reason": ""}, "reason"),
        ({"effective_on": "soon"}, "effective_on"),
        ({"effective_on": "2020-01-01"}, "__all__"),
        ({"accompany_until": "2020-01-01"}, "__all__"),
    ],
)
@pytest.mark.parametrize("step", ["preview", "send"])
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    city, as_role, words, field, step
):
    posted = terms(city, **words, step=step)

    answer = as_role(Role.COUNTY_MANAGER).post("/hand-overs/new/", posted)

    assert answer.status_code in (400, 422)
    form = answer.context["form"]
    assert field in form.errors
    assert {name: form[name].value() for name in words} == words
    assert answer.context["keys"] == str(city.eastern.pk)
    assert not HandOver.objects.exists()


def test_the_preview_shows_the_workload_and_writes_nothing(city, as_role):
    client = english(as_role(Role.COUNTY_MANAGER))

    answer = client.post("/hand-overs/new/", terms(city, step="preview"))

    table = answer.context["workload"]
    assert [one["name"] for one in table["people"]] == ["Customer_Manager", "Second"]
    rows = [row for group in table["groups"] for row in group["rows"]]
    gives, takes = ({row["label"]: row["cells"][place] for row in rows} for place in (0, 1))
    assert (gives["Retailers"], takes["Retailers"]) == (("2", "1"), ("0", "1"))
    assert (gives["A"], takes["A"]) == (("1", "0"), ("0", "1"))
    assert takes["D21–30"] == ("0", "1")
    assert (gives["Monday"], takes["Monday"]) == (("1", "0"), ("0", "1"))
    assert answer.context["charts"]["people"]["series"][1]["data"] == [1, 1]
    assert any("no coordinates" in text for text in answer.context["warnings"])
    assert not HandOver.objects.exists()


def test_keys_above_a_thousand_are_keys(city, as_role):
    """Figures on pages have separators; "1,234" in a form would be the shops 1 and 234."""
    shop = city.eastern
    Retailer.objects.filter(pk=city.retailers[2].pk).update(manager=shop.manager)
    client = as_role(Role.PLANNER)
    copy = Retailer.objects.get(pk=shop.pk)
    copy.pk, copy.code = 1_234_567, "R99999"
    copy.save(force_insert=True)

    for path in ("/retailers/", f"/hand-overs/new/?manager={shop.manager_id}"):
        page = client.get(path).content.decode()
        assert 'name="keys" value="1234567"' in page, path
        assert "1,234,567" not in page


def test_one_can_go_back_from_the_preview_with_what_was_chosen(city, as_role):
    answer = as_role(Role.COUNTY_MANAGER).post("/hand-overs/new/", terms(city, step="back"))

    assert (answer.status_code, answer.context["form"]["reason"].value()) == (200, "New areas")


def test_sending_stores_the_request_and_shows_it(city, as_role):
    client = as_role(Role.COUNTY_MANAGER)

    answer = client.post("/hand-overs/new/", terms(city, step="send"), follow=True)

    hand_over = HandOver.objects.get()
    assert answer.redirect_chain == [(f"/hand-overs/{hand_over.pk}/", 302)]
    assert (hand_over.reason, hand_over.status) == ("New areas", "requested")


def test_sending_what_somebody_else_has_sent_meanwhile_is_a_conflict_on_the_form(city, as_role):
    hand_over_of(city)

    answer = as_role(Role.PLANNER).post("/hand-overs/new/", terms(city, step="send"))

    assert answer.status_code == 409
    assert "R00000" in str(answer.context["form"].errors)


def test_a_county_cannot_smuggle_another_countys_retailer_in(city, as_role):
    keys = f"{city.eastern.pk},{city.retailers[1].pk}"

    answer = as_role(Role.COUNTY_MANAGER).post(
        "/hand-overs/new/", terms(city, keys=keys, step="send")
    )

    assert answer.status_code == 404
    assert not HandOver.objects.exists()


# --- steps --------------------------------------------------------------------------------


def test_a_hand_over_goes_its_way_through_two_people(city, as_role):
    hand_over = hand_over_of(city)
    approver = as_role(Role.APPROVER)

    page = approver.get(f"/hand-overs/{hand_over.pk}/")
    assert [question.id for question in page.context["questions"]] == [
        "hand-over-approve", "hand-over-refuse",
    ]  # fmt: skip
    approver.post(f"/hand-overs/{hand_over.pk}/approve/")

    hand_over.refresh_from_db()
    assert hand_over.status == "approved"
    HandOver.objects.update(effective_on=business_today())
    page = as_role(Role.PLANNER).get(f"/hand-overs/{hand_over.pk}/")
    assert page.context["is_overdue"]
    assert housekeeping.tidy()["hand-overs"] == 1
    assert Retailer.objects.get(pk=city.eastern.pk).manager == colleague_of(city)
    page = approver.get(f"/hand-overs/{hand_over.pk}/")
    assert (page.context["questions"], page.context["is_overdue"]) == ([], False)
    assert page.context["outcome"]


def test_an_overdue_one_can_be_carried_out_by_hand(city, as_role):
    hand_over = hand_over_of(city)
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])
    planner = as_role(Role.PLANNER)
    early = planner.post(f"/hand-overs/{hand_over.pk}/apply/", follow=True)
    assert early.status_code == 200
    assert HandOver.objects.get().status == "approved"

    HandOver.objects.update(effective_on=business_today())
    planner.post(f"/hand-overs/{hand_over.pk}/apply/")

    assert HandOver.objects.get().status == "done"


@pytest.mark.parametrize("step", ["refuse", "withdraw"])
def test_refusing_and_withdrawing_need_a_reason(city, as_role, step):
    hand_over = hand_over_of(city)
    client = as_role(Role.PLANNER)

    assert client.post(f"/hand-overs/{hand_over.pk}/{step}/").status_code == 422
    assert HandOver.objects.get().status == "requested"
    client.post(f"/hand-overs/{hand_over.pk}/{step}/", {"reason": "not now"})

    hand_over = HandOver.objects.get()
    assert (hand_over.status, hand_over.decision_note) == (
        {"refuse": "refused", "withdraw": "withdrawn"}[step], "not now",
    )  # fmt: skip
    assert not HandOverRetailer.objects.filter(is_open=True).exists()


def test_who_withdraws_a_request_does_not_undo_an_approval_they_have_not_seen(city, as_role):
    hand_over = hand_over_of(city)
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])

    answer = as_role(Role.COUNTY_MANAGER).post(
        f"/hand-overs/{hand_over.pk}/withdraw/", {"reason": "no", "seen": "requested"}
    )

    assert answer.status_code == 409
    assert HandOver.objects.get().status == "approved"


def test_who_asked_is_not_offered_to_decide_and_is_refused(city, as_role):
    hand_over = hand_over_of(city, by=city.people[Role.PLANNER])
    client = as_role(Role.PLANNER)

    page = client.get(f"/hand-overs/{hand_over.pk}/")

    assert [question.id for question in page.context["questions"]] == ["hand-over-withdraw"]
    assert client.post(f"/hand-overs/{hand_over.pk}/approve/").status_code == 403


# --- pages --------------------------------------------------------------------------------


def test_the_list_shows_what_waits_first_and_filters(city, as_role):
    first = hand_over_of(city)
    handover.withdraw(hand_over=first, by=city.people[Role.COUNTY_MANAGER])
    made = []
    for number in (2, 0):
        made.append(
            handover.request_hand_over(
                company=city.company, retailer_ids=[city.retailers[number].pk], reason="x",
                to_manager=colleague_of(city), effective_on=business_today() + DAY,
                today=business_today(), by=city.people[Role.COUNTY_MANAGER],
            )
        )  # fmt: skip
    handover.approve(hand_over=made[1], today=business_today(), by=city.people[Role.APPROVER])
    client = as_role(Role.PLANNER)

    def ids(**query: object) -> list[int]:
        return [row.pk for row in client.get("/hand-overs/", query).context["page"].rows]

    assert ids() == [made[0].pk, made[1].pk, first.pk]
    assert ids(status="approved") == [made[1].pk]
    assert ids(manager=colleague_of(city).pk, status="withdrawn") == [first.pk]
    assert ids(manager=city.people[Role.CUSTOMER_MANAGER].pk) == [made[0].pk, made[1].pk, first.pk]


def test_the_new_manager_reads_the_sheet_but_no_shops_before_the_day(city, as_user):
    hand_over = hand_over_of(city)
    client = as_user(colleague_of(city))
    assert client.get(f"/hand-overs/{hand_over.pk}/").status_code == 404
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])

    for path in ("", "sheet/"):
        page = client.get(f"/hand-overs/{hand_over.pk}/{path}")
        assert page.status_code == 200
        assert city.eastern.code not in page.content.decode()
    handover.carry_out(hand_over=hand_over, today=business_today() + DAY, by=None)
    assert city.eastern.code in client.get(f"/hand-overs/{hand_over.pk}/sheet/").content.decode()


def test_who_gave_a_shop_away_still_reads_it_there_but_cannot_open_it(city, as_user):
    hand_over = hand_over_of(city, effective_on=business_today())
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])
    client = as_user(city.people[Role.CUSTOMER_MANAGER])

    html = client.get(f"/hand-overs/{hand_over.pk}/").content.decode()

    assert city.eastern.code in html
    assert reverse("retailer-detail", args=[city.eastern.pk]) not in html
    assert client.get(f"/retailers/{city.eastern.pk}/").status_code == 404


def test_no_page_holds_telephone_numbers(city, as_role):
    hand_over = hand_over_of(city)
    client = as_role(Role.ADMINISTRATOR)
    for path in (f"/hand-overs/{hand_over.pk}/", f"/hand-overs/{hand_over.pk}/sheet/"):
        assert "13812345678" not in client.get(path).content.decode()


def test_the_panel_of_a_retailer_says_who_when_and_why(city, as_role):
    hand_over = hand_over_of(city, effective_on=business_today())
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])
    stand_in = stand_in_of(city)
    StandIn.objects.filter(pk=stand_in.pk).update(
        absent=colleague_of(city), stand_in=city.people[Role.CUSTOMER_MANAGER]
    )
    client = english(as_role(Role.PLANNER))

    html = client.get(f"/panels/retailers/{city.eastern.pk}/ownership/").content.decode()

    assert "Second" in html
    assert "Customer_Manager" in html
    assert "New areas from next month on" in html
    assert f"/hand-overs/{hand_over.pk}/" in html
    assert "stands in" in html
    for role in (Role.INSPECTOR,):
        html = as_role(role).get(f"/panels/retailers/{city.eastern.pk}/ownership/").content.decode()
        assert f"/hand-overs/{hand_over.pk}/" not in html


# --- what waits, and notices --------------------------------------------------------------


def waits(user: User) -> list[str]:
    from customers.views.handover_parts import waiting_hand_overs

    return [entry.text for entry in waiting_hand_overs(User.objects.get(pk=user.pk))]


def test_what_waits_is_told_to_whoever_can_do_it(city):
    hand_over = hand_over_of(city, by=city.people[Role.PLANNER])

    assert len(waits(city.people[Role.APPROVER])) == 1
    assert waits(city.people[Role.PLANNER]) == []  # own request
    assert waits(city.people[Role.COUNTY_MANAGER]) == []
    assert waits(city.people[Role.INSPECTOR]) == []
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])
    assert waits(city.people[Role.APPROVER]) == []
    assert len(waits(colleague_of(city))) == 1
    HandOver.objects.update(effective_on=business_today())
    assert len(waits(city.people[Role.PLANNER])) == 1
    assert len(waits(city.people[Role.COUNTY_MANAGER])) == 1


def test_who_stands_in_reads_it_at_home(city):
    stand_in_of(city)

    assert len(waits(colleague_of(city))) == 1
    assert waits(city.people[Role.CUSTOMER_MANAGER]) == []


def told(kind: str) -> set[str]:
    rows = Notification.objects.filter(kind=kind).select_related("user")
    return {row.user.username.removeprefix("yun-") for row in rows}


def test_notices_go_to_whom_it_concerns(city):
    hand_over = hand_over_of(city)
    assert told("hand_over.requested") == {"administrator", "planner", "approver"}

    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])
    both = {"county_manager", "customer_manager", "second"}
    assert told("hand_over.approved") == both
    handover.carry_out(hand_over=hand_over, today=business_today() + DAY, by=None)
    assert told("hand_over.due") == both


def test_an_approval_on_the_day_is_told_once(city):
    hand_over = hand_over_of(city, effective_on=business_today())
    handover.approve(hand_over=hand_over, today=business_today(), by=city.people[Role.APPROVER])

    assert told("hand_over.approved") == set()
    assert "second" in told("hand_over.due")


def test_a_refusal_is_told_to_who_asked(city):
    handover.refuse(hand_over=hand_over_of(city), reason="no", by=city.people[Role.APPROVER])

    assert told("hand_over.refused") == {"county_manager"}


# --- stand-ins ----------------------------------------------------------------------------


def test_a_stand_in_is_arranged_seen_and_ended(city, as_role, as_user):
    client = as_role(Role.COUNTY_MANAGER)
    today = business_today().isoformat()
    posted = {
        "absent": city.people[Role.CUSTOMER_MANAGER].pk,
        "stand_in": colleague_of(city).pk,
        "from_on": today,
        "until_on": today,
        "reason": "leave",
    }

    assert client.post("/hand-overs/stand-ins/new/", posted).status_code == 302

    row = StandIn.objects.get()
    colleague = as_user(colleague_of(city))
    rows = colleague.get("/retailers/").context["page"].rows
    assert [one.code for one in rows] == ["R00000", "R00002"]
    assert colleague.get(f"/api/v1/retailers/{city.eastern.code}/").status_code == 200
    assert [one.pk for one, *_ in client.get("/hand-overs/stand-ins/").context["holding"]] == [
        row.pk
    ]
    client.post(f"/hand-overs/stand-ins/{row.pk}/end/")
    assert colleague.get("/retailers/").context["page"].rows == []
    assert colleague.get(f"/api/v1/retailers/{city.eastern.code}/").status_code == 404
    page = client.get("/hand-overs/stand-ins/").context
    assert (page["holding"], [one.pk for one in page["page"].rows]) == ([], [row.pk])


def test_a_stand_in_that_is_not_possible_comes_back_with_what_was_typed(city, as_role):
    manager = city.people[Role.CUSTOMER_MANAGER].pk
    posted = {
        "absent": manager, "stand_in": manager, "from_on": "2020-01-01", "until_on": "", "reason": "x",
    }  # fmt: skip
    client = as_role(Role.COUNTY_MANAGER)

    answer = client.post("/hand-overs/stand-ins/new/", posted)
    assert answer.status_code == 422
    assert "until_on" in answer.context["form"].errors
    answer = client.post(
        "/hand-overs/stand-ins/new/", {**posted, "until_on": business_today().isoformat()}
    )
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert not StandIn.objects.exists()


# --- how many queries ---------------------------------------------------------------------


def _queries(client: Client, path: str, posted: dict | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path) if posted is None else client.post(path, posted)
        assert answer.status_code == 200
    return len(captured)


def test_pages_ask_as_many_queries_for_24_retailers_as_for_2(city, as_role):
    client = as_role(Role.PLANNER)
    manager = city.people[Role.CUSTOMER_MANAGER]

    def measure() -> list[int]:
        hand_over = HandOver.objects.first()
        pk = hand_over.pk
        keys = ",".join(
            str(key)
            for key in Retailer.objects.filter(manager=manager).values_list("pk", flat=True)
        )
        rows = HandOverRetailer.objects.filter(hand_over=hand_over)
        open_rows = rows.update(is_open=False)
        assert open_rows
        return [
            _queries(client, "/hand-overs/"),
            _queries(client, f"/hand-overs/{pk}/"),
            _queries(client, f"/hand-overs/{pk}/sheet/"),
            _queries(client, "/hand-overs/stand-ins/"),
            _queries(client, f"/hand-overs/new/?manager={manager.pk}"),
            _queries(client, "/hand-overs/new/", terms(city, keys=keys, step="terms")),
            _queries(client, "/hand-overs/new/", terms(city, keys=keys, step="preview")),
            _queries(client, f"/panels/retailers/{city.eastern.pk}/ownership/"),
        ]

    hand_over = hand_over_of(city)
    stand_in_of(city)
    few = measure()
    for number in range(4, 48):
        retailer = add_retailer(city, number)
        for run in city.published.values():
            add_assignment(run, retailer, number + 1, 48)
        HandOverRetailer.objects.create(
            hand_over=hand_over, retailer=retailer, manager_before=manager, is_open=False
        )
        if number < 24:
            StandIn.objects.create(
                company=city.company, absent=manager, stand_in=colleague_of(city), reason="x",
                from_on=business_today(), until_on=business_today(),
            )  # fmt: skip

    many = measure()

    assert many == few
    # The preview asks for everything that a request checks.
    assert max(many[:6] + many[7:]) <= 12
    assert many[6] <= 24


def test_somebody_of_another_company_sees_nothing(city, as_user):
    hand_over_of(city)
    stand_in_of(city)
    other = make_city("other", retailers=2)
    client = as_user(other.people[Role.PLANNER])

    assert client.get("/hand-overs/").context["page"].rows == []
    assert client.get("/hand-overs/stand-ins/").context["holding"] == []
    answer = client.post("/hand-overs/new/", {"keys": str(city.eastern.pk)})
    assert answer.status_code == 422
