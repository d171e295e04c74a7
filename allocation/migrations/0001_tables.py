import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("allocation", "0001_initial"), ("allocation", "0002_demand_forecast")]

    dependencies = [
        ("accounts", "0002_tables"),
        ("brands", "0001_tables"),
        ("common", "0001_tables"),
        ("customers", "0001_tables"),
        ("segmentation", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DemandForecast",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "period",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period", models.IntegerField(verbose_name="month")),
                ("business_date", models.DateField(help_text="As of which day.")),
                (
                    "last_year_cartons",
                    models.BigIntegerField(
                        help_text="Same month last year, normalised to this month's order weeks.",
                        null=True,
                    ),
                ),
                ("forecast_cartons", models.BigIntegerField()),
                (
                    "backtest_error",
                    models.FloatField(
                        help_text="Mean of |forecast - actual| / actual over the last closed months; 0.1 is 10 %.",
                        null=True,
                    ),
                ),
                ("figures", models.JSONField(default=dict, help_text="All ingredients, by name.")),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "forecast",
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.IntegerField(verbose_name="month")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approved", "Approved"),
                            ("published", "Published"),
                            ("superseded", "Superseded"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "business_date",
                    models.DateField(help_text="As of which day it was computed.", null=True),
                ),
                ("policies", models.JSONField(default=dict, help_text="Rule code: version used.")),
                ("products", models.PositiveIntegerField(default=0)),
                ("retailers", models.PositiveIntegerField(default=0)),
                ("total_cartons", models.BigIntegerField(default=0)),
                ("released_cartons", models.BigIntegerField(default=0)),
                ("quota_rows", models.PositiveIntegerField(default=0)),
                ("result_hash", models.CharField(default="", max_length=64)),
                ("warnings", models.JSONField(default=list)),
                ("computed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("approved_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "publication_no",
                    models.BigIntegerField(
                        help_text="Grows with every publication; the change cursor.",
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="accounts.company",
                    ),
                ),
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
                    "tier_run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="segmentation.segmentationrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "last_year_cartons",
                    models.BigIntegerField(
                        help_text="Same month last year, normalised to this month's order weeks.",
                        null=True,
                    ),
                ),
                ("forecast_cartons", models.BigIntegerField()),
                ("node_factor", models.DecimalField(decimal_places=2, max_digits=5)),
                ("history_weight", models.DecimalField(decimal_places=3, max_digits=4)),
                ("supply_cap", models.BigIntegerField(null=True)),
                ("total_cartons", models.BigIntegerField(help_text="The monthly total (M8).")),
                (
                    "tier_cartons",
                    models.BigIntegerField(
                        default=0,
                        help_text="What the tier quotas would release if everyone took all.",
                    ),
                ),
                (
                    "released_cartons",
                    models.BigIntegerField(default=0, help_text="Sum of the retailers' quotas."),
                ),
                (
                    "reserve_cartons",
                    models.BigIntegerField(default=0, help_text="Total less released."),
                ),
                ("figures", models.JSONField(default=dict, help_text="All ingredients, by name.")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="allocation.plan",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a plan",
            },
        ),
        migrations.CreateModel(
            name="RetailerQuota",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "plan_id",
                        "retailer_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tier", models.SmallIntegerField()),
                (
                    "weight",
                    models.BigIntegerField(
                        help_text="Basis of the share, such as last quarter's cartons."
                    ),
                ),
                (
                    "upper",
                    models.IntegerField(help_text="Most that the rules allow this retailer."),
                ),
                ("cartons", models.IntegerField()),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="allocation.plan",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.product",
                    ),
                ),
                (
                    "retailer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.retailer",
                    ),
                ),
            ],
            options={
                "verbose_name": "retailer quota",
            },
        ),
        migrations.CreateModel(
            name="SupplyCap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.IntegerField(verbose_name="month")),
                ("version", models.PositiveIntegerField(default=1)),
                ("cartons", models.BigIntegerField(verbose_name="cartons")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreed supply",
            },
        ),
        migrations.CreateModel(
            name="TierQuota",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "tier",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tier", models.PositiveSmallIntegerField()),
                ("retailers", models.PositiveIntegerField()),
                ("cartons", models.IntegerField(help_text="Per retailer of the tier.")),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tier_quotas",
                        to="allocation.planline",
                    ),
                ),
            ],
            options={
                "verbose_name": "tier quota",
            },
        ),
        migrations.CreateModel(
            name="NodeFactor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.IntegerField(verbose_name="month")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "factor",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="1.25 means 25 % more.",
                        max_digits=5,
                        verbose_name="factor",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
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
                    "price_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.priceclass",
                    ),
                ),
            ],
            options={
                "verbose_name": "node factor",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "period", "price_class", "version"),
                        name="allocation_nodefactor_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("factor__gt", 0), ("factor__lte", 5)),
                        name="allocation_nodefactor_sensible",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                fields=("company", "period", "version"), name="allocation_plan_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")),
                fields=("company", "period"),
                name="allocation_plan_one_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "approved"])),
                fields=("company", "period"),
                name="allocation_plan_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="planline",
            constraint=models.UniqueConstraint(
                fields=("plan", "product"), name="allocation_planline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="planline",
            constraint=models.CheckConstraint(
                condition=models.Q(("released_cartons__gte", 0), ("reserve_cartons__gte", 0)),
                name="allocation_planline_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplycap",
            constraint=models.UniqueConstraint(
                fields=("company", "period", "product", "version"), name="allocation_supplycap_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="supplycap",
            constraint=models.CheckConstraint(
                condition=models.Q(("cartons__gte", 0)), name="allocation_supplycap_positive"
            ),
        ),
    ]
