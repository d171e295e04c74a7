"""Parameters that a new company's schemes start with (domain research 3.2, 3.3 and W9)."""

from typing import Any

from segmentation.core.tiers import DEFAULT_TIER_SHARES

ABC_PARAMS: dict[str, Any] = {
    "measure": "amount",
    "months": 12,
    "cuts": ["0.80", "0.95"],
    "crossing": "higher",
    "hold_share": "0.20",
}
TIER_PARAMS: dict[str, Any] = {
    "months": 3,
    "weights": ["0.5", "0.3", "0.2"],
    "shares": [int(share) for share in DEFAULT_TIER_SHARES],
    "hold_share": "0.35",
}
