import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("brands", "0001_initial"),
        ("brands", "0003_longer_product_codes"),
        ("brands", "0004_market_observations"),
    ]

    dependencies = [
        ("accounts", "0002_tables"),
        ("customers", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Manufacturer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "manufacturer",
            },
        ),
        migrations.CreateModel(
            name="PriceClass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "price class",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="OrderBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=10)),
                ("label", models.CharField(default="", max_length=200)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("orders", models.PositiveIntegerField(default=0)),
                ("lines", models.PositiveIntegerField(default=0)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_batches",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "batch of orders",
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(default="main", max_length=20)),
                ("order_no", models.CharField(max_length=60)),
                ("ordered_on", models.DateField()),
                ("period", models.IntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("cancelled", "Cancelled")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("line_count", models.IntegerField(default=0)),
                ("cartons", models.BigIntegerField(default=0)),
                ("amount_cents", models.BigIntegerField(default=0)),
                (
                    "content_hash",
                    models.BigIntegerField(
                        default=0,
                        help_text="Sum of the hashes of its lines, modulo 2^63: order does not matter.",
                    ),
                ),
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
                    "retailer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="customers.retailer",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="brands.orderbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "order",
            },
        ),
        migrations.CreateModel(
            name="PriceClassCut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateField()),
                ("min_wholesale", models.DecimalField(decimal_places=2, max_digits=10)),
                (
                    "price_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cuts",
                        to="brands.priceclass",
                    ),
                ),
            ],
            options={
                "verbose_name": "cut-off of a price class",
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=80, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("search_key", models.CharField(default="", max_length=400)),
                (
                    "brand",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="brand"),
                ),
                (
                    "wholesale_price",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Yuan per carton (条).",
                        max_digits=10,
                        verbose_name="wholesale price",
                    ),
                ),
                (
                    "retail_price",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="retail price"
                    ),
                ),
                ("carton_barcode", models.CharField(blank=True, default="", max_length=20)),
                ("sticks_per_carton", models.PositiveSmallIntegerField(default=200)),
                (
                    "launched_on",
                    models.DateField(blank=True, null=True, verbose_name="launched on"),
                ),
                ("is_key_brand", models.BooleanField(default=False, verbose_name="key brand")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "manufacturer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="brands.manufacturer",
                    ),
                ),
                (
                    "price_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="brands.priceclass",
                    ),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "period",
                        "order_id",
                        "line_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period", models.IntegerField()),
                ("line_no", models.IntegerField()),
                ("ordered_on", models.DateField()),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[(1, "Sale"), (2, "Return"), (3, "Cancelled")], default=1
                    ),
                ),
                ("ordered_cartons", models.IntegerField()),
                ("needed_cartons", models.IntegerField(null=True)),
                ("quota_cartons", models.IntegerField(null=True)),
                ("unit_price_cents", models.IntegerField(null=True)),
                ("amount_cents", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="brands.order",
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
            ],
            options={
                "verbose_name": "order line",
            },
        ),
        migrations.CreateModel(
            name="MonthlySales",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "period",
                        "retailer_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period", models.IntegerField()),
                ("cartons", models.IntegerField()),
                ("amount_cents", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
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
            ],
            options={
                "verbose_name": "monthly sales",
            },
        ),
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
                    "retailer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="customers.retailer",
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
            ],
            options={
                "verbose_name": "market observation",
            },
        ),
        migrations.CreateModel(
            name="ProductMonth",
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
                ("period", models.IntegerField()),
                (
                    "retailers",
                    models.IntegerField(help_text="Retailers with net purchases above zero."),
                ),
                ("cartons", models.BigIntegerField()),
                ("amount_cents", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
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
            ],
            options={
                "verbose_name": "product's month",
            },
        ),
        migrations.CreateModel(
            name="RetailerMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "period",
                        "retailer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("period", models.IntegerField()),
                ("orders", models.IntegerField(help_text="Orders with at least one sale line.")),
                (
                    "products",
                    models.IntegerField(help_text="Products with net purchases above zero."),
                ),
                ("cartons", models.IntegerField()),
                ("amount_cents", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "retailer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="months",
                        to="customers.retailer",
                    ),
                ),
            ],
            options={
                "verbose_name": "retailer's month",
            },
        ),
        migrations.CreateModel(
            name="SalesDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "ordered_on",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ordered_on", models.DateField()),
                ("period", models.IntegerField()),
                ("orders", models.IntegerField()),
                ("cartons", models.BigIntegerField()),
                ("amount_cents", models.BigIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "sales of a day",
            },
        ),
        migrations.CreateModel(
            name="SalesTouch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.IntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
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
                "verbose_name": "changed sales",
            },
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["retailer", "ordered_on"], name="brands_order_by_retailer"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                fields=("company", "source", "order_no"), name="brands_order_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceclasscut",
            constraint=models.UniqueConstraint(
                fields=("price_class", "effective_from"), name="brands_priceclasscut_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("retail_price__gt", 0), ("wholesale_price__gt", 0)),
                name="brands_product_prices_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="marketobservation",
            constraint=models.UniqueConstraint(
                fields=("company", "retailer", "product", "observed_on", "source"),
                name="brands_observation_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="marketobservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("carton_price__gt", 0),
                    ("out_of_stock_days__range", (0, 31)),
                    ("pack_price__gt", 0),
                    ("sold_cartons__gte", 0),
                    ("stock_cartons__gte", 0),
                ),
                name="brands_observation_figures_possible",
            ),
        ),
    ]
