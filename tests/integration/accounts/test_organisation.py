"""The organisation tree: names, places, what follows a move, and paths that were."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, FormerPath, OrgUnit
from accounts.roles import Role
from accounts.selectors import organisation as reads
from accounts.services import ensure_unit, organisation
from config.common.errors import ConflictError, DomainError
from customers.models import Retailer, RetailerStatus
from tests.factories import add_retailer, make_city


@pytest.fixture
def tree(city):
    """East/North/1, East/North/2, East/South; the retailers of East are in line 1."""
    line = ensure_unit(company=city.company, names=["East", "North", "1"])
    ensure_unit(company=city.company, names=["East", "North", "2"])
    south = ensure_unit(company=city.company, names=["East", "South"])
    Retailer.objects.filter(county=city.east).update(line=line, department=line.parent)
    return {"line": line, "north": line.parent, "south": south}


@pytest.fixture
def by(city):
    return city.people[Role.ADMINISTRATOR]


def places():
    return list(
        Retailer.objects.order_by("code").values_list(
            "county__path", "department__path", "line__path"
        )
    )


# --- names --------------------------------------------------------------------------------


def test_renaming_changes_the_paths_below_and_keeps_the_former_ones(city, tree, by):
    organisation.rename_unit(unit=city.east, name="Orient", reason="reform", by=by)

    paths = set(OrgUnit.objects.filter(company=city.company).values_list("path", flat=True))
    assert {"Orient", "Orient/North", "Orient/North/1", "Orient/South"} <= paths
    former = dict(FormerPath.objects.values_list("path", "unit__path"))
    assert former["East/North/1"] == "Orient/North/1"
    event = AuditEvent.objects.get(action="org_unit.rename")
    assert event.changes == {"name": ["East", "Orient"], "path": ["East", "Orient"]}
    assert event.reason == "reform"


def test_a_file_may_go_on_using_the_former_path(city, tree, by):
    organisation.rename_unit(unit=city.east, name="Orient", reason="x", by=by)
    before = OrgUnit.objects.count()

    found = ensure_unit(company=city.company, names=["East", "North", "1"])
    new = ensure_unit(company=city.company, names=["East", "North", "9"])

    assert found == tree["line"]
    assert new.path == "Orient/North/9"
    assert OrgUnit.objects.count() == before + 1


def test_a_name_that_comes_back_means_the_unit_that_has_it_now(city, tree, by):
    organisation.rename_unit(unit=tree["line"], name="one", reason="x", by=by)
    new = organisation.add_unit(company=city.company, parent=tree["north"], name="1", by=by)

    assert ensure_unit(company=city.company, names=["East", "North", "1"]) == new
    assert ensure_unit(company=city.company, names=["East", "North", "one"]) == tree["line"]
    assert not FormerPath.objects.filter(path="East/North/1").exists()


def test_there_and_back_leaves_no_former_path_that_is_a_present_one(city, tree, by):
    for name in ("one", "1"):
        organisation.rename_unit(unit=tree["line"], name=name, reason="x", by=by)

    assert list(FormerPath.objects.values_list("path", flat=True)) == ["East/North/one"]


def test_a_forgotten_path_makes_a_new_unit(city, tree, by):
    organisation.rename_unit(unit=tree["line"], name="one", reason="x", by=by)
    organisation.forget_former_path(former=FormerPath.objects.get(path="East/North/1"), by=by)

    assert ensure_unit(company=city.company, names=["East", "North", "1"]) != tree["line"]


@pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 91, "a\x00b"])
def test_impossible_names_are_refused(city, tree, by, name):
    with pytest.raises(DomainError):
        organisation.rename_unit(unit=tree["line"], name=name, reason="x", by=by)


def test_sisters_have_different_names(city, tree, by):
    with pytest.raises(ConflictError):
        organisation.rename_unit(unit=tree["line"], name="2", reason="x", by=by)
    with pytest.raises(ConflictError):
        organisation.add_unit(company=city.company, parent=tree["north"], name="2", by=by)


# --- places -------------------------------------------------------------------------------


def test_a_moved_line_takes_its_retailers_along(city, tree, by):
    west = organisation.add_unit(company=city.company, parent=city.west, name="Old town", by=by)
    retailers = list(Retailer.objects.filter(line=tree["line"]))
    assert retailers

    followed = organisation.move_unit(unit=tree["line"], parent=west, reason="nearer", by=by)

    assert followed == len(retailers)
    for retailer in retailers:
        retailer.refresh_from_db()
        assert (retailer.county, retailer.department, retailer.line) == (
            city.west,
            west,
            tree["line"],
        )
    tree["line"].refresh_from_db()
    assert tree["line"].path == "West/Old town/1"
    events = AuditEvent.objects.filter(action="retailer.follow_unit")
    assert {event.object_id for event in events} == {str(retailer.pk) for retailer in retailers}
    assert events[0].changes["county"] == ["East", "West"]


def test_a_moved_department_takes_its_lines_and_retailers_along(city, tree, by):
    organisation.move_unit(unit=tree["north"], parent=city.west, reason="x", by=by)

    moved = Retailer.objects.filter(line=tree["line"])
    assert {retailer.county for retailer in moved} == {city.west}
    assert {retailer.department for retailer in moved} == {tree["north"]}
    assert OrgUnit.objects.get(pk=tree["line"].pk).path == "West/North/1"


def test_who_sees_a_retailer_follows_at_once(city, tree, by):
    manager = city.people[Role.COUNTY_MANAGER]
    seen = Retailer.objects.visible_to(manager)
    assert seen.filter(line=tree["line"]).exists()
    west = organisation.add_unit(company=city.company, parent=city.west, name="Old town", by=by)

    organisation.move_unit(unit=tree["line"], parent=west, reason="x", by=by)

    assert not seen.filter(line=tree["line"]).exists()


def test_a_move_costs_as_many_statements_for_thirty_retailers_as_for_two(
    city, tree, by, django_assert_max_num_queries
):
    def move(parent):
        with django_assert_max_num_queries(60) as captured:
            organisation.move_unit(unit=tree["line"], parent=parent, reason="x", by=by)
        return len(captured)

    few = move(tree["south"])
    for number in range(10, 40):
        add_retailer(city, number)
    Retailer.objects.filter(county=city.east).update(line=tree["line"], department=tree["south"])

    assert move(tree["north"]) == few


def test_a_move_fails_as_a_whole(city, tree, by, monkeypatch):
    before = places()

    def broken(unit, by, reason):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(organisation, "_followers", [*organisation._followers, broken])
    with pytest.raises(RuntimeError):
        organisation.move_unit(unit=tree["line"], parent=tree["south"], reason="x", by=by)

    assert places() == before
    assert OrgUnit.objects.get(pk=tree["line"].pk).path == "East/North/1"


def test_nothing_hangs_below_what_is_not_one_level_above(city, tree, by):
    for parent in (city.west, tree["line"]):
        with pytest.raises(DomainError):
            organisation.move_unit(unit=tree["line"], parent=parent, reason="x", by=by)
    other = make_city("other", retailers=1)
    strange = ensure_unit(company=other.company, names=["A", "B"])
    with pytest.raises(DomainError):
        organisation.move_unit(unit=tree["line"], parent=strange, reason="x", by=by)


def test_the_import_does_not_take_a_followed_retailer_for_one_changed_by_hand(city, tree, by):
    from customers.importers.hand import HandChanges

    organisation.move_unit(unit=tree["north"], parent=city.west, reason="x", by=by)

    keys = list(Retailer.objects.filter(line=tree["line"]).values_list("pk", flat=True))
    found = HandChanges("refuse", city.company, "retailers", ["a"]).find("customers.retailer", keys)
    assert found == {}


def test_codes_stay_unique_when_a_line_was_taken_away(city, tree, by):
    organisation.move_unit(unit=tree["line"], parent=tree["south"], reason="x", by=by)

    new = organisation.add_unit(company=city.company, parent=tree["north"], name="3", by=by)

    codes = list(OrgUnit.objects.filter(company=city.company).values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    assert new.code.startswith(tree["north"].code)


# --- closing ------------------------------------------------------------------------------


def test_a_unit_is_closed_only_when_nothing_hangs_on_it(city, tree, by):
    with pytest.raises(ConflictError) as error:
        organisation.close_unit(unit=tree["line"], reason="x", by=by)
    assert "2 " in error.value.message
    with pytest.raises(ConflictError):
        organisation.close_unit(unit=city.east, reason="x", by=by)

    Retailer.objects.filter(line=tree["line"]).update(status=RetailerStatus.CLOSED)
    organisation.close_unit(unit=tree["line"], reason="merged", by=by)

    assert not OrgUnit.objects.get(pk=tree["line"].pk).is_active
    assert AuditEvent.objects.get(action="org_unit.close").reason == "merged"


def test_people_keep_a_unit_open(city, by):
    ensure_unit(company=city.company, names=["Far"])
    far = OrgUnit.objects.get(path="Far")
    city.people[Role.COUNTY_MANAGER].unit = far
    city.people[Role.COUNTY_MANAGER].save()

    with pytest.raises(ConflictError):
        organisation.close_unit(unit=far, reason="x", by=by)


def test_a_closed_unit_is_refused_in_files_until_it_is_open_again(city, tree, by):
    organisation.close_unit(unit=tree["south"], reason="x", by=by)

    for names in (["East", "South"], ["East", "South", "new"]):
        with pytest.raises(DomainError) as error:
            ensure_unit(company=city.company, names=names)
        assert error.value.code == "closed_unit"
    with pytest.raises(ConflictError):
        organisation.move_unit(unit=tree["line"], parent=tree["south"], reason="x", by=by)

    organisation.reopen_unit(unit=tree["south"], reason="needed", by=by)
    assert ensure_unit(company=city.company, names=["East", "South"]) == tree["south"]


# --- pages --------------------------------------------------------------------------------


@pytest.fixture
def as_planner(client, city):
    client.force_login(
        city.people[Role.PLANNER], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_the_tree_counts_retailers_and_people_of_every_unit(city, tree):
    east = next(
        node for node in reads.tree_of(city.company, with_closed=False) if node.unit == city.east
    )
    north = next(node for node in east.children if node.unit == tree["north"])

    shops = Retailer.objects.filter(county=city.east).count()
    assert (east.retailers, north.retailers) == (shops, shops)
    assert [child.retailers for child in north.children] == [shops, 0]
    assert east.people == 1


def test_the_page_of_the_tree_asks_as_many_queries_for_many_units(
    as_planner, city, tree, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(12) as captured:
            assert as_planner.get(reverse("organisation")).status_code == 200
        return len(captured)

    few = count()
    for number in range(30):
        ensure_unit(company=city.company, names=["East", "North", f"line {number}"])

    assert count() == few


def test_a_line_is_moved_on_its_page(as_planner, city, tree):
    url = reverse("unit-move", args=[tree["line"].pk])

    assert as_planner.post(url, {"parent": "", "reason": ""}).status_code == 422
    answer = as_planner.post(url, {"parent": tree["south"].pk, "reason": "nearer"})

    assert answer.status_code == 302
    assert OrgUnit.objects.get(pk=tree["line"].pk).parent == tree["south"]


def test_a_taken_name_comes_back_with_the_form(as_planner, tree):
    answer = as_planner.post(
        reverse("unit-rename", args=[tree["line"].pk]), {"name": "2", "reason": "x"}
    )

    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert answer.context["form"].data["reason"] == "x"


def test_somebody_with_a_unit_administers_no_tree(client, city, tree):
    planner = city.people[Role.PLANNER]
    planner.unit = city.east
    planner.save()
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")

    for name in ("organisation", "county-add", "code-lists", "rule-list"):
        assert client.get(reverse(name)).status_code == 403
    assert client.get(reverse("unit-detail", args=[tree["line"].pk])).status_code == 404
