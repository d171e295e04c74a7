"""Whole nights: nothing here waits for anybody."""

import pytest


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr("config.common.nights.time.sleep", lambda seconds: None)
