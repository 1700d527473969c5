-- Schema 8: events with their clock, visits, and who does the work. FROZEN once released; add v9.sql instead.
-- event: called_at: when somebody called, what the clock counts from. outcome: key of event_outcome, beside
--   the state. policy_version: the deadline_version it was entered under. handler: who has it in hand.
--   due_at (of schema 1) is derived: what is due next, by domain::workflow::clock; NULL when nothing is.
-- event_step: at: when it happened, entered_at: when it was entered. until_at: of a suspension, or the new
--   time of an extension. revokes: the step it takes back; steps are never deleted.
-- event_request: something that is asked for; decision NULL while nobody has decided.
-- deadline_version, deadline_rule: the promise and the slots of a working day, a new version each time;
--   severity 0 stands for "no grade". deadline_policy and event_extension (schema 1) are not read any more.
-- visit: found, mode: keys of visit_found, visit_mode. plan_id: the plan it fulfils. visit_fact: what
--   was confirmed (1) or changed (2), by field.
-- visit_plan: filter: JSON of query::filter::Filter. visit_task: only what is not told by the visits: one
--   that was cancelled or missed, by plan, person and the day it was due.
-- staff_office: an office (key of staff_office) of a grid, estate, building or unit, or of none.
-- attachment: bytes of photos and files; outside the journal of deeds.
-- alarm: what a device reported, and what became of it.

ALTER TABLE main.event ADD COLUMN called_at INTEGER;
ALTER TABLE main.event ADD COLUMN outcome INTEGER;
ALTER TABLE main.event ADD COLUMN policy_version INTEGER;
ALTER TABLE main.event ADD COLUMN handler TEXT;
ALTER TABLE main.event ADD COLUMN duplicate_of INTEGER REFERENCES event;
ALTER TABLE main.event ADD COLUMN urgent INTEGER;
CREATE INDEX main.event_due ON event (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX main.event_open ON event (state, handler, due_at) WHERE state NOT IN (3, 10, 13);
CREATE INDEX main.event_duplicate ON event (duplicate_of) WHERE duplicate_of IS NOT NULL;

ALTER TABLE main.event_step ADD COLUMN entered_at INTEGER;
ALTER TABLE main.event_step ADD COLUMN until_at INTEGER;
ALTER TABLE main.event_step ADD COLUMN severity INTEGER;
ALTER TABLE main.event_step ADD COLUMN outcome INTEGER;
ALTER TABLE main.event_step ADD COLUMN handler TEXT;
ALTER TABLE main.event_step ADD COLUMN other_event_id INTEGER REFERENCES event;
ALTER TABLE main.event_step ADD COLUMN satisfaction INTEGER;
ALTER TABLE main.event_step ADD COLUMN revokes INTEGER REFERENCES event_step;

ALTER TABLE main.visit ADD COLUMN mode INTEGER;
ALTER TABLE main.visit ADD COLUMN plan_id INTEGER REFERENCES visit_plan;
ALTER TABLE main.visit ADD COLUMN entered_at INTEGER;
ALTER TABLE main.visit ADD COLUMN event_id INTEGER REFERENCES event;
ALTER TABLE main.visit ADD COLUMN revoked_at INTEGER;
CREATE INDEX main.visit_at ON visit (at);
CREATE INDEX main.visit_of_plan ON visit (plan_id) WHERE plan_id IS NOT NULL;

ALTER TABLE main.visit_plan ADD COLUMN filter TEXT;
ALTER TABLE main.visit_plan ADD COLUMN window_days INTEGER;
ALTER TABLE main.visit_plan ADD COLUMN worker TEXT;
ALTER TABLE main.visit_plan ADD COLUMN visits_a_day INTEGER;
ALTER TABLE main.visit_plan ADD COLUMN since TEXT;
ALTER TABLE main.visit_plan ADD COLUMN until TEXT;
ALTER TABLE main.visit_plan ADD COLUMN deleted_at INTEGER;

CREATE INDEX main.person_tag_review ON person_tag (review_due) WHERE review_due IS NOT NULL;

CREATE TABLE main.event_request (
  request_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  event_id INTEGER NOT NULL REFERENCES event,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  requester TEXT NOT NULL,
  reason TEXT,
  until_at INTEGER,
  severity INTEGER,
  decision TEXT CHECK (decision IN ('granted', 'denied')),
  decided_at INTEGER,
  decider TEXT,
  answer TEXT,
  step_id INTEGER REFERENCES event_step
) STRICT;
CREATE INDEX main.event_request_event ON event_request (event_id);
CREATE INDEX main.event_request_open ON event_request (kind) WHERE decision IS NULL;

CREATE TABLE main.deadline_version (
  version INTEGER PRIMARY KEY NOT NULL,
  since INTEGER NOT NULL,
  slots TEXT NOT NULL
) STRICT;

CREATE TABLE main.deadline_rule (
  rule_id INTEGER PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL REFERENCES deadline_version,
  severity INTEGER NOT NULL,
  milestone TEXT NOT NULL,
  minutes INTEGER NOT NULL,
  working_time INTEGER NOT NULL,
  warn_percent TEXT NOT NULL,
  UNIQUE (version, severity, milestone)
) STRICT;

CREATE TABLE main.staff (
  staff_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  duty_phone TEXT,
  note TEXT,
  since TEXT,
  until TEXT,
  deleted_at INTEGER
) STRICT;
CREATE INDEX main.staff_name ON staff (name);

CREATE TABLE main.staff_office (
  office_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  staff_id INTEGER NOT NULL REFERENCES staff,
  office INTEGER NOT NULL,
  grid_id INTEGER REFERENCES grid,
  estate_id INTEGER REFERENCES estate,
  building_id INTEGER REFERENCES building,
  unit_id INTEGER REFERENCES building_unit,
  area TEXT,
  since TEXT,
  until TEXT
) STRICT;
CREATE INDEX main.staff_office_staff ON staff_office (staff_id);
CREATE INDEX main.staff_office_grid ON staff_office (grid_id) WHERE grid_id IS NOT NULL;
CREATE INDEX main.staff_office_estate ON staff_office (estate_id) WHERE estate_id IS NOT NULL;
CREATE INDEX main.staff_office_building ON staff_office (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX main.staff_office_unit ON staff_office (unit_id) WHERE unit_id IS NOT NULL;

CREATE TABLE main.organisation (
  organisation_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  area TEXT,
  grid_id INTEGER REFERENCES grid,
  estate_id INTEGER REFERENCES estate,
  contact TEXT,
  phone TEXT,
  since TEXT,
  until TEXT,
  deleted_at INTEGER
) STRICT;
CREATE INDEX main.organisation_grid ON organisation (grid_id) WHERE grid_id IS NOT NULL;
CREATE INDEX main.organisation_estate ON organisation (estate_id) WHERE estate_id IS NOT NULL;

CREATE TABLE main.place_note (
  place_note_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind INTEGER NOT NULL,
  text TEXT NOT NULL,
  building_id INTEGER REFERENCES building,
  lon REAL,
  lat REAL,
  radius_m REAL,
  source TEXT,
  since TEXT,
  until TEXT,
  deleted_at INTEGER
) STRICT;
CREATE INDEX main.place_note_building ON place_note (building_id) WHERE building_id IS NOT NULL;

CREATE TABLE main.visit_fact (
  fact_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  visit_id INTEGER NOT NULL REFERENCES visit,
  person_id INTEGER REFERENCES person,
  field TEXT NOT NULL,
  answer INTEGER NOT NULL
) STRICT;
CREATE INDEX main.visit_fact_visit ON visit_fact (visit_id);
CREATE INDEX main.visit_fact_person ON visit_fact (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE main.visit_task (
  task_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  plan_id INTEGER NOT NULL REFERENCES visit_plan,
  person_id INTEGER NOT NULL REFERENCES person,
  due_on TEXT NOT NULL,
  state INTEGER NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  why TEXT
) STRICT;
CREATE INDEX main.visit_task_plan ON visit_task (plan_id, person_id);
CREATE INDEX main.visit_task_person ON visit_task (person_id);

CREATE TABLE main.attachment (
  attachment_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  event_id INTEGER REFERENCES event,
  visit_id INTEGER REFERENCES visit,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  thumbnail BLOB,
  bytes BLOB NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX main.attachment_event ON attachment (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX main.attachment_visit ON attachment (visit_id) WHERE visit_id IS NOT NULL;

CREATE TABLE main.alarm (
  alarm_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  no TEXT NOT NULL UNIQUE,
  device_id INTEGER REFERENCES device,
  device_code TEXT,
  kind INTEGER NOT NULL,
  text TEXT,
  at INTEGER NOT NULL,
  lon REAL,
  lat REAL,
  state INTEGER NOT NULL,
  event_id INTEGER REFERENCES event,
  of_alarm_id INTEGER REFERENCES alarm,
  decided_at INTEGER,
  decider TEXT,
  why TEXT
) STRICT;
CREATE INDEX main.alarm_state ON alarm (state);
CREATE INDEX main.alarm_device ON alarm (device_id) WHERE device_id IS NOT NULL;
CREATE INDEX main.alarm_event ON alarm (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX main.alarm_of ON alarm (of_alarm_id) WHERE of_alarm_id IS NOT NULL;
