"""A retailer stands in one open hand-over at most: the database holds the rule."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_prior_purchases"),
    ]

    operations = [
        migrations.AddField(
            model_name="handoverretailer",
            name="is_open",
            field=models.BooleanField(
                default=True, help_text="Until the hand-over is done, refused or withdrawn."
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
    ]
