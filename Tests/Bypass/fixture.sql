-- What every attack finds. Laid anew before each, as somebody for whom the database refuses nothing.
SET client_min_messages = error;
RESET ROLE;
DROP SCHEMA IF EXISTS care CASCADE;
DROP SCHEMA IF EXISTS lair CASCADE;
DROP SCHEMA public CASCADE;
SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
CREATE SCHEMA public;
CREATE SCHEMA care;
ALTER DATABASE ward SET search_path = care, public;
SET search_path = care, public;

CREATE TABLE people (
    id int PRIMARY KEY, fullname text, taxid text, born date, mobile bigint, mail text, wage numeric(10, 2),
    badge uuid, tags text[], remark text
);
INSERT INTO people VALUES
    (1, 'Orsolin Vexgard', '918-07-4432', '1961-03-17', 7745550142, 'orsolin@example.com', 83417.25,
     '5b1f7a90-33c2-4e57-9d7e-0c4f1aa2b6d1', '{vexed,ochre}', 'r1'),
    (2, 'Timbrel Quondam', '927-31-0068', '1987-11-02', 7745550177, 'timbrel@example.com', 61092.50,
     'e07d55c4-8a16-4b0b-b3c9-6f2d9481be30', '{quaint,umber}', 'r2');

CREATE TABLE staff_people (rank text) INHERITS (people);
INSERT INTO staff_people VALUES
    (40, 'Hesper Langmuir', '955-12-7781', '1970-06-30', 7745550199, 'hesper@example.com', 90871.75,
     '0a6b2f13-c7de-4f8e-8e55-92b1d04c77aa', '{hushed,lapis}', 'r40', 'sister');

CREATE TABLE cards (
    id int, taxid text, tail text GENERATED ALWAYS AS (right(taxid, 7)) STORED, fee int GENERATED ALWAYS AS (5) STORED
);
INSERT INTO cards VALUES (1, '918-07-4432'), (2, '927-31-0068');

CREATE TABLE stays (person int, day date, diagnosis text, room int) PARTITION BY RANGE (day);
CREATE TABLE stays_2025 PARTITION OF stays FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE stays_2026 PARTITION OF stays FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO stays VALUES (1, '2025-05-05', 'zoonotic fever', 11), (2, '2026-06-06', 'quartan ague', 12);

-- Checked at the end of a transaction, when no statement is running any more.
ALTER TABLE people ADD UNIQUE (taxid);
CREATE TABLE claims (id int, taxid text REFERENCES people (taxid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO claims VALUES (1, '918-07-4432');

CREATE TABLE rooms (id int PRIMARY KEY, code text);
INSERT INTO rooms VALUES (11, 'east'), (12, 'west');
CREATE SEQUENCE tickets;

CREATE VIEW contacts AS SELECT id, fullname AS label FROM people;
CREATE VIEW labels AS SELECT id AS n, upper(label) AS shout FROM contacts;
CREATE MATERIALIZED VIEW directory AS SELECT id, mail AS entry FROM people;

CREATE FUNCTION wipe() RETURNS bigint LANGUAGE sql AS
    $$ WITH gone AS (DELETE FROM care.people RETURNING 1) SELECT count(*) FROM gone $$;
CREATE FUNCTION whois(int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT fullname FROM care.people WHERE id = $1 $$;
CREATE PROCEDURE wipe_all() LANGUAGE sql AS $$ DELETE FROM care.people $$;
ANALYZE people;
