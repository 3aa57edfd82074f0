"""What a workflow definition may say: the words of the YAML, and nothing else.

Each class is one block of a definition file. The models refuse unknown keys, so that a
misspelt word is an error at its line and never a rule that silently does nothing.
Meaning: ``docs/reference/language.md``; the pattern words come from the engine's rules.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from workflows.language.durations import Duration, parse_duration

ROLES: tuple[str, ...] = (
    "ae",
    "am",
    "csm",
    "csm_backup",
    "cs_manager",
    "sales_manager",
    "support_owner",
    "support_lead",
    "pm",
    "product_lead",
    "marketer",
    "marketing_lead",
    "finance_owner",
    "finance_lead",
    "exec_sponsor",
    "cco",
    "ceo",
    "cs_ops",
)
"""Every role that work can be given to (R9)."""

TEAMS: tuple[str, ...] = ("sales", "cs", "support", "product", "marketing", "finance", "executive")
"""The owning teams of definitions, and the folders under ``definitions/``."""

TEAM_OF_ROLE: dict[str, str] = {
    "ae": "sales",
    "am": "sales",
    "sales_manager": "sales",
    "csm": "cs",
    "csm_backup": "cs",
    "cs_manager": "cs",
    "cs_ops": "cs",
    "cco": "executive",
    "ceo": "executive",
    "exec_sponsor": "executive",
    "support_owner": "support",
    "support_lead": "support",
    "pm": "product",
    "product_lead": "product",
    "marketer": "marketing",
    "marketing_lead": "marketing",
    "finance_owner": "finance",
    "finance_lead": "finance",
}
"""The team of a role: work for another team is offered, for one's own it is proposed (R11)."""

SCOPES: tuple[str, ...] = ("ask", "upsell", "promo", "survey", "all_outbound")
"""What a hold can stop (R15)."""

STEPS_MAX = 40
"""Steps in one definition: more is two workflows, and the work of one event stays bounded (F50)."""


class Broken(ValueError):
    """A rule of the grammar that a block breaks; `rule` is its name in `rules.RULES`."""

    def __init__(self, rule: str, message: str) -> None:
        """Keep the rule beside the words."""
        super().__init__(message)
        self.rule = rule


class OneOrMore:
    """Tells the JSON Schema that a list of one may be written as the one."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Offer the item beside the list; pydantic calls this."""
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


def a(word: str) -> str:
    """Put the article before a word of the language."""
    return f"{'an' if word[0] in 'aeo' else 'a'} {word}"


def _duration(value: Any) -> Any:
    return value if isinstance(value, Duration) else parse_duration(value)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


_ONE_OR_MORE = (BeforeValidator(_as_list), OneOrMore())
_DURATION_SCHEMA = {"type": "string", "pattern": "^[1-9][0-9]*(bd|bh|bm|d|h|m)$", "examples": ["3bd", "4bh", "30d"]}
_CASES_SCHEMA = {
    "type": "array",
    "items": {"type": "object", "properties": {"when": {"type": "string"}, "is": {}}, "required": ["is"]},
}

Span = Annotated[Duration, BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)]
Names = Annotated[list[str], *_ONE_OR_MORE, Field(min_length=1, max_length=40)]
Ref = Annotated[str, Field(pattern=r"^[A-Z][0-9]{1,2}'?(/[a-z][a-z0-9_]{1,30})?$")]
Refs = Annotated[list[Ref], *_ONE_OR_MORE, Field(min_length=1, max_length=STEPS_MAX)]
Cel = Annotated[str, Field(min_length=1, max_length=2000)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
Severity = Literal["info", "warn", "urgent", "critical"]
Roles = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array"}, _CASES_SCHEMA]})]
Due = Annotated[Any, WithJsonSchema({"anyOf": [_DURATION_SCHEMA, _CASES_SCHEMA]})]
HowUrgent = Annotated[Any, WithJsonSchema({"anyOf": [{"enum": ["info", "warn", "urgent", "critical"]}, _CASES_SCHEMA]})]
Team = Literal["sales", "cs", "support", "product", "marketing", "finance", "executive"]
Scope = Literal["ask", "upsell", "promo", "survey", "all_outbound"]


class Block(BaseModel):
    """A block of YAML: closed and unchangeable."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class EventMatch(Block):
    """An event that is asked for: one of the types, and a condition on it."""

    on: Names
    where: Cel | None = None


Matches = Annotated[list[EventMatch], *_ONE_OR_MORE, Field(min_length=1, max_length=20)]


class Absent(EventMatch):
    """`absent(E, within T, since A)`: no such event came in time (R7)."""

    within: Span
    since: str = "start"


class Count(EventMatch):
    """`count(E) >= n in T`, for each value of `by`; the count starts anew after it was reached.

    Counted are events, or different things (`distinct`), each for one or for what `sum` gives of it. Of events that are
    the `same`, told by two systems, the first is counted.
    """

    at_least: Annotated[int, Field(ge=2, le=1000)]
    within: Span | None = None
    by: Cel | None = None
    same: Cel | None = None
    distinct: Cel | None = None
    sum: Cel | None = None
    undone_by: Matches | None = None


class Silence(EventMatch):
    """`absent(E, within T, since E)` as a start: such an event came, and none since for so long (R7)."""

    within: Due


class Held(Block):
    """`held(state, for T)`: entered by one event, left by another, and still there after T.

    While it lasts it is looked at `again` every so often: what stood against a start may be gone.
    """

    enter: Matches
    leave: Matches
    by: Cel
    for_: Span = Field(alias="for")
    since: Cel | None = None
    again: Span | None = None
    times: Annotated[int, Field(ge=2, le=20)] | None = None
    calendar: Literal["customer"] | None = None

    @model_validator(mode="after")
    def _one_way_to_repeat(self) -> Held:
        if self.again is not None and self.times is not None:
            message = "a state either lasts (`again`) or is begun anew by each event (`times`); leave one of them out"
            raise Broken("start_pattern", message)
        return self


class Dated(EventMatch):
    """A date that an event tells, so long `before` or `after` it; a later word moves it, and `leave` calls it off."""

    of: Cel
    before: Span | None = None
    after: Span | None = None
    leave: Matches | None = None
    by: Cel | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Dated:
        if self.before is not None and self.after is not None:
            message = "a date is waited for either so long `before` it or `after` it; leave one of them out"
            raise Broken("start_pattern", message)
        return self


class Seq(Block):
    """`seq(A, B, within T)`: B follows A in time; the condition on B reads A as `past.*`."""

    first: EventMatch
    then: EventMatch
    within: Span


START_PATTERNS = ("on", "count", "held", "absent", "seq", "changed", "date")
"""The ways to open an instance, of which each start has one."""


class Start(Block):
    """What opens an instance: exactly one pattern. `key` and `correlate` override those of the definition."""

    on: Names | None = None
    where: Cel | None = None
    count: Count | None = None
    held: Held | None = None
    absent: Silence | None = None
    seq: Seq | None = None
    changed: str | None = None
    date: Dated | None = None
    each: Cel | None = None
    key: Cel | None = None
    correlate: Names | None = None
    way: Name | None = None

    @model_validator(mode="after")
    def _one_pattern(self) -> Start:
        chosen = [word for word in START_PATTERNS if getattr(self, word) is not None]
        if len(chosen) != 1:
            found = ", ".join(chosen) or "none"
            message = f"a start needs exactly one of {', '.join(START_PATTERNS)}; found {found}"
            raise Broken("start_pattern", message)
        if self.where is not None and self.on is None and self.changed is None:
            message = "`where` stands beside `on` or `changed`; put it inside the pattern instead"
            raise Broken("start_pattern", message)
        if self.correlate is not None and self.way is None:
            message = "a start with a `correlate` of its own needs a `way`, the name by which its instances are known"
            raise Broken("start_pattern", message)
        if self.each is not None and self.on is None:
            message = "`each` stands beside `on`; leave it out, or start on the event"
            raise Broken("start_pattern", message)
        return self


class Recent(EventMatch):
    """A look back: such an event in the time before. Its condition reads `past.*` and `event.*`."""

    within: Span


class LookBack(Block):
    """A value of earlier events: of the `first`, a list of `every` one, or their `sum`. Reads `past.*` and `start.*`.

    `counted` stands for the events that the start has counted.
    """

    first: Recent | Literal["counted"] | None = None
    every: Recent | Literal["counted"] | None = None
    sum: Recent | Literal["counted"] | None = None
    is_: Cel = Field(alias="is")

    @model_validator(mode="after")
    def _one_word(self) -> LookBack:
        if sum(getattr(self, word) is not None for word in LOOK_BACKS) != 1:
            message = f"a value that looks back asks exactly one of {', '.join(LOOK_BACKS)}"
            raise Broken("look_back", message)
        return self

    @property
    def word(self) -> str:
        """The word that it asks with."""
        return next(word for word in LOOK_BACKS if getattr(self, word) is not None)

    @property
    def asked(self) -> Recent | Literal["counted"]:
        """The events that it asks."""
        found: Recent | Literal["counted"] = getattr(self, self.word)
        return found


LOOK_BACKS = ("first", "every", "sum")


class Without(EventMatch):
    """No such event in the time before."""

    within: Span


class Cause(EventMatch):
    """What may have led to the start: an event before it that was not `over`, and had nothing like `without` before."""

    within: Span | None = None
    over: Names | None = None
    by: Cel | None = None
    without: Without | None = None
    text: Text

    @model_validator(mode="after")
    def _over_of_the_same(self) -> Cause:
        if (self.over is None) != (self.by is None):
            message = "what is `over` is told by what it is about: `over` and `by` stand together"
            raise Broken("needed_key", message)
        return self


class Guard(Block):
    """`unless`: no instance is opened while this holds. The reason is shown by why-not.

    A silence that it keeps from opening one is looked at again so often as `recheck` says.
    """

    if_: Cel | None = Field(default=None, alias="if")
    recent: Recent | None = None
    reason: Text
    recheck: Span | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Guard:
        if (self.if_ is None) == (self.recent is None):
            message = "a guard needs either `if` (a condition) or `recent` (a look back)"
            raise Broken("guard_test", message)
        return self


class Case(Block):
    """One row of a choice: the first row whose `when` holds decides; the last has no `when`."""

    when: Cel | None = None
    is_: Any = Field(alias="is")


class Early(EventMatch):
    """An alert said before its time, since an event already shows how it will end."""

    severity: Severity
    because: Text


class Rung(Block):
    """One rung of a ladder (R12): when, to whom."""

    at: str = Field(pattern=r"^(\d{1,2}%|due|due \+ \d+(bd|bh|bm|d|h|m))$")
    to: Literal["holder", "manager", "head", "sender"]
    severity: Severity = "warn"
    since: Name | None = None

    @field_validator("at")
    @classmethod
    def _duration_in_bounds(cls, value: str) -> str:
        if value.startswith("due + "):
            parse_duration(value.removeprefix("due + "))
        return value


class Handoff(Block):
    """The second phase of a pass: the ball of this loop moves when the task is accepted."""

    loop: Ref


class Receiver(Block):
    """Whom no role names: a person, a manager or a team by an expression, or who stands to the holder of a step."""

    person: Cel | None = None
    manager: Cel | None = None
    team: Cel | None = None
    holder_of: Refs | None = None
    manager_of: Refs | None = None
    delegate_of: Refs | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Receiver:
        named = [word for word in type(self).model_fields if getattr(self, word) is not None]
        if len(named) != 1:
            ways = ", ".join(type(self).model_fields)
            message = f"a receiver has exactly one of {ways}; found {', '.join(named) or 'none'}"
            raise Broken("unknown_role", message)
        return self


class DueAt(Block):
    """A due time that is a time, or so long `before` it; at the `latest` so long after the start.

    A date alone is the close of work on that day.
    """

    at: Cel
    before: Span | None = None
    latest: Span | None = None


class Limit(Block):
    """At most so many times within a time, over all runs of the workflow on the account; apart for each `by`."""

    times: Annotated[int, Field(ge=1, le=1000)]
    within: Span
    by: Cel | None = None
    shared: Name | None = None


class Gathers(EventMatch):
    """Events that join the work while it is open, and what they link to."""

    link: Cel | None = None


class Overdue(Block):
    """A task, one of `of`, stands open when a share of its time is over: 50%, 200%, when it is due or so long after."""

    of: Refs
    at: str = Field(pattern=r"^(\d{1,3}%|due|due \+ \d+(bd|bh|bm|d|h|m))$")


class LoopStep(Block):
    """Something open towards the customer, with one holder and a clock of what she was told."""

    name: Name
    holder: Roles
    told: Name | Matches | None = None


class Lift(Block):
    """Holds to lift: those of a hold step, all scopes or the named ones."""

    hold: Ref
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)] | None = None


class PassLoop(Block):
    """A ball, and the task that is asked of its holder, or a whole `bundle`, moves at once to somebody else."""

    loop: Ref | None = None
    to: Roles
    task: Ref | None = None
    bundle: Ref | None = None

    @model_validator(mode="after")
    def _something(self) -> PassLoop:
        if (self.loop is None) == (self.bundle is None):
            message = "a pass is about a `loop` (and its `task`), or about the `bundle` of a task; name one of them"
            raise Broken("needed_key", message)
        return self


class Unchanged(Block):
    """`held(state, for T)` of a mark: nothing moved it for so long."""

    mark: Name
    for_: Span = Field(alias="for")


class Reopen(Block):
    """A task that comes again, on an event or when another is declined; due so long after it, or as at first."""

    on: Names | None = None
    where: Cel | None = None
    declined: Refs | None = None
    due: Span | None = None

    @model_validator(mode="after")
    def _something(self) -> Reopen:
        if self.on is None and self.declined is None:
            message = "a task comes again `on` an event, or when a step is `declined`; add one of them"
            raise Broken("needed_key", message)
        return self


class Refuse(EventMatch):
    """What was handed in and is not what the task asks for: it stays open, and its news says what is `missing`."""

    missing: Name
    reason: Name


class Requirement(Block):
    """A list of what an event must say, each with the condition that it is there."""

    on: Names
    items: dict[Name, Cel] = Field(min_length=1, max_length=40)


class OnAccept(Block):
    """What acceptance makes of a task: another due time, another ladder. It stays open."""

    due: Due
    ladder: Literal["none"] | Annotated[list[Rung], Field(min_length=1, max_length=10)] | None = None


class Expect(EventMatch):
    """An event that is waited for; `after` follows when it comes, `missed` when it does not."""

    within: Span
    since: str = "start"


class Quiet(Block):
    """So long after a time nothing stands in the way any more; where the time is not known, nothing does."""

    since: Cel
    for_: Span = Field(alias="for")


class Check(Block):
    """One check of a gate: exactly one test, and the code of the reason when it does not pass."""

    code: Name | None = None
    if_: Cel | None = Field(default=None, alias="if")
    quiet: Quiet | None = None
    free_of: Scope | None = None
    when: Cel | None = None
    denies: bool = False
    override: Names | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Check:
        tests = [word for word in ("if_", "quiet", "free_of") if getattr(self, word) is not None]
        if len(tests) != 1:
            message = "a check needs exactly one of if, quiet, free_of"
            raise Broken("check_test", message)
        if self.code is None and self.free_of is None:
            message = "a check has a `code`; only `free_of` needs none, where each hold has its own"
            raise Broken("check_test", message)
        return self


class Gate(Block):
    """May it go ahead? All checks must pass; it is judged again whenever that may have changed.

    With `each` it is asked for every text of a list, which an event of `renewed_by` brings anew.
    """

    checks: Annotated[list[Check], Field(min_length=1, max_length=20)]
    purpose: Name | None = None
    told: bool = True
    each: Cel | None = None
    renewed_by: Matches | None = None


class Post(Block):
    """An entry of the loyalty ledger: its points (withdrawals are negative), and whose it is."""

    kind: Name
    points: Cel
    contact: Cel | None = None


class Brief(Block):
    """The half page about the account that goes to its readers; each further one is its next version.

    The parts of a step are versions of one brief, and say what the first of them says.
    """

    name: Text
    says: Annotated[list[Text], Field(max_length=20)] = []


class Record(Block):
    """An event of the vocabulary that the step states by itself; each field of its data by an expression."""

    type: str
    fields: dict[Name, Cel] = Field(default={}, max_length=20)


class Step(Block):
    """One step: exactly one action, at most one trigger (none: at the start)."""

    ref: Ref
    # actions
    task: Text | None = None
    alert: Text | None = None
    hold: Annotated[list[Scope], Field(min_length=1, max_length=5)] | None = None
    lift: Lift | None = None
    loop: LoopStep | None = None
    pass_: PassLoop | None = Field(default=None, alias="pass")
    expect: Expect | None = None
    gate: Gate | None = None
    post: Post | None = None
    brief: Brief | None = None
    record: Record | None = None
    # triggers
    on: Names | None = None
    where: Cel | None = None
    after: Refs | None = None
    missed: Refs | None = None
    declined: Refs | None = None
    absent: Annotated[list[Absent], *_ONE_OR_MORE, Field(min_length=1, max_length=10)] | None = None
    held: Annotated[list[Unchanged], *_ONE_OR_MORE, Field(min_length=1, max_length=10)] | None = None
    filled: Name | None = None
    emptied: Name | None = None
    gated_by: Ref | None = None
    refused_by: Ref | None = None
    overdue: Overdue | None = None
    delay: Span | None = None
    voided_by: Matches | None = None
    afterwards: Span | None = None
    not_during: Annotated[list[Scope], *_ONE_OR_MORE, Field(min_length=1, max_length=5)] | None = None
    # guard and re-check
    when: Cel | None = None
    at_most: Annotated[list[Limit], *_ONE_OR_MORE, Field(min_length=1, max_length=5)] | None = None
    recheck: Span | None = None
    # who and until when
    to: Roles = None
    due: Due = None
    clock: Literal["start", "trigger"] = "start"
    severity: HowUrgent = None
    # completion
    done_by: Annotated[list[EventMatch | Name], *_ONE_OR_MORE, Field(min_length=1, max_length=20)] | None = None
    checklist: list[Text] = Field(default=[], max_length=20)
    outcomes: list[Name] = Field(default=[], max_length=20)
    stays: bool = False
    handoff: Handoff | None = None
    reopen: Reopen | None = None
    repeats: bool = False
    optional: bool = False
    refuse: Refuse | None = None
    accepted_by: Matches | None = None
    declined_by: Matches | None = None
    on_accept: OnAccept | None = None
    bundle: Cel | None = None
    returns: bool = False
    ladder: Literal["none"] | Annotated[list[Rung], Field(min_length=1, max_length=10)] | None = None
    gathers: Gathers | None = None
    # alerts
    early: Early | None = None
    resolved_by: Matches | None = None
    settled_by: Refs | None = None
    details: dict[Name, Cel] = {}
    # holds
    reason: Text | None = None
    code: Name | None = None
    contact: Cel | None = None

    @property
    def action(self) -> str:
        """The word of the step's action, such as task or alert."""
        return next(word for word in ACTIONS if getattr(self, ATTRIBUTE.get(word, word)) is not None)

    @model_validator(mode="after")
    def _one_action_one_trigger(self) -> Step:
        actions = [word for word in ACTIONS if getattr(self, ATTRIBUTE.get(word, word)) is not None]
        if len(actions) != 1:
            message = f"step {self.ref} needs exactly one of {', '.join(ACTIONS)}; found {', '.join(actions) or 'none'}"
            raise Broken("one_action", message)
        triggers = [word for word in TRIGGERS if getattr(self, word) is not None]
        if len(triggers) > 1:
            message = f"step {self.ref} has two triggers ({', '.join(triggers)}); split it into two steps"
            raise Broken("two_triggers", message)
        for word, needed in NEEDED.get(actions[0], ()):
            if getattr(self, word) is None:
                message = f"step {self.ref} is {a(actions[0])} and needs `{word}`: {needed}"
                raise Broken("needed_key", message)
        if self.returns and self.bundle is None:
            message = f"step {self.ref} has no `bundle` that it `returns`; name the person whose work it is"
            raise Broken("needed_key", message)
        for word, only in ONLY_FOR.items():
            if getattr(self, word) not in (None, [], {}, False) and actions[0] not in only:
                message = f"step {self.ref} is {a(actions[0])}; `{word}` belongs to {a(only[0])}"
                raise Broken("foreign_key", message)
        return self


ACTIONS = ("task", "alert", "hold", "lift", "loop", "pass", "expect", "gate", "post", "brief", "record")
ATTRIBUTE = {"pass": "pass_"}
TRIGGERS = (
    "on",
    "after",
    "missed",
    "declined",
    "absent",
    "held",
    "filled",
    "emptied",
    "overdue",
    "gated_by",
    "refused_by",
)
NEEDED: dict[str, tuple[tuple[str, str], ...]] = {
    "task": (("to", "a role, or a list of which the first that is filled holds it"), ("due", "a duration such as 1bd")),
    "alert": (("to", "the roles to tell"), ("severity", "info, warn, urgent or critical")),
    "brief": (("to", "the roles that read it"),),
    "hold": (("reason", "words that may be shown to sales"),),
}
ONLY_FOR: dict[str, tuple[str, ...]] = {
    "due": ("task",),
    "done_by": ("task",),
    "checklist": ("task",),
    "outcomes": ("task",),
    "stays": ("task", "alert"),
    "at_most": ("task", "alert"),
    "gathers": ("task", "alert"),
    "handoff": ("task",),
    "reopen": ("task",),
    "repeats": ("task",),
    "optional": ("task",),
    "refuse": ("task",),
    "accepted_by": ("task",),
    "declined_by": ("task",),
    "on_accept": ("task",),
    "bundle": ("task",),
    "returns": ("task",),
    "ladder": ("task",),
    "severity": ("alert",),
    "details": ("alert",),
    "early": ("alert",),
    "resolved_by": ("alert",),
    "settled_by": ("alert", "task"),
    "reason": ("hold",),
    "code": ("hold",),
    "contact": ("hold",),
}


class Track(Block):
    """A set of open things, such as the signals of a crisis; `emptied` steps wait for its end."""

    add: Matches
    remove: Matches
    by: Cel


class Ending(Block):
    """One way to end: an event, steps (all of `after` done, of `missed` passed by, of `begun` begun), a condition."""

    on: Names | None = None
    where: Cel | None = None
    after: Refs | None = None
    missed: Refs | None = None
    begun: Refs | None = None
    if_: Cel | None = Field(default=None, alias="if")
    within: Span | None = None
    reason: Name | None = None
    retracts: bool = False
    pass_: PassLoop | None = Field(default=None, alias="pass")

    @model_validator(mode="after")
    def _something(self) -> Ending:
        steps = self.after is not None or self.missed is not None or self.begun is not None
        if (self.on is not None and steps) or not (self.on is not None or steps or self.if_ is not None):
            message = "an ending needs either `on` (an event), or `after`, `missed` or `begun` (steps), or `if` alone"
            raise Broken("ending", message)
        return self

    @property
    def stands_on_condition(self) -> bool:
        """Tell whether a condition alone ends it."""
        return self.on is None and self.after is None and self.missed is None and self.begun is None


Endings = Annotated[list[Ending], *_ONE_OR_MORE, Field(min_length=1, max_length=20)]


class Restart(EventMatch):
    """The clocks of the instance begin again at the time that `from` names."""

    from_: Cel = Field(alias="from")


class Pause(Block):
    """The clocks stand still from one event until another, or `while` a condition holds.

    What is due stays due on its day, or `moves` by the working days of the pause.
    """

    from_: Matches | None = Field(default=None, alias="from")
    until: Matches | None = None
    while_: Cel | None = Field(default=None, alias="while")
    due: Literal["stays", "moves"] = "stays"

    @model_validator(mode="after")
    def _one_way(self) -> Pause:
        events = (self.from_ is not None, self.until is not None)
        if events[0] != events[1] or events[0] == (self.while_ is not None):
            message = "a pause has either `from` and `until` (events), or `while` (a condition)"
            raise Broken("needed_key", message)
        return self


class AllBut(Block):
    """All other workflows, but for these and those of some teams."""

    all_but: Annotated[list[Name], *_ONE_OR_MORE, Field(max_length=40)] = []
    teams_but: Annotated[list[Team], *_ONE_OR_MORE, Field(max_length=7)] = []


class Reentry(Block):
    """A cool-down: the same key may start again so long after its last start."""

    after: Span


class Example(Block):
    """Given events, when, then: run by `nofumble workflows test` on a virtual clock."""

    name: Text
    beside: Annotated[list[Name], *_ONE_OR_MORE, Field(max_length=30)] = []
    given: list[dict[str, Any]] = Field(default=[], max_length=200)
    when: list[dict[str, Any]] = Field(min_length=1, max_length=200)
    until: str | None = None
    then: list[dict[str, Any]] = Field(default=[], max_length=200)
    never: list[dict[str, Any]] = Field(default=[], max_length=50)

    @model_validator(mode="after")
    def _expects_something(self) -> Example:
        if not self.then and not self.never:
            message = f"example {self.name!r} expects nothing; add `then` or `never`"
            raise Broken("expects_nothing", message)
        return self


Mode = Literal["active", "shadow", "draft", "off"]
"""How a definition takes part (R17): it runs; it runs apart, unseen; it is being written; it rests."""

BESIDE: frozenset[str] = frozenset({"shadow", "draft"})
"""Modes of a version that may stand beside the one of its name that is active or off."""


class DefinitionSource(Block):
    """A whole definition file."""

    name: Name
    title: Text
    team: Team
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    mode: Mode = "active"
    purpose: Annotated[str, Field(min_length=1, max_length=2000)]
    start: Annotated[list[Start], *_ONE_OR_MORE, Field(min_length=1, max_length=12)]
    key: Cel
    correlate: Names | None = None
    reentry: Literal["once", "when_ended", "when_cancelled"] | Reentry = "once"
    lookback: Span | None = None
    unless: Annotated[list[Guard], Field(max_length=20)] = []
    folds: Annotated[list[Name], *_ONE_OR_MORE, Field(max_length=40)] | AllBut = []
    causes: dict[Name, Cause] = Field(default={}, max_length=20)
    values: dict[Name, Cel | LookBack] = {}
    marks: dict[Name, Matches] = {}
    track: dict[Name, Track] = {}
    requirements: dict[Name, Requirement] = {}
    steps: Annotated[list[Step], Field(min_length=1, max_length=STEPS_MAX)]
    done: Endings | None = None
    cancel: Endings | None = None
    restart: Restart | None = None
    pause: Pause | None = None
    examples: Annotated[list[Example], Field(max_length=60)] = []
