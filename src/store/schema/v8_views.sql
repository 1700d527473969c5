-- What schemas 1 to 7 say of events and visits, as schema 8 says it, for a connection to an older file
-- that may not be migrated. FROZEN with v8.sql. The new tables stand beside them, empty.

CREATE TEMP VIEW event AS
SELECT event_id, geom, no, category, CASE severity WHEN 1 THEN 2 ELSE severity END AS severity,
  source, title, text, occurred_at, reported_at, due_at,
  CASE state WHEN 6 THEN 5 WHEN 8 THEN 7 ELSE state END AS state,
  place_text, grid_id, building_id, room_id, coalesce(reported_at, occurred_at) AS called_at,
  NULL AS outcome, NULL AS policy_version, NULL AS handler, NULL AS duplicate_of, NULL AS urgent
FROM main.event;

CREATE TEMP VIEW event_step AS
SELECT step_id, event_id, at, actor, action,
  CASE from_state WHEN 6 THEN 5 WHEN 8 THEN 7 ELSE from_state END AS from_state,
  CASE to_state WHEN 6 THEN 5 WHEN 8 THEN 7 ELSE to_state END AS to_state, opinion,
  NULL AS entered_at, NULL AS until_at, NULL AS severity, NULL AS outcome, NULL AS handler,
  NULL AS other_event_id, NULL AS satisfaction, NULL AS revokes
FROM main.event_step;

CREATE TEMP VIEW visit AS
SELECT visit_id, building_id, room_id, person_id, purpose, at, actor, found, note, next_due,
  NULL AS mode, NULL AS plan_id, NULL AS entered_at, NULL AS event_id, NULL AS revoked_at
FROM main.visit;

CREATE TEMP VIEW visit_plan AS
SELECT plan_id, name, tag_id, interval_days, NULL AS filter, NULL AS window_days, NULL AS worker,
  NULL AS visits_a_day, NULL AS since, NULL AS until, NULL AS deleted_at
FROM main.visit_plan;
