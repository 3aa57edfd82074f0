"""What the properties of the fold share."""

import pytest

import workflows.history


@pytest.fixture(params=[48, 3], ids=["a snapshot now and then", "a snapshot at every turn"])
def snapshots(request):
    """Bring bases and snapshots into play, or leave them out: the fold must not show it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflows.history, "SNAPSHOT_EVERY", request.param)
        yield
