-- Schema 3: imports that can be looked through and undone. FROZEN once released; add v4.sql instead.
-- tbl: name of the table; row_id: its primary key. before/after: JSON objects of the columns;
-- geometries as hexadecimal text.

ALTER TABLE import_batch ADD COLUMN undone_at INTEGER;

CREATE TABLE import_range (
  range_id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES import_batch,
  tbl TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  UNIQUE (batch_id, tbl)
) STRICT;

CREATE TABLE import_change (
  change_id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES import_batch,
  tbl TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT,
  UNIQUE (batch_id, tbl, row_id)
) STRICT;
CREATE INDEX import_change_row ON import_change (tbl, row_id);

-- Which rows of a file speak of which persons: runs of consecutive rows and persons.
CREATE TABLE import_source (
  source_id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES import_batch,
  first_row INTEGER NOT NULL,
  first_person INTEGER NOT NULL,
  last_person INTEGER NOT NULL
) STRICT;
CREATE INDEX import_source_person ON import_source (first_person, last_person);
CREATE INDEX import_source_batch ON import_source (batch_id);

CREATE TABLE import_template (
  template_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  mapping TEXT NOT NULL,
  UNIQUE (kind, name)
) STRICT;
