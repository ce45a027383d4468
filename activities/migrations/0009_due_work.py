from django.db import migrations, models

# Deadlines, reports, directives and milestones in one shape (activities.models.due). The types of the columns are the
# same in every branch and written out, else PostgreSQL would not carry a condition into the branches.
VIEW = """
    CREATE VIEW activities_duework AS
    SELECT ('deadline-' || d.id)::text AS key, 'deadline'::text AS kind, d.id::bigint AS thing, d.due_on,
           CASE WHEN d.state = 'done' THEN d.done_on END AS finished_on,
           COALESCE(t.lead_id, p.owner_id)::bigint AS unit_id, t.programme_id::bigint AS programme_id,
           p.status::text AS programme_status, p.owner_id::bigint AS owner_id, o.path::text AS owner_path,
           p.owner_id::bigint AS committee_id, t.id::bigint AS task_id, t.title::text AS title, ''::text AS form, d.period::text AS period,
           d.state::text AS standing
    FROM agreements_taskdeadline d
    JOIN agreements_task t ON t.id = d.task_id
    JOIN agreements_programme p ON p.id = t.programme_id
    JOIN partners_organisation o ON o.id = p.owner_id
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
    JOIN partners_organisation o ON o.id = p.owner_id
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
    JOIN partners_organisation o ON o.id = p.owner_id
    WHERE d.state <> 'withdrawn' AND p.status IN ('in_force', 'suspended', 'ended')
    UNION ALL
    SELECT ('milestone-' || m.id)::text, 'milestone'::text, m.id::bigint, m.due_on, m.done_on,
           COALESCE(m.responsible_id, p.owner_id)::bigint, m.programme_id::bigint, p.status::text, p.owner_id::bigint,
           o.path::text, p.owner_id::bigint, NULL::bigint, m.name::text, m.kind::text, ''::text, ''::text
    FROM agreements_milestone m
    JOIN agreements_programme p ON p.id = m.programme_id
    JOIN partners_organisation o ON o.id = p.owner_id
    WHERE p.status IN ('in_force', 'suspended', 'ended')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0008_evidence_counted'),
        ('agreements', '0016_measure_of_evidence'),
        ('partners', '0003_known_words'),
    ]

    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW activities_duework"),
        migrations.CreateModel(
            name='DueWork',
            fields=[
                ('key', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('thing', models.BigIntegerField()),
                ('due_on', models.DateField()),
                ('finished_on', models.DateField(null=True)),
                ('programme_status', models.CharField(max_length=12)),
                ('owner_path', models.CharField(max_length=200)),
                ('title', models.TextField()),
                ('form', models.CharField(max_length=16)),
                ('period', models.CharField(max_length=20)),
                ('standing', models.CharField(max_length=10)),
            ],
            options={
                'verbose_name_plural': 'due work',
                'db_table': 'activities_duework',
                'ordering': ['due_on', 'kind', 'thing'],
                'managed': False,
            },
        ),
    ]
