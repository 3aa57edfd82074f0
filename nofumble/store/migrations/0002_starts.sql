-- Starts of workflows that count who started them, at any account (W03): the other accounts are told of them.
CREATE TABLE starts (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    id         text PRIMARY KEY,
    workflow   text        NOT NULL,
    actor      text        NOT NULL,
    account_id text        NOT NULL,
    at         timestamptz NOT NULL,
    arrived_at timestamptz NOT NULL,
    is_told    boolean     NOT NULL DEFAULT false
);
CREATE INDEX starts_seq ON starts (seq);
CREATE INDEX starts_actor ON starts (workflow, actor);
CREATE INDEX starts_untold ON starts (seq) WHERE NOT is_told;
