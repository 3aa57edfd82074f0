"""What are the parts that events are made of, and what does each part refuse?

Every type here is strict (``"1"`` is no integer), bounded, and carries the rule that a
refusal quotes. Dates stay the strings that they were; `events.instants` reads them.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from events.instants import MOMENT_RULE, read_moment
from events.kinds import FieldKind

ID_CHARACTERS_MAX = 200  # an index row of PostgreSQL holds 2,700 bytes (fault F40)
LABEL_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 65_536  # a quarter of the bytes of an event
ITEMS_MAX = 10_000  # an audience of this size belongs behind a reference
INT_MAX = 2**63 - 1
RULE = "rule"  # the error type whose message is already in this project's words


class Rule:
    """Name a type of field, and replace pydantic's words by the rule and the remedy.

    name: as in the reference. text: as in the refusal.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap the schema of the leaf; pydantic calls this."""
        return core_schema.custom_error_schema(handler(source), custom_error_type=RULE, custom_error_message=self.text)


def refusing(check: Callable[[Any], object]) -> AfterValidator:
    """Return a validator that keeps the value unless the check raises ValueError."""

    def checked(value: Any) -> Any:
        check(value)
        return value

    return AfterValidator(checked)


Id = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~]{1,200}$"),
    Rule(
        "id",
        "an id is a string of 1 to 200 printable ASCII characters without spaces;"
        " use the source system's own id or a slug",
    ),
]

Label = Annotated[
    str,
    StringConstraints(max_length=LABEL_CHARACTERS_MAX, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
    Rule(
        "label",
        "a label is a string of at most 200 characters on one line; longer words go into a text field",
    ),
]

Text = Annotated[
    str,
    StringConstraints(max_length=TEXT_CHARACTERS_MAX),
    Rule("text", "a text is a string of at most 65536 characters; link to a longer one"),
]

Moment = Annotated[
    str,
    refusing(read_moment),
    Rule("date", MOMENT_RULE),
    FieldKind.TIMESTAMP,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
Flag = Annotated[bool, Rule("flag", "it is true or false, without quotes")]
Count = Annotated[
    int,
    Field(ge=0, le=INT_MAX),
    Rule("count", "it is an integer from 0 on, without quotes"),
]
Whole = Annotated[int, Rule("integer", "it is an integer, without quotes")]
Number = Annotated[float, Rule("number", "it is a number, without quotes")]
Tier = Annotated[
    int,
    Field(ge=1, le=3),
    Rule("tier", "a tier is the integer 1, 2 or 3, without quotes"),
]
Severity = Annotated[
    int,
    Field(ge=1, le=4),
    Rule("severity", "a severity is an integer from 1 (worst) to 4, without quotes"),
]
NpsScore = Annotated[
    int,
    Field(ge=0, le=10),
    Rule("NPS score", "an NPS score is an integer from 0 to 10"),
]
CsatScore = Annotated[
    int,
    Field(ge=1, le=5),
    Rule("CSAT score", "a CSAT score is an integer from 1 to 5; convert other scales"),
]
Share = Annotated[float, Field(ge=0, le=1), Rule("share", "it is a share, a number from 0 to 1")]
Lifecycle = Literal["prospect", "signed", "onboarding", "live", "churned"]
Direction = Literal["in", "out"]

FROM_LIST = Strict(strict=False)  # a tuple in the frozen model, a list on the wire
_bounded = Field(max_length=ITEMS_MAX)
Ids = Annotated[tuple[Id, ...], FROM_LIST, _bounded]
Labels = Annotated[tuple[Label, ...], FROM_LIST, _bounded]
Texts = Annotated[tuple[Text, ...], FROM_LIST, _bounded]
Items = Annotated[tuple[Any, ...], FROM_LIST, _bounded]
Object = dict[str, Any]
IdByName = dict[Id, Id]

Said = Annotated[
    Any,
    Rule("said", "it is a text, a list or an object"),
    FieldKind.ENTRIES,
]

Measure = Annotated[
    float | Text | Object,
    Rule("measure", "it is a number, a text or an object"),
    FieldKind.OBJECT,
]


class Part(BaseModel):
    """Be a piece of an event: frozen, strict, and keeping unknown fields.

    The schema of a class is built at its first use: a process that sees ten of the
    types does not pay for two hundred.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, defer_build=True)


class Money(Part):
    """Say an amount of money; `events.money` makes it an exact integer."""

    amount: Annotated[
        int | Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$")],
        Rule(
            "amount",
            "an amount is an integer of the minor unit (120000 is 1200.00 EUR) or a"
            ' decimal string ("1200.00"), never a fraction in floating point',
        ),
        FieldKind.INT,
    ]
    currency: Annotated[
        str,
        StringConstraints(pattern="^[A-Z]{3}$"),
        Rule("currency", "a currency is three capital letters of ISO 4217, such as EUR"),
    ]


class Actor(Part):
    """Say who acted: a person of ours, a contact of the customer, or a system."""

    person: Id | None = None
    team: Label | None = None
    contact: Id | None = None
    system: Label | None = None


def bare_id_as_person(value: Any) -> Any:
    """Return ``{"person": value}`` for a bare string, everything else as it is."""
    return {"person": value} if type(value) is str else value


ActorField = Annotated[Actor, BeforeValidator(bare_id_as_person, json_schema_input_type=Actor | Id)]
Party = Annotated[
    Label | Actor,
    Rule("party", "it is the id of a team or person, or an object with team and person"),
    FieldKind.PARTY,
]
Window = Annotated[
    Label | Object,
    Rule("window", 'it is a label such as "2026-Q3", or an object with from and to'),
    FieldKind.OBJECT,
]


class EventData(Part):
    """Be the data of one type of event.

    The first line of a subclass's docstring is what its type means. `TYPE` is the
    type's name; `EMITTED` says that only the engine itself sends it (from outside it
    is stored on the timeline and changes nothing).
    """

    TYPE: ClassVar[str]
    EMITTED: ClassVar[bool] = False

    actor: ActorField | None = Field(None, description="who acted; bare id = person")
    participants: Ids | None = Field(None, description="ids of persons or e-mail addresses")


class OwnerChange(EventData):
    """Somebody answers for something from now on."""

    from_: Id | None = Field(None, alias="from", description="the person before")
    to: Id | None = Field(None, description="the person from now on")
    effective: Moment | None = None
    reason: Text | None = None
    change_id: Id | None = Field(None, description="key of the handover; absent: the event's id")
