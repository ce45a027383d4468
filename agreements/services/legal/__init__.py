"""The register of legal documents: enter once, cite from many programmes, know what falls away."""

from agreements.services.legal.effect import announce, expire_due_documents, keep_basis
from agreements.services.legal.importing import Plan, PlannedRow, import_documents, plan_import
from agreements.services.legal.matching import Citation, Register
from agreements.services.legal.merging import Merge, merge_documents, merged_into, preview_merge
from agreements.services.legal.register import (
    FIELDS,
    AlreadyThere,
    add_alias,
    candidates,
    drop_alias,
    drop_relation,
    find_or_enter,
    relate,
    same_document,
    save_document,
)
from agreements.services.legal.seed import load_documents

__all__ = [
    "FIELDS",
    "AlreadyThere",
    "Citation",
    "Merge",
    "Plan",
    "PlannedRow",
    "Register",
    "add_alias",
    "announce",
    "candidates",
    "drop_alias",
    "drop_relation",
    "expire_due_documents",
    "find_or_enter",
    "import_documents",
    "keep_basis",
    "load_documents",
    "merge_documents",
    "merged_into",
    "plan_import",
    "preview_merge",
    "relate",
    "same_document",
    "save_document",
]
