import base64
import hashlib
import hmac
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from chaoskit.errors import StackError
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.postgres import Postgres, find_postgres
from chaoskit.toolchain.programs import run
from chaoskit.toolchain.template import Template, find_template


@pytest.fixture
def postgres(open_folder: Path) -> Postgres:
    return find_postgres({"PATH": os.environ["PATH"]}, open_folder, user=unprivileged_user())


@pytest.fixture
def template(postgres: Postgres, open_folder: Path) -> Template:
    return find_template(postgres, open_folder, user=unprivileged_user())


def asked(postgres: Postgres, data: Path, statement: str) -> str:
    """The answer of a server in single-user mode: no port, no login."""
    user = unprivileged_user()
    return subprocess.run(
        [postgres.bin / "postgres", "--single", "-D", data, "postgres"],
        input=statement + "\n",
        user=user and user.uid,
        group=user and user.gid,
        extra_groups=user and [],
        cwd="/",
        env={},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    ).stdout


def verifier_matches(verifier: str, password: str) -> bool:
    """Whether a SCRAM verifier (RFC 5803) is that of ``password``."""
    match = re.fullmatch(r"SCRAM-SHA-256\$(\d+):(.+)\$(.+):(.+)", verifier)
    assert match is not None
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(match[2]), int(match[1]))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return stored == base64.b64decode(match[3])


def test_its_superuser_has_the_templates_password_after_one_round_of_scram(
    postgres: Postgres, template: Template
) -> None:
    answer = asked(postgres, template.path, "SELECT rolpassword FROM pg_authid WHERE rolname = 'chaoskit'")
    match = re.search(r'rolpassword = "(SCRAM[^"]+)"', answer)
    assert match is not None
    assert match[1].startswith("SCRAM-SHA-256$1:")
    assert verifier_matches(match[1], template.password)


def test_it_has_checksums_and_sorts_bytes(postgres: Postgres, template: Template) -> None:
    answer = asked(
        postgres, template.path, "SELECT current_setting('data_checksums'), datcollate, encoding FROM pg_database"
    )
    assert 'current_setting = "on"' in answer
    assert 'datcollate = "C"' in answer
    assert 'encoding = "6"' in answer  # UTF8


def test_nobody_else_can_read_it_or_its_password(template: Template) -> None:
    assert stat.S_IMODE(template.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((template.path.parent / "password").stat().st_mode) == 0o600
    user = unprivileged_user()
    assert template.path.stat().st_uid == (os.geteuid() if user is None else user.uid)


def test_it_is_made_once(postgres: Postgres, template: Template, open_folder: Path) -> None:
    made_ns = template.path.stat().st_ctime_ns
    assert find_template(postgres, open_folder, user=unprivileged_user()) == template
    assert template.path.stat().st_ctime_ns == made_ns


def test_two_caches_do_not_share_a_password(postgres: Postgres, template: Template, open_folder: Path) -> None:
    assert find_template(postgres, open_folder / "other", user=unprivileged_user()).password != template.password


def test_another_install_gets_a_template_of_its_own(postgres: Postgres, template: Template, open_folder: Path) -> None:
    link = open_folder / "elsewhere"
    link.symlink_to(postgres.bin)
    other = Postgres(bin=link, version=postgres.version, major=postgres.major, found="")
    assert find_template(other, open_folder, user=unprivileged_user()).path != template.path


def test_an_initdb_that_fails_says_why_and_leaves_nothing(postgres: Postgres, open_folder: Path) -> None:
    broken = open_folder / "broken"
    broken.mkdir()
    (broken / "initdb").write_text("#!/bin/sh\necho 'initdb: error: no timezone' >&2; exit 1\n", encoding="utf-8")
    (broken / "initdb").chmod(0o755)
    other = Postgres(bin=broken, version="18.4", major=18, found="")
    with pytest.raises(StackError, match="initdb failed") as caught:
        find_template(other, open_folder / "empty", user=unprivileged_user())
    assert "no timezone" in caught.value.why
    assert not [path for path in (open_folder / "empty" / "templates").iterdir() if path.is_dir()]


@pytest.mark.skipif(not Path("/usr/lib/postgresql").is_dir(), reason="no PostgreSQL of the distribution")
def test_a_distributions_postgresql_makes_a_template_too(open_folder: Path) -> None:
    oldest = min(Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name))
    if int(oldest.name) < 15 or shutil.which("initdb", path=str(oldest / "bin")) is None:
        pytest.skip(f"{oldest} is too old, or has no server")
    user = unprivileged_user()
    postgres = find_postgres({"CHAOSKIT_PG_BIN": str(oldest / "bin")}, open_folder, user=user)
    template = find_template(postgres, open_folder, user=user)
    version = run(["/bin/cat", template.path / "PG_VERSION"], env={}, user=user)
    assert version.strip() == oldest.name
