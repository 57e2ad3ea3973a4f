-- A synthetic clinic: 10,000 patients with their visits and prescriptions, the same on every run.
--
-- Nobody in it is or was real: names are put together from syllables, social security numbers lie in the area 900-999
-- with a group below 50, which was never issued to anyone, phone numbers in 555-0100 to 555-0199, which is kept for
-- fiction, and addresses of mail under example.com.

SET client_min_messages = warning;

CREATE TABLE departments (
    id int PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE clinicians (
    id int PRIMARY KEY,
    department_id int NOT NULL REFERENCES departments,
    title text NOT NULL
);

CREATE TABLE patients (
    id int PRIMARY KEY,
    mrn text NOT NULL UNIQUE,
    name text NOT NULL,
    ssn text NOT NULL,
    date_of_birth date NOT NULL,
    phone text,
    email text,
    zip text NOT NULL,
    insurer text NOT NULL,
    registered_at timestamptz NOT NULL
);
COMMENT ON TABLE patients IS 'Synthetic: no real person';

CREATE TABLE visits (
    id int PRIMARY KEY,
    patient_id int NOT NULL REFERENCES patients,
    clinician_id int NOT NULL REFERENCES clinicians,
    visited_at timestamptz NOT NULL,
    minutes int NOT NULL,
    cost numeric(8, 2) NOT NULL,
    notes text
);

CREATE TABLE prescriptions (
    id int PRIMARY KEY,
    visit_id int NOT NULL REFERENCES visits,
    drug text NOT NULL,
    dose_mg int NOT NULL,
    days int NOT NULL
);

CREATE TABLE schema_migrations (
    version text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO departments
SELECT ordinality, name
FROM unnest(ARRAY['Cardiology', 'Dermatology', 'Family medicine', 'Neurology', 'Orthopaedics', 'Paediatrics'])
    WITH ORDINALITY AS list(name, ordinality);

INSERT INTO clinicians
SELECT n, 1 + n % 6, (ARRAY['physician', 'nurse practitioner', 'resident'])[1 + n % 3]
FROM generate_series(1, 40) AS n;

WITH syllables AS (
    SELECT ARRAY['Be', 'Ca', 'Do', 'Fe', 'Ga', 'Hi', 'Jo', 'Ka', 'Le', 'Mo', 'Ne', 'Pa', 'Ri', 'So', 'Tu', 'Vi'] AS heads,
           ARRAY['bran', 'dell', 'fin', 'gard', 'lin', 'mond', 'nor', 'quist', 'ran', 'sten', 'tan', 'ver', 'win'] AS tails
), numbers AS (
    -- Steps prime to each list's length, so that neighbours in id are not neighbours in anything else.
    SELECT n, n * 7 % 16 AS a, n * 5 % 13 AS b, n * 7 / 16 % 16 AS c, n * 5 / 13 % 13 AS d
    FROM generate_series(1, 10000) AS n
), named AS (
    SELECT n, heads[1 + a] || tails[1 + b] AS first, heads[1 + c] || tails[1 + (b + d) % 13] || 'son' AS last
    FROM numbers, syllables
)
INSERT INTO patients
SELECT
    n,
    'MRN-' || lpad((n::bigint * 48271 % 999983)::text, 6, '0'),
    first || ' ' || last,
    format('%s-%s-%s', 900 + n * 37 % 100, lpad((1 + n * 13 % 49)::text, 2, '0'), lpad((n * 7919 % 10000)::text, 4, '0')),
    date '1930-02-11' + n * 6151 % 33000,
    format('+1-%s-555-01%s', 201 + n * 17 % 700, lpad((n * 29 % 100)::text, 2, '0')),
    lower(first || '.' || last || n) || '@example.com',
    lpad((n * 613 % 99000 + 501)::text, 5, '0'),
    (ARRAY['Public', 'Mutual', 'Self-pay', 'Veterans'])[1 + n % 4],
    timestamptz '2024-01-01 08:00:00+00' + make_interval(mins => n * 101)
FROM named;

INSERT INTO visits
SELECT
    n, 1 + n * 3571 % 10000, 1 + n * 7 % 40,
    timestamptz '2026-01-05 08:00:00+00' + make_interval(mins => n * 11),
    10 + n * 13 % 50, 40 + (n * 977 % 40000) / 100.0,
    'Seen for ' || (ARRAY['a cough', 'knee pain', 'a rash', 'migraine', 'a check-up'])[1 + n % 5] || '; patient '
        || (SELECT name FROM patients WHERE id = 1 + n * 3571 % 10000) || ' to return in ' || 1 + n % 8 || ' weeks'
FROM generate_series(1, 25000) AS n;

INSERT INTO prescriptions
SELECT n, 1 + n * 1571 % 25000, (ARRAY['amoxicillin', 'ibuprofen', 'lisinopril', 'metformin', 'sertraline'])[1 + n % 5],
       5 * (1 + n * 7 % 100), 5 + n % 25
FROM generate_series(1, 15000) AS n;

INSERT INTO schema_migrations VALUES ('2026-11-01-clinic', '2026-11-01 02:00:00+00');

CREATE INDEX ON visits (patient_id);
CREATE INDEX ON prescriptions (visit_id);

CREATE VIEW patient_directory AS SELECT id, name, phone FROM patients;
CREATE VIEW department_load AS
SELECT d.name AS department, date_trunc('month', v.visited_at AT TIME ZONE 'UTC')::date AS month, count(*) AS visits
FROM visits v JOIN clinicians c ON c.id = v.clinician_id JOIN departments d ON d.id = c.department_id
GROUP BY 1, 2;

ANALYZE;
