"""Figures that the night keeps on retailers, so that long lists can be sorted by an index."""

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from config.common import bulk
from customers.models import Retailer


def store_purchases(
    *,
    company_id: int,
    retailer_id: NDArray[np.int64],
    recent: NDArray[np.int64],
    prior: NDArray[np.int64],
) -> int:
    """Set ``recent_cartons`` and ``prior_cartons`` of a company's retailers; only what differs is written.

    Args:
        company_id: Whose retailers.
        retailer_id: Primary keys, shape (n,); retailers that are not named get 0.
        recent: Net purchases of the last three closed months, shape (n,).
        prior: The same of the three months before them, shape (n,).

    Returns:
        The number of rows that changed.
    """
    table = Retailer._meta.db_table
    columns = {"retailer_id": retailer_id, "recent": recent, "prior": prior}
    types = dict.fromkeys(columns, "bigint")
    with (
        bulk.staged("recent_purchases", columns, types) as staged,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"""UPDATE {table} SET recent_cartons = s.recent, prior_cartons = s.prior
                FROM {staged} s WHERE {table}.id = s.retailer_id
                AND ({table}.recent_cartons <> s.recent OR {table}.prior_cartons <> s.prior)""",  # noqa: S608
        )
        changed = cursor.rowcount
        cursor.execute(
            f"""UPDATE {table} SET recent_cartons = 0, prior_cartons = 0
                WHERE company_id = %s AND (recent_cartons <> 0 OR prior_cartons <> 0)
                  AND id NOT IN (SELECT retailer_id FROM {staged})""",  # noqa: S608
            [company_id],
        )
    return int(changed + cursor.rowcount)
