-- What the fuzzer's statements are about. Rows are dealt anew for every round; see values.py.
CREATE SCHEMA care;
CREATE SCHEMA open;
ALTER DATABASE ward SET search_path = care, open, public;
SET search_path = care, open, public;

CREATE TABLE person (
    id int PRIMARY KEY, grp int, note text, at date, qty numeric(8, 2), meta jsonb, labels text[],
    name text, ssn text, born date, phone bigint, pay numeric(12, 2), key uuid, tags text[], nums int[], doc jsonb,
    form json, raw bytea, seen timestamptz, score float8, rank int, flag boolean, addr inet, span interval,
    band int4range, code varchar(12), letter char(3), small smallint, clock time, stamp timestamp,
    hidden text, mood int, pin text, pad text
);
ALTER TABLE person ALTER pad SET STORAGE PLAIN;
CREATE TABLE draft (LIKE person);
CREATE INDEX ON person (grp);
CREATE TABLE staff (ward text) INHERITS (person);
CREATE TABLE visit (id int, person int, day date, diagnosis text, room int, cost numeric(8, 2)) PARTITION BY RANGE (day);
CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE visit_2026 PARTITION OF visit DEFAULT;
CREATE TABLE card (id int, ssn text, fee int, tail text GENERATED ALWAYS AS (right(ssn, 4)) STORED);
CREATE TABLE open.room (id int PRIMARY KEY, name text, beds int, tags text[]);
CREATE TABLE open.item (
    id serial PRIMARY KEY, name text, qty int, price numeric(8, 2), at timestamptz, doc jsonb, room int REFERENCES open.room
);
CREATE VIEW contact AS SELECT id, grp, name AS label, note FROM person;
CREATE VIEW shout AS SELECT id AS n, upper(label) AS loud, note FROM contact;
CREATE VIEW open.stock AS SELECT r.name AS room, i.name, i.qty FROM open.item i JOIN open.room r ON r.id = i.room;
CREATE VIEW tall AS SELECT id, note FROM person WHERE rank > 100;
CREATE MATERIALIZED VIEW roster AS SELECT id, name AS entry, note FROM person;
CREATE SEQUENCE open.ticket;
CREATE TYPE open.pair AS (a int, b text);
