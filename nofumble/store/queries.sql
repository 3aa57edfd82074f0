-- Every statement of the store, by name. `%(name)s` are parameters; tables named *_in are temporary (staging).
-- A statement ends where the next name begins.

-- ------------------------------------------------------------------------------------------------------------- the session

-- name: session
-- Settings of a connection: our schema, UTC, and bounds on what may hang (F61, F64).
SELECT set_config('search_path', 'nofumble', false), set_config('timezone', 'UTC', false),
       set_config('statement_timeout', %(statement_ms)s, false), set_config('lock_timeout', %(lock_ms)s, false),
       set_config('idle_in_transaction_session_timeout', %(idle_ms)s, false), set_config('jit', 'off', false)

-- name: staging
-- Where COPY puts rows that may replace others; emptied at each commit.
CREATE TEMPORARY TABLE accounts_in (
    id text, partition integer, next_due_at timestamptz, frontier timestamptz, seq bigint, base bytea, base_seq bigint, facts text,
    fired_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE work_in (
    id text, account_id text, kind text, workflow text, key text, ref text, status text, person text, role text, queue text,
    severity text, title text, due_at timestamptz, opened_at timestamptz, closed_at timestamptz, confirmed boolean, body bytea, receivers text[],
    snoozed_until timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE outbox_in (
    id text, account_id text, at timestamptz, type text, body bytea, is_unheard boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE key_in (source text, event_id text) ON COMMIT DELETE ROWS

-- ----------------------------------------------------------------------------------------------------------------- a batch

-- name: move_cursor
-- The fence (D3): one row, or another worker was here. Taken first, it also queues everybody who writes to this partition.
-- The turn counts batches, those of the timekeeper too, which move no cursor.
UPDATE cursor SET next = %(to)s, turn = turn + 1
WHERE partition = %(partition)s AND next = %(from)s AND turn = coalesce(%(turn)s, turn)

-- name: copy_events
-- New entries of accounts.
COPY events (account_id, seq, kind, at, arrived_at, source, event_id, type, too_late, body, catalogue) FROM STDIN (FORMAT BINARY)

-- name: copy_accounts
-- Accounts that changed, to be merged.
COPY accounts_in FROM STDIN (FORMAT BINARY)

-- name: copy_opened
-- New work items.
COPY work FROM STDIN (FORMAT BINARY)

-- name: copy_work
-- Work items that changed, to be merged.
COPY work_in FROM STDIN (FORMAT BINARY)

-- name: copy_outbox
-- What goes out.
COPY outbox (id, account_id, at, type, body, is_unheard) FROM STDIN (FORMAT BINARY)

-- name: copy_outbox_again
-- What goes out, unless it did already.
COPY outbox_in FROM STDIN (FORMAT BINARY)

-- name: merge_accounts
-- In order of id, as every writer does (F62); a missing base or missing facts leave what is stored.
INSERT INTO accounts (id, partition, next_due_at, frontier, seq, base, base_seq, facts, fired_at)
SELECT id, partition, next_due_at, frontier, seq, base, base_seq, facts::jsonb, fired_at FROM accounts_in ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    next_due_at = excluded.next_due_at, frontier = greatest(accounts.frontier, excluded.frontier),
    seq = greatest(accounts.seq, excluded.seq), base = coalesce(excluded.base, accounts.base),
    base_seq = CASE WHEN excluded.base IS NULL THEN accounts.base_seq ELSE excluded.base_seq END,
    facts = coalesce(excluded.facts, accounts.facts), fired_at = excluded.fired_at

-- name: merge_work
-- Deterministic ids (D2): the same item again is the same row.
INSERT INTO work SELECT id::uuid, account_id, kind, workflow, key, ref, status, person, role, queue, severity, title,
                        due_at, opened_at, closed_at, confirmed, body, receivers, snoozed_until FROM work_in
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, person = excluded.person, role = excluded.role, queue = excluded.queue,
    severity = excluded.severity, title = excluded.title, due_at = excluded.due_at, opened_at = excluded.opened_at,
    closed_at = excluded.closed_at, confirmed = excluded.confirmed, body = excluded.body,
    receivers = excluded.receivers, snoozed_until = excluded.snoozed_until

-- name: merge_outbox
-- In the order in which they were decided; the id is the idempotency key.
INSERT INTO outbox (id, account_id, at, type, body, is_unheard)
SELECT id::uuid, account_id, at, type, body, is_unheard FROM outbox_in ORDER BY ctid
ON CONFLICT (id) DO NOTHING

-- name: add_batch
-- One row a range, for the proof that ranges tile the axis (I5).
INSERT INTO batch (partition, from_off, to_off, worker) VALUES (%(partition)s, %(from)s, %(to)s, %(worker)s)

-- name: add_quarantine
-- The same line again is the same row.
INSERT INTO quarantine (id, at, origin, position, path, reason, raw, account_id, event_id, workflow)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING

-- ------------------------------------------------------------------------------------------------------------------ intake

-- name: lock_intake
-- One intake at a time: offsets are given without gaps, and nothing is parked while its link is added.
SELECT pg_advisory_xact_lock(7211, 2)

-- name: copy_keys
-- The keys of what arrives.
COPY key_in FROM STDIN (FORMAT BINARY)

-- name: known_keys
-- Those of them that were taken before. A scalar subquery: one look into the index for each, whatever the planner believes.
SELECT source, event_id FROM key_in k
WHERE (SELECT true FROM log l WHERE l.event_id = k.event_id AND l.source = k.source) IS NOT NULL
   OR (SELECT true FROM parked p WHERE p.event_id = k.event_id AND p.source = k.source) IS NOT NULL

-- name: known_directory
-- Those of the keys that the directory holds.
SELECT source, event_id FROM directory_log WHERE event_id = ANY(%(ids)s)

-- name: known_interest
-- Those of the keys that were taken before and name requests or releases.
SELECT source, event_id FROM interest WHERE event_id = ANY(%(ids)s)

-- name: interest_of
-- What was taken that names one of these requests or releases.
SELECT keys, source, event_id, accounts, body, seq FROM interest WHERE keys && %(keys)s::text[] ORDER BY seq

-- name: interest_seq
-- How far it goes.
SELECT coalesce(max(seq), 0) FROM interest

-- name: add_interest
-- Numbered under the intake's lock, so that a reader who saw a number has seen all before it.
INSERT INTO interest (seq, keys, source, event_id, accounts, body)
VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM interest), %(keys)s, %(source)s, %(event_id)s, %(accounts)s, %(body)s)
ON CONFLICT (event_id, source) DO NOTHING

-- name: forget_contacts
-- What is said of a contact last holds.
DELETE FROM contacts WHERE name = ANY(%(names)s)

-- name: add_contact
-- Whose a contact is.
INSERT INTO contacts (name, account_id) VALUES (%s, %s)

-- name: contacts
-- Whose these contacts are.
SELECT name, account_id FROM contacts WHERE name = ANY(%(names)s)

-- name: add_campaign
-- Its parts are in the log; the whole follows.
INSERT INTO campaigns (source, event_id, arrived_at, whole, parts, unknown, is_told)
VALUES (%(source)s, %(event_id)s, %(arrived_at)s, %(whole)s, %(parts)s, %(unknown)s, %(is_told)s) ON CONFLICT DO NOTHING

-- name: campaign
-- One of them.
SELECT source, event_id, arrived_at, whole, parts, unknown, is_told FROM campaigns
WHERE event_id = %(event_id)s AND source = %(source)s

-- name: untold_campaigns
-- Those whose account has not got the whole yet.
SELECT source, event_id, arrived_at, whole, parts, unknown, is_told FROM campaigns
WHERE NOT is_told ORDER BY seq LIMIT %(limit)s

-- name: mark_campaign_told
-- It has.
UPDATE campaigns SET is_told = true WHERE source = %s AND event_id = %s

-- name: known_campaigns
-- Those of the keys that were taken before and are campaigns in parts.
SELECT source, event_id FROM campaigns WHERE event_id = ANY(%(ids)s)

-- name: next_offsets
-- The next offset of each partition.
SELECT partition, next_off FROM log_partition ORDER BY partition

-- name: copy_log
-- New events, with the offsets that they were given.
COPY log (partition, off, arrived_at, account_id, source, event_id, body) FROM STDIN (FORMAT BINARY)

-- name: move_offsets
-- After the events that were added.
UPDATE log_partition SET next_off = %s WHERE partition = %s

-- name: parked_for
-- What waits for these references, in the order in which it came.
SELECT ref, arrived_at, source, event_id, body FROM parked WHERE ref = ANY(%(refs)s) ORDER BY ord

-- name: unpark
-- What went to the log.
DELETE FROM parked WHERE ref = ANY(%(refs)s)

-- name: park
-- An event that waits for its link.
INSERT INTO parked (ref, arrived_at, source, event_id, body) VALUES (%s, %s, %s, %s, %s)

-- name: link
-- The last word on a reference holds.
INSERT INTO links (ref, account_id, since) VALUES (%s, %s, %s)
ON CONFLICT (ref) DO UPDATE SET account_id = excluded.account_id, since = excluded.since

-- name: repoint
-- The references of a merged account mean the account that it goes on as.
UPDATE links SET account_id = %s WHERE account_id = %s

-- name: resolve
-- The account of each reference.
SELECT ref, account_id FROM links WHERE ref = ANY(%(refs)s)

-- name: add_directory
-- Numbered under the intake's lock, so that a reader who saw a number has seen all before it.
INSERT INTO directory_log (seq, arrived_at, source, event_id, body)
VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM directory_log), %s, %s, %s, %s)

-- name: add_watermark
-- A step, if it rises; arrivals rise with it. Numbered under the intake's lock, as the directory is.
INSERT INTO watermarks (seq, source, arrived_at, watermark)
SELECT (SELECT coalesce(max(seq), 0) + 1 FROM watermarks), %(source)s,
       greatest(%(arrived_at)s, last.arrived_at), %(watermark)s
FROM (SELECT max(arrived_at) AS arrived_at, max(watermark) AS watermark FROM watermarks WHERE source = %(source)s) AS last
WHERE last.watermark IS NULL OR last.watermark < %(watermark)s

-- ----------------------------------------------------------------------------------------------------------------- the log

-- name: read_log
-- A stretch of a partition.
SELECT partition, off, arrived_at, account_id, body FROM log
WHERE partition = %(partition)s AND off >= %(from)s ORDER BY off LIMIT %(limit)s

-- name: logged
-- Which of some envelopes came through intake, for their account and with these bytes, by their place from 1 on.
SELECT place FROM unnest(%(accounts)s::text[], %(sources)s::text[], %(ids)s::text[], %(bodies)b::bytea[])
    WITH ORDINALITY AS asked (account, source, id, body, place)
WHERE EXISTS (
    SELECT FROM log WHERE event_id = ANY(ARRAY[asked.id, asked.id || '#again']) AND log.source = asked.source
        AND account_id = asked.account AND log.body = asked.body
)

-- name: partitions
-- How far each partition is.
SELECT c.partition, c.next, coalesce(l.next_off, 0), c.turn, c.base, coalesce(l.relayed, 0)
FROM cursor c LEFT JOIN log_partition l USING (partition) ORDER BY 1

-- name: turn_to_topic
-- From now on the log is a topic: its offset 0 stands where each cursor stands. Agents that read the table are fenced by the turn.
UPDATE cursor SET base = next, turn = turn + 1

-- name: relay_from_cursor
-- What the agents had not handled yet goes to the topic; they are locked out by the statement before.
UPDATE log_partition SET relayed = c.next FROM cursor c WHERE c.partition = log_partition.partition

-- name: unbounded
-- Everything is read or touched: that takes as long as it takes.
SELECT set_config('statement_timeout', '0', true)

-- name: lock_cursors
-- Where each partition stands on the axis of its topic; nobody writes a batch until we are done.
SELECT partition, next - base FROM cursor ORDER BY partition FOR UPDATE

-- name: raise_partitions
-- The one way in which this fact changes (F26).
UPDATE meta SET value = %(count)s WHERE key = 'partitions'

-- name: take_unrelayed
-- What is in no topic yet, in the order in which it stands, each account's on one partition.
WITH taken AS (
    DELETE FROM log USING log_partition p WHERE log.partition = p.partition AND log.off >= p.relayed
    RETURNING log.partition, off, account_id, arrived_at, source, event_id, body
)
SELECT account_id, arrived_at, source, event_id, body FROM taken ORDER BY partition, off

-- name: end_at_relayed
-- Without what was taken out.
UPDATE log_partition SET next_off = relayed

-- name: turn_all
-- Whoever has folded anything is fenced.
UPDATE cursor SET turn = turn + 1

-- name: base_of_new
-- A new partition of the topic begins at 0, and so does its cursor.
UPDATE cursor SET base = next WHERE base IS NULL

-- name: homes
-- Where each account lives.
SELECT id, partition FROM accounts

-- name: moved
-- Where those live that move.
CREATE TEMPORARY TABLE moved_in (id text PRIMARY KEY, partition integer) ON COMMIT DROP

-- name: copy_moved
-- They.
COPY moved_in FROM STDIN (FORMAT BINARY)

-- name: move_accounts
-- To their new partition.
UPDATE accounts SET partition = moved_in.partition FROM moved_in WHERE accounts.id = moved_in.id

-- name: lead_relay
-- One relay at a time, for five seconds from when it last asked: it spares doubles. That nothing is lost or out of order does not
-- hang on it.
INSERT INTO relay AS r (only_one, holder, until) VALUES (true, %(relay)s, clock_timestamp() + interval '5 s')
ON CONFLICT (only_one) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE r.holder = excluded.holder OR r.until < clock_timestamp()

-- name: leave_relay
-- Whoever asks next leads.
DELETE FROM relay WHERE holder = %(relay)s

-- name: relayed
-- Rows of the table that the broker has acknowledged; whoever was slower changes nothing.
UPDATE log_partition SET relayed = greatest(relayed, %(to)s) WHERE partition = %(partition)s

-- name: cursor
-- The next offset to handle.
SELECT next FROM cursor WHERE partition = %(partition)s

-- ---------------------------------------------------------------------------------------------------------------- accounts

-- name: load_accounts
-- The rows of accounts.
SELECT id, partition, next_due_at, frontier, seq, base, base_seq, NULL, fired_at FROM accounts WHERE id = ANY(%(ids)s)

-- name: load_entries
-- The entries after the base of each account, one range of the primary key an account.
SELECT e.account_id, e.seq, e.kind, e.at, e.arrived_at, e.source, e.event_id, e.type, e.too_late, e.body, e.catalogue
FROM unnest(%(ids)s::text[], %(after)s::bigint[]) AS wanted (id, after)
CROSS JOIN LATERAL (SELECT * FROM events WHERE account_id = wanted.id AND seq > wanted.after ORDER BY seq OFFSET 0) AS e

-- name: entries
-- The whole log of an account.
SELECT account_id, seq, kind, at, arrived_at, source, event_id, type, too_late, body, catalogue FROM events
WHERE account_id = %(account)s ORDER BY seq

-- name: known_events
-- Which of these ids the account's entries hold.
SELECT source, event_id FROM events WHERE account_id = %(account)s AND event_id = ANY(%(ids)s)

-- name: due_accounts
-- Who has a timer to fire, in order.
SELECT id, next_due_at FROM accounts
WHERE partition = %(partition)s AND next_due_at <= %(until)s ORDER BY next_due_at, id LIMIT %(limit)s

-- name: count_due
-- How many accounts of each partition have a timer to fire: a short stretch of the index, in order of partition.
SELECT (SELECT count(*) FROM (SELECT FROM accounts WHERE partition = c.partition AND next_due_at <= %(now)s LIMIT %(limit)s) AS due)
FROM cursor c ORDER BY c.partition

-- name: accounts
-- A listing, by pages.
SELECT id, partition, next_due_at, frontier, seq, coalesce(facts, '{}')::text FROM accounts WHERE id > %(after)s ORDER BY id LIMIT %(limit)s

-- name: account
-- One of them.
SELECT id, partition, next_due_at, frontier, seq, coalesce(facts, '{}')::text FROM accounts WHERE id = %(id)s

-- name: timeline
-- The newest entries of an account, or those before a place.
SELECT account_id, seq, kind, at, arrived_at, source, event_id, type, too_late, body, catalogue FROM events
WHERE account_id = %(account)s AND (%(at)s::timestamptz IS NULL OR (at, seq) < (%(at)s::timestamptz, %(seq)s::bigint)) ORDER BY at DESC, seq DESC LIMIT %(limit)s

-- -------------------------------------------------------------------------------------------------------------------- work

-- name: work
-- Work items; a filter that is null does not narrow. The holder's expression is that of the index.
SELECT id::text, account_id, kind, workflow, key, ref, status, person, role, queue, severity, title,
       due_at, opened_at, closed_at, confirmed, body, receivers, snoozed_until
FROM work
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(workflow)s::text IS NULL OR workflow = %(workflow)s)
  AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
  AND (%(person)s::text IS NULL OR (coalesce(person, queue, role) = %(person)s AND person = %(person)s))
  AND (%(queue)s::text IS NULL OR (coalesce(person, queue, role) = %(queue)s AND queue = %(queue)s))
  AND (%(is_open)s::boolean IS NULL OR (closed_at IS NULL) = %(is_open)s)
  AND (%(opened_from)s::timestamptz IS NULL OR opened_at >= %(opened_from)s)
  AND (%(opened_until)s::timestamptz IS NULL OR opened_at < %(opened_until)s)
  AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
  AND (%(id_prefix)s::text IS NULL OR (id >= rpad(replace(%(id_prefix)s, '-', ''), 32, '0')::uuid
       AND id <= rpad(replace(%(id_prefix)s, '-', ''), 32, 'f')::uuid))
ORDER BY due_at NULLS LAST, id LIMIT %(limit)s

-- name: work_item
-- One of them.
SELECT id::text, account_id, kind, workflow, key, ref, status, person, role, queue, severity, title,
       due_at, opened_at, closed_at, confirmed, body, receivers, snoozed_until
FROM work WHERE id = %(id)s::uuid

-- ----------------------------------------------------------------------------------------------------------------- reports

-- name: happened
-- Events of some types, of all accounts. What a rewind does again is no second event.
SELECT account_id, seq, kind, at, arrived_at, source, event_id, type, too_late, body, catalogue FROM events
WHERE kind = 'event' AND type = ANY(%(types)s) AND at >= %(since)s AND at < %(until)s ORDER BY at, account_id, seq LIMIT %(limit)s

-- name: told
-- Lines of some types, whether they are sent or not.
SELECT seq, id::text, account_id, at, type, body, sent_at FROM outbox
WHERE type = ANY(%(types)s) AND at >= %(since)s AND at < %(until)s ORDER BY at, seq LIMIT %(limit)s

-- ------------------------------------------------------------------------------------------------------- outbox, quarantine

-- name: unsent
-- What is to be sent. By state, not by the last seq seen: rows of a slower transaction appear behind it.
SELECT seq, id::text, account_id, at, type, body, sent_at FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT %(limit)s

-- name: unsent_for
-- For how long the oldest unsent line has been there, by the database's clock.
SELECT (SELECT clock_timestamp() - written_at FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT 1)

-- name: mark_sent
-- Delivered.
UPDATE outbox SET sent_at = %(at)s WHERE seq = ANY(%(seqs)s) AND sent_at IS NULL

-- name: unheard
-- What may concern desks, in order of time. By state, as above.
SELECT id::text, account_id, at, type, body, is_unheard FROM outbox
WHERE is_unheard AND at <= %(until)s ORDER BY at, account_id, seq LIMIT %(limit)s

-- name: desks
-- What lies on the desks of all people, in one snapshot with the turn; one row without a person where there are none.
SELECT turn, until, person, body FROM attention LEFT JOIN desks ON true ORDER BY person

-- name: pass_time
-- It never goes back: who was slower changes nothing.
UPDATE cursor SET passed = greatest(passed, said.until)
FROM (SELECT * FROM unnest(%(partitions)s::integer[], %(until)s::timestamptz[]) AS said (partition, until) ORDER BY partition) AS said
WHERE cursor.partition = said.partition

-- name: passed
-- Up to when it has passed for all.
SELECT CASE WHEN count(*) = count(passed) THEN min(passed) END FROM cursor

-- name: move_attention
-- The fence: one row, or another worker was here.
UPDATE attention SET turn = turn + 1, until = %(until)s WHERE turn = %(turn)s

-- name: mark_heard
-- Once.
UPDATE outbox SET is_unheard = false WHERE id = ANY(%(ids)s::uuid[])

-- name: put_desks
-- As it is now.
INSERT INTO desks (person, body) SELECT * FROM unnest(%(people)s::text[], %(bodies)b::bytea[]) ON CONFLICT (person) DO UPDATE SET body = excluded.body

-- name: add_notices
-- Deterministic ids: the same again is the same row.
INSERT INTO notices (id, at, person, account_id, type, body)
SELECT * FROM unnest(%(ids)s::uuid[], %(at)s::timestamptz[], %(people)s::text[], %(accounts)s::text[], %(types)s::text[], %(bodies)b::bytea[])
ON CONFLICT (id) DO NOTHING

-- name: notices
-- What people were told, newest first.
SELECT id::text, at, person, account_id, type, body FROM notices ORDER BY at DESC, ord DESC LIMIT %(limit)s

-- name: notices_of
-- What one of them was told.
SELECT id::text, at, person, account_id, type, body FROM notices
WHERE person = %(person)s ORDER BY at DESC, ord DESC LIMIT %(limit)s

-- name: quarantine
-- What is in quarantine, oldest first; a status that is null does not narrow.
SELECT id::text, at, origin, position, path, reason, raw, account_id, event_id, workflow, released_at FROM quarantine
WHERE %(is_open)s::boolean IS NULL OR (released_at IS NULL) = %(is_open)s ORDER BY ord LIMIT %(limit)s

-- name: unsent_quarantine
-- What the topic of the quarantine has not heard of yet, oldest first.
SELECT id::text, at, origin, position, path, reason, raw, account_id, event_id, workflow FROM quarantine
WHERE sent_at IS NULL ORDER BY ord LIMIT %(limit)s

-- name: mark_quarantine_sent
-- Told.
UPDATE quarantine SET sent_at = %(at)s WHERE id = ANY(%(ids)s::uuid[]) AND sent_at IS NULL

-- name: quarantined
-- One of them.
SELECT id::text, at, origin, position, path, reason, raw, account_id, event_id, workflow, released_at FROM quarantine
WHERE id = %(id)s::uuid

-- name: forget
-- One that is there stays.
INSERT INTO erased (hash, stone) SELECT * FROM unnest(%(hashes)s::bytea[], %(stones)s::text[]) ON CONFLICT (hash) DO NOTHING

-- name: erased
-- All of them.
SELECT hash, stone FROM erased

-- name: release
-- Once (F39).
UPDATE quarantine SET released_at = %(at)s WHERE id = %(id)s::uuid AND released_at IS NULL

-- ------------------------------------------------------------------------------------------------- directory and catalogues

-- name: add_start
-- One that a rewind brings again is there already.
INSERT INTO starts (id, workflow, actor, account_id, at, arrived_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING

-- name: starts_since
-- In the order in which they were written.
SELECT id, workflow, actor, account_id, at, arrived_at, seq, is_told FROM starts WHERE seq > %(seq)s ORDER BY seq

-- name: starts_of
-- Of one person.
SELECT id, workflow, actor, account_id, at, arrived_at, seq, is_told FROM starts
WHERE workflow = %(workflow)s AND actor = %(actor)s ORDER BY seq

-- name: untold_starts
-- Of which the other accounts do not know.
SELECT id, workflow, actor, account_id, at, arrived_at, seq, is_told FROM starts
WHERE NOT is_told ORDER BY seq LIMIT %(limit)s

-- name: mark_told
-- They know now.
UPDATE starts SET is_told = true WHERE seq = ANY(%(seqs)s)

-- name: directory_since
-- What became known about our people.
SELECT arrived_at, source, event_id, body, seq FROM directory_log WHERE seq > %(seq)s ORDER BY seq

-- name: watermarks
-- The steps behind a seq.
SELECT source, arrived_at, watermark, seq FROM watermarks WHERE seq > %(after)s ORDER BY seq

-- name: lock_catalogues
-- Ids count up without a race.
SELECT pg_advisory_xact_lock(7211, 3)

-- name: register_catalogue
-- New, or nothing.
INSERT INTO catalogues (id, hash, at, body)
SELECT coalesce(max(id), 0) + 1, %(hash)s, %(at)s, %(body)s FROM catalogues ON CONFLICT (hash) DO NOTHING

-- name: catalogue_id
-- The id of a catalogue.
SELECT id FROM catalogues WHERE hash = %(hash)s

-- name: catalogues
-- Those behind one.
SELECT id, hash, at, body FROM catalogues WHERE id > %(after)s ORDER BY id

-- name: counts
-- How many rows of what; the big tables by the planner's estimate, which is free.
SELECT 'accounts', count(*) FROM accounts
UNION ALL SELECT 'logged', coalesce(sum(next_off), 0)::bigint FROM log_partition
UNION ALL SELECT 'handled', coalesce(sum(next), 0)::bigint FROM cursor
UNION ALL SELECT 'work_open', count(*) FROM work WHERE closed_at IS NULL
UNION ALL SELECT 'outbox_unsent', count(*) FROM outbox WHERE sent_at IS NULL
UNION ALL SELECT 'parked', count(*) FROM parked
UNION ALL SELECT 'quarantine_open', count(*) FROM quarantine WHERE released_at IS NULL
UNION ALL SELECT 'catalogues', count(*) FROM catalogues

-- ---------------------------------------------------------------------------------------------------------- the partitions

-- name: add_partitions
-- The partitions of a new store.
WITH numbers AS (SELECT generate_series(0, %(count)s - 1) AS partition), cursors AS (
    INSERT INTO cursor (partition) SELECT partition FROM numbers ON CONFLICT DO NOTHING
)
INSERT INTO log_partition (partition) SELECT partition FROM numbers ON CONFLICT DO NOTHING

-- name: fix
-- A fact about this store, as it was first given.
INSERT INTO meta (key, value) VALUES (%(key)s, %(value)s) ON CONFLICT (key) DO NOTHING

-- name: fixed
-- What it was.
SELECT value FROM meta WHERE key = %(key)s
