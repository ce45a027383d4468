"""The cast is written kind by kind, past save(): what save() derives must be there all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.models import User
from partners.models import Organisation, OrganisationName

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Organisation, OrganisationName, User])
def test_saving_changes_nothing(cast: Cast, model: type) -> None:
    names = [field.attname for field in model._meta.concrete_fields if field.name != "updated_at"]
    before = list(model.objects.order_by("pk").values(*names))
    for row in model.objects.all():
        row.save()
    assert list(model.objects.order_by("pk").values(*names)) == before != []
