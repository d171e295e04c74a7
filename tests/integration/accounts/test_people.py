"""People: who may make and change whom, one-time passwords, sessions that end, locks that are lifted."""

import threading

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Permission, Role
from accounts.selectors import administration as reads
from accounts.services import people
from config.common.errors import ConflictError, DomainError, ForbiddenError
from tests.factories import PASSWORD, make_city, person

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def admin(city):
    return city.people[Role.ADMINISTRATOR]


@pytest.fixture
def as_admin(client, admin):
    client.force_login(admin, backend=BACKEND)
    return client


def create(city, by, **fields):
    given = {"username": "lin", "display_name": "林小雨", "role": Role.PLANNER} | fields
    return people.create_person(company=city.company, by=by, **given)


def fields_of(**more):
    base = {
        "username": "lin",
        "display_name": "林小雨",
        "role": "planner",
        "unit": "",
        "partner_of": "",
    }
    return base | more


# --- creating -----------------------------------------------------------------------------


def test_the_page_shows_a_password_once_with_which_the_person_logs_in(as_admin, client, city):
    answer = as_admin.post(reverse("person-create"), fields_of())
    password = answer.context["password"]
    page = answer.content.decode()

    assert password in page
    assert "no-store" in answer["Cache-Control"]
    lin = User.objects.get(username="lin")
    assert lin.must_change_password
    assert lin.company == city.company
    client.logout()
    answer = client.post("/login/", {"username": "lin", "password": password})
    assert answer.status_code == 302


def test_nothing_keeps_the_password_but_a_hash(as_admin, city):
    answer = as_admin.post(reverse("person-create"), fields_of())
    password = answer.context["password"]
    lin = User.objects.get(username="lin")

    events = AuditEvent.objects.filter(object_type="accounts.user", object_id=str(lin.pk))
    assert [event.action for event in events] == ["person.create"]
    assert password not in str([event.changes for event in events])
    assert "password" not in events[0].changes
    assert password not in lin.password
    assert password not in as_admin.get(reverse("person-detail", args=[lin.pk])).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": "county_manager"}, "unit"),
        ({"role": "partner"}, "partner_of"),
        ({"role": ""}, "role"),
        ({"username": "two words"}, None),
        ({"display_name": " "}, "display_name"),
        ({"partner_of": "Maker A"}, "partner_of"),
    ],
)
def test_what_does_not_fit_comes_back_at_its_field_with_what_was_typed(as_admin, fields, field):
    answer = as_admin.post(reverse("person-create"), fields_of(**fields))

    assert answer.status_code == 422
    assert not User.objects.filter(username="lin").exists()
    form = answer.context["form"]
    assert form.errors if field is None else field in form.errors
    assert form.data["display_name"] == fields.get("display_name", "林小雨")


def test_an_administrator_or_partner_has_no_unit(as_admin, city):
    answer = as_admin.post(
        reverse("person-create"), fields_of(role="administrator", unit=str(city.east.pk))
    )

    assert "unit" in answer.context["form"].errors


def test_a_user_name_is_taken_whatever_its_case(as_admin, city, admin):
    create(city, admin, username="Lin")

    answer = as_admin.post(reverse("person-create"), fields_of())

    assert answer.status_code == 422
    assert "username" in answer.context["form"].errors


def test_a_unit_of_another_company_cannot_be_chosen(as_admin, city, admin):
    other = make_city("other", retailers=1)

    answer = as_admin.post(
        reverse("person-create"), fields_of(role="county_manager", unit=str(other.east.pk))
    )

    assert answer.status_code == 422
    with pytest.raises(DomainError):
        create(city, admin, role=Role.COUNTY_MANAGER, unit=other.east)


def test_nobody_of_a_company_makes_people_of_another_or_of_the_installation(city, admin):
    other = make_city("other", retailers=1)

    for company in (other.company, None):
        with pytest.raises(ForbiddenError):
            people.create_person(
                username="x", display_name="X", role=Role.ADMINISTRATOR, company=company, by=admin
            )


def test_only_administrators_work_for_the_whole_installation(db):
    root = User.objects.create_superuser("root", PASSWORD)

    with pytest.raises(DomainError):
        people.create_person(
            username="x", display_name="X", role=Role.PLANNER, company=None, by=root
        )
    made, _password = people.create_person(
        username="x", display_name="X", role=Role.ADMINISTRATOR, company=None, by=root
    )
    assert made.scope.everything


# --- changing -----------------------------------------------------------------------------


def test_a_change_counts_at_once_and_says_from_what_to_what(as_admin, client, city, admin):
    planner = city.people[Role.PLANNER]
    answer = as_admin.post(
        reverse("person-edit", args=[planner.pk]),
        {
            "display_name": "Planner",
            "role": "county_manager",
            "unit": city.west.pk,
            "partner_of": "",
        },
    )

    assert answer.status_code == 302
    planner.refresh_from_db()
    assert (planner.role, planner.unit) == (Role.COUNTY_MANAGER, city.west)
    assert not planner.has(Permission.EDIT_PLANS)
    event = AuditEvent.objects.get(action="person.update")
    assert event.changes == {"role": ["planner", "county_manager"], "unit": [None, "West"]}


def test_nobody_changes_their_own_role_but_their_name(city, admin):
    with pytest.raises(ForbiddenError):
        people.update_person(person=admin, changes={"role": Role.PLANNER}, by=admin)

    people.update_person(person=admin, changes={"display_name": "Boss"}, by=admin)
    admin.refresh_from_db()
    assert (admin.role, admin.display_name) == (Role.ADMINISTRATOR, "Boss")


def test_the_form_does_not_take_ones_own_role(as_admin, admin):
    as_admin.post(
        reverse("person-edit", args=[admin.pk]),
        {"display_name": "Boss", "role": "auditor", "unit": "", "partner_of": ""},
    )

    admin.refresh_from_db()
    assert (admin.role, admin.display_name) == (Role.ADMINISTRATOR, "Boss")


def test_the_last_active_administrator_stays_one(city, admin):
    root = User.objects.create_superuser("root", PASSWORD)

    with pytest.raises(ConflictError):
        people.update_person(person=admin, changes={"role": Role.PLANNER}, by=root)
    with pytest.raises(ConflictError):
        people.deactivate_person(person=admin, reason="x", by=root)

    person(city, "second", Role.ADMINISTRATOR)
    people.deactivate_person(person=admin, reason="left", by=root)
    admin.refresh_from_db()
    assert not admin.is_active


def test_the_last_administrator_of_the_installation_stays_one(db):
    root = User.objects.create_superuser("root", PASSWORD)
    other = User.objects.create_superuser("other", PASSWORD)
    people.deactivate_person(person=other, reason="left", by=root)

    with pytest.raises(ForbiddenError):
        people.deactivate_person(person=root, reason="left", by=root)
    with pytest.raises(ConflictError):
        people.deactivate_person(person=root, reason="left", by=other)


def test_whoever_looks_after_retailers_stays_a_customer_manager(city, admin):
    manager = city.people[Role.CUSTOMER_MANAGER]

    with pytest.raises(ConflictError) as error:
        people.update_person(person=manager, changes={"role": Role.PLANNER}, by=admin)

    assert error.value.code == "person_ties"


def test_somebody_of_another_company_is_not_found(as_admin):
    other = make_city("other", retailers=1)
    root = User.objects.create_superuser("root", PASSWORD)

    for stranger in (other.people[Role.PLANNER], root):
        for name in ("person-detail", "person-edit", "person-password", "person-deactivate"):
            assert as_admin.get(reverse(name, args=[stranger.pk])).status_code == 404


# --- ending sessions ----------------------------------------------------------------------


def test_sessions_of_a_deactivated_person_end_at_once(client, city, admin):
    planner = city.people[Role.PLANNER]
    client.force_login(planner, backend=BACKEND)
    assert client.get("/").status_code == 200

    people.deactivate_person(person=planner, reason="left", by=admin)

    assert client.get("/")["Location"].startswith("/login/")
    client.post("/login/", {"username": planner.username, "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_sessions_end_with_a_new_one_time_password_and_the_old_one_counts_no_more(
    client, city, admin
):
    planner = city.people[Role.PLANNER]
    client.force_login(planner, backend=BACKEND)

    password = people.reset_password(person=planner, by=admin)

    assert client.get("/")["Location"].startswith("/login/")
    client.post("/login/", {"username": planner.username, "password": PASSWORD})
    assert client.get("/")["Location"].startswith("/login/")
    client.post("/login/", {"username": planner.username, "password": password})
    assert client.get("/")["Location"].startswith("/password/")


def test_whoever_comes_back_gets_a_new_password(client, city, admin):
    planner = city.people[Role.PLANNER]
    people.deactivate_person(person=planner, reason="left", by=admin)

    password = people.reactivate_person(person=planner, reason="back", by=admin)

    planner.refresh_from_db()
    assert planner.is_active
    assert planner.must_change_password
    assert planner.check_password(password)
    assert not planner.check_password(PASSWORD)


def test_a_reason_is_needed_to_deactivate_and_stands_in_the_trail(as_admin, city):
    planner = city.people[Role.PLANNER]
    url = reverse("person-deactivate", args=[planner.pk])

    assert as_admin.post(url).status_code == 422
    planner.refresh_from_db()
    assert planner.is_active

    as_admin.post(url, {"reason": "retired"})
    assert AuditEvent.objects.get(action="person.deactivate").reason == "retired"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_leave_one(settings):
    """Control: without the lock of the company both would see the other one."""
    from tests.support import require

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    require("postgres")
    city = make_city("race", retailers=1)
    pair = [city.people[Role.ADMINISTRATOR], person(city, "second", Role.ADMINISTRATOR)]
    ready = threading.Barrier(2)
    refused = []

    def deactivate(one, other):
        try:
            ready.wait(timeout=10)
            people.deactivate_person(person=other, reason="x", by=one)
        except ConflictError:
            refused.append(one)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=deactivate, args=pair),
        threading.Thread(target=deactivate, args=pair[::-1]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    active = User.objects.filter(company=city.company, role=Role.ADMINISTRATOR, is_active=True)
    assert active.count() == 1
    assert len(refused) == 1


# --- locked out ---------------------------------------------------------------------------


def lock(user, settings):
    AccessAttempt.objects.create(
        username=user.username,
        ip_address="10.0.0.7",
        failures_since_start=settings.AXES_FAILURE_LIMIT,
        attempt_time=timezone.now(),
    )


def test_somebody_locked_out_is_shown_as_such_and_let_in_again(
    as_admin, client, city, settings, admin
):
    settings.AXES_ENABLED = True
    planner = city.people[Role.PLANNER]
    for _try in range(5):
        client.logout()
        client.post("/login/", {"username": planner.username, "password": "wrong"})
    assert (
        client.post("/login/", {"username": planner.username, "password": PASSWORD}).status_code
        == 429
    )
    client.force_login(admin, backend=BACKEND)
    assert reads.all_locked(admin) == [planner.username]
    found = client.get(reverse("person-list"), {"state": "locked"}).context["page"].rows
    assert [row.pk for row in found] == [planner.pk]

    client.post(reverse("person-unlock", args=[planner.pk]))

    client.logout()
    answer = client.post("/login/", {"username": planner.username, "password": PASSWORD})
    assert answer.status_code == 302
    assert AuditEvent.objects.filter(action="person.unlock").count() == 1


def test_a_lock_that_is_over_counts_no_more(city, admin, settings):
    planner = city.people[Role.PLANNER]
    lock(planner, settings)
    assert reads.locked_names([planner.username]) == {planner.username}

    AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=16))

    assert reads.locked_names([planner.username]) == set()


# --- the list and the matrix --------------------------------------------------------------


def test_the_list_is_filtered_by_role_unit_and_state(as_admin, city):
    def found(**query):
        rows = as_admin.get(reverse("person-list"), query).context["page"].rows
        return {row.role for row in rows}

    assert found(role="planner") == {"planner"}
    assert found(unit=city.east.pk) == {"county_manager"}
    assert found(q="inspector") == {"inspector"}
    User.objects.filter(role="auditor").update(is_active=False)
    assert found(state="inactive") == {"auditor"}
    User.objects.filter(role="inspector").update(must_change_password=True)
    assert found(state="fresh") == {"inspector"}


def test_the_list_asks_as_many_queries_for_thirty_people_as_for_eight(
    as_admin, city, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(12) as captured:
            as_admin.get(reverse("person-list") + "?view=0")
        return len(captured)

    few = count()
    for number in range(22):
        person(city, f"more{number}", Role.CUSTOMER_MANAGER)

    assert count() == few


def test_the_matrix_says_what_the_code_checks_and_has_words_for_all_of_it(as_admin):
    rows = reads.matrix()

    assert len(rows) == len(Permission)
    assert set(reads.PERMISSION_WORDS) == set(Permission)
    assert set(reads.ROLE_WORDS) == set(Role)
    publish = next(
        row for row in rows if row.words == reads.PERMISSION_WORDS[Permission.APPROVE_PLANS][1]
    )
    granted = [name for name, has in publish.granted if has]
    assert granted == [str(Role.APPROVER.label)]
    assert as_admin.get(reverse("role-matrix")).status_code == 200
