from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_append_only"),
        ("customers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="retailer",
            name="recent_cartons",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Net purchases of the last three closed months, cartons; kept by the night.",
                verbose_name="purchases of three months",
            ),
        ),
        migrations.AddIndex(
            model_name="retailer",
            index=models.Index(
                fields=["company", "recent_cartons", "id"], name="customers_retailer_recent"
            ),
        ),
    ]
