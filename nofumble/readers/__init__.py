"""Where do events come from that are not ours yet? Readers of event files, ticket logs (XES) and a CRM's tables.

Each reader gives a `Reading`: an iterator of `Row`, one for every row of the source, and notes when it is through.
"""

from nofumble.readers.crm import read_crm
from nofumble.readers.lines import read_lines
from nofumble.readers.row import Problem, Reading, Row
from nofumble.readers.xes import read_xes

__all__ = ["Problem", "Reading", "Row", "read_crm", "read_lines", "read_xes"]
