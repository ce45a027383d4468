"""Fields of work that programmes and successions name; an office may add its own."""

from django.db import migrations

from documents import vietnamese

FIELDS = [
    ("doi-ngoai", "Đối ngoại nhân dân", "People-to-people diplomacy"),
    ("giam-ngheo", "Giảm nghèo bền vững", "Sustainable poverty reduction"),
    ("nhan-dao", "Nhân đạo, từ thiện, an sinh xã hội", "Humanitarian work and social security"),
    ("y-te", "Y tế, an toàn thực phẩm", "Health and food safety"),
    ("chuyen-doi-so", "Chuyển đổi số", "Digital transformation"),
    ("nguoi-co-cong", "Người có công", "People with merit"),
    ("an-ninh", "An ninh, trật tự", "Security and order"),
    ("phap-luat", "Pháp luật", "Law"),
    ("chinh-quyen", "Xây dựng chính quyền", "Building the administration"),
    ("moi-truong", "Môi trường", "Environment"),
    ("lao-dong", "Lao động, việc làm", "Labour and employment"),
    ("bao-tro", "Bảo trợ xã hội, trẻ em", "Social protection and children"),
]


def add(apps, schema_editor):
    field = apps.get_model("partners", "FieldOfWork")
    for code, name, name_en in FIELDS:
        values = {"name": name, "name_en": name_en, "sort_key": vietnamese.sort_key(name)}
        field.objects.update_or_create(code=code, defaults=values)


class Migration(migrations.Migration):
    """Seed the fields; they stay on the way back, for programmes may use them."""

    dependencies = [("partners", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
