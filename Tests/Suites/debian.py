"""What suites take from Debian: packages, and the tests in source packages."""

import pathlib
import re
import shutil
import subprocess

from stage.postgresql import installation
from stage.process import ROOT, Failure


def run(command, **more):
    """The output of a command; raises with what it said when it fails."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", **more)
    if done.returncode != 0:
        raise Failure(f"{' '.join(str(part) for part in command)}\n{done.stdout}")
    return done.stdout


def install(*packages):
    """Installs Debian packages that are missing."""
    run([ROOT / "Scripts" / "deps", *packages])


def server_version():
    """Major version of the newest installed server, as its packages call it."""
    return installation().programs.parent.name


def config(name):
    """What the server's pg_config says."""
    return run([installation().programs / "pg_config", f"--{name}"]).strip()


def source(package, version_of, work):
    """The unpacked source of a package and its version, kept under `work`.

    The version is that of the installed package `version_of` if the archive has it, else the newest. The system's own
    lists of sources stay as they are: the same archives are asked with a list of our own.
    """
    folder = work / package
    kept = sorted(folder.glob("*/.complete"))
    if kept:
        return kept[0].parent / "source", kept[0].parent.name
    install("dpkg-dev")
    options = list_of_sources(folder / "apt")
    run(["apt-get", *options, "-qq", "update"])
    wanted = [run(["dpkg-query", "-W", "-f=${source:Version}", version_of])] if version_of else []
    known = re.findall(r"(?m)^Version: (\S+)$", run(["apt-cache", *options, "showsrc", "--only-source", package]))
    refusals = []
    for version in [*wanted, *sorted(set(known) - set(wanted), reverse=True)]:
        target = folder / version
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        try:
            run(["apt-get", *options, "source", "--only-source", f"{package}={version}"], cwd=target)
        except Failure as failure:
            refusals.append(str(failure))
            shutil.rmtree(target)
            continue
        next(path for path in target.iterdir() if path.is_dir()).rename(target / "source")
        (target / ".complete").touch()
        return target / "source", version
    raise Failure(f"no source of {package} could be fetched:\n" + "\n".join(refusals))


def list_of_sources(folder):
    """Options that make apt ask the configured Debian archives for source packages, with all its state in `folder`."""
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    archives = run([
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages",
        "Origin: Debian"])
    lines = sorted({f"deb-src {line}" for line in archives.splitlines()})
    if not lines:
        raise Failure("apt has no Debian archive in its lists: run `apt-get update`")
    sources = folder / "sources.list"
    sources.write_text("\n".join(lines) + "\n")
    settings = {
        "Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "-", "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache", "APT::Sandbox::User": "root",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def postgresql_source(work):
    """PostgreSQL's source for the installed server, and its version."""
    major = server_version()
    install(f"postgresql-server-dev-{major}", "gcc", "libc6-dev")
    return source(f"postgresql-{major}", f"postgresql-{major}", work)


def client_programs(version, work):
    """The folder of client programs of the version of the tests, whose output is what their psql prints."""
    package = f"postgresql-client-{server_version()}"
    if run(["dpkg-query", "-W", "-f=${source:Version}", package]) == version:
        return installation().programs
    folder = work / package / version
    if not (folder / ".complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run(["apt-get", "-o", "APT::Sandbox::User=root", "download", f"{package}={version}"], cwd=folder)
        run(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder])
        (folder / ".complete").touch()
    return folder / installation().programs.relative_to("/")


def compile_module(file, target: pathlib.Path):
    """Builds a C file into a module the server can load."""
    if not target.exists():
        # The tests expect the notices of contrib/spi that the installed modules do without.
        options = ["-O2", "-w", "-fPIC", "-shared", "-DREFINT_VERBOSE"]
        run(["gcc", *options, f"-I{config('includedir-server')}", file, "-o", target])
    return target


def compile_client(file, target: pathlib.Path):
    """Builds a C file into a client program with libpq and PostgreSQL's own static libraries."""
    if not target.exists():
        run([
            "gcc", "-O1", "-w", f"-I{config('includedir-server')}", f"-I{config('includedir')}", file, "-o", target,
            f"-L{config('pkglibdir')}/../lib", f"-L{config('libdir')}", "-lpgcommon", "-lpgport", "-lpq", "-lm"])
    return target
