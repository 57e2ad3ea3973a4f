"""What the database's own code says, as triggers do whatever the statement shows."""

import pytest
from wire import Wire, error, fields, query

TRIGGER = """
CREATE TABLE orders (id int PRIMARY KEY, patient int REFERENCES orders DEFERRABLE, amount int CHECK (amount >= 0));
GRANT ALL ON orders TO PUBLIC;
CREATE FUNCTION checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE who text := (SELECT name FROM patients WHERE id = 1);
BEGIN
    RAISE NOTICE 'for %', who USING DETAIL = who, HINT = who;
    IF NEW.amount = 13 THEN
        RAISE EXCEPTION USING MESSAGE = who, ERRCODE = '23505', TABLE = who, CONSTRAINT = who, SCHEMA = who;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION checked()"""
NAME = b"Kamond Bemondson"


@pytest.fixture(scope="module")
def orders(superuser):
    superuser.script(TRIGGER)
    yield
    superuser.script("DROP TABLE orders; DROP FUNCTION checked")


def reports(answer):
    return [fields(body) for kind, body in answer if kind in (b"E", b"N")]


def test_a_trigger_tells_nothing_in_what_it_raises(gateway, superuser, orders):
    with Wire(superuser) as session:
        answer = session.ask(query("INSERT INTO orders VALUES (1, NULL, 13)"))
        assert NAME in b"".join(body for _, body in answer), "the trigger tells it"
    with Wire(gateway) as session:
        answer = session.ask(query("INSERT INTO orders VALUES (1, NULL, 13)"))
        assert NAME not in b"".join(body for _, body in answer)
        notice, failure = reports(answer)
        assert notice == {"S": "NOTICE", "V": "NOTICE", "C": "00000",
                          "M": "message withheld: it is by code of the database's own"}
        assert failure == {"S": "ERROR", "V": "ERROR", "C": "23505",
                           "M": "message withheld: it is by code of the database's own"}


def test_what_the_server_itself_says_of_a_row_is_told(gateway, orders):
    with Wire(gateway) as session:
        session.ask(query("INSERT INTO orders VALUES (1, NULL, 1)"))
        failure = reports(session.ask(query("INSERT INTO orders VALUES (1, NULL, 1)")))[-1]
        assert failure["M"] == 'duplicate key value violates unique constraint "orders_pkey"'
        assert failure["D"] == "Key (id)=(1) already exists."
        failure = reports(session.ask(query("INSERT INTO orders VALUES (2, 7, 1)")))[-1]
        assert failure["D"] == 'Key (patient)=(7) is not present in table "orders".'
        session.ask(query("DELETE FROM orders"))
        assert error(session.ask(query("SELECT 1/0"))) == "22012"
