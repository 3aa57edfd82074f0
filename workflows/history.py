"""An account's log and the state that it folds to: in order, late, or after a crash (D1, R4).

The log holds events with their arrival, *wake-ups* with the watermarks that were known when an absence was concluded,
*kept* work that a rewind would have taken from the person who had touched it, and what she did *again* where the work
begins later than she did it. Nothing else enters the fold, so that folding the log again never guesses.

An entry's place is (time, arrival, number). One that comes in order is applied on top. A late
one rewinds: the state is folded again from the last snapshot before its place, and the
difference of the work goes out. Timers fire at their due times between the entries.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime

from events.envelope import Event
from workflows import fold
from workflows.account import AccountState, Work, decode, encode, is_open
from workflows.actions import ACTIONS, is_named, lost_actions
from workflows.changes import difference, is_told_by_itself
from workflows.entries import EPOCH, NOTHING, Entry, Outcome, Stored, state_time
from workflows.library import Library
from workflows.moment import Directories, Line, Moment, Problem, horizon_of
from workflows.proofs import next_proof, waits_for_proof
from workflows.snapshots import Snapshot, Snapshots
from workflows.watermarks import Watermarks

SNAPSHOT_EVERY = 8
"""Entries between two snapshots: writing a state down costs about two entries, folding again costs one an entry."""

PRUNE_EVERY = 8
"""Entries between two looks at closed work that may be forgotten; a part of the fold, not to be changed by itself."""

FIRES_MAX = 10_000
"""Timers that one account may fire in one go before it must be a loop of its own making (F49)."""


class History:
    """One account: its recent log, its state now, and what came out since it was last drained.

    Not safe for two threads; an account belongs to one partition and that to one worker.
    """

    def __init__(
        self,
        account_id: str,
        libraries: Mapping[int, Library],
        directories: Directories,
        watermarks: Watermarks,
        *,
        stored: Stored = NOTHING,
        older: Callable[[], list[Entry]] | None = None,
        snapshot_every: int | None = None,
    ) -> None:
        """Begin with nothing, or with what was stored; ``snapshot_every`` is for who knows that little comes late.

        ``older`` loads the whole log, for an event that lies before the base; without it the log stays in memory.
        """
        self.account_id = account_id
        self.libraries, self.directories, self.watermarks = libraries, directories, watermarks
        base = stored.base
        self.snapshots = Snapshots(base)
        self.entries: list[Entry] = sorted(stored.recent, key=lambda one: one.place)
        self._older = older
        self._snapshot_every = snapshot_every or SNAPSHOT_EVERY
        self._archive: list[Entry] = []
        self._forgotten: dict[str, Work] | None = None
        self.number = stored.number
        self.frontier, self._fired = stored.frontier, stored.fired
        self.catalogue = max([one.catalogue for one in self.entries] + [base.catalogue if base is not None else 0])
        self._ids = {(one.event.source, one.event.id): one.number for one in self.entries if one.event}
        self.out = Outcome()
        if base is not None and self.entries and self.entries[0].place <= base.place:
            self._unroll()
        self.moment = self._refold(self._fired)
        self.facts_changed, self._base_moved = stored.number == 0, False  # of a new account the store has none

    @property
    def base(self) -> Snapshot | None:
        """The state behind the lateness horizon, which the store keeps."""
        return self.snapshots.base

    def receive(self, event: Event, arrived_at: datetime, catalogue: int = 0) -> bool:
        """Take in one event under the catalogue that is active now (R17); tells whether it was new among the recent.

        Timers that were due before its arrival fire first, at their times.
        """
        key = (event.source, event.id)
        if key in self._ids:
            return False
        self._catch_up(arrived_at)
        out_at = self._now(arrived_at)
        entry = self._entry(event, arrived_at, catalogue)
        self._ids[key] = entry.number
        in_order = self._is_next(entry)
        self._append(entry, in_order=in_order)
        if in_order:
            self._step(self.moment, entry)
            self._collect(out_at)
        else:
            self._rewind(entry, out_at)
        self.frontier = out_at
        self._catch_up(arrived_at)
        self._snapshot(arrived_at)
        return True

    def _catch_up(self, arrived_at: datetime) -> None:
        """Fire what was due before an arrival; mostly nothing is."""
        timers = self.moment.timers
        if (timers and timers[0][0] < arrived_at) or self.moment.directory.sources:
            self.advance(arrived_at, including=False)

    def _acts_on_kept(self, event: Event) -> bool:
        """Tell whether a person acts on work that only a rewind has kept: before it, it is not there any more."""
        return event.type in ACTIONS and any(
            is_named(event.data, item) for entry in self.entries if entry.kept for item in entry.kept
        )

    def _is_next(self, entry: Entry) -> bool:
        """Tell whether the entry comes after everything that was folded and fired."""
        if self._fired is not None and entry.at <= self._fired:
            return False
        if self.entries:
            last = self.entries[-1]
            return entry.at > last.at or entry.place > last.place
        return self.base is None or entry.place > self.base.place

    def advance(self, until: datetime, *, including: bool = True) -> None:
        """Let time pass: fire what is due, in the order of due times (R5)."""
        for _ in range(FIRES_MAX):
            due = fold.next_due(self.moment)
            proof = next_proof(self.moment, self.watermarks)
            if proof is not None and (due is None or proof < due):
                due, is_proof = proof, True
            else:
                is_proof = False
            if due is None or due > until or (due == until and not including):
                break
            self._wake(due, is_proof=is_proof)
        else:
            self._give_up(until)
        if including and (self.frontier is None or until > self.frontier):
            self.frontier = until

    def next_due(self) -> datetime | None:
        """Tell when the account must be woken: at its next timer, or at once and again while it waits for a proof."""
        if waits_for_proof(self.moment):
            return self._fired
        return fold.next_due(self.moment)

    @property
    def fired(self) -> datetime | None:
        """The due time of the latest timer that fired; a refold goes as far."""
        return self._fired

    @property
    def state(self) -> AccountState:
        """The state now."""
        return self.moment.state

    def drain(self) -> Outcome:
        """Hand over what came out since the last call."""
        found, self.out = self.out, Outcome()
        self.facts_changed = False
        return found

    def take_base(self) -> Snapshot | None:
        """Hand over the base if it has moved since the last call."""
        moved, self._base_moved = self._base_moved, False
        return self.base if moved else None

    def number_of(self, event: Event) -> int:
        """Give the number of the event that was just received."""
        return self._ids[(event.source, event.id)]

    def _now(self, arrived_at: datetime) -> datetime:
        return arrived_at if self.frontier is None else max(self.frontier, arrived_at)

    def _entry(self, event: Event, arrived_at: datetime, catalogue: int) -> Entry:
        """Place an event: at its time; one that lies ahead of its arrival or comes too late, at its arrival."""
        at, too_late = event.time, False
        if at > arrived_at:
            at = arrived_at
        elif at < arrived_at:
            too_late = arrived_at - at > self.directories.at(arrived_at).allowed_lateness
            at = arrived_at if too_late or self._acts_on_kept(event) else at
        return Entry(self.number + 1, "event", at, arrived_at, event, too_late, catalogue)

    def _append(self, entry: Entry, *, in_order: bool) -> None:
        self.number, self.catalogue = entry.number, max(self.catalogue, entry.catalogue)
        self.out.entries.append(entry)
        if in_order:
            self.entries.append(entry)
        else:
            insort(self.entries, entry, key=lambda one: one.place)

    def _step(self, moment: Moment, entry: Entry) -> None:
        if entry.event is not None:
            moment.library = self.libraries[entry.catalogue]
            moment.move(entry.at, entry.arrived_at, entry.event)
            moment.can_start = not entry.too_late
            fold.apply(moment, entry.event)
            self._prune(moment.state, entry)
        elif entry.kind == "wake_up":
            moment.move(entry.at, entry.arrived_at)
            fold.hear(moment, entry.watermarks or {})
        else:
            for item in entry.kept or ():
                moment.state.work.setdefault(item.id, deepcopy(item))

    def _wake(self, due: datetime, *, is_proof: bool) -> None:
        out_at = self._now(due)
        if self.moment.directory.sources:
            heard = self.watermarks.as_of(out_at)
            if is_proof or heard != self.moment.state.watermarks:
                entry = Entry(self.number + 1, "wake_up", due, out_at, watermarks=heard)
                self._append(entry, in_order=self._is_next(entry))
                self._step(self.moment, entry)
        if not is_proof and fold.next_due(self.moment) == due:  # what was heard may have concluded what was due
            self._fire(self.moment, due)
        self._fired = due if self._fired is None else max(self._fired, due)
        self._collect(out_at)

    def _fire(self, moment: Moment, due: datetime) -> None:
        moment.move(due, due)
        moment.can_start = True
        fold.fire_next(moment)

    def _collect(self, out_at: datetime) -> None:
        moment, out = self.moment, self.out
        if moment.lines:
            for line in moment.lines:
                line.at = out_at
            out.lines += moment.lines
            moment.lines = []
        if moment.touched:
            self.snapshots.note(moment.touched)
            out.work |= moment.touched
            out.opened |= moment.opened
            moment.touched, moment.opened = {}, set()
        if moment.problems:
            out.problems += moment.problems
            moment.problems = []
        if moment.facts_changed:
            self.facts_changed = True

    def _give_up(self, until: datetime) -> None:
        """Park an account whose timers set each other for ever (F49): nothing of it is lost, and it is told."""
        reason = f"more than {FIRES_MAX} timers fired before {until.isoformat()}; the account's timers are parked (F49)"
        self.out.problems.append(Problem("", "", reason))
        for instance in self.moment.state.instances.values():
            instance.timers.clear()
        self.moment.rebuild_timers()

    # ------------------------------------------------------------ rewinding

    def _rewind(self, entry: Entry, out_at: datetime) -> None:
        before = self.moment.state
        if self.base is not None and entry.place <= self.base.place:
            self._unroll()
        changed = self.snapshots.back_to(entry.place)
        self._forgotten = {}
        self.moment = self._refold(self._fired, entry)
        # What was forgotten long ago may have become another: what was stored of it is corrected, and nothing is told.
        self.out.work |= {key: item for key, item in self._forgotten.items() if key in changed}
        self._forgotten = None
        self._prune(before, entry)  # as the refold did: what is forgotten has not vanished
        self._do_again(before, changed, out_at)
        keeps_ledger = self.moment.library.keeps_ledger
        found = difference(before, self.moment.state, changed, out_at, keeps_ledger=keeps_ledger)
        self.out.lines += [Line(one.type, one.data, out_at) for one in found.lines]
        self._collect(out_at)
        self.out.work |= found.work
        self.facts_changed = True
        if found.kept:
            for item in found.kept:
                self.moment.state.work[item.id] = deepcopy(item)
            self._append(Entry(self.number + 1, "kept", out_at, out_at, kept=found.kept), in_order=False)

    def _do_again(self, before: AccountState, changed: set[str], out_at: datetime) -> None:
        """Let what a person did to work, before that begins as we know now, be done once more now that it is there."""
        moment = self.moment
        for event in lost_actions(before, moment.state, changed, self.entries):
            entry = Entry(self.number + 1, "again", out_at, out_at, event, catalogue=self._catalogue())
            self._append(entry, in_order=False)
            moment.quiet = True
            self._step(moment, entry)
            moment.quiet = False
        self.snapshots.note(moment.touched)

    def _refold(self, until: datetime | None, new: Entry | None = None) -> Moment:
        """Fold again what lies behind the latest snapshot, up to and with the timers due at `until`.

        What comes out was told before and is dropped; of a `new` entry, what it alone says and what could not be done.
        """
        snapshot = self.snapshots.latest
        if snapshot is None:
            state, first = AccountState(id=self.account_id), 0
        else:
            state = decode(snapshot.state)
            first = bisect_right(self.entries, snapshot.place, key=lambda one: one.place)
        begin = state_time(self.entries, snapshot)
        moment = Moment(state, self._library_from(snapshot), self.directories, begin, self.directories.at(EPOCH))
        moment.quiet = True
        moment.rebuild_timers()
        for entry in self.entries[first:]:
            self._fire_until(moment, entry.at, including=False)
            moment.quiet = entry is not new
            self._step(moment, entry)
            moment.quiet = True
        if until is not None:
            self._fire_until(moment, until, including=True)
        moment.quiet = False
        moment.lines = [line for line in moment.lines if is_told_by_itself(line)]
        self.snapshots.note(moment.touched)
        moment.touched, moment.opened = {}, set()
        return moment

    def _library_from(self, snapshot: Snapshot | None) -> Library:
        """Give the library with which a fold begins: that of the snapshot, else of the first entry."""
        if snapshot is not None:
            return self.libraries[snapshot.catalogue]
        return self.libraries[self.entries[0].catalogue if self.entries else max(self.libraries)]

    def _catalogue(self) -> int:
        """Give the number of the catalogue in force: that of the last event that was folded."""
        return next(number for number, library in self.libraries.items() if library is self.moment.library)

    def _fire_until(self, moment: Moment, until: datetime, *, including: bool) -> None:
        for _ in range(FIRES_MAX):
            due = fold.next_due(moment)
            if due is None or due > until or (due == until and not including):
                return
            self._fire(moment, due)

    def whole_log(self) -> list[Entry]:
        """Give every entry of the account by its place, also those that the base holds."""
        older = self._older() if self._older is not None else self._archive
        everyone = {one.number: one for one in (*older, *self.out.entries, *self.entries)}  # not all are stored yet
        return sorted(everyone.values(), key=lambda one: one.place)

    def _unroll(self) -> None:
        """Go back to the first entry: an event lies before the base (a backfill, a link that came late)."""
        self.entries = self.whole_log()
        self._ids = {(one.event.source, one.event.id): one.number for one in self.entries if one.event}
        everything = {*self.moment.state.work} if hasattr(self, "moment") else set()
        self.snapshots.forget()
        self.snapshots.note(everything)

    # ------------------------------------------------------------ snapshots

    def _snapshot(self, arrived_at: datetime) -> None:
        """Write the state down now and then; it becomes the base once it lies behind the horizon."""
        last = self.snapshots.latest
        if self.number - (0 if last is None else last.number) < self._snapshot_every:
            return
        horizon = horizon_of(self.directories, arrived_at)
        if self.snapshots.move_base(horizon):
            self._drop_behind_base()
        place, catalogue = self.entries[-1].place, self._catalogue()
        if self._fired is not None:  # what comes before a timer that has fired comes before the state
            place = max(place, (self._fired, 2, self._fired, self.number))
        self.snapshots.add(Snapshot(encode(self.moment.state), place, self.number, self._fired, catalogue))

    def _drop_behind_base(self) -> None:
        """Let go of the entries in the base; the store has them, or the archive where there is no store."""
        base = self.snapshots.base
        assert base is not None
        self._base_moved = True
        keep = bisect_right(self.entries, base.place, key=lambda one: one.place)
        dropped, self.entries = self.entries[:keep], self.entries[keep:]
        for one in dropped:
            if one.event is not None:
                self._ids.pop((one.event.source, one.event.id), None)
        if self._older is None:
            self._archive += dropped

    def _prune(self, state: AccountState, entry: Entry) -> None:
        """Forget closed work that no late event can open again; the store keeps it for ever.

        A step of the fold like any other, at entries that the log knows by their numbers: when a state is written down,
        and from which one is folded again, must not be seen in what a person may still act on.
        """
        if entry.number % PRUNE_EVERY:
            return
        horizon = horizon_of(self.directories, entry.arrived_at)
        work = state.work
        gone = [key for key, item in work.items() if not is_open(item) and item.closed_at and item.closed_at < horizon]
        if not gone:
            return
        for key in gone:
            item = work.pop(key)
            if self._forgotten is not None:
                self._forgotten[key] = item
        for instance in state.instances.values():
            for step in instance.steps.values():
                step.work = [one for one in step.work if one in work]
