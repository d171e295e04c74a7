"""The total of one product and month, before it is split over retailers."""

from decimal import Decimal
from fractions import Fraction
from math import floor

MAX_NODE_FACTOR = Decimal(10)


def monthly_total(
    last_year_cartons: int | None,
    forecast_cartons: int | Decimal | Fraction,
    node_factor: Decimal,
    *,
    history_weight: Decimal = Decimal("0.5"),
    supply_cap: int | None = None,
) -> int:
    """Whole cartons to release in a month: history and forecast blended, times the node factor.

    ``floor((w * last_year + (1 - w) * forecast) * node_factor)``, never above the supply. The
    forecast is a *volume*, not the increase over last year. The arithmetic is exact.

    Args:
        last_year_cartons: Sales of the same month last year, cartons, >= 0; None when the product
            has no history, in which case the forecast alone counts.
        forecast_cartons: Normal-growth forecast of this month, cartons, >= 0; not a float.
        node_factor: Festival ratio, above 0 and at most 10; 25 % more is ``Decimal("1.25")``.
        history_weight: Weight ``w`` of last year, 0 to 1; the forecast weighs ``1 - w``.
        supply_cap: Cartons agreed with the manufacturer, >= 0; None for no cap.

    Returns:
        Cartons, >= 0.

    Raises:
        ValueError: A value is outside its range, or is a float.

    Source:
        docs/algorithms/monthly-total.md (seed formula, interpretation a to f).
    """
    node = _exact("node_factor", node_factor)
    weight = _exact("history_weight", history_weight)
    forecast = _exact("forecast_cartons", forecast_cartons)
    if not 0 < node <= MAX_NODE_FACTOR:
        raise ValueError(
            f"node_factor must be above 0 and at most {MAX_NODE_FACTOR} (25 % more is 1.25), "
            f"got {node_factor}"
        )
    if not 0 <= weight <= 1:
        raise ValueError(f"history_weight must be within 0 and 1, got {history_weight}")
    if forecast < 0:
        raise ValueError(f"forecast_cartons must be >= 0, got {forecast_cartons}")
    if supply_cap is not None and _exact("supply_cap", supply_cap) < 0:
        raise ValueError(f"supply_cap must be >= 0, got {supply_cap}")
    if last_year_cartons is None:
        blended = forecast
    else:
        last_year = _exact("last_year_cartons", last_year_cartons)
        if last_year < 0:
            raise ValueError(f"last_year_cartons must be >= 0, got {last_year_cartons}")
        blended = weight * last_year + (1 - weight) * forecast
    cartons = floor(blended * node)
    return cartons if supply_cap is None else min(cartons, floor(supply_cap))


def _exact(name: str, value: int | Decimal | Fraction) -> Fraction:
    if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        raise ValueError(f"{name} must be an int, a finite Decimal or a Fraction, got {value!r}")
    if isinstance(value, Decimal | Fraction):
        return Fraction(value)
    return Fraction(int(value))  # a numpy integer would stay one inside the fraction, and overflow
