from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("brands", "0002_price_classes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="product",
            name="code",
            field=models.CharField(max_length=80, unique=True, verbose_name="code"),
        ),
    ]
