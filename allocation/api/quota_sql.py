"""The quotas of one retailer in one question to the database: who asks, may they, and the answer.

Customer managers' shops all ask within minutes of the order day, so this is the one path that bypasses
models. PostgreSQL builds the JSON itself; on SQLite the same JSON is built here. A test holds both
against the answer that models give.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from config.common.api import to_json
from config.common.bulk import is_postgres
from config.common.periods import period_text

_MACHINE = """
SELECT c.company_id, c.id AS client_id, t.scope
FROM oauth2_provider_accesstoken t JOIN accounts_apiclient c ON c.id = t.application_id
WHERE t.token_checksum = %(checksum)s AND t.expires > %(now)s
  AND c.is_active AND c.company_id IS NOT NULL
"""
_PERSON = "SELECT %(company)s AS company_id, NULL AS client_id, '' AS scope"
_WHO = {"machine": _MACHINE, "person": _PERSON}
_FACTS = """
SELECT k.client_id, k.scope, r.id AS retailer_id, r.code, p.id AS plan_id, p.version, p.publication_no,
       p.published_at
FROM ({who}) k
LEFT JOIN customers_retailer r ON r.company_id = k.company_id AND r.code = %(retailer)s
LEFT JOIN allocation_plan p
    ON p.company_id = k.company_id AND p.period = %(period)s AND p.status = 'published'
"""
_POSTGRES = """
SELECT f.client_id, f.scope, f.retailer_id, f.publication_no,
  CASE WHEN f.retailer_id IS NOT NULL AND f.publication_no IS DISTINCT FROM %(known)s THEN
    row_to_json(x)::text END
FROM ({facts}) f
CROSS JOIN LATERAL (
  SELECT f.code AS retailer_code, %(month)s AS month, f.plan_id, f.version AS plan_version,
    f.publication_no,
    to_char(f.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS published_at,
    COALESCE((
      SELECT json_agg(json_build_object('product_code', d.code, 'cartons', q.cartons) ORDER BY d.code)
      FROM allocation_retailerquota q JOIN brands_product d ON d.id = q.product_id
      WHERE q.plan_id = f.plan_id AND q.retailer_id = f.retailer_id
    ), '[]'::json) AS quotas
) x
"""
_LINES = """
SELECT d.code, q.cartons
FROM allocation_retailerquota q JOIN brands_product d ON d.id = q.product_id
WHERE q.plan_id = %s AND q.retailer_id = %s ORDER BY d.code
"""


# The parameters, in the sequence of the prepared statement.
_PARAMETERS = {
    "checksum": "text",
    "now": "timestamptz",
    "company": "bigint",
    "retailer": "text",
    "period": "integer",
    "known": "bigint",
    "month": "text",
}
_TYPES = ", ".join(_PARAMETERS.values())
_ARGUMENTS = ", ".join(f"%({name})s" for name in _PARAMETERS)
_PLACES = {name: f"${number}" for number, name in enumerate(_PARAMETERS, start=1)}
_UNKNOWN_STATEMENT = "26000"


@dataclass(frozen=True)
class QuotaAnswer:
    """What the database says.

    Args:
        client_id: None when the token does not count (or none was asked about).
        scope: Scopes of the token, separated by spaces.
        retailer_id: None when this company has no such retailer.
        publication_no: None when no plan of the month is published.
        body: The JSON; None when there is none, or when the caller has it already.
    """

    client_id: int | None = None
    scope: str = ""
    retailer_id: int | None = None
    publication_no: int | None = None
    body: bytes | None = None


def ask_by_token(*, checksum: str, retailer: str, period: int, known: int | None) -> QuotaAnswer:
    """Quotas for the machine whose token this is; it sees its company and no other.

    Args:
        checksum: Of the token.
        retailer: Code.
        period: Month, yyyymm.
        known: Publication that the caller has stored already (ETag), or None.
    """
    params = {"checksum": checksum, "now": timezone.now(), "company": None}
    return _ask("machine", params, retailer, period, known)


def ask_by_company(
    *, company_id: int, retailer: str, period: int, known: int | None
) -> QuotaAnswer:
    """Quotas of a retailer that the caller is known to see."""
    params = {"checksum": None, "now": None, "company": company_id}
    return _ask("person", params, retailer, period, known)


def _ask(
    who: str, params: dict[str, Any], retailer: str, period: int, known: int | None
) -> QuotaAnswer:
    params = {
        **params,
        "retailer": retailer,
        "period": period,
        "known": known,
        "month": period_text(period),
    }
    if not is_postgres():
        with connection.cursor() as cursor:
            return _ask_sqlite(cursor, _FACTS.format(who=_WHO[who]), params)
    row = _first_row(who, params)
    if row is None:
        return QuotaAnswer()
    client_id, scope, retailer_id, publication_no, body = row
    if publication_no is None:
        body = None
    return QuotaAnswer(
        client_id, scope, retailer_id, publication_no, body.encode() if body else None
    )


def _first_row(who: str, params: dict[str, Any]) -> Any:
    """One round trip: a kept connection is not asked first whether it lives, but replaced if not."""
    if connection.in_atomic_block:  # an unknown statement would end the caller's transaction
        return _execute(_POSTGRES.format(facts=_FACTS.format(who=_WHO[who])), params)
    if connection.connection is not None:
        connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
        try:
            return _execute_prepared(who, params)
        except (OperationalError, InterfaceError):
            if connection.is_usable():
                raise
            connection.close()
    return _execute_prepared(who, params)


def _execute_prepared(who: str, params: dict[str, Any]) -> Any:
    """Planning these joins takes three times as long as running them: each connection plans once."""
    call = f"EXECUTE lz_quotas_{who} ({_ARGUMENTS})"
    try:
        return _execute(call, params)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") != _UNKNOWN_STATEMENT:
            raise
    body = _POSTGRES.format(facts=_FACTS.format(who=_WHO[who])) % _PLACES
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE lz_quotas_{who} ({_TYPES}) AS {body}")
    return _execute(call, params)


def _execute(sql: str, params: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


def _ask_sqlite(cursor: Any, facts: str, params: dict[str, Any]) -> QuotaAnswer:
    cursor.execute(facts, {name: _plain(value) for name, value in params.items()})
    row = cursor.fetchone()
    if row is None:
        return QuotaAnswer()
    client_id, scope, retailer_id, code, plan_id, version, publication_no, published_at = row
    body = None
    if retailer_id and publication_no and publication_no != params["known"]:
        cursor.execute(_LINES, [plan_id, retailer_id])
        body = to_json(
            {
                "retailer_code": code,
                "month": params["month"],
                "plan_id": plan_id,
                "plan_version": version,
                "publication_no": publication_no,
                "published_at": str(published_at)[:19].replace(" ", "T") + "Z",
                "quotas": [
                    {"product_code": product, "cartons": cartons}
                    for product, cartons in cursor.fetchall()
                ],
            }
        )
    return QuotaAnswer(client_id, scope, retailer_id, publication_no, body)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):  # as Django stores it
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ")
    return value
