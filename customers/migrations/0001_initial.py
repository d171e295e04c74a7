import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("common", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CodeItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("format", "Format"),
                            ("market_type", "Market type"),
                            ("trade_area", "Trade area"),
                            ("compliance_grade", "Compliance grade"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=60)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="code_items",
                        to="accounts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "code list entry",
                "ordering": ["kind", "position", "code"],
            },
        ),
        migrations.CreateModel(
            name="ImportedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "name",
                    models.CharField(
                        help_text="As the user called it; never used as a path.", max_length=200
                    ),
                ),
                (
                    "path",
                    models.CharField(default="", help_text="Below MEDIA_ROOT.", max_length=200),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("bytes", models.BigIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("refused", "Refused"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("failed", "Failed"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                ("partial", models.BooleanField(default=False)),
                ("imported", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                (
                    "reasons",
                    models.JSONField(default=dict, help_text="Reason code: number of rows."),
                ),
                ("preview", models.JSONField(default=list, help_text="The first refused rows.")),
                ("message", models.TextField(blank=True, default="")),
                ("errors_path", models.CharField(default="", max_length=200)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
            },
        ),
        migrations.CreateModel(
            name="Retailer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "search_key",
                    models.CharField(
                        default="",
                        help_text="Lower case: code, name, pinyin initials, licence.",
                        max_length=400,
                    ),
                ),
                (
                    "licence_no",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="licence number"
                    ),
                ),
                (
                    "order_weekday",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="ISO: Monday is 1.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="order weekday",
                    ),
                ),
                (
                    "biweekly",
                    models.CharField(
                        blank=True,
                        choices=[("", "Every week"), ("odd", "Odd weeks"), ("even", "Even weeks")],
                        default="",
                        max_length=4,
                        verbose_name="order weeks",
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="address"
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True),
                ),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=8, null=True),
                ),
                (
                    "coordinate_system",
                    models.CharField(
                        choices=[("WGS84", "WGS-84"), ("GCJ02", "GCJ-02"), ("BD09", "BD-09")],
                        default="WGS84",
                        max_length=5,
                    ),
                ),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened on")),
                (
                    "source_tier",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="tier in the source system"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("suspended", "Supply suspended"),
                            ("closed", "Closed"),
                        ],
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "life_cycle_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("potential", "Potential"),
                            ("development", "Development"),
                            ("growth", "Growth"),
                            ("maturity", "Maturity"),
                            ("decline", "Decline"),
                            ("end", "Ended"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="life-cycle stage",
                    ),
                ),
                ("life_cycle_since", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retailers",
                        to="accounts.company",
                    ),
                ),
                (
                    "compliance_grade",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.codeitem",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.orgunit",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.orgunit",
                    ),
                ),
                (
                    "format",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.codeitem",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.orgunit",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retailers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="customer manager",
                    ),
                ),
                (
                    "market_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.codeitem",
                    ),
                ),
                (
                    "trade_area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.codeitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "retailer",
                "verbose_name_plural": "retailers",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="name"),
                ),
                (
                    "relation",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="relation"
                    ),
                ),
                (
                    "phone",
                    models.CharField(blank=True, default="", max_length=30, verbose_name="phone"),
                ),
                ("is_primary", models.BooleanField(default=False)),
                ("is_key_man", models.BooleanField(default=False, verbose_name="key man")),
                (
                    "retailer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="customers.retailer",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
            },
        ),
        migrations.AddConstraint(
            model_name="codeitem",
            constraint=models.UniqueConstraint(
                fields=("company", "kind", "code"), name="customers_codeitem_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="codeitem",
            constraint=models.UniqueConstraint(
                fields=("company", "kind", "name"), name="customers_codeitem_name_once"
            ),
        ),
        migrations.AddIndex(
            model_name="importedfile",
            index=models.Index(fields=["company", "-uploaded_at"], name="customers_file_recent"),
        ),
        migrations.AddIndex(
            model_name="retailer",
            index=models.Index(fields=["company", "name", "id"], name="customers_retailer_name"),
        ),
        migrations.AddIndex(
            model_name="retailer",
            index=models.Index(fields=["county", "code"], name="customers_retailer_county"),
        ),
        migrations.AddIndex(
            model_name="retailer",
            index=models.Index(fields=["manager", "code"], name="customers_retailer_manager"),
        ),
        migrations.AddConstraint(
            model_name="retailer",
            constraint=models.UniqueConstraint(
                fields=("company", "code"), name="customers_retailer_code_in_company"
            ),
        ),
        migrations.AddConstraint(
            model_name="retailer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_weekday", None), ("order_weekday__range", (1, 7)), _connector="OR"
                ),
                name="customers_retailer_weekday_is_iso",
            ),
        ),
        migrations.AddConstraint(
            model_name="retailer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                    _connector="OR",
                ),
                name="customers_retailer_coordinates_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("retailer",),
                name="customers_contact_one_primary",
            ),
        ),
    ]
