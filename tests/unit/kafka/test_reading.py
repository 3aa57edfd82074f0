"""A record of the topic is an event of its account, or stands in quarantine with the reason; others write to it too."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from agents.kafka.chunks import Chunk
from agents.kafka.reading import Logged, read_chunk
from agents.kafka.topics import arrived_header, read_arrived
from agents.rows import partition_of
from tests.unit.kafka.test_chunks import Record

PARTITIONS = 8
ACME = partition_of("acme", PARTITIONS)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def envelope(**changed: object) -> bytes:
    body = {"specversion": "1.0", "id": "e-1", "source": "/x", "type": "x.y", "subject": "acme"}
    return json.dumps(body | {"time": "2026-02-02T09:00:00Z", "data": {}} | changed).encode()


def read(*records: Record, partition: int = ACME, base: int = 100, hole: int = 0, logged: Logged = lambda _: ()):
    chunk = Chunk(partition, records[0].offset, records[-1].offset + 1, records, hole)
    return read_chunk(chunk, base=base, partitions=PARTITIONS, now=NOW, logged=logged)


class TestArrival:
    def test_an_event_arrives_when_intake_said_so_to_the_microsecond(self):
        arrived_at = NOW + timedelta(microseconds=7)

        ((record,), _) = read(Record(0, value=envelope(), headers=(("arrived", arrived_header(arrived_at)),)))

        assert record.arrived_at == arrived_at

    @pytest.mark.parametrize(
        ("times", "arrived_at"),
        [({}, "2026-02-02T09:00:00+00:00"), ({"recordedtime": "2026-02-02T10:00:00Z"}, "2026-02-02T10:00:00+00:00")],
    )
    def test_one_that_did_not_come_through_intake_arrives_as_in_a_file(self, times, arrived_at):
        ((record,), _) = read(Record(0, value=envelope(**times)))

        assert record.arrived_at.isoformat() == arrived_at

    @pytest.mark.parametrize("moment", [NOW, datetime(2000, 1, 1, tzinfo=UTC), NOW.replace(microsecond=999_999)])
    def test_a_header_is_read_as_it_was_written(self, moment):
        assert read_arrived([("other", b"x"), ("arrived", arrived_header(moment))]) == moment


class TestPlace:
    def test_a_record_stands_on_the_axis_of_the_cursors(self):
        ((record,), _) = read(Record(5, value=envelope()), base=100)

        assert (record.partition, record.offset, record.account_id) == (ACME, 105, "acme")

    def test_a_hole_leaves_a_row(self):
        _, (row,) = read(Record(9, value=envelope()), hole=4)

        assert (row.position, row.reason.split(":")[0]) == (109, "4 offsets from here hold no record")


class TestRefused:
    @pytest.mark.parametrize(
        ("record", "path", "reason"),
        [
            (Record(3, key=None, value=envelope()), "key", "is missing"),
            (Record(3, key=b"", value=envelope()), "key", "is missing"),
            (Record(3, key=b"\xff", value=envelope()), "key", "is no account id"),
            (Record(3, key=b"x" * 201, value=envelope()), "key", "is no account id"),
            (Record(3, key=b"a b", value=envelope()), "key", "is no account id"),
            (Record(3, key=b"another", value=envelope()), "key", "wrong_partition: another belongs on"),
            (Record(3, value=None), "", "is empty"),
            (Record(3, value=b""), "", "is empty"),
            (Record(3, value=b"{"), "", "is not JSON"),
            (Record(3, value=envelope(time="2026-02-02T09:00:00")), "time", "offset"),
            (Record(3, value=envelope(), headers=(("arrived", b"soon"),)), "headers", "no count of microseconds"),
            (Record(3, value=envelope(), headers=(("arrived", b"9" * 40),)), "headers", "no count of microseconds"),
        ],
    )
    def test_what_is_no_event_of_its_account_says_why(self, record, path, reason):
        (_, (row,)) = read(record)

        assert row.path == path
        assert reason in row.reason
        assert (row.origin, row.position, row.raw) == (f"log/{ACME}", 103, record.value or b"")

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("account.merged", {"into": "bravo"}),
            ("account.linked", {"system": "zendesk", "external_id": "1"}),
            ("source.heartbeat", {}),
            ("product.request.submitted", {"request_id": "R"}),
            ("customer.request.raised", {"request_id": "R"}),
            ("customer.contact.joined", {"contact_id": "jo"}),
            ("marketing.campaign.scheduled", {"campaign_id": "M", "contact_ids": ["jo"]}),
            ("product.release.published", {"release_id": "V", "request_ids": ["R"]}),
        ],
    )
    @pytest.mark.parametrize("headers", [(), (("arrived", b"1767225600000000"),)])
    def test_what_concerns_more_than_one_log_must_come_through_intake(self, kind, data, headers):
        """A header that says so proves nothing: anybody can write one."""
        _, (row,) = read(Record(0, value=envelope(type=kind, data=data), headers=headers))

        assert (row.path, "nofumble kafka emit" in row.reason) == ("type", True)

    def test_what_intake_has_in_its_table_did(self):
        body = envelope(type="account.merged", data={"into": "bravo"})
        known = {("acme", "/x", "e-1", body)}
        headers = (("arrived", b"1767225600000000"),)
        records, refused = read(
            Record(0, value=body, headers=headers),
            Record(1, value=body + b" ", headers=headers),
            logged=lambda asked: known & set(asked),
        )

        assert ([one.offset for one in records], [one.position for one in refused]) == ([100], [101])

    def test_the_table_is_asked_once_for_all_of_a_chunk_and_not_at_all_where_nothing_needs_it(self):
        merges = [envelope(id=f"m-{n}", type="account.merged", data={"into": "bravo"}) for n in range(3)]
        asked = []

        def logged(envelopes):
            asked.append(envelopes)
            return envelopes

        headers = (("arrived", b"1767225600000000"),)
        rows = [Record(n, value=body, headers=headers) for n, body in enumerate([*merges, envelope(id="plain")])]
        records, refused = read(*rows, logged=logged)
        read(Record(0, value=envelope()), logged=logged)

        assert ([one.offset for one in records], refused) == ([100, 101, 102, 103], [])
        assert asked == [[("acme", "/x", f"m-{n}", body) for n, body in enumerate(merges)]]

    def test_people_never_stand_on_the_topic(self):
        body = envelope(type="people.user.returned", data={"person": "dana"})
        headers = (("arrived", b"1767225600000000"),)

        _, refused = read(Record(0, value=body, headers=headers), logged=set)

        assert len(refused) == 1

    def test_an_account_hears_through_the_topic_that_one_of_ours_has_left(self):
        body = envelope(type="people.user.away_set", data={"person": "dana"}, causationid="hr-1")
        headers = (("arrived", b"1767225600000000"),)

        (record,), refused = read(Record(0, value=body, headers=headers), logged=set)
        _, forged = read(Record(0, value=body, headers=headers))

        assert (record.event.causation_id, refused, len(forged)) == ("hr-1", [], 1)

    def test_the_good_ones_beside_it_are_read(self):
        records, refused = read(Record(0, value=envelope()), Record(1, value=b"{"), Record(2, value=envelope(id="e-2")))

        assert ([one.offset for one in records], [one.position for one in refused]) == ([100, 102], [101])
