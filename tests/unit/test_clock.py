"""The clocks that a shell is given."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from nofumble.clock import SystemClock, VirtualClock, new_id

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_a_virtual_clock_stands_still_until_it_is_moved():
    clock = VirtualClock(NINE)

    assert clock.now() == clock.now() == NINE

    clock.advance(timedelta(minutes=30))

    assert clock.now() == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def test_a_virtual_clock_tells_utc_whatever_zone_it_was_set_in():
    clock = VirtualClock(datetime(2026, 3, 3, 10, tzinfo=timezone(timedelta(hours=1))))

    assert clock.now() == NINE
    assert clock.now().tzinfo is UTC


def test_a_virtual_clock_never_goes_back():
    clock = VirtualClock(NINE)

    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(timedelta(seconds=-1))

    assert clock.now() == NINE


def test_a_virtual_clock_refuses_a_moment_without_a_zone():
    with pytest.raises(ValueError, match="has no time zone"):
        VirtualClock(datetime(2026, 3, 3, 9))  # noqa: DTZ001 - that it is naive is the point


def test_the_system_clock_tells_aware_utc():
    before = datetime.now(UTC)

    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_new_id_is_never_the_same():
    assert len({new_id() for _ in range(100)}) == 100
