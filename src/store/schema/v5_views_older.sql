-- What schemas 1 and 2 lack before v5_views.sql can read them. For reading only.

CREATE TEMP VIEW deed AS
SELECT batch_id AS deed_id, 'import' AS kind, file_name AS title, at, actor, 0 AS can_undo,
  NULL AS undone_at, NULL AS undone_by
FROM main.import_batch;

CREATE TEMP VIEW deed_list AS
SELECT batch_id AS deed_id, kind AS list, sha256, encoding, mapping, rows_read, added, merged,
  unchanged, held, rejected, skipped
FROM main.import_batch;

CREATE TEMP TABLE deed_range (range_id, deed_id, tbl, first_id, last_id);
CREATE TEMP TABLE deed_change (change_id, deed_id, tbl, row_id, before, after);
CREATE TEMP TABLE deed_source (source_id, deed_id, first_row, first_person, last_person);
CREATE TEMP TABLE queue_row (queue_row_id, deed_id, row_no, came, reference, raw, field, code, args,
  choices, settled, settled_by);
CREATE TEMP TABLE import_template (template_id, kind, name, mapping);
