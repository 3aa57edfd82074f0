"""What the broker gives is checked against where we stand: nothing is skipped, nothing is read twice."""

from typing import NamedTuple

import pytest

from agents.kafka.chunks import Chunk, LogJumped, Reading


class Record(NamedTuple):
    offset: int
    key: bytes | None = b"acme"
    value: bytes | None = b"{}"
    headers: tuple[tuple[str, bytes], ...] = ()


def records(first: int, end: int) -> list[Record]:
    return [Record(offset) for offset in range(first, end)]


@pytest.fixture
def reading() -> Reading:
    reading = Reading()
    reading.sought({0: 10, 1: 0})
    return reading


def read(reading: Reading, first: int, end: int, *, partition: int = 0, seeks: int | None = None) -> Chunk | None:
    return reading.chunk(partition, records(first, end), seeks=reading.seeks if seeks is None else seeks)


def span(chunk: Chunk | None) -> tuple[int, int, int, int] | None:
    return None if chunk is None else (chunk.first, chunk.end, len(chunk.records), chunk.hole)


class TestInOrder:
    def test_chunks_follow_on_one_another(self, reading):
        assert [span(read(reading, 10, 15)), span(read(reading, 15, 16))] == [(10, 15, 5, 0), (15, 16, 1, 0)]

    def test_partitions_stand_for_themselves(self, reading):
        read(reading, 10, 15)

        assert span(read(reading, 0, 3, partition=1)) == (0, 3, 3, 0)

    def test_what_stands_before_the_cursor_is_cut_off(self, reading):
        assert span(read(reading, 7, 12)) == (10, 12, 2, 0)

    def test_a_partition_that_is_not_ours_gives_nothing(self, reading):
        assert read(reading, 0, 5, partition=7) is None

    def test_nor_does_any_after_they_were_given_away(self, reading):
        reading.drop()

        assert read(reading, 10, 15) is None


class TestJumps:
    def test_a_log_that_goes_on_later_than_it_ended_stops_us(self, reading):
        read(reading, 10, 15)

        with pytest.raises(LogJumped, match="was read to offset 15, and the broker goes on with 20 to 25"):
            read(reading, 20, 25)

    @pytest.mark.parametrize(("first", "end"), [(0, 3), (12, 15)])
    def test_so_does_one_that_begins_again(self, reading, first, end):
        read(reading, 10, 15)

        with pytest.raises(LogJumped):
            read(reading, first, end)

    def test_a_hole_is_proven_by_asking_for_the_very_offset(self, reading):
        """Kafka's own markers, or a compaction, leave offsets without a record (F25)."""
        assert span(read(reading, 13, 15)) == (10, 15, 2, 3)

    def test_but_only_the_first_answer_proves_it(self, reading):
        read(reading, 10, 11)

        with pytest.raises(LogJumped):
            read(reading, 13, 15)

    def test_a_hole_inside_is_counted(self, reading):
        chunk = reading.chunk(0, [Record(10), Record(13)], seeks=reading.seeks)

        assert span(chunk) == (10, 14, 2, 2)


class TestHoles:
    """Aborted transactions and markers leave offsets without a record, also at the end (F25)."""

    def test_records_behind_what_is_expected_are_asked_for_again_and_prove_it_then(self, reading):
        read(reading, 10, 11)
        assert reading.is_beyond(0, records(13, 15), seeks=reading.seeks)

        assert reading.doubt(0) == 11
        assert not reading.is_beyond(0, records(13, 15), seeks=reading.seeks)
        assert span(read(reading, 13, 15)) == (11, 15, 2, 2)

    def test_what_follows_is_not_asked_for_again(self, reading):
        read(reading, 10, 11)

        assert not reading.is_beyond(0, records(11, 15), seeks=reading.seeks)
        assert not reading.is_beyond(0, records(13, 15), seeks=reading.seeks - 1)
        assert not reading.is_beyond(7, records(13, 15), seeks=reading.seeks)

    def test_a_client_that_goes_on_without_a_record_is_believed_the_second_time(self, reading):
        read(reading, 10, 11)
        assert reading.is_before(0, 14)
        assert reading.hole(0, 14) is None

        reading.doubt(0)
        assert span(reading.hole(0, 14)) == (11, 14, 0, 3)
        assert not reading.is_before(0, 14)
        assert span(read(reading, 14, 15)) == (14, 15, 1, 0)

    def test_a_doubt_does_not_outlive_a_seek(self, reading):
        reading.doubt(0)
        reading.sought({0: 10})

        assert reading.hole(0, 14) is None


class TestSeeks:
    @pytest.mark.parametrize(("first", "end"), [(20, 25), (3, 7)])
    def test_what_was_fetched_before_a_seek_and_does_not_fit_is_dropped(self, reading, first, end):
        before = reading.seeks
        reading.sought({0: 10})

        assert read(reading, first, end, seeks=before) is None
        assert span(read(reading, 10, 12)) == (10, 12, 2, 0)

    def test_what_fits_is_taken(self, reading):
        before = reading.seeks
        reading.sought({0: 10})

        assert span(read(reading, 9, 12, seeks=before)) == (10, 12, 2, 0)
