"""Maintenance: every page says so, without the database; machines that watch us are told."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from config.common import maintenance


@pytest.fixture(autouse=True)
def _file(tmp_path, settings):
    settings.MAINTENANCE_FILE = tmp_path / "below" / "maintenance"


@pytest.fixture
def administrator(db) -> Client:
    user = User.objects.create_user("root", role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def on():
    maintenance.switch_on(until="22:30", reason="<b>升级</b>")


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "系统正在维护"), ("en", "The system is being maintained")]
)
def test_every_page_says_until_when_and_why_to_administrators_too(
    administrator, on, django_assert_num_queries, language, words
):
    administrator.cookies["django_language"] = language
    for path in ("/", "/retailers/", "/login/", "/no-such-page/"):
        with django_assert_num_queries(0):
            answer = administrator.get(path)

        page = answer.content.decode()
        assert (answer.status_code, answer["Retry-After"]) == (503, "300")
        assert words in page
        assert "22:30" in page
        assert "&lt;b&gt;升级" in page
        assert answer["X-Request-Id"] in page
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert f'href="{path}"' in page


def test_it_works_while_the_database_is_away(db, client, on):
    with connection.execute_wrapper(_gone):
        client.cookies["sessionid"] = "whatever"

        assert client.get("/").status_code == 503
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").json()["status"] == "maintenance"


def _gone(*args):
    raise AssertionError("the database was asked")


def test_a_form_that_was_sent_is_refused_and_its_page_can_be_gone_back_to(administrator, on):
    answer = administrator.post("/notices/read/", {"a": "b"})

    assert answer.status_code == 503
    assert 'href="/"' in answer.content.decode()


def test_fragments_are_answered_with_a_sentence_for_the_notice(administrator, on):
    answer = administrator.get("/tasks/tray/", headers={"HX-Request": "true"})

    assert answer.status_code == 503
    assert "data-error-detail" in answer.content.decode()


def test_programs_get_a_problem_document(client, on):
    answer = client.get("/api/v1/retailers/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["extra"]) == (
        "maintenance",
        {"until": "22:30", "reason": "<b>升级</b>"},
    )
    assert body["request_id"] == answer["X-Request-Id"]


def test_the_command_switches_it_on_and_off(db, client, capsys):
    call_command("maintenance", "on", until="tonight", reason="a new disk")
    assert "Until: tonight. Reason: a new disk" in capsys.readouterr().out
    assert client.get("/login/").status_code == 503
    call_command("maintenance", "off")
    assert capsys.readouterr().out == "Maintenance is off.\n"
    assert client.get("/login/").status_code == 200
    call_command("maintenance", "off")
    assert client.get("/health/ready").json()["status"] != "maintenance"


@pytest.mark.parametrize("content", ["", "{", "[]", "until ten", "\udcff"])
def test_a_file_made_by_hand_counts_as_well(db, client, settings, content):
    settings.MAINTENANCE_FILE.parent.mkdir()
    settings.MAINTENANCE_FILE.write_bytes(content.encode("utf-8", "surrogateescape"))

    answer = client.get("/login/")

    assert answer.status_code == 503
    assert maintenance.current() == maintenance.Maintenance()
