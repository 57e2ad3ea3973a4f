-- What the fuzzer's statements are about. Rows are dealt anew for every round; see dealing.py.
CREATE SCHEMA care;
CREATE SCHEMA open;
ALTER DATABASE ward SET search_path = care, open, public;
SET search_path = care, open, public;

CREATE TYPE open.pair AS (a int, b text);
CREATE TYPE open.tone AS ENUM ('low', 'mid', 'high');
CREATE DOMAIN open.short AS text CHECK (length(value) < 40);

CREATE TABLE person (
    id int PRIMARY KEY, grp int, note text, at date, qty numeric(8, 2), meta jsonb, labels text[],
    name text, ssn text, born date, phone bigint, pay numeric(12, 2), key uuid, tags text[], nums int[], doc jsonb,
    form json, raw bytea, seen timestamptz, score float8, rank int, flag boolean, addr inet, span interval,
    band int4range, code varchar(12), letter char(3), small smallint, clock time, stamp timestamp,
    hidden text, mood int, pin text, pad text, CHECK (qty < 1000)
) WITH (toast_tuple_target = 8160);
ALTER TABLE person ALTER pad SET STORAGE PLAIN;
CREATE TABLE draft (LIKE person);
CREATE INDEX ON person (grp);
CREATE TABLE staff (ward text) INHERITS (person) WITH (toast_tuple_target = 8160);
CREATE TABLE visit (id int, person int, day date, diagnosis text, room int, cost numeric(8, 2)) PARTITION BY RANGE (day);
CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE visit_2026 PARTITION OF visit DEFAULT;
CREATE TABLE card (id int, ssn text, fee int, tail text GENERATED ALWAYS AS (right(ssn, 4)) STORED);
-- Under actions that show something: pseudonyms, parts, years.
CREATE TABLE client (
    id int PRIMARY KEY, grp int, note text, code text, token text, tail text, zip text, birth date, age int, came date,
    left_at timestamp, number bigint, serial uuid, scan bytea, line bigint
);

CREATE TABLE open.room (id int PRIMARY KEY, name text, beds int, tags text[]);
CREATE TABLE open.item (
    id serial PRIMARY KEY, name text NOT NULL, qty int, price numeric(8, 2), at timestamptz, doc jsonb,
    room int REFERENCES open.room
);
CREATE TABLE open.log (id int GENERATED ALWAYS AS IDENTITY, line open.short, tone open.tone, what open.pair);
CREATE TABLE open.part (id int, name text) PARTITION BY LIST (id);
CREATE TABLE open.part_1 PARTITION OF open.part FOR VALUES IN (1, 2);
CREATE TABLE open.part_2 PARTITION OF open.part DEFAULT;

CREATE VIEW contact AS SELECT id, grp, name AS label, note FROM person;
CREATE VIEW shout AS SELECT id AS n, upper(label) AS loud, note FROM contact;
CREATE VIEW open.stock AS SELECT r.name AS room, i.name, i.qty FROM open.item i JOIN open.room r ON r.id = i.room;
CREATE VIEW tall AS SELECT id, note FROM person WHERE rank > 100;
CREATE VIEW both_kinds AS SELECT id, note, name FROM person UNION ALL SELECT id, name, NULL FROM open.room;
CREATE VIEW chain WITH (security_barrier) AS
    WITH RECURSIVE up(id, name, n) AS (
        SELECT id, name, 1 FROM person WHERE id = 1 UNION ALL
        SELECT p.id, p.name, n + 1 FROM up JOIN person p ON p.id = up.id + 1
    ) SELECT id, name AS label, n FROM up;
CREATE VIEW folded AS
    SELECT p.id, p.note, (SELECT v.diagnosis FROM visit v WHERE v.person = p.id) AS sick, p.labels FROM person p;
CREATE MATERIALIZED VIEW roster AS SELECT id, name AS entry, note FROM person;
CREATE VIEW listed AS SELECT id, entry || '' AS line FROM roster;
CREATE SEQUENCE open.ticket;

-- Code of the database's users: some of it reads what is governed.
CREATE FUNCTION open.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION open.same(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION care.name_of(int) RETURNS text LANGUAGE sql STABLE AS 'SELECT name FROM care.person WHERE id = $1';
CREATE FUNCTION care.everybody() RETURNS SETOF care.person LANGUAGE sql STABLE AS 'SELECT * FROM care.person';
CREATE PROCEDURE open.tidy() LANGUAGE plpgsql AS 'BEGIN UPDATE open.room SET beds = beds + 0; END';
CREATE PROCEDURE care.tell() LANGUAGE plpgsql
    AS $$ BEGIN RAISE NOTICE 'n %', (SELECT string_agg(name, ',') FROM care.person); END $$;
CREATE FUNCTION open.noted() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.name = NEW.name || (SELECT coalesce(min(name), '') FROM care.person); RETURN NEW; END $$;
CREATE AGGREGATE open.gathered(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE OPERATOR open.=~ (FUNCTION = open.same, RIGHTARG = text);

-- What a server makes when a session first has temporary tables: else it would depend on the sessions' timing which
-- identifiers are next.
SET allow_system_table_mods = on;
DO $$ BEGIN
    FOR n IN 1..64 LOOP
        EXECUTE format('CREATE SCHEMA pg_temp_%s', n);
        EXECUTE format('CREATE SCHEMA pg_toast_temp_%s', n);
    END LOOP;
END $$;
