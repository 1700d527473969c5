-- Schema 6: lists that were matched, filters and columns that are kept. FROZEN once released; add v7.sql
-- instead.
-- match_job: title, sha256: which list. match_row: raw: [[heading, cell], …] of the columns that were
--   understood; evidence: what agrees, words of query::list_match; candidates: how many persons it may be.
--   Both are outside the journal, and are deleted at purge_at.
-- saved_filter: filter: JSON of query::filter::Filter. column_set: columns: names, commas between.

ALTER TABLE main.match_job ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE main.match_job ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE main.match_row ADD COLUMN raw TEXT NOT NULL DEFAULT '[]';
ALTER TABLE main.match_row ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE main.match_row ADD COLUMN candidates INTEGER NOT NULL DEFAULT 0;

CREATE TABLE main.saved_filter (
  filter_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  filter TEXT NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;

CREATE TABLE main.column_set (
  column_set_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  columns TEXT NOT NULL,
  UNIQUE (kind, name)
) STRICT;
