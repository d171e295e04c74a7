"""Writes of segmentation: schemes, runs, publication."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import Company, User
from accounts.services import record
from brands import frames as brand_frames
from config.common import bulk, periods
from config.common.errors import ConflictError, DomainError
from config.common.models import JobRun
from customers.core.lifecycle import DEFAULT_RULES, life_cycle_stages
from customers.models import Retailer
from customers.services.purchases import store_purchases
from segmentation import frames
from segmentation.core.abc import Crossing, abc_classes, abc_figures
from segmentation.core.defaults import ABC_PARAMS, TIER_PARAMS
from segmentation.core.tiers import assign_tiers, tier_score
from segmentation.models import (
    FIRST_SCHEMES,
    Assignment,
    RunStatus,
    Scheme,
    SchemeKind,
    SchemeVersion,
    SegmentationRun,
    scheme_label,
)
from segmentation.services import desk

FIRST_DAY = dt.date(2000, 1, 1)
LIFE_CYCLE_MONTHS = 24


def create_default_schemes(company: Company) -> None:
    """The schemes that every company starts with; a person changes them by new versions."""
    defaults = [
        ("abc", SchemeKind.ABC, ABC_PARAMS),
        ("tier30", SchemeKind.TIERS, TIER_PARAMS),
    ]
    for code, kind, params in defaults:
        name = scheme_label(code, FIRST_SCHEMES[code])
        scheme = Scheme.objects.create(company=company, code=code, name=name, kind=kind)
        SchemeVersion.objects.create(
            scheme=scheme, version=1, effective_from=FIRST_DAY, params=params
        )


def version_as_of(scheme: Scheme, day: dt.date) -> SchemeVersion:
    """The version of a scheme in force on a day.

    Raises:
        DomainError: The scheme had no version yet.
    """
    version = (
        scheme.versions.filter(effective_from__lte=day)
        .order_by("-effective_from", "-version")
        .first()
    )
    if version is None:
        raise DomainError(
            _("The scheme %(name)s has no parameters for %(day)s.")
            % {"name": scheme.label, "day": day},
            code="no_version",
        )
    return version


# --- computing ----------------------------------------------------------------------------


def load_history(
    *, company_id: int, population: frames.Population, schemes: Sequence[Scheme], day: dt.date
) -> frames.History:
    """As many closed months as the life cycle or any of the schemes looks back."""
    wanted = [int(version_as_of(scheme, day).params["months"]) for scheme in schemes]
    last = periods.last_closed(day)
    first = periods.shift(last, 1 - max([LIFE_CYCLE_MONTHS, *wanted]))
    return frames.load_history(company_id, population, periods.period_range(first, last))


def compute_scheme(
    *,
    scheme: Scheme,
    population: frames.Population,
    history: frames.History,
    business_date: dt.date,
    job: JobRun | None,
    assert_owner: Callable[[], None],
) -> SegmentationRun:
    """Classify the population and store the result as the scheme's proposal.

    A result equal to the current proposal is not written again. One transaction replaces the
    proposal; what is published stays untouched.

    Args:
        scheme: Which scheme.
        population: Whom.
        history: Their purchases, of ``load_history``.
        business_date: As of the close of which day.
        job: The job that asked.
        assert_owner: First call of the transaction; raises when the job was taken over.

    Returns:
        The proposal; status "held" when more retailers would move than the scheme allows unseen. When
        nothing has changed since publication, the published run itself: then there is no proposal.
    """
    version = version_as_of(scheme, business_date)
    last = periods.last_closed(business_date)
    first = periods.shift(last, 1 - int(version.params["months"]))
    classify = _classify_abc if scheme.kind == SchemeKind.ABC else _classify_tiers
    classes = classify(population, history.window(first, last), version.params)
    with transaction.atomic():
        assert_owner()
        published: SegmentationRun | None = _locked(scheme.pk).published_run
        current: SegmentationRun | None = SegmentationRun.objects.filter(
            scheme=scheme, status__in=[RunStatus.COMPUTED, RunStatus.HELD]
        ).first()
        if published is not None and _is_same(published, classes, version, last):
            if current is not None:
                _supersede(current)
            return published
        same = current is not None and _is_same(current, classes, version, last)
        if current is not None and not same:
            _supersede(current)
        run = SegmentationRun(scheme=scheme, company_id=scheme.company_id)
        if current is not None and same:
            run = current
        movements = _movements(published, classes)
        _fill_run(run, version, business_date, (first, last), classes, movements, job)
        run.save()
        if not same:
            frames.insert_assignments(run.pk, classes)
        desk.tell_proposal(run)
        return run


def _locked(scheme_id: int) -> Scheme:
    """The scheme, for as long as the transaction lasts ours alone.

    Else a night that replaces the proposal and a person who publishes it could each undo the other.
    """
    schemes = Scheme.objects.select_for_update(of=("self",)).select_related("published_run")
    scheme: Scheme = schemes.get(pk=scheme_id)
    return scheme


def _is_same(
    run: SegmentationRun, classes: frames.Classes, version: SchemeVersion, last: int
) -> bool:
    return (
        run.result_hash == classes.result_hash
        and run.version_id == version.pk
        and run.window_to == last
    )


def _fill_run(
    run: SegmentationRun,
    version: SchemeVersion,
    business_date: dt.date,
    window: tuple[int, int],
    classes: frames.Classes,
    movements: Counter[str],
    job: JobRun | None,
) -> None:
    changed = sum(movements.values())
    retailers = len(classes.retailer_id)
    limit = Decimal(str(version.params.get("hold_share", "1")))
    held = bool(movements) and changed > limit * retailers
    run.version = version
    run.business_date = business_date
    run.window_from, run.window_to = window
    run.retailers = retailers
    run.sizes = classes.sizes()
    run.changed = changed
    run.movements = dict(movements)
    run.result_hash = classes.result_hash
    run.job = job
    run.computed_at = timezone.now()
    run.status = RunStatus.HELD if held else RunStatus.COMPUTED
    run.hold_reason = (
        _("%(changed)d of %(all)d retailers would change class, more than %(limit)s %%.")
        % {"changed": changed, "all": retailers, "limit": f"{limit * 100:.0f}"}
        if held
        else ""
    )


def _classify_abc(
    population: frames.Population, window: frames.Window, params: dict[str, Any]
) -> frames.Classes:
    contribution = window.amount_cents if params["measure"] == "amount" else window.cartons
    cuts = [Decimal(cut) for cut in params["cuts"]]
    crossing = cast("Crossing", params["crossing"])
    codes = abc_classes(contribution, cuts=cuts, crossing=crossing).astype(object)
    found = abc_figures(contribution)
    n = len(contribution)
    figures = {
        "contribution_cents": contribution,
        "share_before": np.nan_to_num(found.share_before).round(6),
        "before": found.before,
        "total_cents": np.full(n, found.total, dtype=np.int64),
        "rank_of": np.full(n, n, dtype=np.int64),
    }
    return _classes(population, codes, found.rank.astype(np.int64), figures)


def _classify_tiers(
    population: frames.Population, window: frames.Window, params: dict[str, Any]
) -> frames.Classes:
    cartons = np.maximum(window.cartons, 0)
    amounts = np.maximum(window.amount_cents, 0)
    found = tier_score(cartons, amounts, weights=[Decimal(part) for part in params["weights"]])
    tiers = assign_tiers(found.score, population.standing, params["shares"])
    n = len(tiers)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((population.standing, -found.score))] = np.arange(1, n + 1)
    codes = bulk.texts([f"D{tier}" for tier in tiers.tolist()])
    figures = {
        "cartons": cartons,
        "amount_cents": amounts,
        "avg_price_cents": found.average_price_cents.round(2),
        "pct_cartons": found.quantity_percentile,
        "pct_amount": found.amount_percentile,
        "pct_price": found.price_percentile,
        "score": found.score,
        "of": np.full(n, n, dtype=np.int64),
    }
    return _classes(population, codes, rank, figures)


def _classes(
    population: frames.Population,
    codes: NDArray[np.object_],
    rank: NDArray[np.int64],
    figures: dict[str, NDArray[Any]],
) -> frames.Classes:
    result = frames.classes_hash(population, codes, rank, figures)
    return frames.Classes(population.retailer_id, codes, rank, figures, result)


def _movements(published: SegmentationRun | None, classes: frames.Classes) -> Counter[str]:
    if published is None:
        return Counter()
    before = frames.load_class_codes(published)
    moves: Counter[str] = Counter()
    for pk, code in zip(classes.retailer_id.tolist(), classes.class_code.tolist(), strict=True):
        old = before.get(pk)
        if old is not None and old != code:
            moves[f"{old}>{code}"] += 1
    return moves


def _supersede(run: SegmentationRun) -> None:
    """A proposal that nobody published gives way; its figures are not needed any more."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Assignment._meta.db_table} WHERE run_id = %s", [run.pk])  # noqa: S608
    SegmentationRun.objects.filter(pk=run.pk).update(status=RunStatus.SUPERSEDED)


def refresh_life_cycle(
    *,
    company_id: int,
    population: frames.Population,
    history: frames.History,
    business_date: dt.date,
    assert_owner: Callable[[], None],
) -> dict[str, int]:
    """Recompute the life-cycle stage (M20) of the population; only changed rows are written.

    Returns:
        Stage code to number of retailers that entered it.
    """
    table = history.cartons[:, -LIFE_CYCLE_MONTHS:]
    since = frames.load_months_since_first(company_id, population, history)
    stages = life_cycle_stages(table, since, rules=DEFAULT_RULES)
    changes = frames.changed_stages(population, stages)
    with transaction.atomic():
        assert_owner()
        for stage, ids in changes.items():
            for start in range(0, len(ids), 500):
                Retailer.objects.filter(pk__in=ids[start : start + 500]).update(
                    life_cycle_stage=stage, life_cycle_since=business_date
                )
    return {stage: len(ids) for stage, ids in changes.items()}


def refresh_recent_purchases(
    *, company_id: int, business_date: dt.date, assert_owner: Callable[[], None]
) -> int:
    """Keep each retailer's purchases of the last three closed months, and of the three before.

    Returns:
        How many retailers changed.
    """
    last = periods.last_closed(business_date)
    turn = periods.shift(last, -2)
    months = brand_frames.load_retailer_months(company_id, periods.shift(last, -5), last)
    retailer_id, place = np.unique(months["retailer_id"], return_inverse=True)

    def total(counts: NDArray[np.bool_]) -> NDArray[np.int64]:
        # Sums stay far below 2^53, so that floats hold them exactly.
        sums = np.bincount(place, np.where(counts, months["cartons"], 0), len(retailer_id))
        return sums.astype(np.int64)

    with transaction.atomic():
        assert_owner()
        return store_purchases(
            company_id=company_id,
            retailer_id=retailer_id,
            recent=total(months["period"] >= turn),
            prior=total(months["period"] < turn),
        )


# --- publication --------------------------------------------------------------------------


def publish_run(*, run: SegmentationRun, by: User) -> SegmentationRun:
    """Make a proposal the classes that everybody sees. Swaps one pointer in one transaction.

    Raises:
        ConflictError: It is not a proposal any more.
    """
    with transaction.atomic():
        scheme = _locked(run.scheme_id)
        previous = scheme.published_run
        if previous is not None and previous.pk != run.pk:
            SegmentationRun.objects.filter(pk=previous.pk).update(status=RunStatus.SUPERSEDED)
        won = SegmentationRun.objects.filter(
            pk=run.pk, status__in=[RunStatus.COMPUTED, RunStatus.HELD]
        ).update(status=RunStatus.PUBLISHED, published_at=timezone.now(), published_by=by)
        if not won:
            raise ConflictError(
                _("These classes are not a proposal any more; reload the page."),
                code="not_a_proposal",
            )
        Scheme.objects.filter(pk=scheme.pk).update(published_run=run)
        record(
            action="classes.publish",
            company_id=run.company_id,
            by=by,
            obj=run,
            object_label=f"{scheme.label} {run.business_date}",
            changes={
                "published_run": [previous.pk if previous else None, run.pk],
                "sizes": [previous.sizes if previous else {}, run.sizes],
                "changed": [None, run.changed],
            },
        )
    run.refresh_from_db()
    return run


def dismiss_run(*, run: SegmentationRun, by: User, reason: str) -> None:
    """Drop a proposal; the next night makes a new one.

    Raises:
        DomainError: No reason was given.
        ConflictError: It is not a proposal any more.
    """
    if not reason.strip():
        raise DomainError(_("Say why the proposal is dropped."), code="reason_missing")
    with transaction.atomic():
        _locked(run.scheme_id)
        current = SegmentationRun.objects.filter(
            pk=run.pk, status__in=[RunStatus.COMPUTED, RunStatus.HELD]
        ).first()
        if current is None:
            raise ConflictError(
                _("These classes are not a proposal any more; reload the page."),
                code="not_a_proposal",
            )
        _supersede(current)
        record(
            action="classes.dismiss",
            company_id=run.company_id,
            by=by,
            obj=run,
            reason=reason,
        )
