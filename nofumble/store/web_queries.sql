-- Statements of sign-in and audit, by name, as in queries.sql.

-- name: web_user
-- One door.
SELECT person, password, roles, created_at, disabled_at FROM web_user WHERE person = %(person)s

-- name: web_users
-- All of them.
SELECT person, password, roles, created_at, disabled_at FROM web_user ORDER BY person

-- name: put_web_user
-- New, or changed where something is said.
INSERT INTO web_user (person, password, roles, created_at)
VALUES (%(person)s, %(password)s, coalesce(%(roles)s::text[], '{}'), %(at)s)
ON CONFLICT (person) DO UPDATE SET
    password = coalesce(excluded.password, web_user.password), roles = coalesce(%(roles)s::text[], web_user.roles)

-- name: disable_web_user
-- Shut or opened.
UPDATE web_user SET disabled_at = %(at)s WHERE person = %(person)s

-- name: open_web_session
-- Those that ended go on this occasion.
WITH gone AS (DELETE FROM web_session WHERE ends_at <= %(at)s)
INSERT INTO web_session (hash, person, csrf, began_at, seen_at, ends_at)
VALUES (%(hash)s, %(person)s, %(csrf)s, %(at)s, %(at)s, %(ends_at)s)

-- name: web_session
-- One that is good.
SELECT s.person, s.csrf, s.began_at, s.seen_at, s.ends_at, u.roles FROM web_session s JOIN web_user u USING (person)
WHERE s.hash = %(hash)s AND s.ends_at > %(at)s AND s.seen_at > %(idle_since)s AND u.disabled_at IS NULL

-- name: web_sessions
-- How many that are good, by person.
SELECT person, count(*) FROM web_session WHERE ends_at > %(at)s AND seen_at > %(idle_since)s GROUP BY person

-- name: touch_web_session
-- Somebody is there.
UPDATE web_session SET seen_at = greatest(seen_at, %(at)s) WHERE hash = %(hash)s

-- name: close_web_sessions
-- One, or all of a person.
DELETE FROM web_session WHERE person = %(person)s AND (%(hash)s::bytea IS NULL OR hash = %(hash)s)

-- name: add_web_token
-- By its hash.
INSERT INTO web_token (id, hash, person, name, scopes, created_at, ends_at)
VALUES (%(id)s::uuid, %(hash)s, %(person)s, %(name)s, %(scopes)s::text[], %(created_at)s, %(ends_at)s)

-- name: web_token
-- One that is good.
SELECT t.id::text, t.person, t.name, t.scopes, t.created_at, t.ends_at, t.revoked_at, u.roles
FROM web_token t JOIN web_user u USING (person)
WHERE t.hash = %(hash)s AND t.ends_at > %(at)s AND t.revoked_at IS NULL AND u.disabled_at IS NULL

-- name: web_tokens
-- Newest first.
SELECT id::text, person, name, scopes, created_at, ends_at, revoked_at FROM web_token
WHERE %(person)s::text IS NULL OR person = %(person)s ORDER BY created_at DESC, id

-- name: revoke_web_token
-- Once.
UPDATE web_token SET revoked_at = %(at)s
WHERE id = %(id)s::uuid AND revoked_at IS NULL AND (%(person)s::text IS NULL OR person = %(person)s)

-- name: add_web_link
-- By its hash.
INSERT INTO web_link (hash, person, roles, ends_at) VALUES (%(hash)s, %(person)s, %(roles)s::text[], %(ends_at)s)

-- name: web_link
-- One that is good.
SELECT true FROM web_link WHERE hash = %(hash)s AND ends_at > %(at)s AND used_at IS NULL

-- name: use_web_link
-- Once: of two who come at the same time, one.
UPDATE web_link SET used_at = %(at)s WHERE hash = %(hash)s AND ends_at > %(at)s AND used_at IS NULL RETURNING person, roles

-- name: add_audit
-- At the end.
INSERT INTO audit (at, person, how, act, account_id, object, reason, detail)
VALUES (%(at)s, %(person)s, %(how)s, %(act)s, %(account_id)s, %(object)s, %(reason)s, %(detail)s::jsonb)

-- name: audit
-- Newest first, by pages.
SELECT at, person, how, act, account_id, object, reason, detail, seq FROM audit
WHERE (%(before)s::bigint IS NULL OR seq < %(before)s) AND (%(person)s::text IS NULL OR person = %(person)s)
  AND (%(account)s::text IS NULL OR account_id = %(account)s)
  AND (%(acts)s::text[] IS NULL OR act LIKE ANY(%(acts)s))
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
ORDER BY seq DESC LIMIT %(limit)s

-- name: turn_attention
-- Whoever has desks in memory is fenced.
UPDATE attention SET turn = turn + 1

-- ---------------------------------------------------------------------------------------------------------------- the pages

-- name: parked
-- What waits for a link, the oldest first.
SELECT ref, arrived_at, source, event_id, body FROM parked ORDER BY ord LIMIT %(limit)s

-- name: outbox_line
-- One line that went out, such as an escalation.
SELECT seq, id::text, account_id, at, type, body, sent_at FROM outbox WHERE id = %(id)s::uuid

-- name: notices_about
-- What was told of some work, by its ids; a digest names many.
SELECT id::text, at, person, account_id, type, body FROM notices
WHERE at >= %(since)s AND EXISTS (
    SELECT FROM unnest(%(work)s::text[]) AS one WHERE position(convert_to(one, 'UTF8') IN body) > 0
) ORDER BY at, ord LIMIT %(limit)s

-- ---------------------------------------------------------------------------------------------------------------- drafts

-- name: drafts
-- One, or all of them.
SELECT name, team, text, author, note, saved_at FROM drafts WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name

-- name: add_draft
-- The first of its name.
INSERT INTO drafts (name, team, text, author, note, saved_at)
VALUES (%(name)s, %(team)s, %(text)s, %(author)s, %(note)s, %(at)s) ON CONFLICT (name) DO NOTHING

-- name: change_draft
-- Only what was seen is changed: of two who saw the same the second changes nothing.
UPDATE drafts SET text = %(text)s, author = %(author)s, note = %(note)s, saved_at = %(at)s
WHERE name = %(name)s AND text = %(seen)s

-- name: drop_draft
-- As above.
DELETE FROM drafts WHERE name = %(name)s AND text = %(seen)s
