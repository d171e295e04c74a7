"""The pages of the wizard: what they show, refuse and keep; also for hostile input."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import Role
from accounts.services import create_company
from config.common import jobs
from config.common.models import JobRun
from customers.importers import mapping, registry, uploads
from customers.models import ImportedFile, RememberedMapping, Retailer
from customers.services.retailers import update_retailer
from tests.integration.files.conftest import (
    ORDERS,
    RETAILERS,
    applied,
    checked,
    fresh,
    received,
    reverted,
    run,
    text,
)

Status = ImportedFile.Status
BODY = text(
    RETAILERS, "N1,第一家,东城区,一部,便利店,13900001111,南街1号,12", "N2,第二家,东城区,,杂货,,,"
)


@pytest.fixture
def web(planner) -> Client:
    client = Client()
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def columns(file: ImportedFile) -> str:
    return reverse("file-columns", args=[file.pk])


def page(file: ImportedFile) -> str:
    return reverse("file-detail", args=[file.pk])


def picks(response) -> dict[str, str]:
    """What the page would send as it is."""
    found = {}
    for line in response.context["lines"]:
        found[f"pick-{line.column.name}"] = line.option
        found[f"text-{line.column.name}"] = line.pick.text if line.has_text else ""
    for rule in response.context["rules"]:
        found[f"rule-{rule['name']}"] = next(code for code, _label, here in rule["options"] if here)
    for name in ("dates", "numbers", "fractions"):
        code = next((code for code, _label, here in response.context[name] if here), "kept")
        found[{"dates": "date", "numbers": "number"}.get(name, name)] = code
    return found


# --- upload ---------------------------------------------------------------------------------


def test_an_upload_is_looked_at_and_goes_on_to_its_columns(web, planner):
    answer = web.post(
        reverse("file-upload"),
        {
            "company": planner.company.pk,
            "kind": "retailers",
            "upload": SimpleUploadedFile("零售户.csv", BODY.encode("gb18030")),
        },
    )

    file = ImportedFile.objects.get()
    assert answer["Location"] == page(file)
    progress = web.get(reverse("file-progress", args=[file.pk]))
    assert "hx-trigger" in progress.content.decode()
    jobs.run(JobRun.objects.get(kind="import.look").pk)
    assert web.get(reverse("file-progress", args=[file.pk]))["HX-Redirect"] == columns(file)
    assert web.get(columns(file)).status_code == 200


@pytest.mark.parametrize(
    ("name", "body"), [("a.exe", b"x"), ("a.csv", b""), ("x.xls", b"x"), ("a", b"x")]
)
def test_a_wrong_upload_comes_back_with_the_reason_at_its_field(web, planner, name, body):
    answer = web.post(
        reverse("file-upload"),
        {
            "company": planner.company.pk,
            "kind": "orders",
            "upload": SimpleUploadedFile(name, body),
        },
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors["upload"]
    assert answer.context["form"]["kind"].value() == "orders"
    assert not ImportedFile.objects.exists()


def test_an_upload_for_another_company_is_refused(web, planner):
    other = create_company(code="U", name="Other")

    answer = web.post(
        reverse("file-upload"),
        {"company": other.pk, "kind": "retailers", "upload": SimpleUploadedFile("a.csv", b"a\n")},
    )

    assert (answer.status_code, ImportedFile.objects.count()) == (422, 0)


def test_kinds_of_files_are_those_that_are_registered(web):
    form = web.get(reverse("file-upload")).context["form"]

    assert [code for code, _label in form.fields["kind"].choices] == [
        kind.name for kind in registry.kinds()
    ]


# --- columns --------------------------------------------------------------------------------


def test_columns_are_proposed_with_samples_and_how_they_are_read(web, planner):
    file = received(planner, "retailers", BODY)

    answer = web.get(columns(file))

    by_name = {line.column.name: line for line in answer.context["lines"]}
    assert by_name["retailer_code"].option == "column-0"
    assert by_name["organisation"].pick.text == "T/{县级局}/{市场部}"
    assert [it.text for it in by_name["organisation"].seen] == ["T/东城区/一部"]
    assert [it.text for it in by_name["phone"].seen] == ["139****1111"]
    assert [it.text for it in by_name["format"].meanings] == ["杂货"]
    assert answer.context["origin"] == "proposed"
    html = answer.content.decode()
    assert "13900001111" not in html
    assert html.count("<h1") == 1


def test_what_the_page_proposes_is_checked_and_remembered(web, planner):
    file = received(planner, "retailers", BODY)
    form = picks(web.get(columns(file)))
    form |= {"raw-format-0": "杂货", "value-format-0": "Z", "action": "check"}

    answer = web.post(columns(file), form)

    assert (answer.status_code, answer["Location"]) == (302, page(file))
    file = fresh(file)
    read = mapping.parse(file.mapping, registry.get("retailers").known)
    assert read.values == {"format": {"杂货": "Z"}}
    assert file.status == Status.CHECKING
    assert RememberedMapping.objects.get().mapping == file.mapping
    run(file.job)
    assert fresh(file).imported == 2


def test_the_next_file_of_the_source_is_matched_as_before(web, planner):
    applied(planner, "retailers", BODY)
    file = received(planner, "retailers", BODY.replace("第一家", "改名"), name="b.csv")

    answer = web.get(columns(file))
    assert answer.context["origin"] == "remembered"
    assert "planner" in answer.content.decode()
    assert web.get(columns(file) + "?propose=1").context["origin"] == "proposed"
    web.post(columns(file), {**picks(answer), "action": "check"})

    assert fresh(file).status == Status.CHECKING


def test_the_way_the_file_is_written_is_not_remembered(web, planner):
    applied(planner, "retailers", BODY.replace(",", ";"))
    file = received(planner, "retailers", BODY, name="b.csv")

    web.post(columns(file), {**picks(web.get(columns(file))), "action": "keep"})

    assert "delimiter" not in fresh(file).mapping


def test_our_own_columns_need_one_click(web, planner):
    body = text("retailer_code,name,organisation", "N1,x,T/东城区")
    file = received(planner, "retailers", body)

    answer = web.get(columns(file))
    assert answer.context["is_own"]
    web.post(columns(file), {**picks(answer), "action": "check"})

    assert (fresh(file).mapping, fresh(file).status) == ("", Status.CHECKING)


ERRORS = {
    "required": ({"pick-retailer_code": ""}, "retailer_code"),
    "unknown column": ({"pick-retailer_code": "column-999"}, "retailer_code"),
    "no number": ({"pick-retailer_code": "column-x"}, "retailer_code"),
    "full-width number": ({"pick-retailer_code": "column-１"}, "retailer_code"),
    "negative": ({"pick-retailer_code": "column--1"}, "retailer_code"),
    "huge number": ({"pick-retailer_code": "column-" + "9" * 400}, "retailer_code"),
    "twice": ({"pick-name": "column-0"}, "name"),
    "constant without text": ({"pick-name": "constant", "text-name": ""}, "name"),
    "template of nothing": ({"pick-name": "template", "text-name": "x"}, "name"),
    "template of strangers": ({"pick-name": "template", "text-name": "{x.__class__}"}, "name"),
}


@pytest.mark.parametrize(("change", "column"), ERRORS.values(), ids=list(ERRORS))
def test_errors_stand_at_their_column_and_what_was_chosen_stays(web, planner, change, column):
    file = received(planner, "retailers", BODY)
    form = {**picks(web.get(columns(file))), "pick-address": "", "tier": "x", **change}

    answer = web.post(columns(file), {**form, "action": "check"})

    assert answer.status_code == 422
    assert list(answer.context["problems"]) == [column]
    assert f'id="problem-{column}"' in answer.content.decode()
    by_name = {line.column.name: line for line in answer.context["lines"]}
    assert by_name["address"].option == ""
    assert (fresh(file).mapping, fresh(file).status) == ("", Status.UPLOADED)


def test_a_preview_answers_with_cells_only_and_keeps_nothing(web, planner):
    file = received(planner, "retailers", BODY)
    form = {**picks(web.get(columns(file))), "pick-name": "", "action": "preview"}

    answer = web.post(columns(file), form, headers={"HX-Request": "true"})

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert html.count("hx-swap-oob") == len(registry.get("retailers").columns) + 1
    assert 'id="problem-name"' in html
    assert fresh(file).mapping == ""
    assert "<html" in web.post(columns(file), form).content.decode()  # without JavaScript


def test_formats_are_shown_in_their_effect(web, planner):
    file = received(planner, "orders", text(ORDERS, "A1,1,2026/11/02,R1,P0,5,200"))
    form = picks(web.get(columns(file)))

    def seen(**change) -> object:
        answer = web.post(columns(file), {**form, **change, "action": "preview"})
        lines = {line.column.name: line for line in answer.context["lines"]}
        return lines["ordered_on"].seen[0]

    assert seen().read == "2026-11-02"
    assert seen(date="").why


def test_toml_and_the_form_are_the_same_thing(web, planner):
    file = received(planner, "retailers", BODY)
    toml = (
        '# mine\n[columns]\nretailer_code = "客户编码"\nname = "{客户名称}-{县级局}"\n'
        'organisation = "T/{县级局}"\n\n[rules]\nduplicates = "last"\n'
    )

    answer = web.post(columns(file), {"action": "toml", "toml": toml}, follow=True)

    by_name = {line.column.name: line for line in answer.context["lines"]}
    assert by_name["name"].pick.text == "{客户名称}-{县级局}"
    assert by_name["address"].option == ""
    assert answer.context["origin"] == "chosen"
    web.post(columns(file), {**picks(answer), "pick-address": "column-6", "action": "keep"})
    read = mapping.parse(fresh(file).mapping, registry.get("retailers").known)
    assert read.columns["name"].columns == ("客户名称", "县级局")
    assert read.columns["address"].columns == ("地址",)
    assert read.rules == {"duplicates": "last"}


@pytest.mark.parametrize(
    "toml",
    [
        "[columns",
        "[colums]\na = 1\n",
        "[columns]\nname = 3.5\n",
        "[values.name]\na = 1.5\n",
        "[values]\nname = 'x'\n",
        "[file]\nheader_line = 0\n",
        "[file]\nheader_line = true\n",
        "[file]\nsheet = 3\n",
        "[formats]\nnumber = 'x'\n",
        "[rules]\nhand_changes = 'maybe'\n",
        "x" * 30_000,
        "a = '\x00'\n",
    ],
)
def test_text_that_is_no_mapping_comes_back_with_the_reason(web, planner, toml):
    file = received(planner, "retailers", BODY)

    answer = web.post(columns(file), {"action": "toml", "toml": toml})

    assert answer.status_code == 422
    assert answer.context["toml_error"]
    assert answer.context["toml"] == toml[:20_000]
    assert fresh(file).mapping == ""


STRANGE = ["'", '"><script>alert(1)</script>', "%", "\\", "\x00", "{", "}{", "𠮷" * 200, "a" * 9000, "[x]\n"]  # fmt: skip


@pytest.mark.parametrize("value", STRANGE)
def test_strange_values_in_the_form_never_break_it(web, planner, value):
    file = received(planner, "retailers", BODY)
    good = picks(web.get(columns(file)))
    for name in [*good, "raw-format-0", "value-format-0", "sheet", "action"]:
        answer = web.post(
            columns(file), {"action": "keep", **good, "raw-format-0": "x", name: value}
        )
        assert answer.status_code in (200, 302, 422)
    form = {**good, "pick-name": "constant", "text-name": value, "action": "keep"}
    assert web.post(columns(file), form).status_code in (302, 422)
    mapping.parse(fresh(file).mapping, registry.get("retailers").known)


def test_strange_ways_of_reading_are_passed_over(web, planner):
    file = received(planner, "retailers", BODY)
    form = {"encoding": "rot13", "delimiter": "x", "sheet": "x", "header_line": "１"}

    assert web.post(reverse("file-read", args=[file.pk]), form).status_code == 302
    run(fresh(file).job)

    assert (fresh(file).mapping, fresh(file).status) == ("", Status.UPLOADED)


def test_a_file_in_two_possible_encodings_can_be_read_as_one_of_them(web, planner):
    file = received(planner, "retailers", b"code,name\nA,\xc3\xa9\n")
    assert file.status == Status.REFUSED
    assert web.get(columns(file))["Location"] == page(file)
    assert 'name="encoding"' in web.get(page(file)).content.decode()

    web.post(reverse("file-read", args=[file.pk]), {"encoding": "gb18030"})
    run(fresh(file).job)

    assert fresh(file).status == Status.UPLOADED
    assert web.get(columns(file)).context["reading"]["encoding"] == "GB18030"


def test_columns_cannot_be_matched_while_the_file_is_worked_on(web, planner):
    file = received(planner, "retailers", BODY)
    form = picks(web.get(columns(file)))
    web.post(columns(file), {**form, "action": "check"})

    assert web.get(columns(file)).status_code == 302
    assert web.post(columns(file), {**form, "action": "check"}).status_code == 409
    assert web.post(reverse("file-read", args=[file.pk]), {}).status_code == 409
    # A preview that is late says nothing: the form was sent in the meantime.
    late = {**form, "action": "preview"}
    assert web.post(columns(file), late, headers={"HX-Request": "true"}).status_code == 204


# --- dry run, apply, revert -----------------------------------------------------------------


def test_the_page_of_a_checked_file_says_what_applying_does(web, planner):
    file = checked(planner, "retailers", BODY)

    answer = web.get(page(file) + "?group=refused")

    html = answer.content.decode()
    assert [it["number"] for it in answer.context["figures"]] == [1, 0, 0, 0, 1]
    assert len(answer.context["promises"]) == 3
    assert [question.id for question in answer.context["questions"]] == ["apply-partial"]
    assert "业态 不在代码表中" in html
    assert [step["label"] for step in answer.context["steps"] if step["here"]] == ["校验"]


def test_organisation_units_that_a_file_makes_are_named_before_and_after(web, planner):
    many = [f"M{i},店{i},东城区,{i}部,,,," for i in range(60)]
    asked = checked(planner, "retailers", text(RETAILERS, *many), name="many.csv")
    units = web.get(page(asked)).context["units"]
    assert (units["number"], len(units["paths"]), units["more"]) == (61, 50, 11)

    file = checked(planner, "retailers", BODY)
    named = web.get(page(file)).context["units"]
    html = web.get(page(file)).content.decode()
    assert named["paths"] == ["东城区", "东城区/一部"]
    assert named["title"] in html
    assert "<li>东城区/一部</li>" in html
    assert "2: 东城区, 东城区/一部" in html

    file = applied(planner, "retailers", BODY, name="b.csv")
    done = web.get(page(file)).context["units"]
    assert done["paths"] == ["东城区", "东城区/一部"]
    assert done["title"] != named["title"]

    again = checked(planner, "retailers", BODY + "N7,店,东城区,一部,,,,\n", name="c.csv")
    assert web.get(page(again)).context["units"] == {}


def test_rows_of_a_group_are_paged_and_nonsense_shows_the_first_page(web, planner):
    rows = [f"N{i:03d},店{i},东城区,一部,,,," for i in range(45)]
    file = checked(planner, "retailers", text(RETAILERS, *rows))

    def keys(query: str) -> list[str]:
        return [row["key"] for row in web.get(page(file) + query).context["groups"]["rows"]]

    assert keys("?group=new&page=3") == [f"N{i:03d}" for i in range(40, 45)]
    assert keys("?group=new&page=99") == keys("?group=new&page=3")
    assert keys("?group=<x>&page=-1") == keys("")
    assert keys("?page=" + "9" * 500) == keys("?page=3")


def test_a_whole_file_is_applied_by_the_whole_and_orders_say_what_the_night_does(web, planner):
    file = checked(planner, "orders", text(ORDERS, "A1,1,2026-11-02,R1,P0,5,200"))

    answer = web.get(page(file))

    assert [question.id for question in answer.context["questions"]] == ["apply-file"]
    assert len(answer.context["promises"]) == 3


def test_a_choice_for_values_changed_by_hand_checks_again(web, planner):
    applied(planner, "retailers", BODY)
    shop = Retailer.objects.get(code="N1")
    update_retailer(retailer=shop, changes={"address": "人工"}, by=planner)
    file = checked(planner, "retailers", BODY, name="b.csv")
    assert web.get(page(file)).context["by_hand"] == 1

    web.post(reverse("file-check", args=[file.pk]), {"hand_changes": "keep"})
    run(fresh(file).job)

    assert 'hand_changes = "keep"' in fresh(file).mapping
    assert web.get(page(file)).context["by_hand"] == 0
    web.post(reverse("file-check", args=[file.pk]), {"hand_changes": "<x>"})
    assert fresh(file).status == Status.CHECKING


def test_reverting_asks_for_a_reason_and_is_done_in_the_background(web, planner):
    file = applied(planner, "retailers", BODY)
    url = reverse("file-revert", args=[file.pk])
    assert [it.id for it in web.get(page(file)).context["questions"]] == ["revert-file"]
    assert web.get(url).status_code == 200
    assert web.post(url, {"reason": " "}).status_code == 422

    assert web.post(url, {"reason": "发错了"})["Location"] == page(file)
    assert fresh(file).status == Status.REVERTING
    assert web.post(url, {"reason": "again"}).status_code == 409
    run(fresh(file).job)

    answer = web.get(page(file))
    told = answer.context["reverted"]
    assert [it["number"] for it in told["figures"]] == [0, 1, 0]
    assert told["parts"] == ["文件新建的组织机构：已删除 2"]
    assert told["parts"][0] in answer.content.decode()
    assert answer.context["questions"] == []
    event = AuditEvent.objects.get(action="file.revert")
    assert (event.reason, event.actor) == ("发错了", planner)


def test_files_to_download_are_csv_that_spreadsheets_read(web, planner):
    file = applied(planner, "retailers", BODY)
    file = reverted(planner, file)

    for url in (
        reverse("file-errors", args=[file.pk]),
        reverse("file-result", args=[file.pk]),
        reverse("file-result", args=[file.pk]) + "?of=revert",
    ):
        answer = web.get(url)
        assert answer["Content-Type"].startswith("text/csv")
        assert "attachment" in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")


def test_a_file_without_results_has_none_to_download(web, planner):
    file = checked(planner, "retailers", BODY)

    assert web.get(reverse("file-result", args=[file.pk])).status_code == 404
    assert web.get(reverse("file-result", args=[file.pk]) + "?of=revert").status_code == 404


def test_an_auditor_sees_the_file_and_its_history_but_no_rows_to_download(planner, company):
    file = applied(planner, "retailers", BODY)
    auditor = User.objects.create_user("auditor", role=Role.AUDITOR, company=company)
    client = Client()
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(page(file))

    assert answer.context["questions"] == []
    assert [event.action for event in answer.context["events"]][::-1] == [
        "file.receive",
        "file.mapping",
        "file.check",
        "file.apply",
    ]
    html = answer.content.decode()
    assert "13900001111" not in html
    assert reverse("file-result", args=[file.pk]) not in html
    assert client.get(reverse("file-result", args=[file.pk])).status_code == 403


def test_a_file_of_the_command_line_shows_its_figures_only(web, planner, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("retailer_code,name,organisation\nS1,x,T/东城区\n")
    call_command("import_retailers", str(path), "--company", "T")
    file = ImportedFile.objects.get()

    answer = web.get(page(file))

    assert answer.context["questions"] == []
    assert answer.context["groups"] == {}
    assert web.get(columns(file)).status_code == 302
    assert web.get(reverse("file-result", args=[file.pk])).status_code == 404


# --- the list, and how many questions the database is asked ---------------------------------


def test_the_list_is_filtered_by_kind_status_and_person(web, planner):
    one = received(planner, "retailers", BODY, name="甲.csv")
    received(planner, "orders", text(ORDERS, "A1,1,2026-11-02,R1,P0,5,200"), name="乙.csv")
    checked(planner, "retailers", BODY, name="丙.csv")
    ImportedFile.objects.filter(pk=one.pk).update(uploaded_by=None)

    def names(query: str) -> list[str]:
        return [row.name for row in web.get(reverse("file-list") + query).context["page"].rows]

    assert names("") == ["丙.csv", "乙.csv", "甲.csv"]
    assert names("?kind=orders") == ["乙.csv"]
    assert names("?status=checked") == ["丙.csv"]
    assert names("?whose=mine") == ["丙.csv", "乙.csv"]
    assert names("?q=甲") == ["甲.csv"]
    assert names("?since=2999-01-01") == []


@pytest.fixture
def questions(web):
    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert web.get(url).status_code == 200
        return len(captured)

    return count


def test_pages_ask_few_questions_however_many_rows_there_are(planner, questions):
    def world(rows: int, name: str) -> list[str]:
        body = text(RETAILERS, *(f"{name}{i},店{i},东城区,一部,便利店,,," for i in range(rows)))
        file = received(planner, "retailers", body, name=f"{name}0.csv")
        other = checked(planner, "retailers", body, name=f"{name}1.csv")
        done = applied(planner, "retailers", body + f"{name}x,x,东城区,,,,,\n", name=f"{name}2.csv")
        return [columns(file), page(other), page(done), reverse("file-list"), page(file)]

    few = [questions(url) for url in world(2, "A")]
    many = [questions(url) for url in world(80, "B")]

    assert many == few
    assert max(many) <= 12, many


def test_every_answer_holds_one_heading_and_no_markup_of_the_file(web, planner):
    body = text("客户编码,<b>x</b>,县级局,客户名称", "N1,<script>alert(1)</script>,东城区,<i>n</i>")
    file = received(planner, "retailers", body, name="<u>.csv")
    checked(planner, "retailers", body, name="<u>2.csv")

    for url in (columns(file), page(file), reverse("file-list")):
        html = web.get(url).content.decode()
        assert len(re.findall("<h1", html)) == 1
        for markup in ("<b>x</b>", "<script>alert(1)", "<i>n</i>", "<u>"):
            assert markup not in html


def test_a_look_under_way_cannot_be_overtaken(planner):
    file = received(planner, "retailers", BODY)
    job = uploads.start_look(file=file, by=planner)

    for start in (uploads.start_look, uploads.start_check):
        with pytest.raises(uploads.ConflictError):
            start(file=fresh(file), by=planner)
    run(job)
    assert fresh(file).status == Status.UPLOADED
