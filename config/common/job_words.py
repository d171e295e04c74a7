"""What stages, runs and remarks of the computation are called on pages."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.common.nights import NIGHT, stage_names

STAGES = {
    "sales": gettext_lazy("Monthly sales"),
    "quality": gettext_lazy("Data quality"),
    "metrics": gettext_lazy("Metrics"),
    "segments": gettext_lazy("Classes of retailers"),
    "demand": gettext_lazy("Demand forecast"),
    "allocation": gettext_lazy("Totals and quotas"),
    "field": gettext_lazy("Visits"),
    "engagement": gettext_lazy("Care and campaigns"),
    "report": gettext_lazy("Night report"),
}


def stage_label(name: str) -> str:
    """What a stage of the night, or a kind of job, is called: ``night.sales``, ``file.check``."""
    last = name.rsplit(".", 1)[-1]
    if name == NIGHT:
        return _("Night")
    if last in ("check", "apply"):
        return _("Check of a file") if last == "check" else _("Import of a file")
    return str(STAGES.get(last, name))


def run_label(run: Any) -> str:
    """What a run is called; one that did only some stages of the night is no night.

    ``stages_of_night`` is counted by ``accounts.selectors.list_runs``.
    """
    if run.kind == NIGHT and getattr(run, "stages_of_night", 0) < len(stage_names()):
        return _("Recomputation")
    return stage_label(run.kind)


FLAGS = {
    "no_history": gettext_lazy("no history"),
    "growth_at_cap": gettext_lazy("growth capped"),
    "growth_at_floor": gettext_lazy("decline limited"),
    "growth_no_base": gettext_lazy("no growth known"),
    "capped_by_supply": gettext_lazy("capped by supply"),
    "reserve": gettext_lazy("reserve"),
}


def flag_label(flag: str) -> str:
    """A remark about a line of a plan."""
    return str(FLAGS.get(flag, flag.replace("_", " ")))


def plan_warnings(warnings: list[dict[str, Any]]) -> list[str]:
    """What a computation of a plan warns of, as sentences."""
    texts = {
        "no_tiers": _("No tiers are computed yet: all retailers count as one tier."),
        "tiers_not_published": _(
            "The tiers used here are a proposal that nobody has published yet."
        ),
        "unclassified": _("%(retailers)s active retailers have no tier; they count in the lowest."),
        "reserve": _(
            "%(cartons)s cartons stay in reserve, as upper limits of retailers are reached."
        ),
    }
    return [
        texts.get(warning["code"], warning["code"])
        % {name: f"{value:,}" for name, value in warning.items() if isinstance(value, int)}
        for warning in warnings
    ]
