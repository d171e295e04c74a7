from django.db import migrations, models
from django.db.models import Q

NAME = "customers_retailer_coordinates_complete"
COMPLETE = Q(longitude__isnull=True, latitude__isnull=True) | Q(
    longitude__isnull=False,
    latitude__isnull=False,
    longitude__range=(-180, 180),
    latitude__range=(-90, 90),
)


def drop_halves(apps, schema_editor):
    """Half a position says nothing; the condition before let it pass, as NULL is no false."""
    retailers = apps.get_model("customers", "Retailer").objects.exclude(COMPLETE)
    retailers.update(longitude=None, latitude=None)


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_retailer_bigrams")]

    operations = [
        migrations.RemoveConstraint("retailer", NAME),
        migrations.RunPython(drop_halves, migrations.RunPython.noop),
        migrations.AddConstraint("retailer", models.CheckConstraint(condition=COMPLETE, name=NAME)),
    ]
