"""Entry point of Celery workers and beat. A message only says "look at row N" (reliability.md, rule 1)."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("liangzhun")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config.common", "config"])
app.conf.beat_schedule = {
    "sweep": {"task": "liangzhun.sweep.v1", "schedule": float(settings.JOB_SWEEP_SECONDS)},
    # In the time zone of CELERY_TIMEZONE. A beat that was down at that minute starts it when it is back.
    "start-nights": {
        "task": "liangzhun.start_nights.v1",
        "schedule": crontab(hour=settings.NIGHT_HOUR, minute=0),
    },
}
