-- Schema 2: what lies under the buildings. FROZEN once released; add v3.sql instead.
-- kind: 1 water, 2 green, 3 road, 4 railway. rank: 1 the greatest road … 4 a path.

CREATE TABLE basemap (
  basemap_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  geom GEOMETRY,
  kind INTEGER NOT NULL,
  rank INTEGER NOT NULL DEFAULT 3,
  name TEXT,
  shape_hash TEXT NOT NULL
);
CREATE UNIQUE INDEX basemap_shape ON basemap (shape_hash);
