import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# As in 0009_due_work, but that the owner is an outer join: it is always there, and is left out where nobody asks for its
# path.
VIEW = """
    CREATE OR REPLACE VIEW activities_duework AS
    SELECT ('deadline-' || d.id)::text AS key, 'deadline'::text AS kind, d.id::bigint AS thing, d.due_on,
           CASE WHEN d.state = 'done' THEN d.done_on END AS finished_on,
           COALESCE(t.lead_id, p.owner_id)::bigint AS unit_id, t.programme_id::bigint AS programme_id,
           p.status::text AS programme_status, p.owner_id::bigint AS owner_id, o.path::text AS owner_path,
           p.owner_id::bigint AS committee_id, t.id::bigint AS task_id, t.title::text AS title, ''::text AS form, d.period::text AS period,
           d.state::text AS standing
    FROM agreements_taskdeadline d
    JOIN agreements_task t ON t.id = d.task_id
    JOIN agreements_programme p ON p.id = t.programme_id
    LEFT JOIN partners_organisation o ON o.id = p.owner_id
    WHERE d.state <> 'cancelled' AND t.state NOT IN ('paused', 'carried', 'cancelled')
          AND p.status IN ('in_force', 'suspended', 'ended')
    UNION ALL
    SELECT ('report-' || r.id)::text, 'report'::text, r.id::bigint, r.due_on,
           CASE WHEN a.review IN ('submitted', 'accepted')
                THEN (a.submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END,
           r.unit_id::bigint, r.programme_id::bigint, p.status::text, p.owner_id::bigint, o.path::text,
           r.committee_id::bigint, NULL::bigint, r.title::text, r.kind::text, r.period::text, COALESCE(a.review, '')::text
    FROM activities_reportduty r
    JOIN agreements_programme p ON p.id = r.programme_id
    LEFT JOIN partners_organisation o ON o.id = p.owner_id
    LEFT JOIN activities_progressreport a ON a.duty_id = r.id
    WHERE r.waived_at IS NULL AND p.status IN ('in_force', 'suspended', 'ended')
    UNION ALL
    SELECT ('directive-' || d.id)::text, 'directive'::text, d.id::bigint, d.due_on,
           CASE WHEN d.state IN ('answered', 'closed')
                THEN (d.answered_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END,
           d.unit_id::bigint, d.programme_id::bigint, p.status::text, p.owner_id::bigint, o.path::text,
           d.committee_id::bigint, d.task_id::bigint, d.text, ''::text, ''::text, d.state::text
    FROM activities_directive d
    JOIN agreements_programme p ON p.id = d.programme_id
    LEFT JOIN partners_organisation o ON o.id = p.owner_id
    WHERE d.state <> 'withdrawn' AND p.status IN ('in_force', 'suspended', 'ended')
    UNION ALL
    SELECT ('milestone-' || m.id)::text, 'milestone'::text, m.id::bigint, m.due_on, m.done_on,
           COALESCE(m.responsible_id, p.owner_id)::bigint, m.programme_id::bigint, p.status::text, p.owner_id::bigint,
           o.path::text, p.owner_id::bigint, NULL::bigint, m.name::text, m.kind::text, ''::text, ''::text
    FROM agreements_milestone m
    JOIN agreements_programme p ON p.id = m.programme_id
    LEFT JOIN partners_organisation o ON o.id = p.owner_id
    WHERE p.status IN ('in_force', 'suspended', 'ended')
"""
# The columns that activities_duework reads, by table: whoever changes one of them changes due work.
READ = {
    "agreements_programme": ("status", "owner_id"),
    "agreements_task": ("programme_id", "lead_id", "state"),
    "agreements_taskdeadline": ("task_id", "due_on", "done_on", "state"),
    "agreements_milestone": ("programme_id", "responsible_id", "due_on", "done_on"),
    "activities_reportduty": ("programme_id", "unit_id", "due_on", "waived_at"),
    "activities_progressreport": ("duty_id", "review", "submitted_at"),
    "activities_directive": ("programme_id", "unit_id", "due_on", "state", "answered_at"),
}
# Only ever adds a row, so that whoever writes due work waits for nobody (activities.services.due_cells).
FUNCTION = """
CREATE FUNCTION activities_mark_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
BEGIN
    FOR turn IN 1..2 LOOP
        IF turn = 1 THEN
            CONTINUE WHEN TG_OP = 'INSERT';
            changed := OLD;
        ELSE
            EXIT WHEN TG_OP = 'DELETE';
            changed := NEW;
        END IF;
        CASE TG_TABLE_NAME
        WHEN 'agreements_programme' THEN
            INSERT INTO activities_duemark (programme_id) VALUES (changed.id);
        WHEN 'agreements_taskdeadline' THEN
            INSERT INTO activities_duemark (programme_id)
            SELECT programme_id FROM agreements_task WHERE id = changed.task_id;
        WHEN 'activities_progressreport' THEN
            INSERT INTO activities_duemark (programme_id)
            SELECT programme_id FROM activities_reportduty WHERE id = changed.duty_id;
        ELSE
            INSERT INTO activities_duemark (programme_id) VALUES (changed.programme_id);
        END CASE;
    END LOOP;
    RETURN NULL;
END $$;
"""
TRIGGERS = "".join(
    f"""
CREATE TRIGGER activities_due_rows AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION activities_mark_due();
CREATE TRIGGER activities_due_values AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (({", ".join(f"OLD.{column}" for column in columns)})
          IS DISTINCT FROM ({", ".join(f"NEW.{column}" for column in columns)}))
    EXECUTE FUNCTION activities_mark_due();
"""
    for table, columns in READ.items()
)
BACK = "".join(
    f"DROP TRIGGER {name} ON {table};\n"
    for table in READ
    for name in ("activities_due_rows", "activities_due_values")
)
ALL = "INSERT INTO activities_duemark (programme_id) SELECT id FROM agreements_programme"


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0001_squashed_0011_plans_of_tasks'),
        ('agreements', '0017_due_work_of_days'),
        ('partners', '0001_squashed_0004_search_of_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='DueMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('programme_id', models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='DueCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('deadline', 'Deadline'), ('report', 'Report'), ('directive', 'Directive'), ('milestone', 'Milestone')], max_length=10)),
                ('open_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None)),
                ('on_time_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None)),
                ('late_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None)),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agreements.programme')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.organisation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['deadline', 'report', 'directive', 'milestone'])), name='duecell_kind_known'), models.UniqueConstraint(fields=('programme', 'unit', 'kind'), name='duecell_once')],
            },
        ),
        migrations.RunSQL(VIEW, VIEW.replace("LEFT JOIN partners_organisation", "JOIN partners_organisation")),
        migrations.RunSQL(FUNCTION + TRIGGERS + ALL, BACK + "DROP FUNCTION activities_mark_due()"),
    ]
