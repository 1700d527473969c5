-- Row ids of these tables are never given twice. AUTOINCREMENT changes nothing in the rows of a table
-- (SQLite keeps the highest id beside them), so its statement alone is rewritten. FROZEN with v5.sql.

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'INTEGER PRIMARY KEY,', 'INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,')
WHERE type = 'table' AND name IN ('region', 'estate', 'building_unit', 'building_floor', 'room',
  'person', 'household', 'residency', 'person_tag', 'attention_category', 'attention_case',
  'enterprise', 'event_step', 'event_extension', 'visit', 'visit_plan', 'match_job', 'match_row');
PRAGMA writable_schema = RESET;
