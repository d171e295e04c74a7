"""Entry point of Celery workers and beat. A message only says "look at row N" (reliability.md, rule 1)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("liangzhun")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config.common"])
