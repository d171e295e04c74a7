import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("customers", "0001_initial"),
        ("customers", "0002_retailer_recent_purchases"),
        ("customers", "0003_importedfile_mapping"),
        ("customers", "0004_workplace"),
        ("customers", "0005_prior_purchases"),
        ("customers", "0006_hand_over_open"),
        ("customers", "0008_both_coordinates_or_none"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
        ("common", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Boundary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="Of the file.", max_length=200)),
                (
                    "geojson",
                    models.JSONField(
                        help_text="A FeatureCollection of polygons, each with a name."
                    ),
                ),
                (
                    "coordinate_system",
                    models.CharField(
                        choices=[("WGS84", "WGS-84"), ("GCJ02", "GCJ-02"), ("BD09", "BD-09")],
                        default="WGS84",
                        max_length=5,
                    ),
                ),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="boundary",
                        to="accounts.company",
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
                "verbose_name": "boundary",
            },
        ),
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
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Waits for approval"),
                            ("approved", "Approved, waits for its date"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                (
                    "accompany_until",
                    models.DateField(
                        help_text="Until then the one before still sees the retailers (proxy period).",
                        null=True,
                    ),
                ),
                ("retailers", models.PositiveIntegerField(default=0)),
                (
                    "figures",
                    models.JSONField(
                        default=dict, help_text="Workload before and after, open work."
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_note", models.CharField(blank=True, default="", max_length=300)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_manager",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_line",
                    models.ForeignKey(
                        help_text="Empty: the retailers stay in their lines.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.orgunit",
                    ),
                ),
                (
                    "to_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "hand-over",
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
                (
                    "mapping",
                    models.TextField(
                        blank=True, default="", help_text="TOML, as it was sent along."
                    ),
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
                            ("reverting", "Being reverted"),
                            ("reverted", "Reverted"),
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
                    "source",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Fingerprint of its columns.",
                        max_length=64,
                    ),
                ),
                (
                    "outcome",
                    models.JSONField(
                        default=dict,
                        help_text="Figures of the dry run and of the result: new, changed, same, clash.",
                    ),
                ),
                (
                    "result_path",
                    models.CharField(default="", help_text="Below MEDIA_ROOT.", max_length=200),
                ),
                (
                    "undo",
                    models.JSONField(
                        default=dict,
                        help_text="What else is needed to revert it, such as the batch of its orders.",
                    ),
                ),
                ("reverted_at", models.DateTimeField(null=True)),
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
                    "reverted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            name="ImportedChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("before", models.JSONField(help_text="None: the file made it.", null=True)),
                ("after", models.JSONField(default=dict)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="customers.importedfile",
                    ),
                ),
            ],
            options={
                "verbose_name": "change by a file",
            },
        ),
        migrations.CreateModel(
            name="RememberedMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "source",
                    models.CharField(
                        help_text="Fingerprint of the columns of the file.", max_length=64
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        default="", help_text="Of the last such file.", max_length=200
                    ),
                ),
                ("mapping", models.TextField(help_text="TOML.")),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "remembered mapping",
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
                (
                    "recent_cartons",
                    models.BigIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Net purchases of the last three closed months, cartons; kept by the night.",
                        verbose_name="purchases of three months",
                    ),
                ),
                (
                    "prior_cartons",
                    models.BigIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Net purchases of the three closed months before those, cartons; kept by the night.",
                        verbose_name="purchases of the three months before",
                    ),
                ),
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
            name="HandOverRetailer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moved_at", models.DateTimeField(null=True)),
                (
                    "skipped",
                    models.CharField(
                        default="",
                        help_text="Why it was left: it had passed to somebody else.",
                        max_length=20,
                    ),
                ),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="Until the hand-over is done, refused or withdrawn."
                    ),
                ),
                (
                    "hand_over",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="customers.handover",
                    ),
                ),
                (
                    "line_before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.orgunit",
                    ),
                ),
                (
                    "manager_before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retailer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="customers.retailer",
                    ),
                ),
            ],
            options={
                "verbose_name": "retailer of a hand-over",
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
                (
                    "phone_tail",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Right("phone", 4),
                        help_text="What people search by.",
                        output_field=models.CharField(max_length=4),
                    ),
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
        migrations.CreateModel(
            name="StandIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "absent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "hand_over",
                    models.ForeignKey(
                        help_text="Set when it only accompanies a hand-over; then it holds for its retailers alone.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stand_ins",
                        to="customers.handover",
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "stand-in",
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
            model_name="handover",
            index=models.Index(
                fields=["company", "-requested_at"], name="customers_handover_recent"
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                condition=models.Q(("status", "approved")),
                fields=["effective_on"],
                name="customers_handover_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_manager", None),
                    models.Q(("from_manager", models.F("to_manager")), _negated=True),
                    _connector="OR",
                ),
                name="customers_handover_to_another",
            ),
        ),
        migrations.AddIndex(
            model_name="importedfile",
            index=models.Index(fields=["company", "-uploaded_at"], name="customers_file_recent"),
        ),
        migrations.AddIndex(
            model_name="importedchange",
            index=models.Index(
                fields=["file", "object_type", "object_id"], name="customers_change_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="rememberedmapping",
            constraint=models.UniqueConstraint(
                fields=("company", "kind", "source"), name="customers_mapping_once"
            ),
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
        migrations.AddIndex(
            model_name="retailer",
            index=models.Index(
                fields=["company", "recent_cartons", "id"], name="customers_retailer_recent"
            ),
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
                    models.Q(
                        ("latitude__isnull", False),
                        ("latitude__range", (-90, 90)),
                        ("longitude__isnull", False),
                        ("longitude__range", (-180, 180)),
                    ),
                    _connector="OR",
                ),
                name="customers_retailer_coordinates_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverretailer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_open", True)),
                fields=("retailer",),
                name="customers_handoverretailer_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverretailer",
            constraint=models.UniqueConstraint(
                fields=("hand_over", "retailer"), name="customers_handoverretailer_once"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["phone_tail"], name="customers_contact_phone_tail"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("retailer",),
                name="customers_contact_one_primary",
            ),
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_on__gte", models.F("from_on"))),
                name="customers_standin_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="standin",
            constraint=models.CheckConstraint(
                condition=models.Q(("absent", models.F("stand_in")), _negated=True),
                name="customers_standin_somebody_else",
            ),
        ),
    ]
