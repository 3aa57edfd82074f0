-- Who may sign in, and what was done and seen. Nothing that opens a door stands here: passwords as argon2id, all else as SHA-256 of a
-- random 256 bits, which needs no salt.

-- People with a door of their own. Roles are given here beside those that the directory gives; a person without a password signs in
-- by the company's provider.
CREATE TABLE web_user (
    person      text PRIMARY KEY,
    password    text,
    roles       text[]      NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE web_session (
    hash     bytea PRIMARY KEY,
    person   text        NOT NULL REFERENCES web_user ON DELETE CASCADE,
    csrf     text        NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at  timestamptz NOT NULL,
    ends_at  timestamptz NOT NULL
);
CREATE INDEX web_session_person ON web_session (person);

CREATE TABLE web_token (
    id         uuid PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE,
    person     text        NOT NULL REFERENCES web_user ON DELETE CASCADE,
    name       text        NOT NULL,
    scopes     text[]      NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    revoked_at timestamptz
);

-- Links that open once: for the first admin, and for a person who is to choose a password.
CREATE TABLE web_link (
    hash    bytea PRIMARY KEY,
    person  text,
    roles   text[]      NOT NULL DEFAULT '{}',
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Who saw, changed, overrode what, when and why. It grows at its end and in no other way.
CREATE TABLE audit (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    person     text,
    how        text        NOT NULL,
    act        text        NOT NULL,
    account_id text,
    object     text,
    reason     text,
    detail     jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_person ON audit (person, seq);
CREATE INDEX audit_account ON audit (account_id, seq);

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit only grows: % is refused', TG_OP;
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

-- Who was erased: the hash of each name and address, and the tombstone that stands for it, also in events that come in later.
CREATE TABLE erased (
    hash  bytea PRIMARY KEY,
    stone text NOT NULL
);

-- Who watches pages hears of every change within a moment. One message a statement: the accounts that it touched and the people whose
-- work it was, or `*` where they are more than fit into a message (8,000 bytes).
CREATE FUNCTION tell_of_work() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    SELECT jsonb_build_object('accounts', jsonb_agg(DISTINCT account_id), 'people', jsonb_agg(DISTINCT person))::text INTO said
    FROM (SELECT account_id, coalesce(person, queue, '') AS person FROM changed LIMIT 200) AS few;
    IF said IS NOT NULL THEN
        PERFORM pg_notify('nofumble_changed', CASE WHEN octet_length(said) < 7000 AND (SELECT count(*) FROM changed) <= 200 THEN said ELSE '*' END);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_opened AFTER INSERT ON work REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_work();
CREATE TRIGGER tell_of_changed AFTER UPDATE ON work REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_work();

CREATE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    SELECT jsonb_build_object('accounts', jsonb_agg(account_id), 'people', '[]'::jsonb)::text INTO said
    FROM (SELECT DISTINCT account_id FROM changed WHERE kind = 'event' LIMIT 201) AS few HAVING count(*) > 0;
    IF said IS NOT NULL THEN
        PERFORM pg_notify('nofumble_changed', CASE WHEN octet_length(said) < 7000 THEN said ELSE '*' END);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_events AFTER INSERT ON events REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events();
