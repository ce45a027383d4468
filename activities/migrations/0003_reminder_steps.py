"""The usual ladder: 7 and 1 days before, on the day, 3, 7 and 15 days after, each time further up."""

from django.db import migrations

STEPS = [(-7, "reporter"), (-1, "reporter"), (0, "reporter"), (3, "head"), (7, "head"), (15, "leader")]


def add(apps, schema_editor):
    step = apps.get_model("activities", "ReminderStep")
    for days, audience in STEPS:
        step.objects.get_or_create(days=days, defaults={"audience": audience})


class Migration(migrations.Migration):
    """Seed the ladder; an administrator may change it."""

    dependencies = [("activities", "0002_reporting")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
