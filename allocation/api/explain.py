"""Takes quotas apart into the numbers they came from."""

from typing import Any

import orjson

from allocation.api import selectors
from allocation.api.serializers import PlanLineSerializer
from allocation.models import PlanLine, RetailerQuota
from config.common.api import to_json
from customers.models import Retailer


def explained(body: bytes, retailer: Retailer) -> bytes:
    """The answer with ``why`` for every quota."""
    answer = orjson.loads(body)
    plan_id = answer["plan_id"]
    lines = selectors.lines_by_product(plan_id)
    answer["quotas"] = [
        {
            "product_code": quota.product.code,
            "cartons": quota.cartons,
            "why": _why(quota, lines.get(quota.product_id)),
        }
        for quota in selectors.quotas_of(plan_id, retailer)
    ]
    return to_json(answer)


def _why(quota: RetailerQuota, line: PlanLine | None) -> dict[str, Any]:
    tiers = {} if line is None else {row.tier: row.cartons for row in line.tier_quotas.all()}
    return {
        "tier": quota.tier,
        "weight": quota.weight,
        "upper": quota.upper,
        "tier_cartons": tiers.get(quota.tier),
        "line": None if line is None else PlanLineSerializer(line).data,
    }
