"""The embedded servers: start, stop, reuse, crashes, stale files, several state directories, ordinary users."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.embedded import EmbeddedServerError, Postgres, Valkey
from portal.embedded.postgres import ADMIN, APP, OWNER
from portal.embedded.process import command_line_of
from portal.embedded.server_files import (
    FORMER_OUTSIDE,
    OUTSIDE,
    SERVER_USER,
    SOCKET_PATH_MAX,
    ServerFiles,
)
from portal.management.embedded_servers import restart_crashed_servers
from portal.settings.env import BASE_DIR
from portal.workers.child_processes import child_processes
from tests.portal.embedded.conftest import needs_root

pytestmark = pytest.mark.slow

type MakeHome = Callable[..., Path]
SERVERS = pytest.mark.parametrize("kind", [Postgres, Valkey])


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while command_line_of(pid) is not None:
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.02)


def store_value(server: Postgres | Valkey, value: str) -> None:
    if isinstance(server, Valkey):
        server.client().set("mark", value)
        return
    with psycopg.connect(**server.connection(OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE mark (value text)")
        connection.execute("INSERT INTO mark VALUES (%s)", [value])


def stored_value(server: Postgres | Valkey) -> str | None:
    if isinstance(server, Valkey):
        value = server.client().get("mark")
        return value.decode() if value else None
    with psycopg.connect(**server.connection(OWNER)) as connection:
        if not connection.execute("SELECT to_regclass('mark')").fetchone()[0]:
            return None
        return connection.execute("SELECT value FROM mark").fetchone()[0]


@SERVERS
def test_data_survives_stop_and_start(kind: type, make_home: MakeHome) -> None:
    server = kind(make_home())
    assert server.pid() is None
    assert server.stop() is False
    assert server.ensure() is True
    pid = server.pid()
    store_value(server, "kept")
    assert kind(server.files.home).ensure() is False
    assert server.pid() == pid
    assert server.stop() is True
    wait_until_gone(pid)
    assert server.pid() is None
    assert server.ensure() is True
    assert stored_value(server) == "kept"


@SERVERS
def test_only_a_crashed_server_counts_as_crashed(kind: type, make_home: MakeHome) -> None:
    server = kind(make_home())
    assert not server.has_crashed()
    server.ensure()
    assert not server.has_crashed()
    pid = server.pid()
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert server.has_crashed()
    server.ensure()
    assert not server.has_crashed()
    pid = server.pid()
    server.stop()
    wait_until_gone(pid)
    assert not server.has_crashed()


def test_crashed_servers_are_started_again_while_a_command_waits(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the broker were not started again, workers would try to connect to it for ever. This test starts
    one process, which only waits, instead of the processes of `serve`.
    """
    home = make_home()
    monkeypatch.setenv("SURETY_HOME", str(home))
    for name in ("DATABASE_URL", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    valkey = Valkey(home)
    Postgres(home).ensure()
    valkey.ensure()
    pid = valkey.pid()
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    started: list[str] = []
    with child_processes() as processes:
        processes.start("pause", [sys.executable, "-c", "import time; time.sleep(6)"])
        assert processes.wait(lambda: started.extend(restart_crashed_servers())) == ("pause", 0)
    assert started == ["valkey"]
    assert valkey.pid() not in (None, pid)
    valkey.stop()
    assert restart_crashed_servers() == []


@SERVERS
def test_a_killed_server_is_started_again_with_its_data(kind: type, make_home: MakeHome) -> None:
    server = kind(make_home())
    server.ensure()
    store_value(server, "kept")
    # Valkey flushes its append-only file once a second, so wait before the process is killed.
    time.sleep(1.1)
    pid = server.pid()
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert server.pid() is None
    assert server.ensure() is True
    assert server.pid() != pid
    assert stored_value(server) == "kept"


@SERVERS
def test_a_stale_pid_file_naming_another_process_does_not_prevent_the_start(
    kind: type, make_home: MakeHome
) -> None:
    """After a restart of a container, the pid in the file often belongs to another process."""
    server = kind(make_home())
    server.ensure()
    pid = server.pid()
    pid_file = server.data / ("postmaster.pid" if kind is Postgres else "valkey.pid")
    lines = pid_file.read_text().splitlines()
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    # The stranger runs as the server's account: PostgreSQL refuses to start if its pid file names another process of
    # this account.
    account = server.files.account
    stranger = subprocess.Popen(
        ["sleep", "60"], user=account.uid if account.switch else None, start_new_session=True
    )
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert server.pid() is None
        assert server.stop() is False
        assert stranger.poll() is None, "stop() must not end another process"
        assert server.ensure() is True
        assert server.pid() not in (None, stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "no number\n"])
def test_a_damaged_pid_file_does_not_prevent_the_start(make_home: MakeHome, content: str) -> None:
    server = Postgres(make_home())
    server.ensure()
    server.stop()
    (server.data / "postmaster.pid").write_text(content)
    assert server.ensure() is True


@SERVERS
def test_only_one_of_several_concurrent_starts_starts_the_server(kind: type, make_home: MakeHome) -> None:
    home = make_home()
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: kind(home).ensure(), range(4)))
    assert sorted(started) == [False, False, False, True]


def test_two_state_directories_have_separate_servers(make_home: MakeHome) -> None:
    one, two = make_home(), make_home()
    for home in (one, two):
        for server in (Postgres(home), Valkey(home)):
            server.ensure()
            store_value(server, home.parent.name)
    for home in (one, two):
        assert stored_value(Postgres(home)) == stored_value(Valkey(home)) == home.parent.name
    Postgres(one).stop()
    assert Postgres(two).pid() is not None
    assert one != two
    assert ServerFiles(one).passwords() != ServerFiles(two).passwords()


def test_the_roles_have_only_their_privileges(running_home: Path) -> None:
    server = Postgres(running_home)
    with psycopg.connect(**server.connection(APP)) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname LIKE 'surety%' ORDER BY 1"
        ).fetchall()
        assert rows == [
            (ADMIN, True, True, True, True),
            (APP, False, False, False, False),
            (OWNER, False, False, False, True),
        ]
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


@pytest.mark.parametrize("role", [ADMIN, OWNER, APP])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_every_role_needs_its_password(running_home: Path, role: str, password: str) -> None:
    server = Postgres(running_home)
    arguments = {**server.connection(role), "password": password}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(**arguments)


def test_the_log_has_errors_without_values_of_rows(running_home: Path) -> None:
    """Rows contain names, addresses and texts of people, and hashes of passwords."""
    server = Postgres(running_home)
    with psycopg.connect(**server.connection(OWNER), autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE person (email text UNIQUE, note text CHECK (note <> 'x'))")
        connection.execute("INSERT INTO person VALUES ('otto@example.com', '')")
        for email, note in (("otto@example.com", ""), ("olga@example.com", "x")):
            with pytest.raises(psycopg.IntegrityError):
                connection.execute("INSERT INTO person VALUES (%s, %s)", [email, note])
            with pytest.raises(psycopg.IntegrityError):
                connection.execute(f"INSERT INTO person VALUES ('{email}', '{note}')")
    text = server.log.read_text()
    assert text.count("violates check constraint") == 2
    assert "example.com" not in text


def test_the_broker_needs_its_password_and_has_no_tcp_port(running_home: Path) -> None:
    server = Valkey(running_home)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(server.socket), retry=Retry(NoBackoff(), 0)).ping()
    port = server.client().config_get("port")
    assert [int(value) for value in port.values()] == [0]
    assert redis.Redis.from_url(server.cache_url()).ping() is True


def test_secrets_are_readable_only_by_their_owner(running_home: Path) -> None:
    server = Valkey(running_home)
    for path in (server.files.home / "servers.json", server.data / "valkey.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for folder in (server.files.sockets, server.data, server.files.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    password = server.files.passwords()["broker"]
    assert password not in (command_line_of(server.pid()) or "")


@SERVERS
def test_a_long_path_gets_a_short_socket(kind: type, make_home: MakeHome) -> None:
    home = make_home(below="/".join(["a-folder-with-quite-a-long-name"] * 4))
    server = kind(home)
    assert server.ensure() is True
    assert len(str(server.files.sockets)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_MAX
    assert not server.files.sockets.is_relative_to(home)
    assert server.files.root.is_relative_to(home)
    store_value(server, "x")
    assert stored_value(server) == "x"


@needs_root
@SERVERS
def test_as_root_the_servers_run_as_a_user_of_their_own_that_owns_their_data(
    kind: type, running_home: Path
) -> None:
    server = kind(running_home)
    account = pwd.getpwnam(SERVER_USER)
    assert account.pw_shell.endswith("nologin")
    assert Path(f"/proc/{server.pid()}").stat().st_uid == account.pw_uid
    written = [server.data, *server.data.rglob("*"), *server.files.logs.iterdir()]
    assert {path.lstat().st_uid for path in written} == {account.pw_uid}
    # Only root and the group of the servers' account can enter the root folder. The group cannot list it.
    assert server.files.root.stat().st_gid == account.pw_gid
    assert stat.S_IMODE(server.files.root.stat().st_mode) == 0o710


@needs_root
@SERVERS
@pytest.mark.parametrize(
    "uid", [pwd.getpwnam("nobody").pw_uid, 54321], ids=["older release", "copy from another machine"]
)
def test_data_that_belongs_to_a_former_account_is_taken_over(
    kind: type, make_home: MakeHome, uid: int
) -> None:
    server = kind(make_home())
    server.ensure()
    store_value(server, "kept")
    time.sleep(1.1)
    server.stop()
    for folder in (server.data, server.files.logs, server.files.sockets):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)
    assert kind(server.files.home).ensure() is True
    assert Path(f"/proc/{server.pid()}").stat().st_uid == pwd.getpwnam(SERVER_USER).pw_uid
    assert stored_value(server) == "kept"


def test_the_state_directory_is_closed_to_other_users(make_home: MakeHome) -> None:
    home = make_home()
    home.mkdir(mode=0o755)
    home.chmod(0o755)  # Older releases left the folder with this mode.
    Valkey(home).ensure()
    assert stat.S_IMODE(home.stat().st_mode) == (0o710 if os.geteuid() == 0 else 0o700)


@needs_root
@SERVERS
def test_servers_use_an_outside_folder_if_their_account_cannot_reach_the_state_directory(
    kind: type, make_home: MakeHome
) -> None:
    home = make_home(mode=0o700)
    server = kind(home)
    assert server.ensure() is True
    # The folder must not be in /tmp or /var/tmp, where systemd deletes old files.
    assert server.files.root.parent == Path("/var/lib")
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700, "the permissions of a parent folder changed"
    store_value(server, "outside")
    assert kind(home).ensure() is False
    assert stored_value(kind(home)) == "outside"


@needs_root
def test_data_that_an_earlier_version_put_into_var_tmp_is_used_until_it_is_moved(make_home: MakeHome) -> None:
    home = make_home(mode=0o700)
    former = FORMER_OUTSIDE / f"surety-{ServerFiles(home).key}"
    former.mkdir(mode=0o700)
    try:
        assert ServerFiles(home).root == former
    finally:
        former.rmdir()
    assert ServerFiles(home).root == OUTSIDE / former.name


@needs_root
def test_nobody_else_chooses_the_folder_of_the_data_with_a_folder_in_var_tmp(make_home: MakeHome) -> None:
    """Another user can see the name of the data folder in /var/lib, and create a folder with this name in /var/tmp."""
    home = make_home(mode=0o700)
    files = ServerFiles(home)
    files.prepare()
    other = FORMER_OUTSIDE / files.root.name
    other.mkdir()
    try:
        assert ServerFiles(home).root == files.root == OUTSIDE / other.name
    finally:
        other.rmdir()
        files.remove()


def test_a_new_state_directory_at_the_path_of_a_deleted_one_has_another_key(make_home: MakeHome) -> None:
    home = make_home()
    before = ServerFiles(home).key
    assert ServerFiles(home).key == before
    shutil.rmtree(home)
    assert ServerFiles(home).key != before


def test_a_folder_of_another_owner_is_refused(make_home: MakeHome, tmp_path: Path) -> None:
    files = ServerFiles(make_home())
    files.prepare()
    shutil.rmtree(files.sockets)
    files.sockets.symlink_to(tmp_path)
    with pytest.raises(EmbeddedServerError, match="not a folder that belongs to uid"):
        files.prepare()


def test_a_data_folder_of_another_version_is_refused(make_home: MakeHome) -> None:
    server = Postgres(make_home())
    server.files.prepare()
    (server.files.server_folder("postgres") / "PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 13 created"):
        server.ensure()


def test_a_disk_without_space_for_a_new_database_is_reported_before_initdb(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres(make_home())
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=20 * 2**20))
    with pytest.raises(
        EmbeddedServerError, match="only 20 MB of free space, but a new database needs 200 MB"
    ):
        server.ensure()
    assert list(server.data.iterdir()) == []
    monkeypatch.undo()
    assert server.ensure(), "with enough space, the same folder is used"


def test_lost_passwords_are_reported_without_waiting(make_home: MakeHome) -> None:
    home = make_home()
    Postgres(home).ensure()
    passwords = (home / "servers.json").read_text()
    (home / "servers.json").unlink()
    begun = time.monotonic()
    with pytest.raises(EmbeddedServerError, match="refused the password"):
        Postgres(home).ensure()
    assert time.monotonic() - begun < 5
    (home / "servers.json").write_text(passwords)
    assert Postgres(home).ensure() is False


ORDINARY = pwd.getpwnam("daemon")
PROGRAM = """
import sys
from pathlib import Path
from portal.embedded import Postgres, Valkey
home = Path(sys.argv[1])
for server in (Postgres(home), Valkey(home)):
    assert server.ensure() is True
    assert server.ensure() is False
    assert Path(f"/proc/{server.pid()}").stat().st_uid == int(sys.argv[2])
    assert server.stop() is True
    assert server.ensure() is True
    assert server.stop() is True
    assert server.pid() is None
print("fine")
"""


def run_as(uid: int, gid: int, home: Path) -> subprocess.CompletedProcess[str]:
    home.mkdir()
    os.chown(home, uid, gid)
    program = Path(sys.executable)
    if not ServerFiles(home).is_reachable(program.parent) or not ServerFiles(home).is_reachable(BASE_DIR):
        pytest.skip("other users cannot read this clone")
    return subprocess.run(
        [program, "-c", PROGRAM, home, str(uid)],
        user=uid,
        group=gid,
        extra_groups=[],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@needs_root
def test_servers_run_as_an_ordinary_user(make_home: MakeHome) -> None:
    done = run_as(ORDINARY.pw_uid, ORDINARY.pw_gid, make_home())
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


@needs_root
def test_a_user_without_a_name_is_reported(make_home: MakeHome) -> None:
    done = run_as(54321, 54321, make_home())
    assert done.returncode == 1
    assert "54321 is not in /etc/passwd" in done.stderr
