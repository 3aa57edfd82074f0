"""Given names as sources write them, then ids are ASCII, stable, and never shared by two names."""

import pytest

from nofumble.readers.country import country_code
from nofumble.readers.slug import Slugs, printable_id, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Acme Corporation", "acme-corporation"),
        ("Gekko & Co", "gekko-co"),
        ("  dambase ", "dambase"),
        ("Kåre", "kare"),
        ("Łukasz Øst", "lukasz-ost"),
        ("Straße 5", "strasse-5"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_name_becomes_lower_case_letters_digits_and_hyphens(name, expected):
    assert slug(name) == expected


def test_names_without_a_latin_letter_stay_apart():
    assert slug("- -") != slug("東京")
    assert slug("東京").startswith("unnamed-")


def test_two_names_never_share_an_id_and_one_name_keeps_its_own():
    slugs = Slugs()

    first, second = slugs("Green Plus"), slugs("Green-Plus")

    assert first == "green-plus"
    assert second.startswith("green-plus-")
    assert slugs("GREEN  PLUS") == first
    assert slugs("Green-Plus") == second


def test_a_sources_own_id_is_kept_unless_an_id_may_not_look_so():
    assert printable_id("1-364285768") == "1-364285768"
    assert printable_id("Case 12") != printable_id("Case  12")
    assert " " not in printable_id("Case 12")
    assert len(printable_id("z" * 500)) < 150


def test_a_country_is_known_by_name_or_code_and_never_guessed():
    assert country_code("United States") == "US"
    assert country_code(" Philipines ") == "PH"
    assert country_code("no") == "NO"
    assert country_code("Atlantis") is None
