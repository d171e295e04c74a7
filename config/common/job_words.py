"""What jobs, stages, runs and remarks of the computation are called on pages.

An app says what its kinds of jobs are called and where they are looked at: ``register``. Nothing else
needs to know them: the task tray, the list of runs and the notices ask here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.common.models import JobRun
from config.common.nights import NIGHT, stage_names


@dataclass(frozen=True)
class Words:
    """How a kind of jobs is shown to the person who asked for one.

    Args:
        label: What it is called: "Import of a file".
        url: Address of the page of what the job is about; "" where there is none.
        tells: False when the kind has a notice of its own for the good end.
        tells_failure: False when it has one of its own for the bad end too.
    """

    label: Promise | str
    url: Callable[[JobRun], str] | None = None
    tells: bool = True
    tells_failure: bool = True


_kinds: dict[str, Words] = {}


def register(
    kind: str,
    label: Promise | str,
    url: Callable[[JobRun], str] | None = None,
    *,
    tells: bool = True,
    tells_failure: bool = True,
) -> None:
    """Say what a kind of jobs is called and where it is looked at. Called from ``AppConfig.ready``."""
    _kinds[kind] = Words(label, url, tells, tells_failure)


def known_kinds() -> dict[str, Words]:
    """Every kind that an app has named, with its words."""
    return dict(_kinds)


def words_of(kind: str) -> Words:
    """How a kind of jobs is shown; an unknown one by its own name."""
    return _kinds.get(kind) or Words(stage_label(kind))


def job_url(job: JobRun) -> str:
    """The page of what a job is about, or "" where it has none."""
    url = words_of(job.kind).url
    return url(job) if url is not None else ""


def job_title(job: JobRun) -> str:
    """What a job is about, in the words of who asked for it: the name of a file, of a list."""
    title = job.args.get("title", "")
    if not title and job.business_date is not None:
        title = job.business_date.isoformat()
    return str(title)[:120]


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
    if name == NIGHT:
        return _("Night")
    if name in _kinds:
        return str(_kinds[name].label)
    return str(STAGES.get(name.rsplit(".", 1)[-1], name))


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
