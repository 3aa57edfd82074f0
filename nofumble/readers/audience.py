"""Which contacts are in a file? CSV with a header, or one id or address a line."""

import csv
import io
from collections.abc import Mapping

from nofumble.errors import WrongUse
from nofumble.readers.lines import read_lines
from nofumble.readers.row import Row

CONTACT = ("contact_id", "id", "contact", "email")
ACCOUNT = ("account_id", "account")
"""Names of columns, the best first; others are left out."""

CONTACTS_MAX = 100_000
NAME_MAX = 200
"""Characters of an id or address."""


def read_audience(path: str) -> Mapping[str, str]:
    """Return the contacts of a file, or of standard input for "-", each with its account where a column names it.

    A contact that stands there twice is one. Raises WrongUse, with the line, for what is no such list.
    """
    found: dict[str, str] = {}
    contact, account = 0, -1
    for number, row in enumerate(read_lines(path)):
        cells = _cells(row)
        if number == 0 and any(name.lower() in CONTACT for name in cells):
            names = [name.lower() for name in cells]
            contact = next(names.index(name) for name in CONTACT if name in names)
            account = next((names.index(name) for name in ACCOUNT if name in names), -1)
            continue
        if number == 0 and len(cells) > 1:
            rule = f"the first line must name a column {', '.join(CONTACT)}, or each line be one id or address"
            raise WrongUse(f"{row.position}: no column has the contacts; {rule}")
        name = cells[contact] if contact < len(cells) else ""
        if not name or len(name) > NAME_MAX:
            rule = f"it has 1 to {NAME_MAX} characters"
            raise WrongUse(f"{row.position}: no contact in {cells!r:.80}; {rule}; mend the line or take it out")
        found[name] = cells[account] if 0 <= account < len(cells) else ""
        if len(found) > CONTACTS_MAX:
            raise WrongUse(f"{row.position}: more than {CONTACTS_MAX} contacts; split the list")
    if not found:
        raise WrongUse(f"{path}: no contacts; the list is CSV with a column {CONTACT[0]}, or one id or address a line")
    return found


def _cells(row: Row) -> list[str]:
    if row.raw is None:
        raise WrongUse(f"{row.position}: {row.problem.reason if row.problem else 'no text'}; repair the line")
    try:
        (cells,) = csv.reader(io.StringIO(row.raw.decode("utf-8")), strict=True)
    except UnicodeDecodeError as error:
        raise WrongUse(f"{row.position}: not UTF-8; save the list as UTF-8") from error
    except (csv.Error, ValueError) as error:
        raise WrongUse(f"{row.position}: no CSV ({error}); repair the line") from error
    return [one.strip() for one in cells]
