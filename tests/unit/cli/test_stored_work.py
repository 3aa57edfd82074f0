"""What the store holds of work: found by short ids, listed by urgency, told with its evidence. On a store in memory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.cli.act import check
from nofumble.cli.inbox import waiting_for
from nofumble.cli.ingest import incoming
from nofumble.cli.pasts import StoredPasts, definition_named
from nofumble.cli.queries import held, select
from nofumble.cli.session import Session
from nofumble.cli.stored_work import PREFIX_MIN, find_account, find_work, short_ids, work_as_json
from nofumble.cli.timeline import what_happened
from nofumble.cli.why import reason_of, write_story
from nofumble.errors import WrongUse
from nofumble.readers.row import Row, wrong_row
from nofumble.reading import state_of
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import known_directory, load_directory
from workflows.directory import Directory
from workflows.reasons.why_not import why_not

SIGNATURE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "signature.jsonl"
THURSDAY = datetime(2026, 3, 5, 9, tzinfo=UTC)
"""Two working days after the signature, before the kickoff is heard of."""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a store into which the first nine events of the signature went, worked through until Thursday."""
    store: Store = MemoryStore()
    store.ensure_partitions(8)
    rows = SIGNATURE.read_bytes().splitlines()[:9]
    tally = Intake(store, Directory()).take([Incoming("f", n, row) for n, row in enumerate(rows)], now=THURSDAY)
    assert tally.accepted == 9
    world = open_world(store, Directory(), now=THURSDAY)
    EmbeddedAgents(store, world, worker="w").run_until_idle(THURSDAY)
    return Session(store, Settings(home=tmp_path), THURSDAY)


def work(session: Session, ref: str) -> WorkRow:
    """Return the work of one step of the way to the kickoff."""
    rows = session.store.work(WorkFilter(is_open=None))
    return next(row for row in rows if (row.workflow, row.ref) == ("signature_to_kickoff", ref))


def test_work_is_found_by_its_id_and_by_the_first_of_its_characters(session: Session):
    row = work(session, "T1")

    assert find_work(session.store, row.id) == row
    assert find_work(session.store, row.id.upper()) == row
    assert find_work(session.store, row.id[:PREFIX_MIN]) == row
    assert find_work(session.store, row.id[:20]) == row


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("abc", "'abc' is no id of work: it is a UUID or its first 6 or more characters"),
        ("T1", "is no id of work"),
        ("000000", "no work has an id that begins with 000000"),
        ("00000000-0000-5000-8000-000000000000", "no work has the id 00000000-0000-5000-8000-000000000000"),
    ],
)
def test_what_is_no_id_of_work_is_refused_with_the_rule(name: str, sentence: str, session: Session):
    with pytest.raises(WrongUse, match=sentence):
        find_work(session.store, name)


def test_an_id_that_several_begin_with_is_refused_with_their_names(session: Session):
    store = session.store
    row = work(session, "T1")
    twin = row._replace(id=row.id[:8] + "-0000-5000-8000-000000000000", ref="T9")
    store.work = lambda _wanted: [row, twin]  # type: ignore[method-assign]

    with pytest.raises(WrongUse, match=rf"2 ids begin with {row.id[:8]}: .*task T1 at acme.*task T9 at acme"):
        find_work(store, row.id[:8])


def test_short_ids_are_as_long_as_it_takes_to_tell_them_apart(session: Session):
    row = work(session, "T1")
    twin = row._replace(id=row.id[:-1] + ("0" if row.id[-1] != "0" else "1"))

    assert short_ids([row]) == {row.id: row.id[:8]}
    assert short_ids([row, twin]) == {row.id: row.id, twin.id: twin.id}
    assert short_ids([]) == {}


def test_an_account_is_found_by_id_and_a_wrong_one_is_answered_with_the_nearest(session: Session):
    assert find_account(session.store, "acme") == "acme"
    with pytest.raises(WrongUse, match="no account is called 'acmee'; did you mean acme"):
        find_account(session.store, "acmee")
    with pytest.raises(WrongUse, match="there are none yet"):
        find_account(MemoryStore(), "acme")


def test_the_inbox_has_the_open_work_of_each_person_and_nothing_that_is_done(session: Session):
    waiting = waiting_for(session.store)

    assert {who: [row.ref for row in rows] for who, rows in waiting.items()} == {"dana": ["T2", "T3'"], "mia": ["T6"]}
    assert list(waiting_for(session.store, "dana")) == ["dana"]
    assert waiting_for(session.store, "nobody") == {}


def test_an_alert_waits_for_everybody_it_goes_to(session: Session):
    world = open_world(session.store, Directory(), now=THURSDAY)
    EmbeddedAgents(session.store, world, worker="w").run_until_idle(THURSDAY + timedelta(days=4))

    waiting = waiting_for(session.store)

    assert "A1" in {row.ref for row in waiting["dana"]} & {row.ref for row in waiting["sam"]}
    assert waiting["dana"][0].ref == "A1"  # an alert comes before a task
    alerts = select(session, "alert", "sam", None, None, closed=False, limit=10)
    assert [row.ref for row in alerts] == ["A1"]


def test_a_loop_tells_for_how_many_working_days_its_holder_has_had_it(session: Session):
    assert held(session, work(session, "L1")) == {"held_bd": 2}  # Tuesday to Thursday


def test_work_is_told_to_programs_under_the_same_names(session: Session):
    said = [work_as_json(row) for row in session.store.work(WorkFilter(is_open=None))]

    common = {"id", "kind", "account", "workflow", "key", "ref", "status", "person", "role", "queue", "opened_at"}
    assert all(common <= set(one) for one in said)
    loop = next(one for one in said if one["kind"] == "loop")
    assert loop["holder"] == {"role": "ae", "person": "sam"}


def test_a_timeline_has_events_and_what_they_brought_in_order(session: Session):
    happened = what_happened(session.store, "acme", 50).happenings

    assert [one.at for one in happened] == sorted(one.at for one in happened)
    texts = [f"{one.told.what} {one.told.ref}".strip() for one in happened]
    assert texts.index("event") < texts.index("loop opened L1")
    assert "task completed T1" in texts
    assert {one.said["kind"] for one in happened} == {"event", "loop", "task"}


def test_the_story_of_work_has_its_cause_its_clock_and_what_would_have_prevented_it(
    session: Session, capsys: pytest.CaptureFixture[str]
):
    row = work(session, "T1")

    named = StoredPasts(session).work(row.id)
    write_story(reason_of(named), named.row, now=THURSDAY)

    out = capsys.readouterr().out
    assert f"task T1 at acme, {row.id}" in out
    assert "Tue 3 Mar 10:00  sales.contract.signed (crm-2 of /crm) by sam" in out
    assert "1bd from Tue 3 Mar 10:00 to Wed 4 Mar 17:00" in out
    assert "signature_to_kickoff 1.0.0, step T1, key C-1" in out
    assert "would not exist if" in out
    assert "done Wed 4 Mar 09:00" in out


@pytest.mark.parametrize(
    ("ref", "action", "sentence"),
    [
        ("T1", "task.accepted", "is done; possible now: nothing"),
        ("L1", "task.accepted", "needs a task"),
        ("T6", "alert.acknowledged", "needs an open alert"),
    ],
)
def test_an_action_that_the_work_does_not_allow_says_what_is_possible(ref, action, sentence, session: Session):
    with pytest.raises(WrongUse, match=sentence):
        check(work(session, ref), action, {})


def test_an_action_that_is_possible_passes(session: Session):
    for action in ("task.accepted", "task.started", "task.declined", "task.snoozed", "task.reassigned"):
        check(work(session, "T6"), action, {})


def test_the_directory_knows_what_was_said_of_our_people(session: Session):
    directory = known_directory(session.store, load_directory())

    assert directory.team_of("dana") == "cs"
    assert directory.holders_of_role("cco") == ("cleo",)


def test_the_state_of_an_account_is_read_without_changing_the_store(session: Session):
    before = session.store.counts()
    world = open_world(session.store, Directory(), now=THURSDAY)

    state = state_of(session.store, world, "acme", now=THURSDAY + timedelta(days=30))

    assert state.name == "Acme Robotics"
    assert "A1" in {item.ref for item in state.work.values()}
    assert session.store.counts() == before
    assert state_of(session.store, world, "nobody", now=THURSDAY).work == {}


def test_the_same_definitions_are_one_catalogue(session: Session):
    first = open_world(session.store, Directory(), now=THURSDAY)
    again = open_world(session.store, Directory(), now=THURSDAY + timedelta(days=1))

    assert first.catalogue == again.catalogue
    assert len(session.store.catalogues()) == 1


def test_what_lies_on_a_disk_changes_nothing_of_a_store_that_has_definitions(session: Session, tmp_path: Path):
    text = (Path("workflows") / "definitions" / "cs" / "signature_to_kickoff.yaml").read_text(encoding="utf-8")
    (tmp_path / "signature_to_kickoff.yaml").write_text(text.replace("due: 1bd", "due: 2bd"), encoding="utf-8")
    first = open_world(session.store, Directory(), now=THURSDAY)

    second = open_world(session.store, Directory(), now=THURSDAY, folder=tmp_path)

    assert second.catalogue == first.catalogue
    assert second.library.hash == first.library.hash


def test_a_row_keeps_its_place_in_its_source_on_the_way_into_the_store():
    assert incoming("f.jsonl", 3, Row("f.jsonl:12", raw=b"{}")) == Incoming("f.jsonl", 12, b"{}")
    bad = incoming("log.xes", 3, wrong_row("1-42/3", "time", "no time", excerpt=b"x"))
    assert (bad.origin, bad.position, bad.problem) == ("log.xes/1-42/3", 3, ("time", "no time"))


def test_the_store_and_the_file_give_the_same_reason(session: Session, nofumble, signature: str):
    row = work(session, "T1")
    stored = reason_of(StoredPasts(session).work(row.id))

    (told,) = nofumble("why", row.id, "--events", signature, "--json").lines

    said = msgspec.json.decode(msgspec.json.encode(stored))
    assert {key: told[key] for key in said if key != "notes"} == {key: said[key] for key in said if key != "notes"}


def test_why_not_is_asked_of_the_store_and_writes_nothing_into_it(session: Session):
    pasts = StoredPasts(session)
    before = session.store.counts()

    found = why_not(pasts.past(pasts.account("acme")), definition_named(pasts, "review_avoidance"))

    assert (found.fired, found.stop.kind) == (False, "no_event")
    assert found.changes
    assert session.store.counts() == before


def test_a_store_on_which_nobody_has_worked_has_no_past_yet(tmp_path: Path):
    store = MemoryStore()
    store.ensure_partitions(8)

    with pytest.raises(WrongUse, match="no agent has worked on this store yet"):
        StoredPasts(Session(store, Settings(home=tmp_path), THURSDAY)).past("acme")


def test_work_as_of_a_time_is_as_it_was_then(session: Session):
    row = work(session, "T1")
    folded = StoredPasts(session).past("acme").as_of(datetime(2026, 3, 3, 12, tzinfo=UTC)).fold()

    assert row.status == "done"
    assert folded.work[row.id].status == "offered"
