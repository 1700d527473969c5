-- Schema 4: checksums of rows, so that damage inside a plain file is found. FROZEN once released.
-- chunk: id / 64, rounded down; sums: 64 CRC-32 of the rows by id, little-endian, 0 for no row.
-- root: where the table begins in the file; mark: the same as text that can be found in the raw file
-- when the schema cannot be read; last_change: gpkg_contents.last_change when sums were last made.

CREATE TABLE row_sum (
  tbl TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  sums BLOB NOT NULL CHECK (length(sums) = 256),
  PRIMARY KEY (tbl, chunk)
) STRICT, WITHOUT ROWID;

CREATE TABLE summed_table (
  tbl TEXT PRIMARY KEY,
  root INTEGER NOT NULL,
  mark TEXT NOT NULL,
  last_change TEXT NOT NULL
) STRICT, WITHOUT ROWID;
