"""The commands on versions, on a store in memory: put in force, tried, rolled back, told, compared (R17)."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.catalogues import put_in_force, write_catalogue
from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import WorkFilter
from config.settings import Settings
from nofumble.activation import propose, put
from nofumble.catalogue import begin, catalogues_of, open_world, read_members, waiting_on_disk
from nofumble.cli.session import Session
from nofumble.errors import ServiceUnavailable
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import SHIPPED
from workflows.directory import Directory

NAME = "signature_to_kickoff"
SIGNATURE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "signature.jsonl"
TUESDAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
"""Two hours after the signature."""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A store in which the signature has just happened, with two workflows; the commands open it."""
    store = MemoryStore()
    store.ensure_partitions(2)
    folder = tmp_path / "first"
    folder.mkdir()
    for file in (SHIPPED / "cs" / f"{NAME}.yaml", SHIPPED / "cs" / "crisis_hold_and_recovery.yaml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    begin(store, now=TUESDAY - timedelta(days=9), folder=folder)
    session = Session(store, Settings(home=tmp_path), TUESDAY)
    works(session, SIGNATURE.read_bytes().splitlines()[:7])

    @contextmanager
    def opened():
        yield session

    monkeypatch.setattr("nofumble.cli.versions.open_session", opened)
    return session


def works(session: Session, rows: list[bytes] = (), until: datetime | None = None) -> None:
    """Take rows in, and let the agents work until a time."""
    Intake(session.store, Directory()).take([Incoming("f", n, row) for n, row in enumerate(rows)], now=session.now)
    agents = EmbeddedAgents(session.store, open_world(session.store, Directory(), now=session.now), worker="w")
    agents.run_until_idle(until or session.now)
    agents.close()


@pytest.fixture
def second(tmp_path: Path) -> str:
    """A second version: T1 and T2 are due in three days, and A1 comes after four."""
    text = (SHIPPED / "cs" / f"{NAME}.yaml").read_text(encoding="utf-8")
    text = text.replace("version: 1.0.0", "version: 2.0.0").replace("due: 1bd", "due: 3bd")
    file = tmp_path / f"{NAME}.yaml"
    file.write_text(text.replace("within: 3bd", "within: 4bd"), encoding="utf-8")
    return str(file)


def in_force(session: Session) -> dict[str, tuple[str, str]]:
    found = catalogues_of(session.store)[-1].definitions
    return {f"{one.name}/{one.source.mode}": (one.source.version, one.source.mode) for one in found}


def signed(number: int) -> bytes:
    return (
        b'{"specversion":"1.0","id":"x-%d","source":"/crm","type":"sales.contract.signed","subject":"acme",'
        b'"time":"2026-03-03T12:30:00Z","data":{"contract_id":"C-%d","kind":"new","actor":"sam"}}' % (number, number)
    )


def dues(session: Session) -> dict[str, str]:
    rows = session.store.work(WorkFilter("task", is_open=None, workflow=NAME))
    return {row.key: f"{row.due_at:%m-%d}" for row in rows if row.ref == "T1" and row.due_at is not None}


def test_a_dry_run_says_what_changes_and_changes_nothing(nofumble, session: Session, second):
    ended = nofumble("workflows", "activate", second, "--note", "more time", "--dry-run")

    assert ended.code == 0
    assert "T1: until was 1bd, and is 3bd" in ended.out
    assert len(session.store.catalogues()) == 1


def test_what_begins_runs_on_the_new_version_and_what_runs_keeps_its_own(nofumble, session: Session, second):
    ended = nofumble("workflows", "activate", second, "--note", "more time", "--as", "cleo", "--json")
    works(session, [signed(9)])

    (said,) = ended.lines
    assert (said["workflow"], said["version"], said["mode"]) == (NAME, "2.0.0", "active")
    assert (said["by"], said["note"], said["dry_run"]) == ("cleo", "more time", False)
    assert dues(session)["C-9"] == "03-06"
    assert sorted(dues(session).values()) == ["03-04", "03-06"]


def test_it_takes_a_note(nofumble, session: Session, second):
    assert nofumble("workflows", "activate", second).code == 2
    assert "--note is empty" in nofumble("workflows", "activate", second, "--note", " ").err
    assert len(session.store.catalogues()) == 1


def test_what_is_in_force_already_is_not_put_in_force_again(nofumble, session: Session, second):
    nofumble("workflows", "activate", second, "--note", "more time")

    again = nofumble("workflows", "activate", second, "--note", "once more")

    assert (again.code, again.out) == (0, "")
    assert "nothing to change" in again.err
    assert len(session.store.catalogues()) == 2


def test_an_activated_version_never_gets_other_words(nofumble, session: Session, second):
    text = Path(second).read_text(encoding="utf-8")
    Path(second).write_text(text.replace("version: 2.0.0", "version: 1.0.0"), encoding="utf-8")

    ended = nofumble("workflows", "activate", second, "--note", "more time")

    assert ended.code == 2
    assert "an activated version never changes; raise its `version`" in ended.err


def test_a_file_that_the_checker_refuses_is_not_put_in_force(nofumble, session: Session, second):
    Path(second).write_text("name: signature_to_kickoff\n", encoding="utf-8")

    ended = nofumble("workflows", "activate", second, "--note", "more time")

    assert ended.code == 2
    assert f"{Path(second).name}:1: " in ended.err
    assert len(session.store.catalogues()) == 1


def test_a_name_that_is_unknown_is_told_with_the_nearest(nofumble, session: Session):
    assert "did you mean signature_to_kickoff?" in nofumble("workflows", "rollback", "signature", "--note", "x").err


def test_what_is_switched_off_begins_nothing_and_what_runs_goes_on(nofumble, session: Session):
    assert nofumble("workflows", "deactivate", NAME, "--note", "too much").code == 0
    works(session, [signed(9)], TUESDAY + timedelta(days=4))

    assert len(dues(session)) == 1
    alerts = session.store.work(WorkFilter("alert", workflow=NAME, is_open=None))
    assert "A1" in {row.ref for row in alerts}
    assert nofumble("workflows", "activate", NAME, "--note", "again").code == 0
    assert in_force(session)[f"{NAME}/active"] == ("1.0.0", "active")


def test_a_step_back_brings_the_version_that_was_active_before(nofumble, session: Session, second):
    nofumble("workflows", "activate", second, "--note", "more time")

    assert nofumble("workflows", "rollback", NAME, "--note", "T1 was late").code == 0

    assert in_force(session)[f"{NAME}/active"] == ("1.0.0", "active")
    told = nofumble("workflows", "history", NAME, "--json").lines
    assert [(one["version"], one["note"]) for one in told[:2]] == [("1.0.0", "T1 was late"), ("2.0.0", "more time")]
    assert len(told) == 3
    works(session, [signed(9)])
    assert set(dues(session).values()) == {"03-04"}


def test_a_step_back_needs_somewhere_to_go(nofumble, session: Session):
    ended = nofumble("workflows", "rollback", NAME, "--note", "x")

    assert ended.code == 2
    assert "no other version of signature_to_kickoff was ever active" in ended.err


def test_what_runs_migrates_where_it_is_asked_for_and_the_dry_run_says_so_before(nofumble, session: Session, second):
    words = ("workflows", "activate", second, "--note", "more time", "--migrate", "--json")
    _, tried = nofumble(*words, "--dry-run").lines
    _, done = nofumble(*words).lines

    assert tried == done
    assert (done["account"], done["from"], done["to"], done["migrates"]) == ("acme", "1.0.0", "2.0.0", True)
    assert done["clocks"]["A1"] == ["2026-03-06T17:00:00Z", "2026-03-09T17:00:00Z"]
    lines = [row.type for row in session.store.told(["workflow.migrated"], TUESDAY, TUESDAY + timedelta(days=1), 9)]
    assert lines == ["workflow.migrated"]
    works(session, until=TUESDAY + timedelta(days=5))
    assert "A1" not in {row.ref for row in session.store.work(WorkFilter("alert", workflow=NAME))}
    works(session, until=TUESDAY + timedelta(days=7))
    assert "A1" in {row.ref for row in session.store.work(WorkFilter("alert", workflow=NAME))}
    assert list(dues(session).values()) == ["03-04"], "work that is out keeps its due time"


def test_a_step_of_another_name_takes_the_place_of_one_that_is_at_work(nofumble, session: Session, second):
    text = Path(second).read_text(encoding="utf-8")
    renamed = text[: text.index("examples:")].replace("T6", "T16") + text[text.index("examples:") :].replace(
        "T6", "T16"
    )
    Path(second).write_text(renamed, encoding="utf-8")
    words = ("workflows", "activate", second, "--note", "named anew", "--migrate", "--dry-run", "--json")

    _, alone = nofumble(*words).lines
    _, mapped = nofumble(*words, "--step", "T6=T16").lines

    assert not alone["migrates"]
    assert "T6 is at work and the new version has no such step" in alone["reason"]
    assert mapped["migrates"]
    nofumble(*words[:-2], "--step", "T6=T16")
    assert "T16" in {row.ref for row in session.store.work(WorkFilter("task", workflow=NAME))}
    assert "T6" not in {row.ref for row in session.store.work(WorkFilter("task", workflow=NAME))}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("T1", "'T1' is no OLD=NEW"),
        ("T1=T99", "T99 is no step of 2.0.0"),
        ("T99=T1", "T99 is no step of 1.0.0"),
        ("T1=T2", "T2 is a step of 1.0.0 already"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(nofumble, session: Session, second, step, sentence):
    ended = nofumble("workflows", "activate", second, "--note", "x", "--migrate", "--step", step)

    assert ended.code == 2
    assert sentence in ended.err
    assert len(session.store.catalogues()) == 1


def test_a_version_in_shadow_runs_beside_the_active_one_and_is_compared_with_it(nofumble, session: Session, second):
    assert nofumble("workflows", "mode", second, "shadow", "--note", "tried").code == 0
    before = session.store.counts()
    works(session, [signed(9)])

    ended = nofumble("workflows", "shadow", NAME, "--json")

    assert dues(session)["C-9"] == "03-04"
    assert {row.key for row in session.store.work(WorkFilter("task", workflow=NAME))} == set(dues(session))
    changed = {one["ref"]: one["changes"] for one in ended.lines if one["key"] == "C-9" and one["kind"] == "changed"}
    assert changed["T1"]["due"] == {"active": "2026-03-04T17:00:00Z", "shadow": "2026-03-06T17:00:00Z"}
    assert {one["kind"] for one in ended.lines if one["key"] != "C-9"} == {"same"}, "it began before it was in shadow"
    assert before.keys() == session.store.counts().keys()


def test_a_store_with_a_version_in_shadow_holds_what_one_without_it_holds(nofumble, session: Session, second, tmp_path):
    alone = Session(MemoryStore(), session.settings, TUESDAY)
    alone.store.ensure_partitions(2)
    begin(alone.store, now=TUESDAY - timedelta(days=9), folder=tmp_path / "first")
    works(alone, SIGNATURE.read_bytes().splitlines()[:7])

    nofumble("workflows", "mode", second, "shadow", "--note", "tried")
    for one in (session, alone):
        works(one, [signed(9), *SIGNATURE.read_bytes().splitlines()[7:]], TUESDAY + timedelta(days=20))

    everything = WorkFilter(is_open=None)
    assert session.store.work(everything) == alone.store.work(everything)
    assert [row.body for row in session.store.unsent(999)] == [row.body for row in alone.store.unsent(999)]
    assert session.store.notices() == alone.store.notices()


def test_what_was_switched_off_comes_back_as_it_was(nofumble, session: Session, second):
    nofumble("workflows", "activate", second, "--note", "more time")
    nofumble("workflows", "deactivate", NAME, "--note", "too much")

    nofumble("workflows", "activate", NAME, "--note", "again")

    assert in_force(session)[f"{NAME}/active"] == ("2.0.0", "active")


def test_what_was_in_shadow_comes_into_force_by_its_name(nofumble, session: Session, second):
    nofumble("workflows", "mode", second, "shadow", "--note", "tried")
    assert set(in_force(session)) >= {f"{NAME}/active", f"{NAME}/shadow"}

    nofumble("workflows", "activate", NAME, "--note", "good")

    assert in_force(session)[f"{NAME}/active"] == ("2.0.0", "active")
    assert f"{NAME}/shadow" not in in_force(session)
    assert nofumble("workflows", "shadow", NAME).code == 2


def test_two_versions_are_compared_in_words(nofumble, session: Session, second):
    shipped = str(SHIPPED / "cs" / f"{NAME}.yaml")

    ended = nofumble("workflows", "diff", shipped, second)
    assert ended.code == 1
    assert "T1: until was 1bd, and is 3bd" in ended.out
    assert nofumble("workflows", "diff", shipped, shipped).code == 0
    nofumble("workflows", "activate", second, "--note", "more time")
    stored = nofumble("workflows", "diff", f"{NAME}@1.0.0", NAME, "--json")
    assert {"ref": "T1", "what": "until", "before": "1bd", "after": "3bd"} in stored.lines
    assert "no version is called" in nofumble("workflows", "diff", f"{NAME}@7.0.0", NAME).err


def test_of_two_who_change_it_at_the_same_time_the_second_is_told(session: Session, second):
    catalogues = catalogues_of(session.store)
    proposal = propose(catalogues, read_members([Path(second)]), "active")
    put(session.store, proposal, by="a", note="first", now=TUESDAY)

    with pytest.raises(ServiceUnavailable, match="at the same time"):
        put(session.store, proposal, by="b", note="second", now=TUESDAY)

    assert [one.activation.by for one in catalogues_of(session.store)] == ["", "a"]


def test_workers_with_other_files_work_on_what_is_in_force_in_the_store(session: Session, second):
    (members,) = read_members([Path(second)])
    assert not put_in_force(session.store, 1, write_catalogue([members], ()), TUESDAY)

    world = open_world(session.store, Directory(), now=TUESDAY, folder=Path(second).parent)

    assert world.library.definitions[NAME].source.version == "1.0.0"


def test_what_the_disk_has_and_nobody_has_activated_is_told(session: Session, second):
    assert waiting_on_disk(session.store, Path(second).parent / "first") == []

    Path(second).rename(Path(second).parent / "first" / Path(second).name)

    assert waiting_on_disk(session.store, Path(second).parent / "first") == [NAME]
