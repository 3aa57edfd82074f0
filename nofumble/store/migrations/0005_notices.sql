-- What people were told, and what lies on their desks: a layer above what goes out.

-- A line of the outbox that may concern desks and was not heard yet. Marked by state, not by the last seq heard: rows of a slower
-- transaction appear behind it. Lines of before are all heard once, in order of time, and so desks begin as they would have been.
ALTER TABLE outbox ADD COLUMN is_unheard boolean NOT NULL DEFAULT true;
CREATE INDEX outbox_unheard ON outbox (at, account_id, seq) WHERE is_unheard;

-- Who hears: how often somebody did, which is the fence, and up to when time has passed for desks.
CREATE TABLE attention (
    only_one boolean PRIMARY KEY CHECK (only_one),
    turn     bigint  NOT NULL,
    until    timestamptz
);
INSERT INTO attention (only_one, turn) VALUES (true, 0);

-- Up to when time has passed for all accounts of a partition: said by workers on Kafka, each of its own, for whoever tells people.
ALTER TABLE cursor ADD COLUMN passed timestamptz;

-- What lies on the desk of each person.
CREATE TABLE desks (
    person text PRIMARY KEY,
    body   bytea NOT NULL
);

-- Notices and digests; a digest is about no one account. `ord` is the order in which they were told.
CREATE TABLE notices (
    ord        bigint GENERATED ALWAYS AS IDENTITY,
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    person     text        NOT NULL,
    account_id text,
    type       text        NOT NULL,
    body       bytea       NOT NULL
);
CREATE INDEX notices_at ON notices (at, ord);
CREATE INDEX notices_person ON notices (person, at, ord);
