"""The picture of a course: nothing lies over another, everything is said in words too, and it is always the same."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

from nofumble.pages.course import course_of
from nofumble.pages.drawing import TOP, drawn
from nofumble.pages.layout import LETTER_WIDTH, TEXT_MAX, laid_out, shortened

SVG = "{http://www.w3.org/2000/svg}"
TEXT_SIZE_MIN = 12


def extent(row):
    """Give from where to where the text of a row reaches, in the widest font."""
    long = (len(row.item.ref) + 1 + len(row.text)) * LETTER_WIDTH
    return (row.text_at - long, row.text_at) if row.is_ended else (row.text_at, row.text_at + long)


def test_every_picture_is_read_aloud_too(shipped):
    for definition in shipped.values():
        root = ET.fromstring(drawn(definition.name, definition.source.title, course_of(definition)))  # noqa: S314  our own text

        title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
        assert definition.source.title in title.text
        assert all(f"{ref} (" in told.text for ref in definition.steps)


def test_no_text_leaves_the_paper_or_meets_its_own_mark_or_another_row(shipped):
    for name, definition in shipped.items():
        sheet = laid_out(course_of(definition), TOP)
        rows = [row for panel in sheet.panels for row in panel.rows]
        for row in rows:
            begins, ends = extent(row)
            assert 0 < begins < ends <= sheet.width + 1, f"{name}: {row.item.ref} leaves the paper"
            meets = not row.is_above and begins - 10 < row.left < ends + 10
            assert not meets, f"{name}: the text of {row.item.ref} lies over its mark"
        for above, below in pairwise(rows):
            assert above.top + above.height <= below.top, f"{name}: {above.item.ref} and {below.item.ref}"


def test_the_labels_of_times_stand_apart(shipped):
    for name, definition in shipped.items():
        for panel in laid_out(course_of(definition), TOP).panels:
            for (left, before), (right, after) in pairwise(panel.ticks):
                room = (len(before or "start") + len(after)) / 2 * LETTER_WIDTH
                assert right - left >= room, f"{name}: {before} and {after}"


def test_no_text_is_tiny_and_both_backgrounds_are_thought_of(shipped):
    definition = shipped["crisis_hold_and_recovery"]
    picture = drawn(definition.name, definition.source.title, course_of(definition))

    sizes = [float(size) for size in re.findall(r"font-size:([\d.]+)px", picture)]

    assert min(sizes) >= TEXT_SIZE_MIN
    assert "prefers-color-scheme:dark" in picture
    assert '<rect class="card"' in picture


def test_a_severity_is_a_letter_and_a_condition_is_dashed(written):
    urgent = "{ref: A1, alert: now, to: csm, severity: urgent, when: account.tier == 1}"
    definition = written(urgent)

    picture = drawn("trial", "Trial", course_of(definition))

    assert '<circle class="urgent dashed"' in picture
    assert ">U</text>" in picture
    assert "dashed: only under a condition" in picture


def test_the_legend_has_what_is_used_and_no_more(written):
    definition = written("{ref: T1, task: Call, to: csm, due: 1bd}")

    picture = drawn("trial", "Trial", course_of(definition))

    assert "a task, from its offer to when it is due" in picture
    assert not re.search("alert, |a hold|dashed: |leads to", picture)


def test_what_a_definition_says_cannot_break_the_picture(written):
    definition = written('{ref: T1, task: "Say <b> & \\"so\\"", to: csm, due: 1bd}')

    ET.fromstring(drawn("trial", "A < B & C", course_of(definition)))  # noqa: S314  our own text


def test_a_long_text_is_cut_between_words():
    assert shortened("Introduce the CSM, by email", 20) == "Introduce the CSM…"
    assert shortened("short  enough", 20) == "short enough"
    assert len(shortened("word " * 60, TEXT_MAX)) <= TEXT_MAX


def test_the_same_definition_gives_the_same_bytes(shipped):
    definition = shipped["signature_to_kickoff"]
    title = definition.source.title

    assert drawn("x", title, course_of(definition)) == drawn("x", title, course_of(definition))


def test_what_the_language_may_do_one_day_is_drawn_as_a_point(written):
    (one,) = course_of(written("{ref: P1, post: {kind: thanks, points: '1.0'}}"))

    picture = drawn("trial", "Trial", [replace(one, action="dance")])

    assert '<path class="point" ' in picture
    assert ">•</text>" in picture
