"""The trade's units: 1 箱 (box) = 5 件 (cases) = 250 条 (cartons); 1 条 = 200 支 (sticks)."""

from decimal import Decimal

CARTONS_PER_BOX = 250
CARTONS_PER_CASE = 50
STICKS_PER_CARTON = 200
FOUR_PLACES = Decimal("0.0001")


def boxes_to_cartons(boxes: int | Decimal) -> int:
    """Whole cartons (条) in so many boxes (箱).

    Args:
        boxes: Boxes, any sign; not a float. 0.004 boxes are one carton.

    Returns:
        Cartons.

    Raises:
        ValueError: ``boxes`` is a float or not a whole number of cartons.

    Source:
        Domain research 5.2 and W17: 14,981 boxes are 3,745,250 cartons.
    """
    if isinstance(boxes, float):
        raise ValueError(f"boxes must be an int or a Decimal, got the float {boxes!r}")
    exact = Decimal(boxes)
    if not exact.is_finite() or exact * CARTONS_PER_BOX != int(exact * CARTONS_PER_BOX):
        raise ValueError(
            f"boxes must be a whole number of cartons (multiples of 0.004), got {boxes}"
        )
    return int(exact * CARTONS_PER_BOX)


def cartons_to_boxes(cartons: int) -> Decimal:
    """Boxes (箱) of so many cartons (条), exact, shown with four places.

    Args:
        cartons: Cartons, any sign.

    Returns:
        Boxes with four decimal places; always exact, as 1/250 is 0.0040.

    Raises:
        ValueError: ``cartons`` is not an int.

    Source:
        Domain research 5.2.
    """
    return (Decimal(_whole(cartons)) / CARTONS_PER_BOX).quantize(FOUR_PLACES)


def cartons_to_cases(cartons: int) -> Decimal:
    """Cases (件) of so many cartons (条), exact, shown with four places.

    Args:
        cartons: Cartons, any sign.

    Returns:
        Cases with four decimal places; always exact, as 1/50 is 0.0200.

    Raises:
        ValueError: ``cartons`` is not an int.

    Source:
        Domain research 5.2.
    """
    return (Decimal(_whole(cartons)) / CARTONS_PER_CASE).quantize(FOUR_PLACES)


def cartons_to_sticks(cartons: int, *, sticks_per_carton: int = STICKS_PER_CARTON) -> int:
    """Sticks (支) in so many cartons (条).

    Args:
        cartons: Cartons, any sign.
        sticks_per_carton: Of the product; slim or short packs may hold other counts than 200.

    Returns:
        Sticks.

    Raises:
        ValueError: An argument is not an int, or ``sticks_per_carton`` is below 1.

    Source:
        Domain research 5.2 and W17: 3,745,250 cartons are 749,050,000 sticks.
    """
    if _whole(sticks_per_carton) < 1:
        raise ValueError(f"sticks_per_carton must be at least 1, got {sticks_per_carton}")
    return _whole(cartons) * sticks_per_carton


def _whole(value: int) -> int:
    if isinstance(value, float | Decimal) or int(value) != value:
        raise ValueError(f"must be a whole number of type int, got {value!r}")
    return int(value)
