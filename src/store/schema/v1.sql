-- Schema 1 of a Menpai workspace. FROZEN: a released migration never changes; add v2.sql instead.
-- Feature tables are not STRICT because GeoPackage's geometry type names are not SQLite types.
-- Dates are ISO 8601 text, instants are UTC seconds, code-list fields hold keys of `code`.

CREATE TABLE meta (
  meta_id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE code (
  code_id INTEGER PRIMARY KEY,
  list TEXT NOT NULL,
  key INTEGER NOT NULL,
  code TEXT NOT NULL,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  aliases TEXT NOT NULL DEFAULT '',
  ord INTEGER NOT NULL,
  UNIQUE (list, key)
) STRICT;

CREATE TABLE region (
  region_id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE CHECK (length(code) = 12),
  name TEXT NOT NULL,
  level INTEGER NOT NULL,
  parent_id INTEGER REFERENCES region
) STRICT;

CREATE TABLE grid (
  grid_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom MULTIPOLYGON,
  code TEXT NOT NULL,
  name TEXT,
  kind INTEGER NOT NULL DEFAULT 1,
  region_id INTEGER REFERENCES region,
  leader TEXT,
  staff TEXT,
  target_households INTEGER,
  deleted_at INTEGER
);
CREATE UNIQUE INDEX grid_code ON grid (code) WHERE deleted_at IS NULL;

CREATE TABLE estate (
  estate_id INTEGER PRIMARY KEY,
  region_id INTEGER REFERENCES region,
  name TEXT NOT NULL,
  pinyin TEXT NOT NULL,
  initials TEXT NOT NULL,
  aliases TEXT NOT NULL DEFAULT '',
  property_company TEXT,
  phone TEXT,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX estate_name ON estate (name) WHERE deleted_at IS NULL;

CREATE TABLE building (
  building_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom MULTIPOLYGON,
  code TEXT NOT NULL,
  feature_id TEXT,
  name TEXT,
  estate_id INTEGER REFERENCES estate,
  zone TEXT,
  building_no TEXT,
  kind INTEGER,
  address TEXT,
  floors_above INTEGER,
  floors_below INTEGER,
  height_m REAL,
  year_built INTEGER,
  grid_id INTEGER REFERENCES grid,
  leader_name TEXT,
  leader_phone TEXT,
  party_contact TEXT,
  lon REAL,
  lat REAL,
  deleted_at INTEGER
);
CREATE UNIQUE INDEX building_code ON building (code) WHERE deleted_at IS NULL;
CREATE INDEX building_feature ON building (feature_id) WHERE feature_id IS NOT NULL;
CREATE INDEX building_estate ON building (estate_id) WHERE estate_id IS NOT NULL;
CREATE INDEX building_grid ON building (grid_id) WHERE grid_id IS NOT NULL;
CREATE INDEX building_name ON building (name) WHERE name IS NOT NULL;

CREATE TABLE building_unit (
  unit_id INTEGER PRIMARY KEY,
  building_id INTEGER NOT NULL REFERENCES building,
  unit_no TEXT NOT NULL,
  ord INTEGER NOT NULL,
  floor_min INTEGER,
  floor_max INTEGER,
  UNIQUE (building_id, unit_no)
) STRICT;

CREATE TABLE building_floor (
  floor_id INTEGER PRIMARY KEY,
  building_id INTEGER NOT NULL REFERENCES building,
  ord INTEGER NOT NULL,
  label TEXT NOT NULL,
  UNIQUE (building_id, label)
) STRICT;

CREATE TABLE room (
  room_id INTEGER PRIMARY KEY,
  building_id INTEGER NOT NULL REFERENCES building,
  unit_id INTEGER REFERENCES building_unit,
  floor_min INTEGER,
  floor_span INTEGER NOT NULL DEFAULT 1,
  col INTEGER,
  col_span INTEGER NOT NULL DEFAULT 1,
  room_no TEXT NOT NULL,
  kind INTEGER NOT NULL,
  status INTEGER NOT NULL DEFAULT 9,
  rental_use INTEGER,
  hazard INTEGER,
  area_m2 REAL,
  unit_number TEXT,
  match_key TEXT NOT NULL,
  verified_at INTEGER,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX room_match_key ON room (match_key) WHERE deleted_at IS NULL;
CREATE INDEX room_building ON room (building_id);
CREATE INDEX room_unit ON room (unit_id) WHERE unit_id IS NOT NULL;

CREATE TABLE person (
  person_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  pinyin TEXT NOT NULL,
  initials TEXT NOT NULL,
  id_type INTEGER NOT NULL,
  id_no TEXT,
  sex INTEGER NOT NULL DEFAULT 0,
  birth_date TEXT,
  phone TEXT,
  population_type INTEGER NOT NULL DEFAULT 1,
  status INTEGER NOT NULL DEFAULT 1,
  verified_at INTEGER,
  verified_by TEXT,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX person_id_no ON person (id_no, id_type)
  WHERE id_no IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX person_name ON person (name);
CREATE INDEX person_pinyin ON person (pinyin);
CREATE INDEX person_initials ON person (initials);
CREATE INDEX person_phone ON person (phone) WHERE phone IS NOT NULL;

CREATE TABLE household (
  household_id INTEGER PRIMARY KEY,
  register_no TEXT,
  kind INTEGER NOT NULL DEFAULT 1,
  room_id INTEGER NOT NULL REFERENCES room,
  head_person_id INTEGER REFERENCES person
) STRICT;
CREATE INDEX household_room ON household (room_id, register_no);
CREATE INDEX household_head ON household (head_person_id) WHERE head_person_id IS NOT NULL;

CREATE TABLE residency (
  residency_id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person,
  room_id INTEGER NOT NULL REFERENCES room,
  household_id INTEGER REFERENCES household,
  relation INTEGER,
  role INTEGER,
  residency_type INTEGER,
  household_match INTEGER,
  start_date TEXT,
  end_date TEXT,
  evidence TEXT,
  confidence INTEGER
) STRICT;
CREATE INDEX residency_room ON residency (room_id);
CREATE INDEX residency_person ON residency (person_id);
CREATE INDEX residency_household ON residency (household_id) WHERE household_id IS NOT NULL;

CREATE TABLE tag (
  tag_id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  zh TEXT NOT NULL,
  en TEXT NOT NULL,
  tag_group TEXT NOT NULL,
  colour TEXT NOT NULL,
  glyph TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  aliases TEXT NOT NULL DEFAULT '',
  ord INTEGER NOT NULL
) STRICT;

CREATE TABLE person_tag (
  person_tag_id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person,
  tag_id INTEGER NOT NULL REFERENCES tag,
  basis TEXT,
  source TEXT,
  since TEXT,
  review_due TEXT,
  until TEXT,
  UNIQUE (person_id, tag_id)
) STRICT;
CREATE INDEX person_tag_tag ON person_tag (tag_id, person_id);

CREATE TABLE attention_category (
  category_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  legal_basis TEXT NOT NULL
) STRICT;

CREATE TABLE attention_case (
  case_id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person,
  category_id INTEGER NOT NULL REFERENCES attention_category,
  legal_basis TEXT NOT NULL,
  agency TEXT NOT NULL,
  review_due TEXT NOT NULL,
  closed_at INTEGER
) STRICT;
CREATE INDEX attention_case_person ON attention_case (person_id);

CREATE TABLE enterprise (
  enterprise_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  pinyin TEXT NOT NULL,
  initials TEXT NOT NULL,
  uscc TEXT,
  kind INTEGER,
  industry TEXT,
  building_id INTEGER REFERENCES building,
  room_id INTEGER REFERENCES room,
  lon REAL,
  lat REAL,
  contact TEXT,
  phone TEXT,
  employees INTEGER,
  fire_check_at TEXT,
  status INTEGER NOT NULL DEFAULT 1,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX enterprise_uscc ON enterprise (uscc)
  WHERE uscc IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX enterprise_name ON enterprise (name);
CREATE INDEX enterprise_initials ON enterprise (initials);
CREATE INDEX enterprise_building ON enterprise (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX enterprise_room ON enterprise (room_id) WHERE room_id IS NOT NULL;

CREATE TABLE event (
  event_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom POINT,
  no TEXT NOT NULL,
  category INTEGER NOT NULL,
  severity INTEGER,
  source INTEGER,
  title TEXT NOT NULL,
  text TEXT,
  occurred_at INTEGER,
  reported_at INTEGER,
  due_at INTEGER,
  state INTEGER NOT NULL,
  place_text TEXT,
  grid_id INTEGER REFERENCES grid,
  building_id INTEGER REFERENCES building,
  room_id INTEGER REFERENCES room
);
CREATE UNIQUE INDEX event_no ON event (no);
CREATE INDEX event_building ON event (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX event_room ON event (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX event_grid ON event (grid_id) WHERE grid_id IS NOT NULL;

CREATE TABLE event_step (
  step_id INTEGER PRIMARY KEY,
  event_id INTEGER NOT NULL REFERENCES event,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  from_state INTEGER,
  to_state INTEGER NOT NULL,
  opinion TEXT
) STRICT;
CREATE INDEX event_step_event ON event_step (event_id, at);

CREATE TABLE event_extension (
  extension_id INTEGER PRIMARY KEY,
  event_id INTEGER NOT NULL REFERENCES event,
  requested_at INTEGER NOT NULL,
  requester TEXT NOT NULL,
  reason TEXT NOT NULL,
  new_due_at INTEGER NOT NULL,
  decided_at INTEGER,
  decider TEXT,
  granted INTEGER
) STRICT;
CREATE INDEX event_extension_event ON event_extension (event_id);

CREATE TABLE deadline_policy (
  severity INTEGER PRIMARY KEY,
  minutes INTEGER NOT NULL,
  working_time INTEGER NOT NULL DEFAULT 0,
  warn_percent TEXT NOT NULL DEFAULT '50;80;100'
) STRICT;

CREATE TABLE work_calendar (
  day_id INTEGER PRIMARY KEY,
  day TEXT NOT NULL UNIQUE,
  is_working INTEGER NOT NULL,
  note TEXT
) STRICT;

CREATE TABLE visit (
  visit_id INTEGER PRIMARY KEY,
  building_id INTEGER REFERENCES building,
  room_id INTEGER REFERENCES room,
  person_id INTEGER REFERENCES person,
  purpose TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  found INTEGER NOT NULL,
  note TEXT,
  next_due TEXT
) STRICT;
CREATE INDEX visit_room ON visit (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX visit_building ON visit (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX visit_person ON visit (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE visit_plan (
  plan_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  tag_id INTEGER REFERENCES tag,
  interval_days INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  device_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom POINT,
  code TEXT NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT,
  owner TEXT,
  state INTEGER NOT NULL DEFAULT 1,
  heading_deg REAL,
  fov_deg REAL,
  range_m REAL,
  building_id INTEGER REFERENCES building,
  deleted_at INTEGER
);
CREATE UNIQUE INDEX device_code ON device (code) WHERE deleted_at IS NULL;
CREATE INDEX device_building ON device (building_id) WHERE building_id IS NOT NULL;

CREATE TABLE import_batch (
  batch_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  encoding TEXT NOT NULL,
  mapping TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  added INTEGER NOT NULL,
  merged INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  held INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  skipped INTEGER NOT NULL
) STRICT;

CREATE TABLE import_row (
  import_row_id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES import_batch,
  row_no INTEGER NOT NULL,
  raw TEXT,
  parsed TEXT,
  issues TEXT,
  action TEXT NOT NULL,
  before TEXT
) STRICT;
CREATE INDEX import_row_batch ON import_row (batch_id, row_no);

CREATE TABLE match_job (
  job_id INTEGER PRIMARY KEY,
  purpose TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  requester TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  purge_at INTEGER NOT NULL
) STRICT;

CREATE TABLE match_row (
  match_row_id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES match_job ON DELETE CASCADE,
  row_no INTEGER NOT NULL,
  level INTEGER NOT NULL,
  person_id INTEGER REFERENCES person,
  room_id INTEGER REFERENCES room,
  decision INTEGER
) STRICT;
CREATE INDEX match_row_job ON match_row (job_id, row_no);

CREATE TABLE account (
  account_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  disabled_at INTEGER
) STRICT;

CREATE TABLE account_role (
  account_role_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  role TEXT NOT NULL,
  grid_id INTEGER REFERENCES grid
) STRICT;
CREATE INDEX account_role_account ON account_role (account_id);

CREATE TABLE attention_access (
  attention_access_id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES attention_case,
  account_id INTEGER NOT NULL REFERENCES account,
  UNIQUE (case_id, account_id)
) STRICT;

CREATE TABLE export_request (
  request_id INTEGER PRIMARY KEY,
  requested_at INTEGER NOT NULL,
  requester TEXT NOT NULL,
  purpose TEXT NOT NULL,
  columns TEXT NOT NULL,
  mask_level INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  sha256 TEXT,
  approver TEXT,
  decided_at INTEGER,
  granted INTEGER
) STRICT;

CREATE TABLE audit_log (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  fields TEXT NOT NULL,
  purpose TEXT NOT NULL,
  ok INTEGER NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
