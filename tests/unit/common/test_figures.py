"""How figures are written on pages."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from config.common.audit_words import ACTIONS, FIELDS, VALUES, table_label
from config.common.personal import masked_phone
from config.common.templatetags import lz
from config.common.templatetags.refusals import REFUSALS, refusal_label


@pytest.mark.parametrize(
    ("cartons", "text"),
    [
        (250, "1.00"),
        (1, "0.00"),
        (2, "0.01"),
        (-375, "-1.50"),
        (3_745_250, "14,981.00"),
        (None, "–"),
    ],
)
def test_cartons_are_shown_as_boxes_of_250(cartons, text):
    assert lz.boxes(cartons) == text


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (123456789, "1,234,567.89"), (-5, "-0.05"), ("", "–")]
)
def test_cents_are_shown_as_yuan(cents, text):
    assert lz.yuan(cents) == text


@pytest.mark.parametrize(
    ("phone", "text"),
    [("13812345678", "138****5678"), ("123", "***"), ("", ""), ("0731-8888888", "073****8888")],
)
def test_the_middle_of_a_telephone_number_is_hidden(phone, text):
    assert masked_phone(phone) == text


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.1234, "+12.3 %"), (-0.5, "-50.0 %"), (0, "+0.0 %"), (None, "–")]
)
def test_changes_have_a_sign(fraction, text):
    assert lz.percent_signed(fraction) == text


def test_moments_are_local_and_months_have_a_hyphen():
    assert lz.moment(dt.datetime(2026, 11, 20, 18, 14, tzinfo=dt.UTC)) == "2026-11-21 02:14"
    assert lz.month(202601) == "2026-01"
    assert lz.day(None) == "–"


def test_audit_changes_mask_telephone_numbers_and_shorten_hashes():
    with translation.override("en"):
        shown = lz.changes(
            {"phone": ["13812345678", "13912345678"], "result_hash": [None, "a" * 64]}
        )

    assert (shown[0]["old"], shown[0]["new"]) == ("138****5678", "139****5678")
    assert shown[1]["new"] == "a" * 12
    assert not shown[1]["pair"]


def test_a_change_of_many_values_is_cut():
    assert len(lz.changes({"params": [None, list(range(1000))]})[0]["new"]) == 120


def test_facts_leave_out_what_is_nested_and_show_errors_as_per_cent():
    with translation.override("en"):
        shown = lz.facts({"lines": 12345, "plans": [1], "backtest_error": 0.125, "note": "Fine."})

    assert shown == [("order lines", "12,345"), ("error of the back-test", "12.5 %"), ("", "Fine.")]


def test_warnings_of_a_plan_are_sentences_with_their_figures():
    with translation.override("en"):
        texts = lz.plan_warnings([{"code": "reserve", "cartons": 1234}, {"code": "new_code"}])

    assert texts[0].startswith("1,234 cartons")
    assert texts[1] == "new_code"


def test_an_audit_event_is_told_in_words():
    with translation.override("en"):
        shown = lz.changes(
            {
                "sizes": [{}, {"D10": 12, "D2": 3}],
                "status": ["active", "suspended"],
                "biweekly": ["", "odd"],
            }
        )
        texts = [lz.action_label("plan.publish"), lz.action_label("night.unheard_of")]
        actor = lz.actor_name("system")

    assert [(one["old"], one["new"]) for one in shown] == [
        ("–", "D2 3, D10 12"),
        ("Active", "Supply suspended"),
        ("", "Odd weeks"),
    ]
    assert shown[2]["name"] == "Order weeks"
    assert texts == ["Plan published", "night.unheard_of"]
    assert actor == "The clock or the command line"


def test_every_action_that_is_recorded_has_a_name():
    root = Path(__file__).resolve().parents[3]
    apps = ("accounts", "customers", "brands", "segmentation", "allocation", "config")
    found = {
        action
        for app in apps
        for file in (root / app).rglob("*.py")
        for action in re.findall(
            r'(?:\baction=|\b_?record\(\s*)"([a-z_]+\.[a-z_]+)"', file.read_text("utf-8")
        )
    }
    assert {"plan.publish", "view.save", "hand_over.done"} <= found
    assert found <= set(ACTIONS)


def test_the_words_of_the_audit_trail_are_chinese():
    with translation.override("zh-hans"):
        words = [str(it) for group in (ACTIONS, FIELDS, VALUES) for it in group.values()]

    assert [word for word in words if not re.search("[\u4e00-\u9fff]", word)] == []


def test_every_table_whose_rows_a_removal_counts_has_a_chinese_name():
    with translation.override("zh-hans"):
        removed = [one for one in apps.get_models(include_auto_created=True) if _is_ours(one)]
        words = [table_label(model) for model in removed]

    assert [word for word in words if re.search("[a-z]{2}", word)] == []


def _is_ours(model):
    root = Path(__file__).resolve().parents[3]
    ours = (root / model.__module__.split(".")[0] / "apps.py").exists()
    return ours and model._meta.label_lower != "common.workerbeat"  # belongs to no company


def test_every_reason_to_refuse_a_cell_has_a_name():
    root = Path(__file__).resolve().parents[3]
    found = {
        code
        for app in ("customers", "brands")
        for file in (root / app / "importers").rglob("*.py")
        for code in re.findall(r'BadCellError\(\s*"([a-z_]+)"', file.read_text("utf-8"))
    }
    assert "missing_value" in found
    assert found <= set(REFUSALS)


def test_an_unknown_reason_keeps_its_code():
    with translation.override("en"):
        assert refusal_label("not_a_date") == "Not a date"
        assert refusal_label("unheard_of") == "unheard_of"
