-- Schema 5: one record of what was changed. FROZEN once released; add v6.sql instead.
-- deed: an import, rows settled in the queue, rooms made, a deed taken back … what was done, when and
--   by whom. undone_by: the deed that took it back (none for what older schemas took back).
-- can_undo: whether it can be taken back; of an undo, whether it can be put back.
-- deed_list: of a deed that took rows of a list: which list, how its columns were read, how its rows
--   ended.
-- deed_range: rows that the deed added to a table, one range of ids each: there is one writer, and
--   ids are never given twice.
-- deed_change: rows that it changed or deleted. before, after: JSON objects of the columns, geometries
--   as hexadecimal text; after is NULL for a row that is gone.
-- queue_row: rows of lists that were not taken. came: held, rejected, or ahead for the answer to a row
--   that has not come in yet; code, args: the reason, its values as a JSON array; raw: [[heading,
--   cell], …]; settled: how, while the deed settled_by is not undone.
-- recent_commit: which rows the last commits touched, for windows that have not seen them; seq: the
--   commit's last audit entry.
-- From here on the tables of records give no row id twice (AUTOINCREMENT; the rows stay as they are).

CREATE TABLE main.deed (
  deed_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  can_undo INTEGER NOT NULL,
  undone_at INTEGER,
  undone_by INTEGER REFERENCES deed
) STRICT;
CREATE INDEX main.deed_undone_by ON deed (undone_by) WHERE undone_by IS NOT NULL;
CREATE INDEX main.deed_redo ON deed (at) WHERE kind = 'undo' AND can_undo = 1;

CREATE TABLE main.deed_list (
  deed_id INTEGER PRIMARY KEY REFERENCES deed,
  list TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  encoding TEXT NOT NULL,
  mapping TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  added INTEGER NOT NULL,
  merged INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  held INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  skipped INTEGER NOT NULL
) STRICT;

CREATE TABLE main.deed_range (
  range_id INTEGER PRIMARY KEY,
  deed_id INTEGER NOT NULL REFERENCES deed,
  tbl TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  UNIQUE (deed_id, tbl)
) STRICT;

CREATE TABLE main.deed_change (
  change_id INTEGER PRIMARY KEY,
  deed_id INTEGER NOT NULL REFERENCES deed,
  tbl TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT,
  UNIQUE (deed_id, tbl, row_id)
) STRICT;
CREATE INDEX main.deed_change_row ON deed_change (tbl, row_id);

CREATE TABLE main.deed_source (
  source_id INTEGER PRIMARY KEY,
  deed_id INTEGER NOT NULL REFERENCES deed,
  first_row INTEGER NOT NULL,
  first_person INTEGER NOT NULL,
  last_person INTEGER NOT NULL
) STRICT;
CREATE INDEX main.deed_source_person ON deed_source (first_person, last_person);
CREATE INDEX main.deed_source_deed ON deed_source (deed_id);

CREATE TABLE main.queue_row (
  queue_row_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  deed_id INTEGER NOT NULL REFERENCES deed,
  row_no INTEGER NOT NULL,
  came TEXT NOT NULL CHECK (came IN ('held', 'rejected', 'ahead')),
  reference TEXT,
  raw TEXT NOT NULL,
  field TEXT NOT NULL,
  code TEXT NOT NULL,
  args TEXT NOT NULL,
  choices TEXT NOT NULL,
  settled TEXT CHECK (settled IN ('taken', 'dropped', 'corrected', 'again')),
  settled_by INTEGER REFERENCES deed
) STRICT;
CREATE INDEX main.queue_row_deed ON queue_row (deed_id, row_no);
CREATE INDEX main.queue_row_settled ON queue_row (settled_by) WHERE settled_by IS NOT NULL;

CREATE TABLE main.recent_commit (
  seq INTEGER PRIMARY KEY,
  changes TEXT NOT NULL
) STRICT;
