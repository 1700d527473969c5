-- What schemas 3 and 4 say of past imports and held rows, as schema 5 says it. FROZEN with v5.sql.
-- The migration reads from these views; so does a connection to an older file that may not be
-- migrated.

CREATE TEMP VIEW deed AS
SELECT b.batch_id AS deed_id,
  CASE b.encoding WHEN 'review' THEN 'review' WHEN 'plan' THEN 'make_rooms' ELSE 'import' END
    AS kind,
  CASE b.encoding WHEN 'plan' THEN replace(b.file_name, 'made rooms: ', '') ELSE b.file_name END
    AS title,
  b.at, b.actor,
  EXISTS (SELECT 1 FROM main.import_range g WHERE g.batch_id = b.batch_id)
    OR EXISTS (SELECT 1 FROM main.import_source g WHERE g.batch_id = b.batch_id)
    OR EXISTS (SELECT 1 FROM main.import_row g WHERE g.batch_id = b.batch_id)
    OR EXISTS (SELECT 1 FROM main.import_row g WHERE g.before = b.batch_id || '')
    OR EXISTS (SELECT 1 FROM main.import_change g WHERE g.batch_id = b.batch_id) AS can_undo,
  b.undone_at, NULL AS undone_by
FROM main.import_batch b;

CREATE TEMP VIEW deed_list AS
SELECT batch_id AS deed_id, kind AS list, sha256,
  CASE WHEN encoding IN ('review', 'plan') THEN '' ELSE encoding END AS encoding,
  mapping, rows_read, added, merged, unchanged, held, rejected, skipped
FROM main.import_batch;

CREATE TEMP VIEW deed_range AS
SELECT range_id, batch_id AS deed_id, tbl, first_id, last_id FROM main.import_range;

CREATE TEMP VIEW deed_change AS
SELECT change_id, batch_id AS deed_id, tbl, row_id, before, after FROM main.import_change;

CREATE TEMP VIEW deed_source AS
SELECT source_id, batch_id AS deed_id, first_row, first_person, last_person FROM main.import_source;

CREATE TEMP VIEW queue_row AS
SELECT r.import_row_id AS queue_row_id, r.batch_id AS deed_id, r.row_no,
  CASE
    WHEN r.action IN ('rejected', 'corrected', 'again_rejected') THEN 'rejected'
    WHEN r.action = 'answered' AND r.before IS NULL THEN 'ahead'
    ELSE 'held'
  END AS came,
  iif(json_valid(r.issues), json_extract(r.issues, '$[2]'), NULL) AS reference,
  coalesce(r.raw, '[]') AS raw,
  coalesce(iif(json_valid(r.issues), json_extract(r.issues, '$[0]'), NULL), '') AS field,
  'legacy' AS code,
  json_array(coalesce(iif(json_valid(r.issues), json_extract(r.issues, '$[1]'), r.issues), ''))
    AS args,
  coalesce(r.parsed, '[]') AS choices,
  CASE
    WHEN r.action = 'resolved' THEN 'taken'
    WHEN r.action IN ('corrected', 'answered') THEN 'corrected'
    WHEN r.action = 'dropped' THEN 'dropped'
    WHEN r.action IN ('again', 'again_rejected') THEN 'again'
  END AS settled,
  CASE
    WHEN r.action IN ('held', 'rejected') THEN NULL
    WHEN r.before IS NULL THEN r.batch_id
    ELSE (SELECT b.batch_id FROM main.import_batch b WHERE b.batch_id = CAST(r.before AS INTEGER))
  END AS settled_by
FROM main.import_row r;
