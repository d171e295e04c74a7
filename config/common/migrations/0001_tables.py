import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("common", "0001_initial"), ("common", "0002_attempts_before")]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkerBeat",
            fields=[
                ("name", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "key",
                    models.CharField(
                        help_text="Says what is done once: a second one clashes.",
                        max_length=120,
                        unique=True,
                    ),
                ),
                ("company_id", models.BigIntegerField(null=True)),
                ("business_date", models.DateField(null=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "args",
                    models.JSONField(
                        default=dict, help_text="Primary keys and plain options, never rows."
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("succeeded", "Finished"),
                            ("held", "Held for a person"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "attempts_before",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Attempts before a person started it again; they count no more.",
                    ),
                ),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(default="", max_length=120)),
                ("not_before", models.DateTimeField(null=True)),
                ("progress_done", models.BigIntegerField(default=0)),
                ("progress_total", models.BigIntegerField(default=0)),
                ("progress_text", models.CharField(default="", max_length=200)),
                ("summary", models.JSONField(default=dict)),
                ("result_hash", models.CharField(default="", max_length=64)),
                ("error", models.TextField(default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="common.jobrun",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["queued", "running"])),
                        fields=["status", "lease_until"],
                        name="common_jobrun_due",
                    ),
                    models.Index(
                        fields=["company_id", "kind", "-created_at"], name="common_jobrun_list"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", "night"), ("status__in", ["queued", "running"])
                        ),
                        fields=("company_id",),
                        name="common_jobrun_one_night_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "succeeded", "held", "failed", "cancelled"],
                            )
                        ),
                        name="common_jobrun_known_status",
                    ),
                ],
            },
        ),
    ]
