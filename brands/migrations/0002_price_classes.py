"""The five price classes that every installation has (domain.md 5.1).

一类 and 二类 begin at wholesale prices of 158 and 113 yuan per carton. For the classes below, sources give
only allocation prices (30 and 16.5); the cut-offs 52 and 28 stand for them as a sample, to be
replaced by the company's own as new effective-dated rows.
"""

import datetime as dt
from decimal import Decimal

from django.db import migrations

CLASSES = (
    ("1", "一类", "158"),
    ("2", "二类", "113"),
    ("3", "三类", "52"),
    ("4", "四类", "28"),
    ("5", "五类", "0.01"),
)
EFFECTIVE_FROM = dt.date(2015, 5, 10)


def create_classes(apps, schema_editor):
    price_class_model = apps.get_model("brands", "PriceClass")
    cut_model = apps.get_model("brands", "PriceClassCut")
    for position, (code, name, minimum) in enumerate(CLASSES, start=1):
        if price_class_model.objects.filter(name=name).exclude(code=code).exists():
            continue
        price_class, _created = price_class_model.objects.get_or_create(
            code=code, defaults={"name": name, "position": position}
        )
        cut_model.objects.get_or_create(
            price_class=price_class,
            effective_from=EFFECTIVE_FROM,
            defaults={"min_wholesale": Decimal(minimum)},
        )


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_tables")]

    operations = [migrations.RunPython(create_classes, migrations.RunPython.noop)]
