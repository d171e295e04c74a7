import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_append_only"),
        ("allocation", "0001_initial"),
        ("brands", "0001_initial"),
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
    ]
