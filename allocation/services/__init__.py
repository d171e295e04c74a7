"""Writes of allocation, one module per noun."""

from allocation.services.plans import approve_plan, publish_plan, reopen_plan, revise_plan
from allocation.services.rules import set_node_factor, set_supply_cap

__all__ = [
    "approve_plan",
    "publish_plan",
    "reopen_plan",
    "revise_plan",
    "set_node_factor",
    "set_supply_cap",
]
