"""What another session changes while a play runs, and how it is undone."""

#: The change, what takes it back, and the statements that are about it.
CHANGES = [
    ("CREATE VIEW open.peek AS SELECT id, name AS n, note FROM care.person", "DROP VIEW IF EXISTS open.peek CASCADE",
     [
         "SELECT * FROM peek", "SELECT n || '!' FROM peek", "SELECT id FROM peek WHERE n LIKE 'Z%'",
         "COPY (SELECT n FROM peek) TO STDOUT"
     ]),
    ("CREATE TABLE open.loot (x int) INHERITS (care.person)", "DROP TABLE IF EXISTS open.loot", [
        "SELECT name, ssn FROM loot", "SELECT * FROM person"
    ]),
    ("CREATE VIEW open.person AS SELECT id, ssn AS note, note AS name FROM care.person",
     "DROP VIEW IF EXISTS open.person CASCADE", [
         "SET search_path = open, care", "SELECT note FROM person", "SELECT name, note FROM person ORDER BY id",
         "RESET search_path"
     ]),
    ("CREATE MATERIALIZED VIEW open.frozen AS SELECT ssn, id FROM care.person",
     "DROP MATERIALIZED VIEW IF EXISTS open.frozen", [
         "SELECT * FROM frozen", "SELECT id FROM frozen WHERE ssn > 'Z'"
     ]),
    ("ALTER TABLE care.person ADD COLUMN extra text DEFAULT 'e'",
     "ALTER TABLE care.person DROP COLUMN IF EXISTS extra", [
         "SELECT extra, name FROM person", "SELECT person FROM person"
     ]),
    ("ALTER VIEW care.contact RENAME COLUMN note TO n2", "ALTER VIEW care.contact RENAME COLUMN n2 TO note", [
        "SELECT * FROM contact", "SELECT n2, label FROM contact"
    ]),
    ("CREATE OR REPLACE VIEW open.stock AS SELECT ssn AS room, name, 1 AS qty FROM care.person",
     "CREATE OR REPLACE VIEW open.stock AS SELECT r.name AS room, i.name, i.qty FROM open.item i JOIN open.room r"
     " ON r.id = i.room",
     ["SELECT * FROM stock", "SELECT room FROM stock", "SELECT qty FROM stock WHERE room LIKE 'Z%'"]),
    ("CREATE FUNCTION open.upper(text) RETURNS text LANGUAGE sql AS 'SELECT min(name) FROM care.person'",
     "DROP FUNCTION IF EXISTS open.upper(text)", [
         "SET search_path = open, care, pg_catalog", "SELECT upper('x')", "SELECT upper(note) FROM person",
         "RESET search_path"
     ]),
    ("CREATE FUNCTION open.any_name() RETURNS text LANGUAGE sql AS 'SELECT min(name) FROM care.person'",
     "DROP FUNCTION IF EXISTS open.any_name()", [
         "SELECT any_name()", "SELECT open.any_name() FROM room", "COPY (SELECT any_name()) TO STDOUT"
     ]),
    ("CREATE RULE telling AS ON UPDATE TO open.room DO ALSO SELECT name FROM care.person",
     "DROP RULE IF EXISTS telling ON open.room", [
         "BEGIN", "UPDATE room SET beds = beds WHERE id = 1", "ROLLBACK"
     ]),
]
