"""OAuth2 client credentials: what a client gets, and what nobody gets."""

import base64

import pytest
from django.core.management import CommandError, call_command
from oauth2_provider.models import get_access_token_model

from accounts.models import ApiClient, AuditEvent
from accounts.services.clients import create_api_client, revoke_api_client, rotate_secret
from config.common.errors import DomainError

TOKEN, REVOKE = "/api/oauth/token/", "/api/oauth/revoke_token/"
FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str) -> dict:
    text = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {text}"}


@pytest.fixture
def registered(city):
    return create_api_client(
        company=city.company, name="订货系统", scopes=["quota:read", "order:write"], by=None
    )


@pytest.fixture
def ask(client, registered):
    machine, secret = registered

    def post(secret=secret, client_id=machine.client_id, path=TOKEN, **form):
        if path == TOKEN:
            form = {"grant_type": "client_credentials", **form}
        return client.post(path, form_of(form), content_type=FORM, **basic(client_id, secret))

    return post


def form_of(form: dict) -> str:
    from urllib.parse import urlencode

    return urlencode(form)


def test_client_gets_a_token_of_fifteen_minutes_with_its_scopes(ask, registered):
    answer = ask().json()

    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 900)
    assert set(answer["scope"].split()) == {"quota:read", "order:write"}
    assert "refresh_token" not in answer
    token = get_access_token_model().objects.get()
    assert token.token == ""  # only a checksum is stored
    assert registered[0].client_secret != registered[1]  # and a hash


def test_the_token_works_and_stops_at_once_when_given_back(client, ask, city, registered):
    token = ask().json()["access_token"]
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert client.get("/api/v1/quotas/changes/", **headers).status_code == 200

    assert ask(path=REVOKE, token=token).status_code == 200

    assert client.get("/api/v1/quotas/changes/", **headers).status_code == 401


def test_credentials_may_also_stand_in_the_body(client, registered):
    machine, secret = registered
    form = {
        "grant_type": "client_credentials",
        "client_id": machine.client_id,
        "client_secret": secret,
    }

    assert client.post(TOKEN, form_of(form), content_type=FORM).status_code == 200


def test_fewer_scopes_can_be_asked_for_but_not_more(ask):
    assert ask(scope="quota:read").json()["scope"] == "quota:read"
    more = ask(scope="quota:read retailer:read")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_wrong_secret_unknown_and_ended_clients_get_nothing(ask, registered):
    for refused in (ask(secret="wrong"), ask(client_id="nobody"), ask(client_id="")):
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    ApiClient.objects.update(is_active=False)
    assert ask().status_code == 401
    ApiClient.objects.update(is_active=True, company=None)
    assert ask().status_code == 401


def test_rotating_ends_the_old_secret_and_its_tokens(client, ask, registered):
    token = ask().json()["access_token"]

    secret = rotate_secret(client=registered[0], by=None)

    assert ask().status_code == 401
    assert ask(secret=secret).status_code == 200
    stale = client.get("/api/v1/quotas/changes/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert stale.status_code == 401


def test_revoking_a_client_ends_its_tokens_and_leaves_a_trace(client, ask, registered):
    token = ask().json()["access_token"]

    revoke_api_client(client=registered[0], by=None)

    assert ask().status_code == 401
    stale = client.get("/api/v1/quotas/changes/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert stale.status_code == 401
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["api_client.create", "api_client.revoke"]


def test_a_client_cannot_give_back_the_token_of_another(client, ask, city, registered):
    token = ask().json()["access_token"]
    rival, secret = create_api_client(
        company=city.company, name="rival", scopes=["quota:read"], by=None
    )

    ask(client_id=rival.client_id, secret=secret, path=REVOKE, token=token)

    kept = client.get("/api/v1/quotas/changes/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert kept.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        "",
        "grant_type=password&username=a&password=b",
        "grant_type=authorization_code&code=x",
        "grant_type=refresh_token&refresh_token=x",
        "grant_type=urn:ietf:params:oauth:grant-type:device_code",
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&resource=https://elsewhere.example/",
        "grant_type=client_credentials&scope=%00",
        "grant_type=client_credentials&scope=%ff",
        "grant_type=client_credentials&scope=" + "x" * 2000,
        "grant_type=client_credentials&scope=令牌",
        "grant_type=client_credentials&client_id=%00&client_secret=x",
        "grant_type=client_credentials&unknown=1",
        "&".join(f"a{number}=1" for number in range(900)),
        "%%%",
        "\x00",
    ],
)
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_a_strange_form_is_a_bad_request(client, registered, path, form):
    machine, secret = registered

    response = client.generic(
        "POST", path, form.encode("utf-8"), content_type=FORM, **basic(machine.client_id, secret)
    )

    assert response.status_code == 400
    assert response.json()["error"]
    assert get_access_token_model().objects.count() == 0


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic eA==",
        "Basic //79",
        "Basic AAAA",
        "Bearer x",
        "Digest x",
        "Basic " + "QUFB" * 3000,
    ],
)
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_strange_credentials_are_unauthorized(client, registered, path, header):
    response = client.post(
        path,
        "grant_type=client_credentials" if path == TOKEN else "token=x",
        content_type=FORM,
        HTTP_AUTHORIZATION=header,
    )

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"


def test_other_bodies_methods_and_sizes_are_refused(client, registered):
    assert client.post(TOKEN, {"grant_type": "client_credentials"}).status_code == 400  # multipart
    assert client.post(TOKEN, "{}", content_type="application/json").status_code == 400
    assert (
        client.post(TOKEN + "?grant_type=client_credentials", "", content_type=FORM).status_code
        == 400
    )
    assert client.get(TOKEN).status_code == client.get(REVOKE).status_code == 405
    assert client.post(TOKEN, "a=" + "x" * 9000, content_type=FORM).status_code == 413


def test_command_prints_a_working_id_and_secret(city, client, capsys):
    call_command(
        "create_api_client", company="alpha", name="erp", scopes="quota:read", source="erp"
    )

    shown = dict(text.split("=", 1) for text in capsys.readouterr().out.split("\n") if "=" in text)
    assert ApiClient.objects.get().order_source == "erp"
    response = client.post(
        TOKEN,
        "grant_type=client_credentials",
        content_type=FORM,
        **basic(shown["client_id"], shown["client_secret"]),
    )
    assert response.json()["scope"] == "quota:read"


def test_command_and_service_say_what_is_wrong(city):
    with pytest.raises(CommandError, match="alpha"):
        call_command("create_api_client", company="nowhere", name="x", scopes="all")
    with pytest.raises(CommandError, match="quota:raed"):
        call_command("create_api_client", company="alpha", name="x", scopes="quota:raed")
    with pytest.raises(DomainError):
        create_api_client(company=city.company, name=" ", scopes=["quota:read"], by=None)
