-- The log may be a topic of Kafka. Where offset 0 of each of its partitions stands on the axis of the cursors: null while the log is
-- the table. One axis for both, so that ranges of batches still tile it and nothing of the store is renumbered.
ALTER TABLE cursor ADD COLUMN base bigint;

-- Intake always writes to the table first. Up to here its rows were handed on: to the agents that read it, or to the topic.
ALTER TABLE log_partition ADD COLUMN relayed bigint NOT NULL DEFAULT 0;

-- What is in quarantine is told on a topic of its own, once.
ALTER TABLE quarantine ADD COLUMN sent_at timestamptz;
CREATE INDEX quarantine_unsent ON quarantine (ord) WHERE sent_at IS NULL;

-- Who carries rows to the topics, and until when it has the turn.
CREATE TABLE relay (
    only_one boolean PRIMARY KEY CHECK (only_one),
    holder   text        NOT NULL,
    until    timestamptz NOT NULL
);
