"""SQLAlchemy as applications use it: each play gets an engine and returns what it read."""

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg


class Base(orm.DeclarativeBase):
    pass


class Department(Base):
    __tablename__ = "departments"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]


class Clinician(Base):
    __tablename__ = "clinicians"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    department_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("departments.id"))
    title: orm.Mapped[str]
    department: orm.Mapped[Department] = orm.relationship()


class Patient(Base):
    __tablename__ = "patients"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    mrn: orm.Mapped[str]
    name: orm.Mapped[str]
    ssn: orm.Mapped[str]
    date_of_birth = orm.mapped_column(sa.Date)
    email: orm.Mapped[str | None]
    zip: orm.Mapped[str]
    insurer: orm.Mapped[str]
    active = orm.mapped_column(sa.Boolean, server_default="true")
    attributes = orm.mapped_column(pg.JSONB, server_default="{}")
    tags = orm.mapped_column(pg.ARRAY(sa.Text), server_default="{}")
    version = orm.mapped_column(sa.Integer, nullable=False)
    visits: orm.Mapped[list["Visit"]] = orm.relationship(back_populates="patient",
                                                         order_by="Visit.id",
                                                         cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}


class Visit(Base):
    __tablename__ = "visits"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    patient_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("patients.id"))
    clinician_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("clinicians.id"))
    visited_at = orm.mapped_column(sa.DateTime(timezone=True))
    minutes: orm.Mapped[int]
    cost = orm.mapped_column(sa.Numeric(8, 2))
    status = orm.mapped_column(pg.ENUM("planned", "open", "closed", name="visit_status", create_type=False),
                               server_default="planned")
    notes: orm.Mapped[str | None]
    patient: orm.Mapped[Patient] = orm.relationship(back_populates="visits")
    clinician: orm.Mapped[Clinician] = orm.relationship()


class Room(Base):
    __tablename__ = "rooms"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    code: orm.Mapped[str]
    beds: orm.Mapped[int]


def person(**more):
    return Patient(
        **{
            "mrn": "MRN90001", "name": "New Person", "ssn": "999-01-0001", "date_of_birth": "1990-02-03",
            "zip": "01234", "insurer": "Aster", "email": "new@example.com", **more
        })


def reading(session):
    """Queries; each result is rows of plain values."""
    P, V, C, D = Patient, Visit, Clinician, Department
    latest = sa.select(V.patient_id, sa.func.max(V.visited_at).label("at")).group_by(V.patient_id).subquery()
    tree = sa.select(D.id, sa.literal(0).label("depth")).where(D.id == 1).cte("tree", recursive=True)
    tree = tree.union_all(sa.select(D.id, tree.c.depth + 1).join(tree, tree.c.id == D.id - 1))
    numbered = sa.select(V.id,
                         sa.func.row_number().over(partition_by=V.patient_id,
                                                   order_by=V.visited_at).label("n")).subquery()
    return [
        sa.select(P),
        sa.select(P).where(P.id == 3),
        sa.select(P).where(P.insurer == "Aster").order_by(P.mrn),
        sa.select(P.id, P.name, P.email).order_by(P.id),
        sa.select(P).order_by(P.id).limit(10),
        sa.select(P).order_by(P.id).limit(10).offset(20),
        sa.select(sa.func.count()).select_from(P),
        sa.select(sa.func.count(V.id)).where(V.status == "open"),
        sa.select(sa.exists().where(V.cost > 50)),
        sa.select(P.id).where(P.visits.any(V.status == "open")).order_by(P.id),
        sa.select(P.id).where(~P.visits.any()),
        sa.select(V.id).where(V.patient.has(P.insurer == "Aster")).order_by(V.id),
        sa.select(P.insurer, sa.func.count()).group_by(P.insurer).order_by(P.insurer),
        sa.select(P.insurer, sa.func.sum(V.cost)).join(V).group_by(P.insurer).having(sa.func.count() > 3).order_by(
            P.insurer),
        sa.select(V, P).join(P).order_by(V.id).limit(5),
        sa.select(V.id, P.name, C.title).join(P).join(C).order_by(V.id).limit(9),
        sa.select(C.title, D.name).join(D).order_by(C.id),
        sa.select(V.id).join(C, isouter=True).where(C.title.like("Dr%")).order_by(V.id),
        sa.select(P.id, latest.c.at).join(latest, latest.c.patient_id == P.id).order_by(P.id),
        sa.select(tree).order_by(tree.c.id),
        sa.select(numbered).where(numbered.c.n == 1).order_by(numbered.c.id),
        sa.select(P.id).where(P.id.in_([1, 2, 3])).order_by(P.id),
        sa.select(P.id).where(P.id.in_(sa.select(V.patient_id).where(V.cost > 60))).order_by(P.id),
        sa.select(P.id).where(P.mrn.ilike("mrn0000%")).order_by(P.id),
        sa.select(P.id).where(P.attributes["language"].astext == "de").order_by(P.id),
        sa.select(P.id, P.attributes["points"].as_integer()).order_by(P.id),
        sa.select(P.id).where(P.tags.contains(["t1"])).order_by(P.id),
        sa.select(P.id).where(P.tags.any("t2")).order_by(P.id),
        sa.select(P.id).where(P.active.is_(True)).order_by(P.id),
        sa.select(P.id, sa.case((P.active, "yes"), else_="no")).order_by(P.id),
        sa.select(sa.func.coalesce(P.email, "none")).order_by(P.id),
        sa.select((P.name + " " + P.mrn).label("label")).order_by(P.id),
        sa.select(sa.func.upper(P.name)).order_by(P.id),
        sa.select(sa.cast(V.cost, sa.Integer)).order_by(V.id).limit(3),
        sa.select(sa.func.date_trunc("month", V.visited_at), sa.func.count()).group_by(sa.text("1")).order_by(
            sa.text("1")),
        sa.select(sa.extract("year", V.visited_at), sa.func.avg(V.cost)).group_by(sa.text("1")).order_by(
            sa.text("1")),
        sa.select(V.id,
                  sa.func.sum(V.cost).over(order_by=V.id)).order_by(V.id),
        sa.select(sa.func.array_agg(pg.aggregate_order_by(D.name, D.id))),
        sa.union_all(sa.select(P.id, P.mrn), sa.select(D.id, D.name)).order_by(sa.text("1, 2")),
        sa.select(P.insurer).distinct().order_by(P.insurer),
        sa.select(P.mrn).distinct(P.insurer).order_by(P.insurer, P.mrn),
        sa.select(P).with_for_update().where(P.id == 1),
        sa.select(P.id).with_for_update(skip_locked=True).order_by(P.id).limit(2),
        sa.select(sa.literal(1)),
        sa.text("SELECT name FROM patients WHERE id = 2"),
        sa.select(P).options(orm.load_only(P.mrn)).where(P.id == 2),
        sa.select(P).options(orm.defer(P.name)).where(P.id == 2),
        sa.select(sa.func.percentile_cont(0.5).within_group(V.cost)),
        sa.select(sa.func.count().filter(V.status == "open")).select_from(V),
        sa.select(sa.func.json_agg(sa.func.json_build_object("id", D.id))),
        sa.select(sa.func.string_agg(D.name, pg.aggregate_order_by(sa.literal(","), D.id))),
        sa.select(sa.lateral(sa.select(V.cost).where(V.patient_id == P.id).limit(1)).alias("v")).select_from(P).join(
            sa.lateral(sa.select(V.cost).where(V.patient_id == P.id).order_by(V.id).limit(1)).alias("w"),
            sa.true()).limit(1),
    ]


def loading(session):
    """Objects with what belongs to them, each way of loading."""
    for option in (orm.selectinload(Patient.visits), orm.joinedload(Patient.visits), orm.subqueryload(
            Patient.visits), orm.selectinload(Patient.visits).joinedload(Visit.clinician).joinedload(
                Clinician.department)):
        found = session.scalars(sa.select(Patient).options(option).where(Patient.id < 4).order_by(
            Patient.id)).unique().all()
        assert [len(p.visits) for p in found] == [3, 3, 3]
        session.expunge_all()
    lazy = session.get(Patient, 2)
    assert lazy.visits and lazy.visits[0].clinician.department.name
    session.refresh(lazy)
    session.expire_all()
    assert lazy.mrn


def writing(session):
    """The unit of work: inserts with RETURNING, updates by key and version, deletes with cascades, savepoints."""
    new = person()
    new.visits.append(Visit(clinician_id=1, visited_at="2026-01-01 10:00+00", minutes=10, cost=5, notes="fine"))
    session.add(new)
    session.flush()
    assert new.id and new.active is True and new.attributes == {} and new.visits[0].status == "planned"
    new.zip, new.email = "09999", None
    session.flush()
    session.add_all([person(mrn=f"MRN9100{n}") for n in range(5)])
    session.flush()
    with session.begin_nested():
        session.add(Room(id=70, code="S1", beds=1))
    nested = session.begin_nested()
    session.add(Room(id=71, code="S2", beds=1))
    session.flush()
    nested.rollback()
    session.execute(sa.insert(Room), [{"id": 80 + n, "code": f"B{n}", "beds": n} for n in range(20)])
    kept = session.scalars(
        sa.insert(Room).returning(Room.id), [{"id": 110 + n, "code": f"D{n}", "beds": n} for n in range(3)]).all()
    assert sorted(kept) == [110, 111, 112]
    session.execute(sa.update(Room).where(Room.beds > 3).values(beds=Room.beds + 1))
    session.execute(sa.update(Patient).where(Patient.id == 5).values(name="Renamed", email="x@example.com"))
    session.execute(sa.update(Room), [{"id": 80, "beds": 7}, {"id": 81, "beds": 8}])
    upsert = pg.insert(Room).values(id=1, code="R1", beds=9)
    session.execute(upsert.on_conflict_do_update(index_elements=[Room.id], set_={"beds": upsert.excluded.beds}))
    session.execute(pg.insert(Room).values(id=1, code="R1", beds=9).on_conflict_do_nothing())
    session.execute(sa.delete(Room).where(Room.id >= 80))
    assert session.scalars(sa.update(Visit).where(Visit.id == 7).values(status="closed").returning(Visit.cost)).one()
    session.delete(session.get(Patient, new.id))
    session.flush()
    session.delete(session.get(Patient, 12))
    session.flush()


def reflecting(engine):
    """Migrations and admin tools: the catalogue by way of the inspector."""
    inspector = sa.inspect(engine)
    found = []
    for table in sorted(inspector.get_table_names()):
        found.append(
            (table, [str(c["type"]) for c in inspector.get_columns(table)], inspector.get_pk_constraint(table),
             inspector.get_foreign_keys(table), inspector.get_indexes(table), inspector.get_unique_constraints(table),
             inspector.get_check_constraints(table), inspector.get_table_comment(table)))
    found += [
        inspector.get_view_names(),
        inspector.get_schema_names(),
        inspector.get_sequence_names(),
        inspector.get_enums(),
        inspector.get_view_definition("patient_list"),
        inspector.get_materialized_view_names(),
        inspector.has_table("patients")
    ]
    metadata = sa.MetaData()
    metadata.reflect(engine, views=True)
    return [*map(str, found), *sorted(metadata.tables)]


def migrating(engine):
    """What a migration tool emits."""
    metadata = sa.MetaData()
    table = sa.Table("feedback", metadata, sa.Column("id", sa.Integer, primary_key=True),
                     sa.Column("score", sa.Integer, nullable=False, index=True),
                     sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
                     sa.Column("labels", pg.ARRAY(sa.Text)))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"score": 1}, {"score": 2}])
        connection.exec_driver_sql("ALTER TABLE feedback ADD COLUMN remark text")
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc"
            " PRIMARY KEY (version_num))"
        )
        connection.exec_driver_sql(
            "INSERT INTO alembic_version (version_num) VALUES ('ae1027a6acf') RETURNING version_num")
        connection.exec_driver_sql(
            "UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'ae1027a6acf'")
        connection.exec_driver_sql("DROP TABLE alembic_version")
    metadata.drop_all(engine)
