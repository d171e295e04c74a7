"""What must always be true, as SQL that counts the rows that break it (reliability.md 3a)."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """A rule and the query that counts what breaks it.

    Args:
        code: Stable name.
        says: The rule in a sentence.
        sql: Gives one number; 0 means that the rule holds.
    """

    code: str
    says: str
    sql: str


def _dangling(table: str, column: str, target: str) -> Invariant:
    return Invariant(
        f"{table}.{column}",
        f"every {column} of {table} exists in {target}",
        f"SELECT COUNT(*) FROM (SELECT DISTINCT {column} AS id FROM {table}) t "  # noqa: S608
        f"LEFT JOIN {target} x ON x.id = t.id WHERE x.id IS NULL",
    )


INVARIANTS: tuple[Invariant, ...] = (
    _dangling("brands_order", "retailer_id", "customers_retailer"),
    _dangling("brands_orderline", "order_id", "brands_order"),
    _dangling("brands_orderline", "product_id", "brands_product"),
    _dangling("brands_orderline", "retailer_id", "customers_retailer"),
    _dangling("brands_monthlysales", "retailer_id", "customers_retailer"),
    _dangling("brands_monthlysales", "product_id", "brands_product"),
    _dangling("allocation_retailerquota", "plan_id", "allocation_plan"),
    _dangling("allocation_retailerquota", "retailer_id", "customers_retailer"),
    _dangling("allocation_retailerquota", "product_id", "brands_product"),
    Invariant(
        "order.totals",
        "an order's count, cartons and amount are the sums of its lines",
        """SELECT COUNT(*) FROM brands_order o LEFT JOIN (
               SELECT order_id, COUNT(*) AS n, SUM(ordered_cartons) AS c, SUM(amount_cents) AS a
               FROM brands_orderline GROUP BY order_id) l ON l.order_id = o.id
           WHERE o.status = 'active'
             AND (o.line_count <> COALESCE(l.n, 0) OR o.cartons <> COALESCE(l.c, 0)
                  OR o.amount_cents <> COALESCE(l.a, 0))""",
    ),
    Invariant(
        "order.period",
        "an order and its lines stand in the month of its day",
        """SELECT COUNT(*) FROM brands_order o JOIN brands_orderline l ON l.order_id = o.id
           WHERE l.period <> o.period OR l.retailer_id <> o.retailer_id
              OR l.ordered_on <> o.ordered_on""",
    ),
    Invariant(
        "sales.lines",
        "months without waiting changes have exactly the sales that their order lines add up to",
        """SELECT COUNT(*) FROM (
               SELECT company_id, period, SUM(c) AS c, SUM(a) AS a FROM (
                   SELECT company_id, period, ordered_cartons AS c, amount_cents AS a
                   FROM brands_orderline WHERE kind <> 3
                   UNION ALL
                   SELECT company_id, period, -cartons, -amount_cents FROM brands_monthlysales) u
               GROUP BY company_id, period HAVING SUM(c) <> 0 OR SUM(a) <> 0) d
           WHERE NOT EXISTS (SELECT 1 FROM brands_salestouch t
               WHERE t.company_id = d.company_id AND t.period = d.period)""",
    ),
    Invariant(
        "sales.products",
        "sales per product are the sums of sales per retailer and product",
        """SELECT COUNT(*) FROM (
               SELECT company_id, period, product_id, SUM(c) AS c FROM (
                   SELECT company_id, period, product_id, cartons AS c FROM brands_productmonth
                   UNION ALL
                   SELECT company_id, period, product_id, -cartons FROM brands_monthlysales) u
               GROUP BY company_id, period, product_id HAVING SUM(c) <> 0) d""",
    ),
    Invariant(
        "quota.released",
        "the quotas of a plan's product add up to what it releases",
        """SELECT COUNT(*) FROM allocation_planline l LEFT JOIN (
               SELECT plan_id, product_id, SUM(cartons) AS c FROM allocation_retailerquota
               GROUP BY plan_id, product_id) q
             ON q.plan_id = l.plan_id AND q.product_id = l.product_id
           WHERE COALESCE(q.c, 0) <> l.released_cartons""",
    ),
    Invariant(
        "quota.total",
        "released and reserve add up to the total",
        """SELECT COUNT(*) FROM allocation_planline
           WHERE released_cartons + reserve_cartons <> total_cartons""",
    ),
    Invariant(
        "quota.upper",
        "no retailer gets more than the rules allow, nor less than one carton",
        "SELECT COUNT(*) FROM allocation_retailerquota WHERE cartons > upper OR cartons < 1",
    ),
    Invariant(
        "plan.rows",
        "a plan says how many quotas it has",
        """SELECT COUNT(*) FROM allocation_plan p LEFT JOIN (
               SELECT plan_id, COUNT(*) AS n FROM allocation_retailerquota GROUP BY plan_id) q
             ON q.plan_id = p.id WHERE p.quota_rows <> COALESCE(q.n, 0)""",
    ),
    Invariant(
        "classes.rows",
        "a proposal or published run classifies as many retailers as it says",
        """SELECT COUNT(*) FROM segmentation_segmentationrun r LEFT JOIN (
               SELECT run_id, COUNT(*) AS n FROM segmentation_assignment GROUP BY run_id) a
             ON a.run_id = r.id
           WHERE r.status IN ('computed', 'held', 'published') AND r.retailers <> COALESCE(a.n, 0)""",
    ),
)


def broken() -> list[tuple[Invariant, int]]:
    """The rules that do not hold, each with the number of rows that break it."""
    found = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            (count,) = cursor.fetchone()
            if count:
                found.append((invariant, int(count)))
    return found
