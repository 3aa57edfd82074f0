-- The first schema. Texts compare by bytes: ids are opaque.

-- Facts about this store that are fixed when they are first known: its partitions, its Kafka cluster.
CREATE TABLE meta (
    key   text PRIMARY KEY,
    value text NOT NULL
);

-- The embedded log of events: one row an event, offsets without gaps within a partition.
CREATE TABLE log_partition (
    partition integer PRIMARY KEY,
    next_off  bigint NOT NULL DEFAULT 0
);
CREATE TABLE log (
    partition  integer     NOT NULL,
    off        bigint      NOT NULL,
    arrived_at timestamptz NOT NULL,
    account_id text        NOT NULL,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    body       bytea       NOT NULL,
    PRIMARY KEY (partition, off),
    -- An event is taken once (R3).
    UNIQUE (event_id, source)
);

-- Events whose reference nothing resolves yet; `ord` keeps the order in which they came.
CREATE TABLE parked (
    ord        bigint GENERATED ALWAYS AS IDENTITY,
    ref        text        NOT NULL,
    arrived_at timestamptz NOT NULL,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    body       bytea       NOT NULL,
    PRIMARY KEY (event_id, source)
);
CREATE INDEX parked_ref ON parked (ref, ord);

-- What a reference, or the id of a merged account, means.
CREATE TABLE links (
    ref        text PRIMARY KEY,
    account_id text        NOT NULL,
    since      timestamptz NOT NULL
);
CREATE INDEX links_account ON links (account_id);

-- Events about our own people, in order of arrival.
CREATE TABLE directory_log (
    seq        bigint PRIMARY KEY,
    arrived_at timestamptz NOT NULL,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    body       bytea       NOT NULL,
    UNIQUE (event_id, source)
);

-- How far each source was heard, and since when that was known: rising steps (R7).
CREATE TABLE watermarks (
    seq        bigint PRIMARY KEY,
    source     text        NOT NULL,
    arrived_at timestamptz NOT NULL,
    watermark  timestamptz NOT NULL,
    UNIQUE (source, watermark)
);

-- How far each partition is handled: the fence of D3. And the batches that were saved, to prove it (I5).
CREATE TABLE cursor (
    partition integer PRIMARY KEY,
    next      bigint NOT NULL DEFAULT 0,
    turn      bigint NOT NULL DEFAULT 0
);
CREATE TABLE batch (
    partition integer     NOT NULL,
    from_off  bigint      NOT NULL,
    to_off    bigint      NOT NULL,
    worker    text        NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (partition, from_off),
    CHECK (from_off < to_off)
);

-- Accounts: what is kept beside their entries (D1). Rows change in place where a page has room.
CREATE TABLE accounts (
    id          text PRIMARY KEY,
    partition   integer     NOT NULL,
    next_due_at timestamptz,
    frontier    timestamptz NOT NULL,
    seq         bigint      NOT NULL,
    base        bytea,
    base_seq    bigint      NOT NULL DEFAULT 0,
    facts       jsonb,
    fired_at    timestamptz
) WITH (fillfactor = 80);
-- The timekeeper's question, in its order (D4, F54).
CREATE INDEX accounts_due ON accounts (partition, next_due_at, id) WHERE next_due_at IS NOT NULL;

-- The log of each account: its events, its wake-ups, and what rewinds kept.
CREATE TABLE events (
    account_id text        NOT NULL,
    seq        bigint      NOT NULL,
    kind       text        NOT NULL,
    at         timestamptz NOT NULL,
    arrived_at timestamptz NOT NULL,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    type       text        NOT NULL,
    too_late   boolean     NOT NULL,
    body       bytea       NOT NULL,
    catalogue  integer     NOT NULL,
    PRIMARY KEY (account_id, seq)
);
-- Whether an event is known is asked of one account at a time, and only of events older than its base: a walk along the
-- account's part of the primary key. An index for it would cost a quarter of every write.

-- Work items as they are now. A new item is copied in, so the columns stand in the order of agents.ports.WorkRow.
CREATE TABLE work (
    id         uuid PRIMARY KEY,
    account_id text        NOT NULL,
    kind       text        NOT NULL,
    workflow   text        NOT NULL,
    key        text        NOT NULL,
    ref        text        NOT NULL,
    status     text        NOT NULL,
    person     text,
    role       text,
    queue      text,
    severity   text,
    title      text        NOT NULL,
    due_at     timestamptz,
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    confirmed  boolean     NOT NULL,
    body       bytea       NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX work_account ON work (account_id);
-- Whose is it, and what is due first: the inbox.
CREATE INDEX work_holder ON work ((coalesce(person, queue)), due_at) WHERE closed_at IS NULL;

-- What goes out. Sent rows leave the index, so that polling costs what is unsent.
CREATE TABLE outbox (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    id         uuid PRIMARY KEY,
    account_id text        NOT NULL,
    at         timestamptz NOT NULL,
    type       text        NOT NULL,
    body       bytea       NOT NULL,
    sent_at    timestamptz
);
CREATE INDEX outbox_unsent ON outbox (seq) WHERE sent_at IS NULL;

-- What could not be taken or handled, with its bytes and the reason.
CREATE TABLE quarantine (
    id          uuid PRIMARY KEY,
    ord         bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL,
    origin      text        NOT NULL,
    position    bigint      NOT NULL,
    path        text        NOT NULL,
    reason      text        NOT NULL,
    raw         bytea       NOT NULL,
    account_id  text,
    event_id    text,
    workflow    text,
    released_at timestamptz
);
CREATE INDEX quarantine_ord ON quarantine (ord);

-- Catalogues of definitions that were active (R17).
CREATE TABLE catalogues (
    id   integer PRIMARY KEY,
    hash text        NOT NULL UNIQUE,
    at   timestamptz NOT NULL,
    body bytea       NOT NULL
);
