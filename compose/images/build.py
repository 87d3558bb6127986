"""Builds the images of the docker runtime where no image registry can be reached.

A base by mmdebstrap, and on top of it PostgreSQL from its wheel, and tc and iptables for the WAN's guard; Toxiproxy's
static program stands alone. An image whose recipe is the same as when it was built is left as it is.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.compose import find_compose
from chaoskit.toolchain.postgres import VARIABLE as OTHER_POSTGRES
from chaoskit.toolchain.postgres import installed_postgres
from chaoskit.toolchain.toxiproxy import VERSION as TOXIPROXY
from chaoskit.toolchain.toxiproxy import find_toxiproxy

RECIPES = Path(__file__).parent
LABEL = "org.chaoskit.recipe"
BASE = "chaoskit/base:1"
SUITE = "bookworm"
UNWANTED = ("doc", "info", "locale", "man")  # folders of /usr/share
NOT_INSTALLED = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "*.a")
ENV = {name: value for name, value in os.environ.items() if name != OTHER_POSTGRES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image.

    Attributes:
        name: With its tag.
        recipe: Its folder beside this file.
        contents: What goes into it beside the recipe's files, in words: other words, another image.
        build: Is given the folder of the recipe's copy and the label, and leaves the image in the engine.
    """

    name: str
    recipe: str
    contents: Sequence[str]
    build: Callable[["Image", Path, str], None]

    def digest(self) -> str:
        """Of all that decides what the image will be."""
        files = sorted(path for path in (RECIPES / self.recipe).iterdir() if path.is_file())
        told = [self.name, platform.machine(), *self.contents]
        told += [f"{path.name} {path.stat().st_mode:o} {path.read_text(encoding='utf-8')}" for path in files]
        return hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]


def base(image: Image, context: Path, label: str) -> None:
    """Debian's minimal system and our packages, as one layer."""
    lines = (context / "packages").read_text(encoding="utf-8").splitlines()
    packages = ",".join(line for line in lines if line and not line.startswith("#"))
    without = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in UNWANTED]
    archive = context / "base.tar"
    run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", *without, SUITE, str(archive))
    run("docker", "import", "--change", f"LABEL {label}", str(archive), image.name)


def postgres(image: Image, context: Path, label: str) -> None:
    """The wheel's programs at the official image's place, and beside them the libraries that they look for."""
    install = installed_postgres(ENV).bin.parent
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    root = context / "root" / "usr" / "lib"
    shutil.copytree(install, root / "postgresql" / "18", symlinks=True, ignore=NOT_INSTALLED)
    if libraries.is_dir():
        shutil.copytree(libraries, root / libraries.name, symlinks=True)
    run("chmod", "--recursive", "u=rwX,go=rX", str(context))  # a strict umask may have closed every file
    dockerfile(image, context, label)


def toxiproxy(image: Image, context: Path, label: str) -> None:
    """The static server."""
    tool = find_toxiproxy(ENV, cache_dir(ENV), say=print)
    shutil.copy(tool.path, context / "toxiproxy")
    (context / "toxiproxy").chmod(0o755)
    dockerfile(image, context, label)


def dockerfile(image: Image, context: Path, label: str) -> None:
    """What the recipe's Dockerfile says."""
    run("docker", "build", "--quiet", "--label", label, "--tag", image.name, str(context))


def images() -> list[Image]:
    """All images, each after the one that it stands on."""
    first = Image(name=BASE, recipe="base", contents=[SUITE, *UNWANTED], build=base)
    below = first.digest()
    server = installed_postgres(ENV)
    return [
        first,
        Image(name=f"chaoskit/toxiproxy:{TOXIPROXY}", recipe="toxiproxy", contents=[TOXIPROXY], build=toxiproxy),
        Image(name="chaoskit/net:1", recipe="net", contents=[below], build=dockerfile),
        Image(
            name="chaoskit/postgres:18",
            recipe="postgres",
            contents=[below, server.version, server.found],
            build=postgres,
        ),
    ]


def make(image: Image) -> None:
    """Build the image unless it is there, and say its size and how long it took."""
    began_s = time.monotonic()
    label = f"{LABEL}={image.digest()}"
    done = "kept"
    if f"{LABEL}={labelled(image)}" != label:
        done = "built"
        with tempfile.TemporaryDirectory(prefix="chaoskit-image-") as folder:
            context = Path(folder) / image.recipe
            shutil.copytree(RECIPES / image.recipe, context)
            image.build(image, context, label)
    size_mb = int(run("docker", "image", "inspect", "--format", "{{.Size}}", image.name)) / 1e6
    print(f"{image.name:27} {size_mb:6.1f} MB  {done} in {time.monotonic() - began_s:.1f} s", flush=True)


def labelled(image: Image) -> str | None:
    """The digest that an image of this name was built from."""
    words = ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", image.name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (json.loads(done.stdout) or {}).get(LABEL) if done.returncode == 0 else None


def run(*words: str) -> str:
    """Run a program to its end; its stdout.

    Raises:
        StackError: There is no such program, or it failed.
    """
    try:
        return subprocess.run(words, env=ENV, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError as error:
        fix = "apt-get install docker.io mmdebstrap (Debian; on other systems use the official images)"
        raise StackError(f"no {words[0]}", why="not on PATH", fix=fix) from error
    except subprocess.CalledProcessError as error:
        raise StackError(f"{' '.join(words[:2])} failed", why=error.stderr.strip()) from error


def main() -> None:
    """Build what is missing; Compose too, for which the first run would otherwise have to wait."""
    try:
        run("docker", "version")
        for image in images():
            make(image)
        compose = find_compose(ENV, cache_dir(ENV), say=print)
        print(f"Docker Compose {compose.version}: {' '.join(compose.argv)}")
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
