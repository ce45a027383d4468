"""core.audit: one chain, append-only, names copied."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry


def test_chain_copies_names_and_is_sound(cast):
    audit.log(cast.actor(cast.lan), "programme.create", cast.health, reason="vì thử")
    audit.log_many(cast.lan, [audit.Entry("a"), audit.Entry("b", label="x" * 400)])
    rows = list(AuditEntry.objects.order_by("sequence"))
    assert [row.sequence for row in rows] == [1, 2, 3]
    assert rows[0].previous_hash == audit.GENESIS
    assert rows[1].previous_hash == rows[0].hash
    assert (rows[0].user_name, rows[0].role, rows[0].object_label) == ("Nguyễn Thị Lan", "officer", "Sở Y tế")
    assert len(rows[2].object_label) == 300
    assert audit.first_broken() is None


def test_the_last_change_is_no_sign_in(cast):
    assert audit.last_change(cast.minh) is None
    audit.log(cast.actor(cast.lan), "user.edit", cast.minh)
    audit.log(cast.minh, "session.start", cast.minh)
    audit.log(cast.lan, "user.edit", cast.hung)
    last = audit.last_change(cast.minh)
    assert (last.action, last.user_name) == ("user.edit", cast.lan.full_name)


@pytest.mark.parametrize("statement", ["UPDATE core_auditentry SET action = 'x'", "DELETE FROM core_auditentry"])
def test_rows_cannot_be_changed_or_deleted(cast, statement):
    audit.log(cast.lan, "a")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().action == "a"


def test_a_wrong_row_is_found(cast):
    audit.log(cast.lan, "a")
    row = AuditEntry.objects.get()
    forged = AuditEntry(sequence=2, at=row.at, action="b", previous_hash=row.hash, hash="0" * 64)
    AuditEntry.objects.bulk_create([forged])
    assert audit.first_broken() == 2


def test_a_refusal_is_logged_after_the_rollback(cast, sign_in):
    from partners.models import Membership

    own = Membership.objects.get(user=cast.duc)
    answer = sign_in(cast.duc).post(f"/vai-tro/{own.pk}/ket-thuc/", {"reason": "x"})
    assert answer.status_code == 403
    assert AuditEntry.objects.get().action == "refused"
    own.refresh_from_db()
    assert own.valid_to is None
