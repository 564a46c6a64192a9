"""Alembic's entry: it runs on the connection that `api.migrate` hands over."""

from alembic import context

from api.migrate import TARGET, is_ours, render_type

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=TARGET,
    include_object=is_ours,
    render_item=render_type,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
