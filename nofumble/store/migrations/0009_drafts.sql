-- Definitions that are being written, one for each workflow. What came into force or into shadow stands in a catalogue; here is what is not
-- finished, whether or not it can be read.
CREATE TABLE drafts (
    name     text PRIMARY KEY,
    team     text        NOT NULL,
    text     text        NOT NULL,
    author   text        NOT NULL,
    note     text        NOT NULL,
    saved_at timestamptz NOT NULL
);
