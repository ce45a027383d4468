import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from documents import vietnamese


def fold_kinds(apps, schema_editor):
    document = apps.get_model("agreements", "LegalDocument")
    for kind in document.objects.values_list("kind", flat=True).distinct():
        document.objects.filter(kind=kind).update(kind_key=vietnamese.fold(kind))


class Migration(migrations.Migration):
    """Aliases of legal documents, the folded kind, and what an officer decided about a basis that fell away."""

    dependencies = [
        ('agreements', '0006_intake_spans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('name', 'name in use'), ('number', 'other spelling of the number')], default='name', max_length=6)),
                ('text', models.CharField(max_length=200)),
                ('key', models.CharField(db_index=True, editable=False, max_length=200)),
            ],
            options={
                'verbose_name_plural': 'legal aliases',
                'ordering': ['kind', 'key'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='legaldocument',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='legaldocument',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='legaldocument',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='legalbasis',
            name='kept_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='legalbasis',
            name='kept_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='legalbasis',
            name='kept_effect',
            field=models.CharField(blank=True, choices=[('unknown', 'Effect not checked'), ('not_yet', 'Not yet in force'), ('in_force', 'In force'), ('partly', 'Partly expired'), ('expired', 'Expired'), ('replaced', 'Replaced')], max_length=10),
        ),
        migrations.AddField(
            model_name='legalbasis',
            name='kept_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='legaldocument',
            name='kind_key',
            field=models.CharField(default='', editable=False, max_length=80),
        ),
        migrations.AddField(
            model_name='legaldocumenthistory',
            name='kind_key',
            field=models.CharField(default='', editable=False, max_length=80),
        ),
        migrations.RunPython(fold_kinds, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='legaldocument',
            index=models.Index(fields=['number_key', 'kind_key'], name='legaldocument_number'),
        ),
        migrations.AddIndex(
            model_name='legaldocument',
            index=models.Index(fields=['issued_on'], name='legaldocument_day'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legaldocument',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "agreements_legaldocumenthistory" ("effect", "effect_from", "effect_source", "effect_to", "id", "issued_on", "issued_year", "issuer", "kind", "kind_key", "number", "number_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "search_text", "subject", "version") VALUES (NEW."effect", NEW."effect_from", NEW."effect_source", NEW."effect_to", NEW."id", NEW."issued_on", NEW."issued_year", NEW."issuer", NEW."kind", NEW."kind_key", NEW."number", NEW."number_key", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."search_text", NEW."subject", NEW."version"); RETURN NULL;', hash='d4838e3917bbcdd1a21efb2214aa567e5f78c801', operation='INSERT', pgid='pgtrigger_insert_insert_91c23', table='agreements_legaldocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legaldocument',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "agreements_legaldocumenthistory" ("effect", "effect_from", "effect_source", "effect_to", "id", "issued_on", "issued_year", "issuer", "kind", "kind_key", "number", "number_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "search_text", "subject", "version") VALUES (NEW."effect", NEW."effect_from", NEW."effect_source", NEW."effect_to", NEW."id", NEW."issued_on", NEW."issued_year", NEW."issuer", NEW."kind", NEW."kind_key", NEW."number", NEW."number_key", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."search_text", NEW."subject", NEW."version"); RETURN NULL;', hash='af8259214aaf8175eb0c7be9e502dc493f097c29', operation='UPDATE', pgid='pgtrigger_update_update_baf9a', table='agreements_legaldocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legaldocument',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "agreements_legaldocumenthistory" ("effect", "effect_from", "effect_source", "effect_to", "id", "issued_on", "issued_year", "issuer", "kind", "kind_key", "number", "number_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "search_text", "subject", "version") VALUES (OLD."effect", OLD."effect_from", OLD."effect_source", OLD."effect_to", OLD."id", OLD."issued_on", OLD."issued_year", OLD."issuer", OLD."kind", OLD."kind_key", OLD."number", OLD."number_key", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."search_text", OLD."subject", OLD."version"); RETURN NULL;', hash='c40b9866d3535774cc7e864a7e4c0902db08346e', operation='DELETE', pgid='pgtrigger_delete_delete_f0f49', table='agreements_legaldocument', when='AFTER')),
        ),
        migrations.AddField(
            model_name='legalalias',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='agreements.legaldocument'),
        ),
        migrations.AddConstraint(
            model_name='legalalias',
            constraint=models.UniqueConstraint(fields=('document', 'kind', 'key'), name='legalalias_once'),
        ),
        migrations.AddConstraint(
            model_name='legalalias',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='legalalias_not_empty'),
        ),
    ]
