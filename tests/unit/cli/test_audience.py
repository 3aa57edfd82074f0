"""`nofumble may-i --audience`: a list comes back without whom it must not reach, with a reason for each (B3, W17)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from nofumble.catalogue import open_world
from nofumble.cli import mayi
from nofumble.cli.session import Session
from nofumble.store.memory_store import MemoryStore
from tests.unit.cli.conftest import Run
from workflows.directory import Directory

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def event(event_type: str, subject: str, days_ago: float, **data: Any) -> bytes:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    name = f"{event_type}/{subject}/{days_ago}/{data.get('contact_id')}"
    envelope = {"specversion": "1.0", "id": name, "source": "/x", "type": event_type, "subject": subject, "time": at}
    return json.dumps(envelope | {"data": data}).encode()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """A live customer, one in onboarding, a prospect, and their contacts; `held` is under a hold of all mailings."""
    store = MemoryStore()
    store.ensure_partitions(2)
    rows = [event("account.registered", one, 60, lifecycle="live") for one in ("acme", "held")]
    rows += [event("account.registered", "lead", 60, lifecycle="prospect")]
    for account, contact in (("acme", "jo"), ("acme", "al"), ("held", "vi"), ("lead", "li")):
        email = f"{contact}@{account}.example"
        rows += [event("customer.contact.joined", account, 50, contact_id=contact, email=email)]
    rows += [event("hold.placed", "held", 10, scope="promo", reason="merger", actor={"person": "dana"})]
    rows += [event("hold.placed", "acme", 10, scope="survey", reason="tired", contact_id="jo")]
    rows += [event("marketing.email.unsubscribed", "lead", 5, contact_id="li")]
    Intake(store, Directory()).take([Incoming("f", number, row) for number, row in enumerate(rows)], now=NOW)
    agents = EmbeddedAgents(store, open_world(store, Directory(), now=NOW), worker="w")
    agents.run_until_idle(NOW)
    agents.close()

    @contextmanager
    def opened() -> Iterator[Session]:
        session = Session(store, None, NOW)  # type: ignore[arg-type]  # the settings say nothing here
        session.__dict__["organisation"] = Directory()
        yield session

    monkeypatch.setattr(mayi, "open_session", opened)
    return store


def ask(nofumble: Run, purpose: str, listed: str, *more: str) -> dict[str, Any]:
    ended = nofumble("may-i", purpose, "--audience", "-", "--json", *more, stdin=listed)
    assert ended.code == 0, ended.err
    (answer,) = ended.lines
    return answer


@pytest.mark.usefixtures("store")
class TestAudience:
    def test_a_mailing_for_prospects_reaches_no_customer_and_a_hold_comes_before_the_stage(self, nofumble):
        listed = "contact_id\njo\nal@acme.example\nvi\nli\nsomebody@new.example\n"

        answer = ask(nofumble, "promo", listed, "--stage", "prospect")

        assert answer["removals"] == {"stage": ["jo", "al@acme.example"], "hold": ["vi"], "no_consent": ["li"]}
        assert answer["cleaned"] == ["somebody@new.example"]
        assert answer["counts"] == {"audience": 5, "allowed": 1, "removed": 4}
        assert answer["decision"] == "hold"

    def test_one_for_everybody_leaves_out_who_may_not_be_written_to(self, nofumble):
        answer = ask(nofumble, "newsletter", "jo\nal\nvi\nli\njo\n")

        assert (answer["cleaned"], answer["removed"]) == (["jo", "al"], {"hold": 1, "no_consent": 1})

    def test_what_is_no_mailing_is_answered_by_the_holds_of_the_account_and_of_the_contact(self, nofumble):
        answer = ask(nofumble, "survey", "email\njo@acme.example\nal@acme.example\nvi@held.example\n")

        assert answer["cleaned"] == ["al@acme.example", "vi@held.example"]
        assert list(answer["removals"].values()) == [["jo@acme.example"]]

    def test_an_account_that_the_list_names_is_believed(self, nofumble):
        answer = ask(nofumble, "promo", "Id,Account_Id,City\nx9,acme,Rome\nx8,nobody,Bonn\n", "--stage", "prospect")

        assert (answer["cleaned"], answer["removals"]) == (["x8"], {"stage": ["x9"]})

    def test_asking_leaves_no_trace(self, nofumble, store):
        before = store.counts()

        ask(nofumble, "promo", "jo\n", "--stage", "prospect")

        assert store.counts() == before

    def test_for_people_the_removed_stand_with_their_reason_and_then_the_clean_list(self, nofumble, tmp_path):
        file = tmp_path / "list.csv"
        file.write_bytes("\ufeffcontact_id\r\nvi\r\n\r\nal\r\n".encode())

        ended = nofumble("may-i", "promo", "--audience", str(file))

        assert [line.split() for line in ended.out.splitlines()] == [
            ["1", "of", "2", "may", "be", "contacted:", "promo"],
            ["removed", "account", "because"],
            ["vi", "held", "hold"],
            ["al"],
        ]


@pytest.mark.parametrize(
    ("words", "listed", "sentence"),
    [
        (["--audience", "nothere.csv"], "", "nothere.csv: no such file"),
        (["--audience", "-"], "", "-: no contacts; the list is CSV"),
        (["--audience", "-"], "name,city\njo,Rome\n", "-:1: no column has the contacts"),
        (["--audience", "-"], "contact_id,city\n,Rome\n", "-:2: no contact in"),
        (["--audience", "-"], 'contact_id\n"jo\n', "-:2: no CSV"),
        (["--audience", "-"], b"contact_id\njo\xff\n", "-:2: not UTF-8"),
        (["--audience", "-", "--account", "acme"], "jo\n", "leave --account, --contact and --as out"),
        ([], "", "missing option '--account'"),
    ],
)
def test_wrong_use_is_one_sentence(nofumble, words, listed, sentence):
    ended = nofumble("may-i", "promo", *words, stdin=listed)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1
