"""Who works at the made-up company, and who are its customers?

Larkspur sells software that reads machines and plans their service. Everybody here is invented, and every address ends
in .example, a domain that cannot exist (RFC 2606).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from nofumble.sample.script import Script, Told

OUR_DOMAIN = "larkspur.example"
PRODUCTS = ("Atlas", "Beacon", "Compass")
AREAS = {"reporting": "priya", "integrations": "leo"}
"""The areas of the product and the product manager of each."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of our people: `id`, name, team, the id of the manager, the company-wide roles, where they sit."""

    id: str
    name: str
    team: str
    manager: str | None = None
    roles: tuple[str, ...] = ()
    zone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One of a customer's people; `id` is the mail address."""

    id: str
    name: str
    role: str
    title: str


@dataclass(frozen=True, slots=True)
class Customer:
    """One account: what it is, and who of ours looks after it. `joins` is true for a prospect that signs."""

    id: str
    name: str
    industry: str
    country: str
    tier: int
    arr: int
    team: dict[str, str]
    contacts: tuple[Contact, ...]
    joins: bool = False
    products: tuple[str, ...] = field(default=PRODUCTS[:1])

    @property
    def csm(self) -> str:
        """Give the customer success manager's id."""
        return self.team["csm"]

    @property
    def boss(self) -> Contact:
        """Give the contact who decides."""
        return self.contacts[0]


COLLEAGUES = (
    Colleague("susan", "Susan Achterberg", "exec", roles=("ceo",)),
    Colleague("rafael", "Rafael Montoya", "exec", "susan", ("cco",)),
    Colleague("ingrid", "Ingrid Solberg", "exec", "susan", ("exec_sponsor",)),
    Colleague("victor", "Victor Adeyemi", "sales", "rafael", ("sales_manager",)),
    Colleague("sam", "Sam Okafor", "sales", "victor"),
    Colleague("nina", "Nina Petrova", "sales", "victor"),
    Colleague("tomas", "Tomas Rivera", "sales", "victor", zone="America/New_York", country="US"),
    Colleague("julia", "Julia Brandt", "sales", "victor"),
    Colleague("omar", "Omar Haddad", "sales", "victor"),
    Colleague("kim", "Kim Lindqvist", "cs", "rafael", ("cs_manager",)),
    Colleague("dana", "Dana Whitfield", "cs", "kim"),
    Colleague("ben", "Ben Carvalho", "cs", "kim"),
    Colleague("chloe", "Chloe Martin", "cs", "kim", zone="Europe/Paris", country="FR"),
    Colleague("ivan", "Ivan Horvat", "cs", "kim", zone="Europe/Berlin", country="DE"),
    Colleague("mei", "Mei Tanaka", "cs", "kim"),
    Colleague("ruth", "Ruth Abrams", "cs", "kim"),
    Colleague("yuki", "Yuki Mori", "cs", "kim", ("cs_ops",)),
    Colleague("helen", "Helen Osei", "product", "susan", ("product_lead",)),
    Colleague("priya", "Priya Raman", "product", "helen"),
    Colleague("leo", "Leo Fontaine", "product", "helen"),
    Colleague("greta", "Greta Nilsson", "support", "rafael", ("support_lead",)),
    Colleague("marco", "Marco Bellini", "support", "greta"),
    Colleague("aisha", "Aisha Rahman", "support", "greta"),
    Colleague("clara", "Clara Novak", "marketing", "susan", ("marketing_lead",)),
    Colleague("noor", "Noor Jansen", "marketing", "clara"),
    Colleague("felix", "Felix Baumann", "marketing", "clara"),
    Colleague("henry", "Henry Clarke", "finance", "susan", ("finance_owner",)),
)
AES, AMS = ("sam", "nina", "tomas"), ("julia", "omar")
CSMS = ("dana", "ben", "chloe", "ivan", "mei", "ruth")

# id, name, industry, country, tier, yearly contract in thousands of euros, csm, and "joins" for a prospect.
_CAST = """
northwind | Northwind Freight       | logistics     | NL | 1 | 120 | dana  | joins
alpine    | Alpine Outfitters       | retail        | AT | 2 |  64 | ben   | joins
harbour   | Harbour & Sons          | logistics     | GB | 2 |  85 | ruth  |
lumen     | Lumen Optics            | manufacturing | DE | 2 |  72 | mei   |
quarry    | Quarry Stone Group      | construction  | GB | 1 | 210 | dana  |
mistral   | Mistral Airways         | travel        | FR | 1 | 340 | ben   |
ferro     | Ferro Castings          | manufacturing | IT | 2 |  58 | ivan  |
orchid    | Orchid Health           | health care   | GB | 1 | 180 | mei   |
bramble   | Bramble Foods           | food          | IE | 3 |  22 | chloe |
cobalt    | Cobalt Energy           | energy        | NO | 1 | 260 | ruth  |
dovetail  | Dovetail Furniture      | retail        | DK | 3 |  18 | ivan  | joins
ember     | Ember Ceramics          | manufacturing | PT | 3 |  15 | chloe |
fathom    | Fathom Marine           | logistics     | GR | 2 |  49 | mei   |
gable     | Gable Construction      | construction  | US | 2 |  66 | ivan  |
hazel     | Hazel & Finch           | retail        | GB | 3 |  12 | ruth  | joins
indigo    | Indigo Textiles         | manufacturing | IN | 2 |  41 | ben   |
juniper   | Juniper Dairy           | food          | NL | 3 |  27 | dana  |
kestrel   | Kestrel Air Cargo       | travel        | BE | 2 |  93 | chloe |
larch     | Larch Paper             | manufacturing | FI | 3 |  31 | ivan  |
meadow    | Meadow Insurance        | finance       | CH | 1 | 150 | mei   | joins
nimbus    | Nimbus Cloud Hosting    | software      | DE | 2 |  77 | ruth  |
onyx      | Onyx Mining             | mining        | ZA | 2 |  88 | ben   |
pinnacle  | Pinnacle Elevators      | manufacturing | US | 1 | 195 | dana  |
quill     | Quill Publishing        | media         | GB | 3 |  14 | chloe |
russet    | Russet Orchards         | food          | PL | 3 |  11 | ivan  |
saffron   | Saffron Hotels          | travel        | ES | 2 |  53 | mei   | joins
tallow    | Tallow Chemicals        | manufacturing | BE | 2 |  69 | ruth  |
umber     | Umber Paints            | manufacturing | CZ | 3 |  24 | ben   |
verdant   | Verdant Parks           | public sector | SE | 3 |  29 | dana  |
willow    | Willow Hospitals        | health care   | IE | 1 | 230 | chloe |
xenia     | Xenia Events            | media         | IT | 3 |  16 | ivan  |
yarrow    | Yarrow Pharma           | health care   | CH | 1 | 275 | mei   |
zephyr    | Zephyr Wind             | energy        | DK | 2 |  98 | ruth  |
anchor    | Anchor Shipyards        | manufacturing | HR | 2 |  61 | ben   |
basalt    | Basalt Roads            | construction  | AT | 3 |  33 | dana  | joins
cedar     | Cedar Schools           | public sector | CA | 3 |  19 | chloe |
delta     | Delta Water Board       | public sector | NL | 2 |  57 | ivan  |
estuary   | Estuary Fisheries       | food          | NO | 3 |  21 | mei   |
falcon    | Falcon Rail             | travel        | PL | 1 | 165 | ruth  |
granite   | Granite Bank            | finance       | GB | 1 | 205 | ben   |
"""
STORY_ACCOUNTS = 6
"""The first of the cast, in whom the stories happen; they are always there."""

_FIRST_NAMES = (
    *("Jo", "Ada", "Luis", "Petra", "Samir", "Elin", "Marek", "Tessa", "Hugo"),
    *("Freya", "Anton", "Lena", "Pavel", "Rosa", "Nils", "Amira", "Erik", "Vera"),
)
_LAST_NAMES = (
    *("Berg", "Castellan", "Dufour", "Ekholm", "Farrow", "Grieg", "Halloran"),
    *("Ivers", "Jansson", "Keller", "Lowe", "Moreau", "Nyberg", "Orsini"),
)
_POSTS = (
    ("decision_maker", "VP Operations"),
    ("champion", "Head of Maintenance"),
    ("admin", "Systems Administrator"),
    ("power", "Service Planner"),
)


def customers(script: Script, count: int) -> tuple[Customer, ...]:
    """Give the first `count` customers, at least those of the stories; beyond the cast they are numbered branches."""
    lines = [[cell.strip() for cell in line.split("|")] for line in _CAST.strip().splitlines()]
    chosen = []
    for place in range(max(count, STORY_ACCOUNTS)):
        cells = list(lines[place % len(lines)])
        if place >= len(lines):
            cells[0], cells[1] = f"{cells[0]}-{place // len(lines) + 1}", f"{cells[1]} {place // len(lines) + 1}"
        chosen.append(_customer(script, place, cells))
    return tuple(chosen)


def _customer(script: Script, place: int, cells: list[str]) -> Customer:
    account, name, industry, country, tier, thousands, csm, joins = cells
    team = {"ae": AES[place % len(AES)], "am": AMS[place % len(AMS)], "csm": csm}
    team |= {"pm": ("priya", "leo")[place % 2], "support_owner": ("marco", "aisha")[place // 2 % 2]}
    team |= {"marketer": ("noor", "felix")[place // 3 % 2]}
    if tier == "1":
        team["exec_sponsor"] = "ingrid"
    return Customer(
        id=account,
        name=name,
        industry=industry,
        country=country,
        tier=int(tier),
        arr=int(thousands) * 100_000,
        team=team,
        contacts=tuple(_contacts(script, account)),
        joins=joins == "joins",
        products=tuple(script.draw.sample(PRODUCTS, 1 + int(tier == "1"))),
    )


def _contacts(script: Script, account: str) -> list[Contact]:
    count = script.draw.randint(2, len(_POSTS))
    firsts = script.draw.sample(_FIRST_NAMES, count)
    lasts = script.draw.sample(_LAST_NAMES, count)
    return [
        Contact(f"{first}.{last}@{account}.example".lower(), f"{first} {last}", role, title)
        for first, last, (role, title) in zip(firsts, lasts, _POSTS, strict=False)
    ]


def register_everybody(script: Script, everyone: tuple[Customer, ...]) -> None:
    """Tell who is there, at midnight before the first working day: people, then accounts, then their contacts."""
    at = script.at(0, "00:00")
    soon = timedelta(seconds=1)
    for colleague in COLLEAGUES:
        data: Told = {
            "name": colleague.name,
            "email": f"{colleague.id}@{OUR_DOMAIN}",
            "team": colleague.team,
            "manager": colleague.manager,
            "roles": list(colleague.roles),
            "time_zone": colleague.zone,
            "country": colleague.country,
        }
        script.tell("people", "people.person.registered", colleague.id, at, data, lag=soon)
    for customer in everyone:
        script.tell("crm", "account.registered", customer.id, at, _account_data(script, customer), lag=soon)
    for customer in everyone:
        for contact in customer.contacts:
            told = {"contact_id": contact.id, "name": contact.name, "email": contact.id, "title": contact.title}
            told |= {"role_to": contact.role}
            script.tell("crm", "customer.contact.joined", customer.id, at, dict(told), lag=2 * soon)


def _account_data(script: Script, customer: Customer) -> Told:
    renewal = script.day(0) + timedelta(days=script.draw.randint(100, 330))
    return {
        "name": customer.name,
        "tier": customer.tier,
        "lifecycle": "prospect" if customer.joins else "live",
        "arr": None if customer.joins else {"amount": customer.arr, "currency": "EUR"},
        "renewal_date": None if customer.joins else renewal.isoformat(),
        "country": customer.country,
        "industry": customer.industry,
        "domains": [f"{customer.id}.example"],
        "links": {"salesforce": f"0015g{customer.id.upper():0<13.13}"},
        "roles": customer.team,
    }
