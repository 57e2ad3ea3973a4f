-- The governed table that no suite touches: in every database made from template1.
CREATE SCHEMA weir_unrelated;
CREATE TABLE weir_unrelated.patients (
    id int PRIMARY KEY, name text NOT NULL, ssn text NOT NULL, mrn text NOT NULL, date_of_birth date, phone text,
    email text, notes text);
INSERT INTO weir_unrelated.patients VALUES
    (1, 'Synthetic One', '900-00-0001', 'M-0001', '1970-01-01', '+1 555 0100', 'one@example.org', 'none'),
    (2, 'Synthetic Two', '900-00-0002', 'M-0002', '1980-02-02', '+1 555 0101', 'two@example.org', 'none'),
    (3, 'Synthetic Three', '900-00-0003', 'M-0003', NULL, NULL, NULL, NULL);
ANALYZE weir_unrelated.patients;
