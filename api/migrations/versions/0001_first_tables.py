"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

BY_DIALECT = {
    "sqlite": (
        "CREATE TRIGGER ledger_block_no_update BEFORE UPDATE ON ledger_block BEGIN SELECT RAISE(ABORT, 'ledger_block is append-only'); END",
        "CREATE TRIGGER ledger_block_no_delete BEFORE DELETE ON ledger_block BEGIN SELECT RAISE(ABORT, 'ledger_block is append-only'); END",
        "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END",
        "CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END",
        "CREATE TRIGGER ledger_link_no_update BEFORE UPDATE ON ledger_link BEGIN SELECT RAISE(ABORT, 'ledger_link is append-only'); END",
        "CREATE TRIGGER ledger_link_no_delete BEFORE DELETE ON ledger_link BEGIN SELECT RAISE(ABORT, 'ledger_link is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION ledger_block_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN RAISE EXCEPTION 'ledger_block is append-only'; END $refuse$",
        "CREATE TRIGGER ledger_block_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_block FOR EACH STATEMENT EXECUTE FUNCTION ledger_block_refuse()",
        "CREATE FUNCTION ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN RAISE EXCEPTION 'ledger_entry is append-only'; END $refuse$",
        "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_refuse()",
        "ALTER TABLE talk_key SET UNLOGGED",
        "CREATE FUNCTION ledger_link_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN RAISE EXCEPTION 'ledger_link is append-only'; END $refuse$",
        "CREATE TRIGGER ledger_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_link FOR EACH STATEMENT EXECUTE FUNCTION ledger_link_refuse()",
    ),
}
"""What Alembic cannot work out by itself: triggers and table options, as they stand beside the models."""


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "wechat",
                "web",
                "telegram",
                "phone",
                "letter",
                "visit",
                "media",
                "transferred",
                name="conversation_channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sender_mac", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("channel", "sender_mac", name=op.f("uq_conversation_channel_sender_mac")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversation_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "counter",
        sa.Column("series", sa.String(length=48), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counter")),
    )
    op.create_table(
        "day_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_key")),
    )
    op.create_table(
        "ended_sign_in",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "removed",
                "changed",
                "elsewhere",
                "renewed",
                name="sign_in_end",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_ended_sign_in")),
    )
    with op.batch_alter_table("ended_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_sign_in_until"), ["until"], unique=False)

    op.create_table(
        "held_part",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_part")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("asker_id", sa.String(length=24), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("asker_id", "key_sha256", name=op.f("uq_idempotency_key_asker_id_key_sha256")),
    )
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=48), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "job_slot",
        sa.Column("executor_id", sa.String(length=48), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_job_slot")),
    )
    op.create_table(
        "late_message",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_message")),
    )
    op.create_table(
        "ledger_block",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_block")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_block_hash")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.Enum(
                "officer",
                "reporter",
                "body",
                "system",
                name="ledger_actor",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.String(length=48), nullable=True),
        sa.Column("verb", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=48), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=True),
        sa.Column(
            "details",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "lexicon_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_lexicon_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_state")),
    )
    op.create_table(
        "recovery_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_key")),
    )
    op.create_table(
        "ring",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring")),
        sa.UniqueConstraint("name", "generation", name=op.f("uq_ring_name_generation")),
    )
    op.create_table(
        "seen_message",
        sa.Column("message_mac", sa.LargeBinary(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("message_mac", name=op.f("pk_seen_message")),
    )
    with op.batch_alter_table("seen_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_message_seen_on"), ["seen_on"], unique=False)

    op.create_table(
        "seen_serial",
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_seen_serial")),
    )
    op.create_table(
        "server_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("use", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_key")),
        sa.UniqueConstraint("use", "version", name=op.f("uq_server_key_use_version")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("username_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username_sha256", name=op.f("pk_sign_in_throttle")),
    )
    op.create_table(
        "talk_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_key")),
    )
    with op.batch_alter_table("talk_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talk_key_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "tally",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "month", name=op.f("pk_tally")),
    )
    op.create_table(
        "town",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "aliases",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "villages",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_town")),
        sa.UniqueConstraint("name", name=op.f("uq_town_name")),
    )
    op.create_table(
        "vendor_token",
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_vendor_token")),
    )
    op.create_table(
        "body",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "civil_affairs",
                "assistance",
                "discipline",
                "fire",
                "police",
                "finance_risk",
                "market",
                "health",
                "medical_fund",
                "treasury",
                "audit",
                "housing",
                "petition",
                "township",
                "procurement_office",
                name="body_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column(
            "aliases",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("town_code", sa.String(length=32), nullable=True),
        sa.Column("part_of_code", sa.String(length=32), nullable=True),
        sa.Column("superior_code", sa.String(length=32), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column(
            "accepts",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.Column("mail", sa.String(length=256), nullable=True),
        sa.Column("webhook_url", sa.String(length=512), nullable=True),
        sa.Column("webhook_secret", sa.LargeBinary(), nullable=True),
        sa.Column("age_public_key", sa.String(length=128), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["part_of_code"], ["body.code"], name=op.f("fk_body_part_of_code")),
        sa.ForeignKeyConstraint(["superior_code"], ["body.code"], name=op.f("fk_body_superior_code")),
        sa.ForeignKeyConstraint(["town_code"], ["town.code"], name=op.f("fk_body_town_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_body")),
        sa.UniqueConstraint("name", name=op.f("uq_body_name")),
    )
    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_body_kind"), ["kind"], unique=False)

    op.create_table(
        "ledger_link",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["ledger_block.id"], name=op.f("fk_ledger_link_block_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_link_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_link")),
        sa.UniqueConstraint("block_id", "position", name=op.f("uq_ledger_link_block_id_position")),
    )
    op.create_table(
        "loose_medium",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=24), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.Column("copy", sa.LargeBinary(), nullable=True),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_loose_medium_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loose_medium")),
    )
    with op.batch_alter_table("loose_medium", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loose_medium_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "scopes",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("body_code", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_api_key_body_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_api_key_key_sha256")),
    )
    op.create_table(
        "institution",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column(
            "aliases",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("town_code", sa.String(length=32), nullable=True),
        sa.Column(
            "operator_kind",
            sa.Enum(
                "public",
                "private",
                "entrusted",
                "unknown",
                name="operator_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("operator_name", sa.String(length=128), nullable=False),
        sa.Column("director_name", sa.String(length=64), nullable=False),
        sa.Column("run_by_code", sa.String(length=32), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["run_by_code"], ["body.code"], name=op.f("fk_institution_run_by_code")),
        sa.ForeignKeyConstraint(["town_code"], ["town.code"], name=op.f("fk_institution_town_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_institution")),
        sa.UniqueConstraint("name", name=op.f("uq_institution_name")),
    )
    with op.batch_alter_table("institution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_institution_town_code"), ["town_code"], unique=False)

    op.create_table(
        "officer",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "aliases",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("post", sa.String(length=64), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=False),
        sa.Column(
            "roles",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "towns",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("initial_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("trust_note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(public_key IS NULL) = (wrapped_private_key IS NULL)", name=op.f("ck_officer_whole_key_pair")
        ),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_officer_body_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("username", name=op.f("uq_officer_username")),
    )
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_body_code"), ["body_code"], unique=False)

    op.create_table(
        "case_file",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ordinary", "slip", name="case_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "dispatched",
                "working",
                "waiting",
                "returned",
                "referred",
                "replied",
                "callback",
                "closed",
                "withdrawn",
                name="case_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column(
            "urgency",
            sa.Enum(
                "critical", "high", "normal", name="case_urgency", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("discipline", sa.Boolean(), nullable=True),
        sa.Column("body_code", sa.String(length=32), nullable=True),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("institution_code", sa.String(length=32), nullable=True),
        sa.Column("town_code", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "NOT sealed OR (category IS NULL AND urgency IS NULL AND body_code IS NULL AND institution_code IS NULL AND town_code IS NULL AND discipline IS NULL AND officer_id IS NULL)",
            name=op.f("ck_case_file_sealed_is_bare"),
        ),
        sa.CheckConstraint(
            "sealed OR (category IS NOT NULL AND urgency IS NOT NULL)", name=op.f("ck_case_file_open_is_assessed")
        ),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_case_file_body_code")),
        sa.ForeignKeyConstraint(["institution_code"], ["institution.code"], name=op.f("fk_case_file_institution_code")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_case_file_officer_id")),
        sa.ForeignKeyConstraint(["town_code"], ["town.code"], name=op.f("fk_case_file_town_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_institution_code"), ["institution_code"], unique=False)
        batch_op.create_index("ix_case_file_queue", ["sealed", "status", "body_code"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=24), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_handover_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["officer.id"], name=op.f("fk_handover_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "held_scan",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_held_scan_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_scan")),
    )
    with op.batch_alter_table("held_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_scan_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "running",
                "done",
                "lost",
                name="batch_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("codes", sa.LargeBinary(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column(
            "problems",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_import_batch_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "lexicon_count",
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "counting",
                "counted",
                "stopped",
                name="count_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(length=24), nullable=False),
        sa.Column(
            "partial",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "figures",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_lexicon_count_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_lexicon_count")),
    )
    op.create_table(
        "lexicon_proposal",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "testing",
                "tested",
                "live",
                "dropped",
                name="proposal_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "change",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=24), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(length=24), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=24), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_lexicon_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["officer.id"], name=op.f("fk_lexicon_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_proposal")),
    )
    op.create_table(
        "lexicon_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=24), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "change",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column(
            "changes",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_lexicon_version_made_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_lexicon_version")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=False),
        sa.Column("post", sa.String(length=64), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.CheckConstraint("started_on <= ended_on", name=op.f("ck_membership_forward")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_membership_body_code")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_membership_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "officer_session",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("wrapped_ring_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_session_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_officer_session_token_sha256")),
    )
    with op.batch_alter_table("officer_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_session_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "officer_tie",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("relation", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_tie_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_tie")),
    )
    with op.batch_alter_table("officer_tie", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_tie_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "page_call",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("case", "talk", name="page_subject", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("subject_id", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(length=24), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_page_call_officer_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["officer.id"], name=op.f("fk_page_call_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_call")),
        sa.UniqueConstraint("subject_id", "position", name=op.f("uq_page_call_subject_id_position")),
    )
    op.create_table(
        "ring_member",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("ring_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("recovery_key_id", sa.String(length=24), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(officer_id IS NULL) <> (recovery_key_id IS NULL)", name=op.f("ck_ring_member_one_holder")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_ring_member_officer_id")),
        sa.ForeignKeyConstraint(["recovery_key_id"], ["recovery_key.id"], name=op.f("fk_ring_member_recovery_key_id")),
        sa.ForeignKeyConstraint(["ring_id"], ["ring.id"], name=op.f("fk_ring_member_ring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring_member")),
        sa.UniqueConstraint("ring_id", "officer_id", name=op.f("uq_ring_member_ring_id_officer_id")),
    )
    with op.batch_alter_table("ring_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ring_member_ring_id"), ["ring_id"], unique=False)

    op.create_table(
        "screening",
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(length=24), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_screening_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_screening")),
    )
    op.create_table(
        "security_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_security_event_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_event_at"), ["at"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_signing_key_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_signing_key_public_key")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "agreed_word",
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("verifier", sa.String(length=256), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_agreed_word_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_agreed_word")),
    )
    op.create_table(
        "allowance",
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_allowance_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_allowance_officer_id")),
        sa.PrimaryKeyConstraint("case_id", "officer_id", name=op.f("pk_allowance")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.String(length=24), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=24), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["assigned_by"], ["officer.id"], name=op.f("fk_assignment_assigned_by")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_assignment_body_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_assignment_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_assignment_officer_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["officer.id"], name=op.f("fk_assignment_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_case_id"), ["case_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "picture",
                "recording",
                "film",
                "paper",
                name="attachment_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("media_type", sa.String(length=96), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column(
            "problem",
            sa.Enum(
                "gone",
                "too_large",
                "not_taken",
                "unreached",
                name="attachment_problem",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ring_id", sa.String(length=24), nullable=False),
        sa.Column("original_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("copy_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("copy", sa.LargeBinary(), nullable=True),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(original IS NULL) = (original_wrap IS NULL)", name=op.f("ck_attachment_content_with_key")),
        sa.CheckConstraint(
            "NOT sealed OR (kind IS NULL AND media_type IS NULL AND size IS NULL AND problem IS NULL AND copy_wrap IS NOT NULL)",
            name=op.f("ck_attachment_sealed_is_bare"),
        ),
        sa.CheckConstraint("copy IS NULL OR copy_wrap IS NOT NULL", name=op.f("ck_attachment_copy_with_key")),
        sa.CheckConstraint("sealed OR kind IS NOT NULL", name=op.f("ck_attachment_open_is_whole")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_attachment_case_id")),
        sa.ForeignKeyConstraint(["ring_id"], ["ring.id"], name=op.f("fk_attachment_ring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_assessment",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("lexicon_version", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_assessment_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_case_assessment_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assessment")),
        sa.UniqueConstraint("case_id", "revision", name=op.f("uq_case_assessment_case_id_revision")),
    )
    with op.batch_alter_table("case_assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_assessment_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("recovery_key_id", sa.String(length=24), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(officer_id IS NULL) <> (recovery_key_id IS NULL)", name=op.f("ck_case_key_one_holder")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_key_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_case_key_officer_id")),
        sa.ForeignKeyConstraint(["recovery_key_id"], ["recovery_key.id"], name=op.f("fk_case_key_recovery_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_key")),
        sa.UniqueConstraint("case_id", "officer_id", name=op.f("uq_case_key_case_id_officer_id")),
    )
    with op.batch_alter_table("case_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_key_case_id"), ["case_id"], unique=False)

    op.create_table(
        "deadline",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("rule_id", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "working_day",
                "day",
                "hour",
                "month",
                name="deadline_unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_days", sa.Integer(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_deadline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("case_id", "rule_id", "started_at", name=op.f("uq_deadline_case_id_rule_id_started_at")),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadline_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deadline_due_on"), ["due_on"], unique=False)
        batch_op.create_index(
            "ix_deadline_running",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("met_at IS NULL AND waived_reason IS NULL AND paused_at IS NULL"),
            postgresql_where=sa.text("met_at IS NULL AND waived_reason IS NULL AND paused_at IS NULL"),
        )

    op.create_table(
        "disposition",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "true",
                "partly_true",
                "untrue",
                "unverifiable",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcomes",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("internal", sa.Text(), nullable=False),
        sa.Column("public_reply", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_disposition_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_disposition_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
    )
    with op.batch_alter_table("disposition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disposition_case_id"), ["case_id"], unique=False)

    op.create_table(
        "duplicate_hint",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("other_case_id", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column(
            "why",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_duplicate_hint_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_duplicate_hint_decided_by")),
        sa.ForeignKeyConstraint(["other_case_id"], ["case_file.id"], name=op.f("fk_duplicate_hint_other_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_hint")),
        sa.UniqueConstraint("case_id", "other_case_id", name=op.f("uq_duplicate_hint_case_id_other_case_id")),
    )
    with op.batch_alter_table("duplicate_hint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_hint_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duplicate_hint_other_case_id"), ["other_case_id"], unique=False)

    op.create_table(
        "duplicate_print",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_duplicate_print_case_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_duplicate_print")),
        sa.UniqueConstraint("case_id", name=op.f("uq_duplicate_print_case_id")),
    )
    op.create_table(
        "emergency_slip",
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column(
            "danger",
            sa.Enum(
                "fire",
                "violence",
                "medical",
                "missing",
                "other",
                name="danger",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number_to_call", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_emergency_slip_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_emergency_slip")),
    )
    op.create_table(
        "exclusion",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("body_code", sa.String(length=32), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "named",
                "unit_named",
                "unit_mentioned",
                "post_named",
                "operates_institution",
                "declared_tie",
                "own_place",
                "subordinate",
                "by_hand",
                name="exclusion_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=24), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("cleared_by", sa.String(length=24), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.String(length=24), nullable=False),
        sa.CheckConstraint("(officer_id IS NULL) <> (body_code IS NULL)", name=op.f("ck_exclusion_one_holder")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_exclusion_body_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_exclusion_case_id")),
        sa.ForeignKeyConstraint(["cleared_by"], ["officer.id"], name=op.f("fk_exclusion_cleared_by")),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_exclusion_made_by")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_exclusion_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exclusion_body_code"), ["body_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_exclusion_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exclusion_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "keeping_out_request",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "keeping_out",
                "letting_in",
                "handing_on",
                name="consent_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("asked_by", sa.String(length=24), nullable=False),
        sa.Column(
            "asked",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "own_interest",
                "relative",
                "other",
                name="recusal_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "discipline",
                "discipline_above",
                "police",
                "above",
                name="receiver_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=24), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'handing_on') = (level IS NOT NULL)", name=op.f("ck_keeping_out_request_level_of_a_receiver")
        ),
        sa.CheckConstraint(
            "(kind = 'handing_on') = (officer_id IS NULL)", name=op.f("ck_keeping_out_request_about_somebody")
        ),
        sa.CheckConstraint(
            "(kind = 'keeping_out' AND decided_at IS NULL) = (reason IS NOT NULL)",
            name=op.f("ck_keeping_out_request_reason_while_it_waits"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by NOT IN (asked_by, officer_id)",
            name=op.f("ck_keeping_out_request_a_third"),
        ),
        sa.CheckConstraint("officer_id <> asked_by", name=op.f("ck_keeping_out_request_not_himself")),
        sa.ForeignKeyConstraint(["asked_by"], ["officer.id"], name=op.f("fk_keeping_out_request_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_keeping_out_request_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_keeping_out_request_decided_by")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_keeping_out_request_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_out_request")),
    )
    with op.batch_alter_table("keeping_out_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_keeping_out_request_case_id"), ["case_id"], unique=False)

    op.create_table(
        "labelled_example",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column(
            "said",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "told",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_labelled_example_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labelled_example")),
        sa.UniqueConstraint("case_id", name=op.f("uq_labelled_example_case_id")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("note_id", sa.String(length=24), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("placed_by", sa.String(length=24), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(length=24), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_note_id", sa.String(length=24), nullable=True),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name=op.f("ck_legal_hold_lifted_by_somebody")),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_by <> placed_by", name=op.f("ck_legal_hold_two_people")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_legal_hold_case_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["officer.id"], name=op.f("fk_legal_hold_lifted_by")),
        sa.ForeignKeyConstraint(["placed_by"], ["officer.id"], name=op.f("fk_legal_hold_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_legal_hold_standing",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )

    op.create_table(
        "lexicon_move",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("proposal_id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column(
            "before",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_lexicon_move_case_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["lexicon_proposal.id"], name=op.f("fk_lexicon_move_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_move")),
        sa.UniqueConstraint("proposal_id", "case_id", name=op.f("uq_lexicon_move_proposal_id_case_id")),
    )
    with op.batch_alter_table("lexicon_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lexicon_move_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lexicon_move_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "to_reporter",
                "from_reporter",
                name="message_direction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("case_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("officer_id", sa.String(length=24), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "direction = 'from_reporter' OR officer_id IS NOT NULL", name=op.f("ck_message_answer_has_officer")
        ),
        sa.CheckConstraint("(text IS NULL) <> (case_ciphertext IS NULL)", name=op.f("ck_message_plain_or_sealed")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_message_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_message_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_case_id"), ["case_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_note_case_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_note_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_case_id"), ["case_id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("locator", sa.String(length=8), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=True),
        sa.Column("pending_mac", sa.LargeBinary(), nullable=True),
        sa.Column("pending_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("pending_key_id", sa.String(length=64), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("signing_key", sa.LargeBinary(), nullable=True),
        sa.Column("sieve", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("links", sa.LargeBinary(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.CheckConstraint("(verifier IS NULL) <> (pending_mac IS NULL)", name=op.f("ck_receipt_hard_or_pending")),
        sa.CheckConstraint(
            "(verifier IS NULL) = (wrapped_private_key IS NULL)", name=op.f("ck_receipt_key_with_verifier")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_receipt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_locator"), ["locator"], unique=False)

    op.create_table(
        "referral",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "drafted",
                "issued",
                "delivered",
                "acknowledged",
                "returned",
                "answered",
                "cancelled",
                name="referral_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body_code", sa.String(length=32), nullable=True),
        sa.Column(
            "fields",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("number", sa.String(length=48), nullable=True),
        sa.Column("drafted_by", sa.String(length=24), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.String(length=24), nullable=True),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.String(length=24), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=24), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.String(length=24), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("foot", sa.String(length=96), nullable=False),
        sa.Column("shrunk_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('drafted', 'cancelled') OR number IS NOT NULL", name=op.f("ck_referral_issued_has_number")
        ),
        sa.CheckConstraint(
            "NOT sealed OR (body_code IS NULL AND fields IS NULL)", name=op.f("ck_referral_sealed_is_bare")
        ),
        sa.CheckConstraint(
            "sealed OR (body_code IS NOT NULL AND fields IS NOT NULL)", name=op.f("ck_referral_open_is_whole")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["officer.id"], name=op.f("fk_referral_approved_by")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_referral_body_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_referral_case_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["officer.id"], name=op.f("fk_referral_drafted_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["officer.id"], name=op.f("fk_referral_issued_by")),
        sa.ForeignKeyConstraint(["put_by"], ["officer.id"], name=op.f("fk_referral_put_by")),
        sa.ForeignKeyConstraint(["refused_by"], ["officer.id"], name=op.f("fk_referral_refused_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_body_code"), ["body_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_number"), ["number"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("original_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("ring_id", sa.String(length=24), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("working_text", sa.Text(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "wechat",
                "web",
                "telegram",
                "phone",
                "letter",
                "visit",
                "media",
                "transferred",
                name="report_channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("named", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "NOT sealed OR (working_text IS NULL AND channel IS NULL AND named IS NULL)",
            name=op.f("ck_report_sealed_is_bare"),
        ),
        sa.CheckConstraint(
            "sealed OR (working_text IS NOT NULL AND channel IS NOT NULL)", name=op.f("ck_report_open_is_whole")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_report_case_id")),
        sa.ForeignKeyConstraint(["ring_id"], ["ring.id"], name=op.f("fk_report_ring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_case_id"), ["case_id"], unique=False)

    op.create_table(
        "sealed_item",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "record",
                "note",
                "referral",
                "message",
                "addition",
                name="sealed_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_sealed_item_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_item")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_sealed_item_case_id_position")),
    )
    with op.batch_alter_table("sealed_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_item_case_id"), ["case_id"], unique=False)

    op.create_table(
        "talk_bond",
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("case_public_key", sa.LargeBinary(), nullable=False),
        sa.Column("reporter_public_key", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_signing_key", sa.LargeBinary(), nullable=True),
        sa.Column("unsigned_until", sa.Integer(), nullable=False),
        sa.Column("case_mark", sa.LargeBinary(), nullable=False),
        sa.Column("reporter_mark", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(reporter_public_key IS NULL) = (reporter_signing_key IS NULL)", name=op.f("ck_talk_bond_whole_end")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_talk_bond_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_talk_bond")),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("referral_id", sa.String(length=24), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "taken",
                "passed_on",
                "sent_back",
                name="ack_decision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column(
            "disposal",
            sa.Enum(
                "talk",
                "preliminary_check",
                "shelved",
                "closed",
                "case_filed",
                name="disposal_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_acknowledgement_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_acknowledgement_referral_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_acknowledgement_token_sha256")),
    )
    op.create_table(
        "annex",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("referral_id", sa.String(length=24), nullable=False),
        sa.Column("report_id", sa.String(length=24), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("age_file", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=24), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=24), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_annex_made_by")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_annex_referral_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_annex_report_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["officer.id"], name=op.f("fk_annex_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annex")),
        sa.UniqueConstraint("referral_id", "report_id", name=op.f("uq_annex_referral_id_report_id")),
    )
    with op.batch_alter_table("annex", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_annex_referral_id"), ["referral_id"], unique=False)

    op.create_table(
        "case_paper",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=True),
        sa.Column(
            "fields",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=48), nullable=True),
        sa.Column("drafted_by", sa.String(length=24), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=24), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=24), nullable=True),
        sa.Column("foot", sa.String(length=96), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(issued_at IS NULL) = (number IS NULL)", name=op.f("ck_case_paper_issued_has_number")),
        sa.CheckConstraint("issued_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_case_paper_issued_or_cancelled")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_case_paper_body_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_paper_case_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["officer.id"], name=op.f("fk_case_paper_drafted_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["officer.id"], name=op.f("fk_case_paper_issued_by")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_case_paper_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_case_paper_number")),
    )
    with op.batch_alter_table("case_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_paper_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_return",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("assignment_id", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("proposed_body_code", sa.String(length=32), nullable=True),
        sa.Column("returned_by", sa.String(length=24), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_case_return_assignment_id")),
        sa.ForeignKeyConstraint(["proposed_body_code"], ["body.code"], name=op.f("fk_case_return_proposed_body_code")),
        sa.ForeignKeyConstraint(["returned_by"], ["officer.id"], name=op.f("fk_case_return_returned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_return")),
    )
    with op.batch_alter_table("case_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_return_assignment_id"), ["assignment_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("referral_id", sa.String(length=24), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "mail",
                "webhook",
                "sealed_print",
                "package",
                "pickup",
                name="delivery_method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "unsure",
                "cancelled",
                name="delivery_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=64), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=48), nullable=True),
        sa.Column("decided_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_delivery_decided_by")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_delivery_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("referral_id", "method", name=op.f("uq_delivery_referral_id_method")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_referral_id"), ["referral_id"], unique=False)

    op.create_table(
        "duplicate_token",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["position"], ["duplicate_print.position"], name=op.f("fk_duplicate_token_position")),
        sa.PrimaryKeyConstraint("token", "position", name=op.f("pk_duplicate_token")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("duplicate_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_token_position"), ["position"], unique=False)

    op.create_table(
        "extension",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("deadline_id", sa.String(length=24), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=24), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=24), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name=op.f("ck_extension_two_people")),
        sa.ForeignKeyConstraint(["approved_by"], ["officer.id"], name=op.f("fk_extension_approved_by")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_extension_deadline_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["officer.id"], name=op.f("fk_extension_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extension_deadline_id"), ["deadline_id"], unique=False)

    op.create_table(
        "notice_file",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("referral_id", sa.String(length=24), nullable=False),
        sa.Column("form", sa.String(length=48), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_notice_file_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_file")),
        sa.UniqueConstraint("referral_id", "form", "format", name=op.f("uq_notice_file_referral_id_form_format")),
    )
    with op.batch_alter_table("notice_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_file_referral_id"), ["referral_id"], unique=False)

    op.create_table(
        "pickup",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("referral_id", sa.String(length=24), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("age_package", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=24), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_pickup_referral_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["officer.id"], name=op.f("fk_pickup_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_pickup_referral_id")),
    )
    op.create_table(
        "reply_address",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("receipt_id", sa.String(length=24), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "wechat",
                "web",
                "telegram",
                "phone",
                "letter",
                "visit",
                "media",
                "transferred",
                name="reply_channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_reply_address_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_address")),
        sa.UniqueConstraint("receipt_id", "channel", name=op.f("uq_reply_address_receipt_id_channel")),
    )
    with op.batch_alter_table("reply_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_address_receipt_id"), ["receipt_id"], unique=False)

    op.create_table(
        "reporter",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("report_id", sa.String(length=24), nullable=False),
        sa.Column("ring_id", sa.String(length=24), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_reporter_report_id")),
        sa.ForeignKeyConstraint(["ring_id"], ["ring.id"], name=op.f("fk_reporter_ring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporter")),
        sa.UniqueConstraint("report_id", name=op.f("uq_reporter_report_id")),
    )
    op.create_table(
        "shown_picture",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=24), nullable=False),
        sa.Column("attachment_id", sa.String(length=24), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=False),
        sa.Column("shown_by", sa.String(length=24), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_by", sa.String(length=24), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_shown_picture_attachment_id")),
        sa.ForeignKeyConstraint(["body_code"], ["body.code"], name=op.f("fk_shown_picture_body_code")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_shown_picture_case_id")),
        sa.ForeignKeyConstraint(["shown_by"], ["officer.id"], name=op.f("fk_shown_picture_shown_by")),
        sa.ForeignKeyConstraint(["taken_back_by"], ["officer.id"], name=op.f("fk_shown_picture_taken_back_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_picture")),
    )
    with op.batch_alter_table("shown_picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shown_picture_attachment_id"), ["attachment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shown_picture_case_id"), ["case_id"], unique=False)

    op.create_table(
        "transfer_serial",
        sa.Column("report_id", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_transfer_serial_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_transfer_serial")),
    )
    op.create_table(
        "annex_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("annex_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["annex_id"], ["annex.id"], name=op.f("fk_annex_key_annex_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_annex_key_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annex_key")),
    )
    with op.batch_alter_table("annex_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_annex_key_annex_id"), ["annex_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_annex_key_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "case_paper_file",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("paper_id", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["case_paper.id"], name=op.f("fk_case_paper_file_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_paper_file")),
        sa.UniqueConstraint("paper_id", "position", "format", name=op.f("uq_case_paper_file_paper_id_position_format")),
    )
    with op.batch_alter_table("case_paper_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_paper_file_paper_id"), ["paper_id"], unique=False)

    op.create_table(
        "outbound",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("reply_address_id", sa.String(length=24), nullable=False),
        sa.Column("phrase", sa.String(length=48), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "unsure",
                "cancelled",
                name="outbound_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.String(length=48), nullable=True),
        sa.Column("vendor_ref", sa.String(length=64), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["reply_address_id"], ["reply_address.id"], name=op.f("fk_outbound_reply_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
    )
    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbound_reply_address_id"), ["reply_address_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbound_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbound_vendor_ref"), ["vendor_ref"], unique=False)

    op.create_table(
        "pickup_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("pickup_id", sa.String(length=24), nullable=False),
        sa.Column("officer_id", sa.String(length=24), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_pickup_key_officer_id")),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickup.id"], name=op.f("fk_pickup_key_pickup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_key")),
    )
    with op.batch_alter_table("pickup_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pickup_key_officer_id"), ["officer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pickup_key_pickup_id"), ["pickup_id"], unique=False)
    for statement in BY_DIALECT[op.get_bind().dialect.name]:
        op.execute(statement)
