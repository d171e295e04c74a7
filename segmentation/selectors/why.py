"""Why a retailer is in its class: the stored figures, put into the rule again."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from config.common.periods import period_text
from segmentation.core.tiers import tier_sizes
from segmentation.models import Assignment, SchemeKind


@dataclass(frozen=True)
class Step:
    """One factor of a score: value × weight."""

    label: str
    value: str
    percentile: float
    weight: float

    @property
    def points(self) -> float:
        """What the factor adds to the score."""
        return self.percentile * self.weight


@dataclass(frozen=True)
class Why:
    """An explanation that can be checked by hand.

    Args:
        code: The class.
        sentences: What the rule saw and said.
        steps: Factors of the score, for tiers.
        score: Sum of their points.
        recomputed: The class that follows from the stored figures.
    """

    code: str
    sentences: list[str]
    steps: list[Step]
    score: float | None
    recomputed: str

    @property
    def agrees(self) -> bool:
        """True when the figures give the stored class again."""
        return self.code == self.recomputed


def explain(assignment: Assignment) -> Why:
    """Take a class apart. ``run.scheme`` and ``run.version`` must be loaded."""
    if assignment.run.scheme.kind == SchemeKind.ABC:
        return _explain_abc(assignment)
    return _explain_tier(assignment)


def _window(assignment: Assignment) -> dict[str, str]:
    run = assignment.run
    return {"first": period_text(run.window_from), "last": period_text(run.window_to)}


def _yuan(cents: Any) -> str:
    return f"{Decimal(int(cents)) / 100:,.2f}"


# --- ABC ----------------------------------------------------------------------------------


def _explain_abc(assignment: Assignment) -> Why:
    figures, params = assignment.figures, assignment.run.version.params
    by_amount = params.get("measure", "amount") == "amount"
    own, total = int(figures["contribution_cents"]), int(figures["total_cents"])
    before = int(figures.get("before", round(float(figures["share_before"]) * total)))
    first, second = (Decimal(cut) for cut in params["cuts"])
    window = _window(assignment)
    facts = {
        "from": window["first"],
        "to": window["last"],
        "own": _yuan(own) if by_amount else f"{own:,}",
        "total": _yuan(total) if by_amount else f"{total:,}",
        "rank": f"{assignment.rank:,}",
        "of": f"{int(figures['rank_of']):,}",
        "share": f"{_share(before, total) * 100:.3f}",
        "through": f"{_share(before + own, total) * 100:.3f}",
        "first": f"{first * 100:.0f}",
        "second": f"{second * 100:.0f}",
        "code": assignment.class_code,
    }
    bought = (
        _("Purchases from %(from)s to %(to)s: %(own)s yuan, rank %(rank)s of %(of)s.")
        if by_amount
        else _("Purchases from %(from)s to %(to)s: %(own)s cartons, rank %(rank)s of %(of)s.")
    )
    sentences = [bought % facts]
    higher = params.get("crossing", "higher") == "higher"
    if own <= 0:
        sentences.append(_("Without purchases a retailer is always in class C."))
    elif higher:
        sentences.append(
            _("All that bought more make %(share)s %% of the whole (%(total)s) together.") % facts
        )
    else:
        sentences.append(
            _(
                "With this retailer, all that bought as much or more make %(through)s %% of the whole."
            )
            % facts
        )
    sentences.append(
        _("Rule: below %(first)s %% is A, below %(second)s %% is B, the rest is C.") % facts
    )
    code = _abc(own, before, total, (first, second), higher=higher)
    return Why(assignment.class_code, sentences, [], None, code)


def _share(part: int, total: int) -> float:
    return part / total if total else 1.0


def _abc(own: int, before: int, total: int, cuts: tuple[Decimal, Decimal], *, higher: bool) -> str:
    if own <= 0:
        return "C"
    for code, cut in zip("AB", cuts, strict=True):
        inside = before < cut * total if higher else before + own <= cut * total
        if inside:
            return code
    return "C"


# --- tiers --------------------------------------------------------------------------------


def _explain_tier(assignment: Assignment) -> Why:
    figures, params = assignment.figures, assignment.run.version.params
    weights = [float(weight) for weight in params["weights"]]
    steps = [
        Step(
            _("Quantity (cartons)"),
            f"{int(figures['cartons']):,}",
            figures["pct_cartons"],
            weights[0],
        ),
        Step(_("Amount (yuan)"), _yuan(figures["amount_cents"]), figures["pct_amount"], weights[1]),
        Step(
            _("Average price (yuan per carton)"),
            f"{figures['avg_price_cents'] / 100:,.2f}",
            figures["pct_price"],
            weights[2],
        ),
    ]
    of = int(figures["of"])
    code, first, last = _tier_of_rank(assignment.rank, of, params["shares"])
    facts = {
        **_window(assignment),
        "rank": f"{assignment.rank:,}",
        "of": f"{of:,}",
        "code": code,
        "from": f"{first:,}",
        "to": f"{last:,}",
    }
    sentences = [
        _("Purchases from %(first)s to %(last)s, as percentiles among %(of)s retailers.") % facts,
        _("By score the rank is %(rank)s of %(of)s; ranks %(from)s to %(to)s are in %(code)s.")
        % facts,
    ]
    return Why(assignment.class_code, sentences, steps, figures["score"], code)


def _tier_of_rank(rank: int, of: int, shares: list[Any]) -> tuple[str, int, int]:
    """Tier of a rank, and the first and last rank of that tier."""
    first = 1
    for number, size in zip(range(len(shares), 0, -1), tier_sizes(of, shares), strict=True):
        last = first + int(size) - 1
        if first <= rank <= last:
            return f"D{number}", first, last
        first = last + 1
    return "", 0, 0
