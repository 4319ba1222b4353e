"""Counts kept as they change, filled from the rows that are there."""

from alembic import op

revision = "0002"
down_revision = "0001"

_FILL = (
    "SELECT i.project, 'items', count(*) FROM items i JOIN projects p ON p.id = i.project WHERE (i.id & 4294967295) < p.visible GROUP BY i.project",
    "SELECT i.project, 'rows', sum(i.weight) FROM items i JOIN projects p ON p.id = i.project WHERE (i.id & 4294967295) < p.visible GROUP BY i.project",
    "SELECT i.project, 'labelled', count(i.label) FROM items i JOIN projects p ON p.id = i.project WHERE (i.id & 4294967295) < p.visible GROUP BY i.project",
    "SELECT project, 'erased', count(*) FROM items WHERE erased = 1 GROUP BY project",
    "SELECT project, 'answers', count(*) FROM opinions WHERE state = 'current' GROUP BY project",
    "SELECT project, 'given', count(*) FROM opinions GROUP BY project",
    "SELECT project, 'route:' || route, count(*) FROM decisions GROUP BY project, route",
    "SELECT project, 'flags', count(*) FROM passes WHERE kind = 'flag' GROUP BY project",
)


def upgrade() -> None:
    """Make the table and fill it."""
    connection = op.get_bind()
    connection.exec_driver_sql(
        "CREATE TABLE counters (project BIGINT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (project, name))"
    )
    for select in _FILL:
        connection.exec_driver_sql(f"INSERT INTO counters (project, name, value) {select}")
