"""The seven content groups that coordination programmes share (domain reference, section 1)."""

from django.db import migrations

GROUPS = [
    (1, "tuyen-truyen", "Tuyên truyền, vận động", "Communication and mobilisation"),
    (2, "nguon-luc", "Vận động, tiếp nhận, phân phối nguồn lực", "Raising and distributing resources"),
    (3, "phong-trao", "Phong trào, cuộc vận động, mô hình", "Movements, campaigns and models"),
    (4, "giam-sat", "Kiểm tra, giám sát, phản biện", "Inspection, oversight and critique"),
    (5, "khen-thuong", "Biểu dương, khen thưởng", "Commendation"),
    (6, "tap-huan", "Tập huấn, bồi dưỡng", "Training"),
    (7, "so-ket", "Trao đổi thông tin, sơ kết, tổng kết", "Exchange of information and reviews"),
]


def add(apps, schema_editor):
    group = apps.get_model("agreements", "ContentGroup")
    for number, code, name, name_en in GROUPS:
        group.objects.update_or_create(number=number, defaults={"code": code, "name": name, "name_en": name_en})


class Migration(migrations.Migration):
    """Seed the taxonomy; it stays on the way back, for tasks may use it."""

    dependencies = [("agreements", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
