"""What would this account recommend, as a whole? One score, by class of user, and its band (W13).

Class score = mean of each person's latest answer within 180 days; account score = weighted mean of the class scores,
the weights renormalised over the classes that answered. All of it is computed for a moment, from the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.account import AccountState
from workflows.standing import Answer, Standing

COUNTS_FOR = timedelta(days=180)
"""How long an answer counts."""

WEIGHTS: Mapping[str, float] = {
    "decision_maker": 4,
    "sponsor": 4,
    "admin": 2,
    "power": 2,
    "casual": 1,
    "unknown": 1,
}
"""Class of user → what its score weighs; a contact with another role is of the class `unknown`."""

PROMOTER_FROM, PASSIVE_FROM = 8.5, 6.5
BANDS = ("detractor", "passive", "promoter")
DETRACTOR_TO = 6
"""A single answer of 0 to 6 is a detractor's, as everywhere."""

DECIDER = "decision_maker"
COVERED_FROM = 0.5
"""Below this share of the classes that the account has, a score is thin."""

ANSWERS_MAX = 1000
"""Contacts whose answers are kept; the oldest answer goes first."""


@dataclass(frozen=True, slots=True)
class Score:
    """The score of an account at a moment: by class (mean, answers), and as a whole."""

    classes: Mapping[str, tuple[float, int]]
    value: float | None

    @property
    def band(self) -> str:
        """Name the band, or "" where nobody answered."""
        return "" if self.value is None else band_of(self.value)


def band_of(score: float) -> str:
    """Name the band of a score.

    >>> band_of(4.2), band_of(6.5), band_of(8.5)
    ('detractor', 'passive', 'promoter')
    """
    return BANDS[(score >= PASSIVE_FROM) + (score >= PROMOTER_FROM)]


def score_of(classes: Mapping[str, tuple[float, int]]) -> float | None:
    """Weigh the class scores.

    >>> score_of({"casual": (9.0, 20), "decision_maker": (3.0, 1)})
    4.2
    """
    weight = sum(WEIGHTS[name] for name in classes)
    return sum(WEIGHTS[name] * mean for name, (mean, _) in classes.items()) / weight if weight else None


def class_of(state: AccountState, contact: str) -> str:
    """Tell the class of a contact by her role now."""
    known = state.contacts.get(contact)
    role = known.role.removesuffix("_user") if known is not None else ""
    return role if role in WEIGHTS else "unknown"


def score_at(state: AccountState, answers: Iterable[tuple[str, Answer]], at: datetime) -> Score:
    """Compute the score of some answers at a moment."""
    by_class: dict[str, list[int]] = {}
    for contact, answer in answers:
        if answer.at + COUNTS_FOR >= at:
            by_class.setdefault(class_of(state, contact), []).append(answer.score)
    classes = {
        name: (sum(by_class[name]) / len(by_class[name]), len(by_class[name])) for name in WEIGHTS if name in by_class
    }
    return Score(classes, score_of(classes))


def score_now(state: AccountState, at: datetime) -> Score:
    """Compute the score of the account."""
    standing = state.standing
    return score_at(state, standing.answers.items() if standing else (), at)


def score_before(state: AccountState, at: datetime) -> Score:
    """Compute the score as it was before the latest answer."""
    standing = state.standing
    if standing is None:
        return Score({}, None)
    answers = dict(standing.answers)
    if standing.before is not None:
        answers[standing.latest] = standing.before
    else:
        answers.pop(standing.latest, None)
    return score_at(state, answers.items(), at)


def score_before_wave(state: AccountState, at: datetime) -> Score:
    """Compute the score as it was before this wave: the answers of it count as those that they replaced."""
    standing = state.standing or Standing()
    answers = ((name, one.prior if one.wave == standing.wave else one) for name, one in standing.answers.items())
    return score_at(state, ((name, one) for name, one in answers if one is not None), at)


def steps_fallen(state: AccountState, at: datetime) -> int:
    """Count the bands that the account fell, from the better of before this wave and before this answer."""
    now = score_now(state, at).band
    former = [band for band in (score_before_wave(state, at).band, score_before(state, at).band) if band]
    if not now or not former:
        return 0
    return max(0, max(map(BANDS.index, former)) - BANDS.index(now))


def is_split(state: AccountState, at: datetime) -> bool:
    """Tell whether the decision makers are detractors while the others are promoters, or the reverse."""
    classes = dict(score_now(state, at).classes)
    decider = classes.pop(DECIDER, None)
    others = score_of(classes)
    if decider is None or others is None:
        return False
    return {band_of(decider[0]), band_of(others)} == {"detractor", "promoter"}


def deciders(state: AccountState) -> list[str]:
    """List the contacts who decide."""
    return [one.id for one in state.contacts.values() if one.role == DECIDER]


def answered_in_wave(state: AccountState) -> list[tuple[str, Answer]]:
    """List the deciders' answers in the latest wave."""
    standing = state.standing or Standing()
    found = [(name, standing.answers[name]) for name in deciders(state) if name in standing.answers]
    return [(name, one) for name, one in found if one.wave == standing.wave]


def coverage(state: AccountState, at: datetime) -> float:
    """Give the share of the account's classes that answered; of an account without known contacts, all that did."""
    present = set(score_now(state, at).classes)
    expected = {class_of(state, name) for name in state.contacts} | present
    return len(present) / len(expected) if expected else 0.0


def learn_answer(standing: Standing, contact: str, answer: Answer) -> None:
    """Take in an answer; what it replaces is kept for comparison."""
    former = standing.answers.pop(contact, None)
    prior = former.prior if former is not None and former.wave == answer.wave else former
    if prior is not None and prior.prior is not None:
        prior = Answer(prior.score, prior.at, prior.event, prior.wave)
    standing.latest, standing.before, standing.wave = contact, former, answer.wave
    standing.answers[contact] = Answer(answer.score, answer.at, answer.event, answer.wave, prior)
    if len(standing.answers) > ANSWERS_MAX:
        del standing.answers[next(iter(standing.answers))]


def forget_answer(standing: Standing, event: str) -> bool:
    """Drop an answer that was withdrawn, named by its event; tells whether there was one."""
    found = [name for name, one in standing.answers.items() if one.event == event]
    for name in found:
        del standing.answers[name]
    return bool(found)
