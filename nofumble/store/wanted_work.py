"""Is this the work that a filter asks for? The statement `work`, in Python."""

from agents.rows import WorkFilter, WorkRow


def is_wanted(row: WorkRow, wanted: WorkFilter) -> bool:
    """Tell whether a work item passes every part of the filter."""
    return (
        wanted.kind in (None, row.kind)
        and wanted.workflow in (None, row.workflow)
        and wanted.account_id in (None, row.account_id)
        and wanted.person in (None, row.person)
        and (wanted.queue is None or (row.person is None and row.queue == wanted.queue))
        and wanted.is_open in (None, row.closed_at is None)
        and (wanted.opened_from is None or wanted.opened_from <= row.opened_at)
        and (wanted.opened_until is None or row.opened_at < wanted.opened_until)
        and (wanted.ids is None or row.id in wanted.ids)
        and (wanted.id_prefix is None or row.id.startswith(wanted.id_prefix))
    )
