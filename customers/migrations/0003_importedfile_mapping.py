from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_retailer_recent_purchases"),
    ]

    operations = [
        migrations.AddField(
            model_name="importedfile",
            name="mapping",
            field=models.TextField(blank=True, default="", help_text="TOML, as it was sent along."),
        ),
    ]
