"""W16: good news gets a note, bad news makes us tread softly, and what was read twice is one story."""

import pytest

from tests.scenarios.scenario import Story

NEWS = "market.news.mentioned"


def acme(**facts):
    roles = {"csm": "dana", "am": "sam", "marketer": "mo", "cs_manager": "kim", "exec_sponsor": "eve"}
    return Story("news_watch", roles=roles, **{"lifecycle": "live", "tier": 2, **facts})


def read(story, when, story_id="S-1", arrived=None, **data):
    return story.on(when, NEWS, arrived=arrived, cluster_id=story_id, **{"kind": "award", "relevance": 0.9, **data})


@pytest.mark.parametrize(("relevance", "told"), [(0.59, 0), (0.6, 1), (1.0, 1)])
def test_what_is_hardly_about_them_is_not_told(relevance, told):
    assert len(read(acme(), "Tue 03-03 10:00", relevance=relevance).told("task.proposed")) == told


def test_the_same_story_after_a_week_is_a_new_one():
    story = read(acme(), "Tue 03-03 10:00").on("Wed 03-04 10:00", "cs.contact.logged", direction="out")
    read(story, "Mon 03-09 10:00")
    assert len(story.told("task.proposed")) == 1

    assert len(read(story, "Tue 03-10 10:00").told("task.proposed")) == 2


def test_an_article_that_arrives_late_joins_the_task_with_its_link():
    story = read(acme(), "Tue 03-03 10:00", url="https://n.example/1")
    read(story, "Tue 03-03 12:00", url="https://n.example/3")
    read(story, "Tue 03-03 11:00", url="https://n.example/2", arrived="Wed 03-04 09:00")

    assert len(story.told("task.proposed")) == 1
    assert story.last("task.updated")["links"] == [f"https://n.example/{n}" for n in (1, 2, 3)]


def test_an_article_that_is_read_again_joins_once():
    story = read(acme(), "Tue 03-03 10:00", url="https://n.example/1")
    read(read(story, "Tue 03-03 11:00", url="https://n.example/1"), "Tue 03-03 12:00", url="https://n.example/2")

    assert story.last("task.updated")["links"] == ["https://n.example/1", "https://n.example/2"]


def test_a_note_about_selling_is_no_note():
    story = read(acme(), "Tue 03-03 10:00").on("Wed 03-04 10:00", "sales.contact.logged", purpose="upsell")

    assert story.open("T1") == ["T1 proposed dana"]


def test_a_note_may_be_dismissed_with_a_reason():
    story = read(acme(), "Tue 03-03 10:00")
    story.on("Wed 03-04 10:00", "task.declined", workflow="news_watch", ref="T1", reason="not worth it", actor="dana")

    assert story.told("workflow.completed") == ["Wed 03-04 10:00 workflow.completed news_watch S-1 workflow_completed"]


@pytest.mark.parametrize(
    ("kind", "people"), [("lawsuit", "dana+sam"), ("layoff", "dana+sam+kim"), ("M&A", "dana+sam+kim")]
)
def test_where_people_leave_or_owners_change_the_manager_knows(kind, people):
    assert read(acme(), "Tue 03-03 10:00", kind=kind).raised() == [f"Tue 03-03 10:00 alert.raised A1 warn {people}"]


def test_bad_news_that_was_not_them_lets_go_at_once():
    story = read(acme(), "Tue 03-03 10:00", kind="breach")
    story.on("Tue 03-03 12:00", "task.completed", workflow="news_watch", ref="T2", outcome="not_them", actor="dana")

    assert [one.rsplit(" ", 1)[1] for one in story.told("hold.lifted")] == ["promo", "ask"]
    assert story.running() == []


def test_the_week_of_news_slides():
    story = acme()
    for number, day in enumerate(["Mon 03-02", "Tue 03-03", "Wed 03-04", "Thu 03-05", "Mon 03-09"]):
        read(story, f"{day} 10:00", f"S-{number}")

    assert [one.key for one in story.work("T1")] == ["S-0", "S-1", "S-2", "S-4"]


def test_an_event_that_is_near_leaves_a_working_day():
    story = acme().on("Tue 03-03 10:00", "market.event.announced", event="Acme Day", date="2026-03-10", role="host")

    assert {one.due.isoformat() for one in story.work("T3/csm", "T3/marketer")} == {"2026-03-04T17:00:00+00:00"}


def test_an_event_that_is_over_is_no_chance():
    story = acme().on("Tue 03-03 10:00", "market.event.announced", event="Acme Day", date="2026-02-10", role="host")

    assert story.running() == []
