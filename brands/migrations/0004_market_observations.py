import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_append_only"),
        ("brands", "0003_longer_product_codes"),
        ("customers", "0003_importedfile_mapping"),
    ]

    operations = [
        migrations.CreateModel(
            name="MarketObservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("observed_on", models.DateField(verbose_name="observed on")),
                ("period", models.IntegerField()),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="source"),
                ),
                ("shelf", models.BooleanField(null=True, verbose_name="on the shelf")),
                ("carton_price", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("pack_price", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("stock_cartons", models.IntegerField(null=True)),
                ("sold_cartons", models.IntegerField(null=True)),
                ("out_of_stock_days", models.SmallIntegerField(null=True)),
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
                        related_name="observations",
                        to="brands.product",
                    ),
                ),
                (
                    "retailer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="customers.retailer",
                    ),
                ),
            ],
            options={
                "verbose_name": "market observation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "retailer", "product", "observed_on", "source"),
                        name="brands_observation_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("carton_price__gt", 0),
                            ("out_of_stock_days__range", (0, 31)),
                            ("pack_price__gt", 0),
                            ("sold_cartons__gte", 0),
                            ("stock_cartons__gte", 0),
                        ),
                        name="brands_observation_figures_possible",
                    ),
                ],
            },
        ),
    ]
