-- Events that name product requests or releases, with the accounts that were given each (W08). Kept in the transaction
-- of the log, so that intake knows who is behind what it takes in.
CREATE TABLE interest (
    seq      bigint PRIMARY KEY,
    keys     text[] NOT NULL,
    source   text   NOT NULL,
    event_id text   NOT NULL,
    accounts text[] NOT NULL,
    body     bytea  NOT NULL,
    UNIQUE (event_id, source)
);
CREATE INDEX interest_keys ON interest USING gin (keys);

-- Who asked before this table was there is known all the same, under a reference as long as it waits for its link. What was
-- shipped or released then was given to whom it named.
WITH taken AS (
    SELECT arrived_at, off AS ord, account_id AS account, source, event_id, body FROM log
    UNION ALL SELECT arrived_at, ord, ref, source, event_id, body FROM parked
), asked AS MATERIALIZED (
    SELECT *, convert_from(body, 'UTF8')::jsonb AS event FROM taken
    WHERE (position('product.request.'::bytea IN body) > 0 OR position('customer.request.raised'::bytea IN body) > 0
       OR position('cs.commitment.made'::bytea IN body) > 0) AND event_id NOT LIKE '%#again'
)
INSERT INTO interest (seq, keys, source, event_id, accounts, body)
SELECT row_number() OVER (ORDER BY arrived_at, ord),
       array_remove(ARRAY['request:' || (event #>> '{data,request_id}'), 'request:' || (event #>> '{data,into}')], NULL),
       source, event_id, ARRAY[account], body
FROM asked
WHERE jsonb_typeof(event #> '{data,request_id}') = 'string' AND event ->> 'type' <> 'product.request.shipped'
  AND (event ->> 'type' LIKE 'product.request.%' OR event ->> 'type' IN ('customer.request.raised', 'cs.commitment.made'));

-- Which account knows a contact, by id and by address: the last word in order of arrival (W17).
CREATE TABLE contacts (
    name       text PRIMARY KEY,
    account_id text NOT NULL
);

WITH taken AS (
    SELECT arrived_at, off AS ord, account_id AS account, body FROM log
    UNION ALL SELECT arrived_at, ord, ref, body FROM parked
), said AS MATERIALIZED (
    SELECT *, convert_from(body, 'UTF8')::jsonb AS event FROM taken WHERE position('customer.contact.'::bytea IN body) > 0
), last AS (
    SELECT DISTINCT ON (name) name, account, event ->> 'type' AS type
    FROM said, LATERAL (VALUES (event #> '{data,contact_id}'), (event #> '{data,email}')) AS named (value),
         LATERAL (SELECT value #>> '{}' AS name) AS text
    WHERE jsonb_typeof(value) = 'string' AND name <> ''
      AND event ->> 'type' IN ('customer.contact.joined', 'customer.contact.role_changed', 'customer.contact.left')
    ORDER BY name, arrived_at DESC, ord DESC
)
INSERT INTO contacts SELECT name, account FROM last WHERE type <> 'customer.contact.left';

-- Campaigns whose list was given in parts to other accounts: the whole follows when these have judged them (W17).
CREATE TABLE campaigns (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    arrived_at timestamptz NOT NULL,
    whole      bytea       NOT NULL,
    parts      bytea[]     NOT NULL,
    unknown    text[]      NOT NULL,
    is_told    boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (event_id, source)
);
CREATE INDEX campaigns_untold ON campaigns (seq) WHERE NOT is_told;
