"""Download the public packages that the lists beside this file name, and take their pictures.

    python docs/data/fetch.py pictures/ --debian MIRROR --ubuntu MIRROR

MIRROR is the address of a mirror that has `pool/`. Packages of npm are got by the `npm` command.
`pictures/train`, `pictures/validation` and `pictures/judged` are written, and for each package a
line: how many of its pictures were found. Three minutes on two cores; 1.4 GB are downloaded.
"""

import argparse
import hashlib
import io
import posixpath
import re
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

LISTS = Path(__file__).parent
SOURCES = {
    "edgy-community": "edgy-community-wallpapers",
    "endless-sky": "endless-sky",
    "gcompris-qt": "gcompris-qt",
    "lomiri-wallpapers": "lomiri-wallpapers",
    "opencv-doc": "opencv",
    "budgie-wallpapers": "budgie-wallpapers",
    "ubuntu-gnome-wallpapers": "ubuntu-gnome-wallpapers",
    "ubuntu-mate-wallpapers": "ubuntu-mate-artwork",
    "ubuntu-wallpapers": "ubuntu-wallpapers",
    "ubuntukylin-wallpapers": "ubuntukylin-wallpapers",
    "ubuntustudio-wallpapers": "ubuntustudio-look",
    "xubuntu-community-wallpapers": "xubuntu-community-artwork",
}
"""The source packages, below which a mirror keeps packages whose names begin so; others are their
own."""
SHORT_PX = {"train": (400, 680), "validation": (640, 1000)}
"""To a side within these, drawn by the picture's name, the shorter one of wallpapers is reduced."""
LONGEST_PX = 1800
"""Longer side of a picture for the judge at most,"""
LEAST_PX = 200
"""and its shorter one at least."""
PICTURES = re.compile(rb"RIFF....WEBP|\x89PNG\r\n\x1a\n|\xff\xd8\xff", re.DOTALL)
"""How pictures within a resource file begin,"""
MOST_BYTES = 8_000_000
"""none of which is larger."""


@dataclass(frozen=True)
class Package:
    """A package, and what is wanted of it."""

    kind: str
    """debian, ubuntu or npm."""
    file: str
    wanted: list[tuple[str, str]]
    """Where or how many, and the path in it."""


def listed(path: Path) -> list[Package]:
    """The packages of one list."""
    packages: list[Package] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            how, _, name = line.strip().partition(" ")
            packages[-1].wanted.append((how, name))
        elif line and not line.startswith("#"):
            kind, _, file = line.partition(" ")
            packages.append(Package(kind, file, []))
    return packages


def archive(package: Package, mirrors: dict[str, str]) -> tarfile.TarFile:
    """The files of a package. Raises OSError where it cannot be had."""
    if package.kind == "npm":
        return tarfile.open(fileobj=io.BytesIO(_packed(package.file)))
    name, version, rest = package.file.split("_")
    begins = (source for begin, source in SOURCES.items() if name.startswith(begin))
    source = next(begins, name)
    file = f"{name}_{version.split('%3a')[-1]}_{rest}"
    for component in ("main", "universe"):
        address = f"{mirrors[package.kind]}/pool/{component}/{source[0]}/{source}/{file}"
        try:
            with urllib.request.urlopen(address, timeout=300) as answer:
                return _unpacked(answer.read())
        except urllib.error.HTTPError:
            continue
    raise FileNotFoundError(f"{file}: expected in {mirrors[package.kind]}; it is not there")


def _packed(file: str) -> bytes:
    name, version = re.fullmatch(r"(.+?)-(\d+\.\d.*)\.tgz", file).groups()
    name = re.sub("^themesberg-", "@themesberg/", name)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--silent"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return next(Path(folder).glob("*.tgz")).read_bytes()


def _unpacked(package: bytes) -> tarfile.TarFile:
    """The files of a Debian package: an ar archive, one member of which is a tar archive."""
    at = 8
    while at < len(package):
        name, size = package[at : at + 16].decode(), int(package[at + 48 : at + 58])
        content = package[at + 60 : at + 60 + size]
        if name.startswith("data.tar.zst"):
            content = subprocess.run(["zstd", "-dc"], input=content, capture_output=True).stdout
        if name.startswith("data.tar"):
            return tarfile.open(fileobj=io.BytesIO(content))
        at += 60 + size + size % 2
    raise ValueError("expected a Debian package with a data.tar; found none")


def take_wallpapers(package: Package, files: tarfile.TarFile, folder: Path) -> int:
    """Write the pictures that a list names one by one; how many were found."""
    members = {member.name.removeprefix("./"): member for member in files.getmembers()}
    found = 0
    for split, path in package.wanted:
        member = members.get(path) or members.get(f"package/{path}")
        while member is not None and member.issym():
            target = posixpath.join(posixpath.dirname(member.name), member.linkname)
            member = members.get(posixpath.normpath(target).removeprefix("./").lstrip("/"))
        if member is None:
            continue
        picture = Image.open(files.extractfile(member)).convert("RGB")
        key = re.sub(r"[^A-Za-z0-9]+", "_", f"{package.file}_{path}")
        least, most = SHORT_PX[split]
        short = least + int(hashlib.md5(key.encode()).hexdigest(), 16) % (most - least + 1)
        _save(picture, short / min(picture.size), folder / split / f"{key[-120:]}.jpg")
        found += 1
    return found


def take_judged(package: Package, files: tarfile.TarFile, folder: Path) -> int:
    """Write so many opaque pictures of each folder or resource file; how many were found."""
    total = 0
    for count, path in package.wanted:
        found = 0
        for picture in _pictures(files, path):
            if found < int(count) and min(picture.size) >= LEAST_PX:
                key = re.sub(r"[^A-Za-z0-9]+", "_", path)[-60:]
                factor = LONGEST_PX / max(picture.size)
                _save(picture, factor, folder / "judged" / f"{key}_{found:04d}.png")
                found += 1
        total += found
    return total


def _pictures(files: tarfile.TarFile, path: str) -> Iterator[Image.Image]:
    members = sorted(files.getmembers(), key=lambda member: member.name)
    below = [m for m in members if m.isfile() and m.name.removeprefix("./").startswith(path)]
    for member in below:
        content = files.extractfile(member).read()
        begins = [0]
        if path.endswith(".rcc"):
            begins = [match.start() for match in PICTURES.finditer(content)]
        for begin in begins:
            try:
                picture = Image.open(io.BytesIO(content[begin : begin + MOST_BYTES]))
                if picture.convert("RGBA").getextrema()[3][0] == 255:
                    yield picture.convert("RGB")
            except (OSError, SyntaxError, ValueError):  # no picture, but bytes like its first
                continue


def _save(picture: Image.Image, factor: float, path: Path) -> None:
    if factor < 1:
        size = round(picture.width * factor), round(picture.height * factor)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=96, subsampling=0)


def main() -> None:
    """Fetch what both lists name."""
    parser = argparse.ArgumentParser(description="Fetch the pictures that the models learnt from.")
    parser.add_argument("folder", type=Path, help="where to write them")
    parser.add_argument("--debian", required=True, metavar="MIRROR")
    parser.add_argument("--ubuntu", required=True, metavar="MIRROR")
    given = parser.parse_args()
    mirrors = {"debian": given.debian.rstrip("/"), "ubuntu": given.ubuntu.rstrip("/")}
    Image.MAX_IMAGE_PIXELS = None
    lists = (("wallpapers.txt", take_wallpapers), ("judged-on.txt", take_judged))
    jobs = [(package, take) for name, take in lists for package in listed(LISTS / name)]

    def done(job: tuple) -> str:
        package, take = job
        try:
            found = take(package, archive(package, mirrors), given.folder)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            return f"{package.file}: none, {error}"
        return f"{package.file}: {found}"

    with ThreadPoolExecutor(6) as pool:
        for line in pool.map(done, jobs):
            print(line, flush=True)


if __name__ == "__main__":
    main()
