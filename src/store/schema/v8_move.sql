-- States and grades of events as schema 8 has them, wherever they stand. FROZEN with v8.sql; run again
-- over the rows that are saved of a damaged older file, which changes nothing the second time.
-- extension_requested (6) is a request on an event in handling (5), verified (8) waits for closing as
-- handled (7) does, returned (9) is to be dispatched again, on the spot (1) is simple (2).

INSERT INTO event_request (event_id, kind, at, entered_at, requester)
SELECT event_id, 'extend', coalesce(reported_at, occurred_at, 0), coalesce(reported_at, occurred_at, 0), ''
FROM event WHERE state = 6;

UPDATE event SET state = CASE state WHEN 6 THEN 5 ELSE 7 END WHERE state IN (6, 8);
UPDATE event SET severity = 2 WHERE severity = 1;
UPDATE event SET called_at = coalesce(reported_at, occurred_at) WHERE called_at IS NULL;
UPDATE event_step SET from_state = CASE from_state WHEN 6 THEN 5 ELSE 7 END WHERE from_state IN (6, 8);
UPDATE event_step SET to_state = CASE to_state WHEN 6 THEN 5 ELSE 7 END WHERE to_state IN (6, 8);

UPDATE deed_change SET before = json_set(before, '$.state',
    CASE json_extract(before, '$.state') WHEN 6 THEN 5 ELSE 7 END)
WHERE tbl = 'event' AND json_valid(before) AND json_extract(before, '$.state') IN (6, 8);
UPDATE deed_change SET after = json_set(after, '$.state',
    CASE json_extract(after, '$.state') WHEN 6 THEN 5 ELSE 7 END)
WHERE tbl = 'event' AND json_valid(after) AND json_extract(after, '$.state') IN (6, 8);
UPDATE deed_change SET before = json_set(before, '$.severity', 2)
WHERE tbl = 'event' AND json_valid(before) AND json_extract(before, '$.severity') = 1;
UPDATE deed_change SET after = json_set(after, '$.severity', 2)
WHERE tbl = 'event' AND json_valid(after) AND json_extract(after, '$.severity') = 1;
