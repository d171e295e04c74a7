import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("segmentation", "0001_initial")]

    dependencies = [
        ("accounts", "0001_tables"),
        ("common", "0001_tables"),
        ("customers", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Scheme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[("abc", "ABC by contribution"), ("tiers", "Tiers by score")],
                        max_length=10,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schemes",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "class scheme",
                "ordering": ["company", "code"],
            },
        ),
        migrations.CreateModel(
            name="SchemeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("effective_from", models.DateField()),
                ("params", models.JSONField()),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="segmentation.scheme",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a class scheme",
            },
        ),
        migrations.CreateModel(
            name="SegmentationRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("business_date", models.DateField()),
                ("window_from", models.IntegerField(help_text="First month looked at, yyyymm.")),
                ("window_to", models.IntegerField(help_text="Last month looked at, yyyymm.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("computed", "Proposal"),
                            ("held", "Held: unusual change"),
                            ("published", "Published"),
                            ("superseded", "Superseded"),
                        ],
                        default="computed",
                        max_length=10,
                    ),
                ),
                ("retailers", models.PositiveIntegerField(default=0)),
                (
                    "sizes",
                    models.JSONField(default=dict, help_text="Class code: number of retailers."),
                ),
                (
                    "changed",
                    models.PositiveIntegerField(
                        default=0, help_text="Retailers in another class than in the published run."
                    ),
                ),
                (
                    "movements",
                    models.JSONField(default=dict, help_text='"A>B": number of retailers.'),
                ),
                ("hold_reason", models.CharField(blank=True, default="", max_length=300)),
                ("result_hash", models.CharField(max_length=64)),
                ("computed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="common.jobrun",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="segmentation.scheme",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="segmentation.schemeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "class run",
            },
        ),
        migrations.AddField(
            model_name="scheme",
            name="published_run",
            field=models.ForeignKey(
                blank=True,
                help_text="What readers see; publishing swaps this pointer.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="segmentation.segmentationrun",
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id",
                        "retailer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("class_code", models.CharField(max_length=10)),
                ("rank", models.IntegerField(help_text="1 is the best.")),
                (
                    "figures",
                    models.JSONField(
                        help_text="The numbers from which the class can be recomputed."
                    ),
                ),
                (
                    "retailer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="customers.retailer",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="segmentation.segmentationrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "class of a retailer",
            },
        ),
        migrations.AddConstraint(
            model_name="schemeversion",
            constraint=models.UniqueConstraint(
                fields=("scheme", "version"), name="segmentation_schemeversion_once"
            ),
        ),
        migrations.AddIndex(
            model_name="segmentationrun",
            index=models.Index(
                fields=["scheme", "-business_date"], name="segmentation_run_by_date"
            ),
        ),
        migrations.AddConstraint(
            model_name="segmentationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["computed", "held"])),
                fields=("scheme",),
                name="segmentation_run_one_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="segmentationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")),
                fields=("scheme",),
                name="segmentation_run_one_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.UniqueConstraint(
                fields=("company", "code"), name="segmentation_scheme_once"
            ),
        ),
    ]
