"""Tables of customers: retailers, the files that bring them, who looks after them."""

from customers.models.files import ImportedChange, ImportedFile, RememberedMapping
from customers.models.handover import HandOver, HandOverRetailer, HandOverStatus, StandIn
from customers.models.retailers import (
    BiweeklyOrder,
    Boundary,
    CodeItem,
    CodeKind,
    Contact,
    CoordinateSystem,
    LifeCycleStage,
    Retailer,
    RetailerQuerySet,
    RetailerStatus,
)

__all__ = [
    "BiweeklyOrder",
    "Boundary",
    "CodeItem",
    "CodeKind",
    "Contact",
    "CoordinateSystem",
    "HandOver",
    "HandOverRetailer",
    "HandOverStatus",
    "ImportedChange",
    "ImportedFile",
    "LifeCycleStage",
    "RememberedMapping",
    "Retailer",
    "RetailerQuerySet",
    "RetailerStatus",
    "StandIn",
]
