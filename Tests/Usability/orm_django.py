"""Django as applications use it, models without migrations of their own over the clinic's tables."""

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField")
    django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.db.models import (  # noqa: E402
    Avg, Case, Count, Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Sum, Value, When, Window)
from django.db.models.functions import (  # noqa: E402
    Coalesce, Concat, ExtractYear, Length, Lower, RowNumber, TruncMonth, Upper)


class Department(models.Model):
    name = models.TextField(unique=True)

    class Meta:
        app_label, db_table, managed = "clinic", "departments", False


class Clinician(models.Model):
    department = models.ForeignKey(Department, models.CASCADE)
    title = models.TextField()
    salary = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    class Meta:
        app_label, db_table, managed = "clinic", "clinicians", False


class Patient(models.Model):
    mrn = models.TextField(unique=True)
    name = models.TextField()
    ssn = models.TextField()
    date_of_birth = models.DateField()
    email = models.TextField(null=True)
    zip = models.TextField()
    insurer = models.TextField()
    active = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict)
    tags = ArrayField(models.TextField(), default=list)
    version = models.IntegerField(default=0)
    registered_at = models.DateTimeField(default="2024-01-01T00:00Z")

    class Meta:
        app_label, db_table, managed = "clinic", "patients", False


class Visit(models.Model):
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="visits")
    clinician = models.ForeignKey(Clinician, models.CASCADE)
    visited_at = models.DateTimeField()
    minutes = models.IntegerField()
    cost = models.DecimalField(max_digits=8, decimal_places=2)
    status = models.TextField(default="planned")
    notes = models.TextField(null=True)
    version = models.IntegerField(default=0)

    class Meta:
        app_label, db_table, managed = "clinic", "visits", False


class Room(models.Model):
    id = models.IntegerField(primary_key=True)
    code = models.TextField()
    beds = models.IntegerField()

    class Meta:
        app_label, db_table, managed = "clinic", "rooms", False


def reading():
    """Query sets, to be evaluated one by one."""
    P, V, C, D = Patient.objects, Visit.objects, Clinician.objects, Department.objects
    return [
        lambda: list(P.order_by("id").values()),
        lambda: list(P.filter(insurer="Aster").order_by("mrn").values("id", "name")), lambda: P.values().get(pk=3),
        lambda: P.count(), lambda: P.filter(pk=1).exists(),
        lambda: list(P.order_by("-registered_at").values("mrn")[:5]),
        lambda: list(P.order_by("id").values("id", "name", "ssn")[10:20]),
        lambda: P.order_by("id").values("mrn").first(), lambda: P.order_by("id").values("mrn").last(),
        lambda: list(P.exclude(active=True).order_by("id").values_list("id")),
        lambda: list(P.filter(Q(zip="01001") | Q(zip="01002")).order_by("id").values_list("id")),
        lambda: list(P.filter(mrn__icontains="0001").order_by("id").values_list("id")),
        lambda: list(P.filter(id__in=[1, 2]).order_by("id").values_list("mrn")),
        lambda: list(P.filter(attributes__language="de").order_by("id").values_list("id")),
        lambda: list(P.filter(tags__contains=["t1"]).order_by("id").values_list("id")),
        lambda: list(P.values("insurer").annotate(n=Count("id")).order_by("insurer")),
        lambda: V.aggregate(Sum("cost"), Avg("minutes"), Max("visited_at")),
        lambda: list(P.annotate(n=Count("visits")).order_by("id").values("id", "name", "n")),
        lambda: list(P.annotate(n=Count("visits")).filter(n__gt=2).order_by("id").values("id")),
        lambda: list(P.annotate(n=Count("visits")).order_by("id")[:5].values("n")),
        lambda: [(p.id, p.n) for p in P.annotate(n=Count("visits")).order_by("id")],
        lambda: [(p.mrn, p.name) for p in P.order_by("id")[:5]], lambda: list(
            V.select_related("patient", "clinician__department").order_by("id").values(
                "id", "patient__name", "clinician__department__name")[:9]),
        lambda: [(v.id, v.patient.mrn, v.clinician.title)
                 for v in V.select_related("patient", "clinician").order_by("id")[:5]],
        lambda: [(p.id, [v.id for v in p.visits.all()]) for p in P.prefetch_related("visits").order_by("id")[:3]],
        lambda: [(p.id, len(p.open)) for p in P.prefetch_related(
            Prefetch("visits", V.filter(status="open"), to_attr="open")).order_by("id")[:3]],
        lambda: list(P.filter(visits__status="open").distinct().order_by("id").values_list("id")), lambda: list(
            P.filter(Exists(V.filter(patient=OuterRef("pk"), cost__gt=60))).order_by("id").values_list("id")),
        lambda: list(
            P.annotate(latest=Subquery(
                V.filter(patient=OuterRef("pk")).order_by("-visited_at").values("visited_at")[:1])).order_by("id").
            values("id", "latest")),
        lambda: list(V.annotate(m=TruncMonth("visited_at")).values("m").annotate(n=Count("id")).order_by("m")),
        lambda: list(V.annotate(y=ExtractYear("visited_at")).values("y").annotate(s=Sum("cost")).order_by("y")),
        lambda: list(
            V.annotate(n=Window(RowNumber(), partition_by=[F("patient_id")], order_by=F("visited_at").asc())).
            order_by("id").values("id", "n")), lambda: list(
                V.annotate(kind=Case(When(minutes__lt=20, then=Value("short")), default=Value("long"))).values("kind")
                .annotate(n=Count("id")).order_by("kind")),
        lambda: list(P.annotate(label=Concat("name", Value(" "), "mrn")).order_by("id").values("id", "label")),
        lambda: list(P.annotate(u=Upper("name")).order_by("id").values("u")),
        lambda: list(P.annotate(c=Coalesce("email", Value("none"))).order_by("id").values("c")),
        lambda: list(D.annotate(k=Length("name"), w=Lower("name")).order_by("id").values("k", "w")),
        lambda: list(P.only("mrn").order_by("id")[:2].values("mrn")),
        lambda: [p.mrn for p in P.defer("name").order_by("id")[:2]], lambda: list(P.dates("registered_at", "month")),
        lambda: list(D.values_list("name").union(P.values_list("insurer")).order_by("name")),
        lambda: list(P.order_by("insurer", "mrn").distinct("insurer").values("mrn")),
        lambda: [list(page.object_list) for page in Paginator(P.order_by("id").values("id", "name"), 15)],
        lambda: list(C.filter(visit__status="open").distinct().order_by("id").values("title")),
        lambda: list(V.filter(visited_at__year=2024, visited_at__month=7).order_by("id").values("id")),
        lambda: list(V.filter(cost__gte=F("minutes")).order_by("id").values("id")), lambda: P.in_bulk([1, 2])[1].mrn,
        lambda: list(
            V.filter(patient__insurer="Aster").values("clinician__title").annotate(t=Sum("cost")).order_by(
                "clinician__title")), lambda: list(V.order_by("id").iterator(chunk_size=50))[0].minutes,
        lambda: P.filter(visits__isnull=True).count(), lambda: V.filter(notes__isnull=False).none().count(),
        lambda: list(Patient.objects.raw("SELECT id, mrn FROM patients WHERE id = %s", [3]))[0].mrn,
        lambda: V.values("status").distinct().count(), lambda: V.aggregate(open=Count("id", filter=Q(status="open"))),
        lambda: P.filter(pk=2).explain() is not None,
    ]


def writing():
    """Creates, saves, bulk work, upserts, deletes with what hangs on them, locks and savepoints; all taken back."""
    with transaction.atomic():
        new = Patient.objects.create(mrn="MRN80001",
                                     name="New Person",
                                     ssn="999-01-0001",
                                     date_of_birth="1990-02-03",
                                     zip="01234",
                                     insurer="Aster")
        new.zip = "04321"
        new.save()
        new.save(update_fields=["email"])
        new.visits.create(clinician_id=1, visited_at="2026-01-01T10:00Z", minutes=5, cost=3)
        Patient.objects.bulk_create([
            Patient(mrn=f"MRN8100{n}",
                    name="New Person",
                    ssn="999-01-0002",
                    date_of_birth="1990-02-03",
                    zip="0",
                    insurer="A") for n in range(5)
        ])
        Room.objects.bulk_create([Room(id=200 + n, code=f"Z{n}", beds=1) for n in range(10)], ignore_conflicts=True)
        Room.objects.bulk_create([Room(id=1, code="R1", beds=5)],
                                 update_conflicts=True,
                                 unique_fields=["id"],
                                 update_fields=["beds"])
        rooms = list(Room.objects.filter(id__gte=200))
        for room in rooms:
            room.beds += 1
        Room.objects.bulk_update(rooms, ["beds"])
        Room.objects.update_or_create(id=300, defaults={"code": "U", "beds": 2})
        Room.objects.get_or_create(id=301, defaults={"code": "V", "beds": 2})
        Patient.objects.filter(pk=5).update(email=None, version=F("version") + 1)
        Visit.objects.filter(status="planned").update(status="open")
        assert Patient.objects.select_for_update().get(pk=1).mrn
        try:
            with transaction.atomic():
                Room.objects.create(id=1, code="again", beds=1)
        except django.db.IntegrityError:
            pass
        with transaction.atomic():
            Room.objects.filter(id=301).delete()
        new.delete()
        Patient.objects.filter(pk=11).delete()
        Visit.objects.filter(pk__in=[1, 2]).exists()
        transaction.set_rollback(True)
