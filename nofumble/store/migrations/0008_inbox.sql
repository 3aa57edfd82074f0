-- Whose is it, and what is most urgent: pages of work without reading all of it.

-- An alert goes to several people; its holder's columns name the first. All of them stand here, the queue or the role where nobody is
-- known. What is snoozed sleeps until then.
ALTER TABLE work ADD COLUMN receivers text[] NOT NULL DEFAULT '{}', ADD COLUMN snoozed_until timestamptz;

WITH said AS MATERIALIZED (
    SELECT id, convert_from(body, 'UTF8')::jsonb AS item FROM work WHERE kind IN ('task', 'alert')
)
UPDATE work SET snoozed_until = (item ->> 'snoozed_until')::timestamptz, receivers = CASE WHEN kind = 'alert' THEN ARRAY(
    SELECT coalesce(nullif(one ->> 'person', ''), nullif(one ->> 'queue', ''), one ->> 'role', '')
    FROM jsonb_array_elements(item -> 'to') AS one) ELSE '{}' END
FROM said WHERE work.id = said.id AND (kind = 'alert' OR item ->> 'snoozed_until' IS NOT NULL);

CREATE INDEX work_receivers ON work USING gin (receivers) WHERE closed_at IS NULL AND kind = 'alert';
DROP INDEX work_holder;
CREATE INDEX work_holder ON work ((coalesce(person, queue, role)), due_at) WHERE closed_at IS NULL;

-- What few reports look for in all the log and all that goes out: an index of these alone costs the writers nothing.
CREATE INDEX events_time_logged ON events (at) WHERE kind = 'event' AND type = 'cs.time.logged';
CREATE INDEX outbox_briefs ON outbox (at) WHERE type = 'exec.brief.published';

-- A message for each hundred accounts or people rather than `*` for many: a page that is not concerned need not look again.
-- A message has at most 8,000 bytes.
CREATE OR REPLACE FUNCTION tell_changed(accounts text[], people text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place integer := 1;
    said text;
BEGIN
    WHILE place <= greatest(cardinality(accounts), cardinality(people)) LOOP
        said := jsonb_build_object('accounts', accounts[place:place + 99], 'people', people[place:place + 99])::text;
        PERFORM pg_notify('nofumble_changed', CASE WHEN octet_length(said) < 7000 THEN said ELSE '*' END);
        place := place + 100;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION tell_of_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nofumble.tell_changed(
        (SELECT coalesce(array_agg(DISTINCT account_id), '{}') FROM changed),
        (SELECT coalesce(array_agg(DISTINCT one), '{}') FROM changed, unnest(receivers || coalesce(person, queue, '')) AS one));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nofumble.tell_changed(
        (SELECT coalesce(array_agg(DISTINCT account_id), '{}') FROM changed WHERE kind = 'event'), '{}');
    RETURN NULL;
END $$;
