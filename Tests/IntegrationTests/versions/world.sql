-- One object of every kind that all versions know, some of them over the governed table `patients`.
SET client_min_messages = warning;

CREATE VIEW directory AS SELECT id, ssn AS number, upper(name) AS who FROM patients;
CREATE VIEW directory_again AS SELECT d.number, v.cost FROM directory d JOIN visits v ON v.patient_id = d.id;
CREATE MATERIALIZED VIEW snapshot AS SELECT id, name, ssn FROM patients WHERE id <= 10;
CREATE TABLE former_patients (reason text) INHERITS (patients);
INSERT INTO former_patients
    SELECT id + 1000000, mrn || 'f', name, ssn, date_of_birth, phone, email, zip, insurer, registered_at, ssn
    FROM patients WHERE id <= 3;

CREATE TABLE events (id int, kind text) PARTITION BY RANGE (id);
CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events VALUES (1, 'in'), (200, 'out');

CREATE TABLE stored (id int PRIMARY KEY, ssn text, tail text GENERATED ALWAYS AS (right(ssn, 4)) STORED);
INSERT INTO stored VALUES (1, '900-12-3456');
CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY, note text COLLATE "C" DEFAULT 'x' CHECK (note <> ''));

CREATE DOMAIN score AS int CHECK (VALUE > 0);
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE CAST (pair AS text) WITH INOUT;

CREATE FUNCTION added(a int, b int DEFAULT 2, OUT c int) LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE PROCEDURE note_down(a int) LANGUAGE sql AS 'INSERT INTO numbered (note) VALUES (a::text)';
CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
CREATE FUNCTION lowered(text) RETURNS text LANGUAGE sql AS 'SELECT lower($1)';
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);

CREATE SCHEMA other;
CREATE TABLE other.things (id serial PRIMARY KEY, label text UNIQUE, score score, mood mood, pair pair, span span);
CREATE INDEX ON other.things (lower(label));
CREATE STATISTICS other.labels ON id, label FROM other.things;
CREATE PUBLICATION things FOR TABLE other.things;
CREATE EXTENSION pgcrypto;
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.secret.example', dbname 'clinic');
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'app', password 'hunter2-secret');
CREATE FOREIGN TABLE far (id int) SERVER elsewhere OPTIONS (table_name 'far');
