"""psql and pg_dump through the gateway say what they say around it."""

#: psql's own commands; none of them shows a row of a table.
COMMANDS = [
    r"\d", r"\d patients", r"\d+ patients", r"\d visits", r"\d+ visits", r"\d patients_insurer", r"\d+ patient_list",
    r"\d measurements", r"\d+ measurements", r"\d measurements_2024", r"\d+ monthly", r"\d hibernate_sequence",
    r"\d invoices", r"\dt", r"\dt+", r"\dt pat*", r"\dt public.*", r"\di", r"\di+", r"\dv", r"\dv+", r"\dm", r"\dm+",
    r"\ds", r"\ds+", r"\dE", r"\df", r"\df+", r"\df touch", r"\dft", r"\da", r"\dn", r"\dn+", r"\du", r"\du+", r"\dg",
    r"\l", r"\db", r"\dT", r"\dT+", r"\dT visit_status", r"\dD", r"\dD+", r"\dC", r"\dc", r"\dd", r"\ddp", r"\dp",
    r"\dp patients", r"\z", r"\dx", r"\dx+", r"\dy", r"\dO", r"\do", r"\do+ ||", r"\dL", r"\dF", r"\dFd", r"\dFp",
    r"\dFt", r"\dA", r"\dAc", r"\dAf", r"\dAo", r"\dAp", r"\dP", r"\dP+", r"\dRp", r"\dX", r"\dl", r"\des", r"\dew",
    r"\deu", r"\det", r"\drds", r"\sf touch", r"\sf+ touch", r"\sv patient_list", r"\sv+ visit_costs",
    r"\conninfo \echo x", r"\encoding", r"\dconfig work_mem", r"\dS pg_class", r"\dtS pg_catalog.pg_am",
    r"\ef touch" + "\n" + r"\r", r"\timing off", r"\lo_list",
]

DUMPS = [["--schema-only"], ["--schema-only", "--no-owner", "--no-privileges"], ["--schema-only", "--table=patients"],
         ["--section=pre-data"], ["--section=post-data"], ["--schema-only", "--schema=public"],
         ["--schema-only", "--exclude-table=patients"], ["--data-only", "--table=rooms"],
         ["--data-only", "--inserts", "--table=prescriptions"], ["--table=departments"], ]


def command(endpoint, text):
    """What psql answers, and its errors."""
    done = endpoint.psql("-q",
                         "-v",
                         "HISTFILE=/dev/null",
                         stdin=text + "\n",
                         merged=True,
                         EDITOR="true",
                         PSQL_EDITOR="true")
    return "\n".join(line for line in done.stdout.splitlines() if "connected to database" not in line)


def dump(endpoint, options):
    """A dump without the line that names the moment, and its errors."""
    done = endpoint.run(["pg_dump", *options], merged=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))
