-- Schema 7: persons by the last four of their numbers, derived data that is kept. FROZEN once released; add v8.sql instead.
-- Names are searched by part and sound in memory (derived::words), so the indexes on their sound go.

DROP INDEX IF EXISTS main.person_pinyin;
DROP INDEX IF EXISTS main.person_initials;
CREATE INDEX IF NOT EXISTS main.person_id_tail ON person (substr(id_no, -4)) WHERE id_no IS NOT NULL;
CREATE INDEX IF NOT EXISTS main.person_phone_tail ON person (substr(phone, -4)) WHERE phone IS NOT NULL;
CREATE INDEX IF NOT EXISTS main.person_phones ON person (phone) WHERE instr(phone, ';') > 0;

-- What is derived of rooms and residents, as of an audit entry (derived::kept): derived_state holds one row
-- while it is true but for the commits since; derived_chunk a run of buildings each, replaced as a whole.
CREATE TABLE IF NOT EXISTS main.derived_state (
  derived_state_id INTEGER PRIMARY KEY NOT NULL CHECK (derived_state_id = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  chunks INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS main.derived_chunk (
  derived_chunk_id INTEGER PRIMARY KEY NOT NULL,
  body BLOB NOT NULL
) STRICT;
