-- When a line of the outbox was written: `at` is the time that it tells of, which in a file of last year is last year.
ALTER TABLE outbox ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();
