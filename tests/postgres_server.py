"""A PostgreSQL server for the tests: Debian's own, in a temporary folder, on a Unix socket."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import make_url


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest version first; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return installed[-1].parent if installed else None


class PostgresServer:
    """Started when made; `stop` ends it and removes its folder."""

    def __init__(self) -> None:
        bin_folder = programs()
        if bin_folder is None:
            raise RuntimeError("PostgreSQL is needed: sudo apt-get install postgresql")
        self._bin = bin_folder
        self._migrated = ""
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        # The server refuses to run as root; Debian's package brings a user for it.
        self._as: list[str] = []
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
            self._as = ["runuser", "-u", "postgres", "--"]
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "tests", "--no-sync")
        options = f"-k {self._folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", data, "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def new_database(self) -> str:
        """An empty database's SQLAlchemy URL."""
        name = "t" + secrets.token_hex(6)
        with psycopg.connect(host=str(self._folder), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def migrated_database(self, migrate: Callable[[str], None]) -> str:
        """One in which all tables are, and nothing in them: a copy of the first, which `migrate` is handed empty."""
        if not self._migrated:
            made = self.new_database()
            migrate(made)
            self._migrated = made
        name, first = "t" + secrets.token_hex(6), make_url(self._migrated).database
        with psycopg.connect(host=str(self._folder), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {first} STRATEGY FILE_COPY")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://tests@/{name}?host={self._folder}"

    def stop(self) -> None:
        """End it."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder)
