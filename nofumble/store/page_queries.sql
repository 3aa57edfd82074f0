-- Statements of pages, by name, as in queries.sql: what is most urgent first, and who sees what.

-- name: work_page
-- A page of work, the most urgent first; a filter that is null does not narrow. The expressions are those of the indexes.
SELECT id::text, account_id, kind, workflow, key, ref, status, person, role, queue, severity, title,
       due_at, opened_at, closed_at, confirmed, body, receivers, snoozed_until
FROM work
WHERE kind = ANY(%(kinds)s) AND (%(is_open)s::boolean IS NULL OR (closed_at IS NULL) = %(is_open)s)
  AND (%(names)s::text[] IS NULL OR coalesce(person, queue, role) = ANY(%(names)s)
       OR (kind = 'alert' AND receivers && %(names)s::text[]))
  AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
  AND (%(workflow)s::text IS NULL OR workflow = %(workflow)s)
  AND (%(wanted_severities)s::text[] IS NULL OR severity = ANY(%(wanted_severities)s))
  AND (%(accounts)s::text[] IS NULL OR account_id = ANY(%(accounts)s) OR person = %(viewer)s OR receivers @> ARRAY[%(viewer)s::text])
  AND (%(is_asleep)s::boolean IS NULL OR coalesce(snoozed_until >= %(now)s::timestamptz, false) = %(is_asleep)s)
  AND (%(rank)s::integer IS NULL OR (coalesce(array_position(%(severities)s::text[], severity) - 1, 4), coalesce(due_at, opened_at), work.id)
       > (%(rank)s::integer, %(at)s::timestamptz, %(id)s::uuid))
ORDER BY coalesce(array_position(%(severities)s::text[], severity) - 1, 4), coalesce(due_at, opened_at), work.id LIMIT %(limit)s

-- name: work_counts
-- How much there is of it in all pages.
SELECT count(*) FILTER (WHERE kind = 'task'), count(*) FILTER (WHERE kind = 'alert'), count(*) FILTER (WHERE due_at < %(now)s),
       count(*) FILTER (WHERE due_at >= %(now)s AND due_at < %(soon)s)
FROM work
WHERE kind = ANY(%(kinds)s) AND (%(is_open)s::boolean IS NULL OR (closed_at IS NULL) = %(is_open)s)
  AND (%(names)s::text[] IS NULL OR coalesce(person, queue, role) = ANY(%(names)s)
       OR (kind = 'alert' AND receivers && %(names)s::text[]))
  AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
  AND (%(workflow)s::text IS NULL OR workflow = %(workflow)s)
  AND (%(wanted_severities)s::text[] IS NULL OR severity = ANY(%(wanted_severities)s))
  AND (%(accounts)s::text[] IS NULL OR account_id = ANY(%(accounts)s) OR person = %(viewer)s OR receivers @> ARRAY[%(viewer)s::text])
  AND (%(is_asleep)s::boolean IS NULL OR coalesce(snoozed_until >= %(now)s::timestamptz, false) = %(is_asleep)s)

-- name: accounts_named
-- Some of them, for listings.
SELECT id, partition, next_due_at, frontier, seq, coalesce(facts, '{}')::text FROM accounts WHERE id = ANY(%(ids)s) ORDER BY id

-- name: accounts_of
-- The accounts where one of these people or queues has a role, or holds something that is open.
SELECT id FROM accounts WHERE EXISTS (SELECT FROM jsonb_each_text(facts -> 'roles') AS role WHERE role.value = ANY(%(names)s))
UNION SELECT account_id FROM work
WHERE closed_at IS NULL AND coalesce(person, queue, role) = ANY(%(names)s) AND coalesce(person, queue) IS NOT NULL ORDER BY 1

-- name: holders_of
-- The people who have a role at these accounts, and who holds what is open there.
SELECT id, role.value FROM accounts, jsonb_each_text(facts -> 'roles') AS role WHERE id = ANY(%(ids)s) AND role.value <> ''
UNION SELECT account_id, coalesce(person, queue) FROM work
WHERE account_id = ANY(%(ids)s) AND closed_at IS NULL AND coalesce(person, queue) IS NOT NULL
