-- Moves the record of schema 4 into schema 5's tables. FROZEN with v5.sql.

INSERT INTO main.deed SELECT * FROM temp.deed;
INSERT INTO main.deed_list SELECT * FROM temp.deed_list;
INSERT INTO main.deed_range SELECT * FROM temp.deed_range;
INSERT INTO main.deed_change SELECT * FROM temp.deed_change;
INSERT INTO main.deed_source SELECT * FROM temp.deed_source;
INSERT INTO main.queue_row SELECT * FROM temp.queue_row;

DROP VIEW temp.deed;
DROP VIEW temp.deed_list;
DROP VIEW temp.deed_range;
DROP VIEW temp.deed_change;
DROP VIEW temp.deed_source;
DROP VIEW temp.queue_row;

DROP TABLE main.import_row;
DROP TABLE main.import_range;
DROP TABLE main.import_change;
DROP TABLE main.import_source;
DROP TABLE main.import_batch;
