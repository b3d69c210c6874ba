"""References: each scheme finds its thing, and what leads nowhere says what to do."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest

from genaiops_assets.lake import Reference, UnresolvedReference, digest_of_file, digest_of_folder, digest_of_text
from genaiops_assets.lake.references import local_path, resolve

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def find(ref: str, folder: Path, license: str | None = None) -> Reference:
    return resolve(ref, folder=folder, cache=folder / "cache", license=license)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path, for packages made here."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    return site


def install(site: Path, package: str, licence: str) -> None:
    """A package as pip leaves it; importing it would fail."""
    (site / package / "data").mkdir(parents=True)
    (site / package / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / package / "data/rows.json").write_text("[]")
    about = site / f"{package}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {package}\nVersion: 1.0\n{licence}\n")
    (about / "top_level.txt").write_text(package)
    (about / "RECORD").write_text(f"{package}/__init__.py,,\n")


def test_path_and_dir_start_at_the_use_case_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.json").write_text("{}")
    file = find("path:data/a.json", tmp_path)
    assert (file.path, file.bytes, file.license) == (str(tmp_path / "data/a.json"), 2, "NOASSERTION")
    assert file.digest == file.revision == digest_of_file(tmp_path / "data/a.json") == digest_of_text("{}")
    whole = find("dir:data", tmp_path)
    assert (whole.digest, whole.bytes) == (digest_of_folder(tmp_path / "data"), 2)
    assert find(f"dir:{tmp_path / 'data'}", tmp_path / "elsewhere").digest == whole.digest


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.json").write_text("{}")
    assert find("path:~/a.json", tmp_path / "elsewhere").path == str(tmp_path / "a.json")


def test_digest_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("1")
    before = find("path:a.json", tmp_path)
    (tmp_path / "a.json").write_text("2")
    assert find("path:a.json", tmp_path).digest != before.digest


def test_local_path_stays_out_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    assert set(find("path:a", tmp_path).to_dict()) == {"ref", "digest", "revision", "license", "bytes"}


@pytest.mark.parametrize("scheme", ["path", "dir"])
def test_missing_file_is_named_in_full(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(UnresolvedReference, match=f"{scheme}:no/where: {tmp_path}/no/where does not exist"):
        find(f"{scheme}:no/where", tmp_path)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("License-Expression: Apache-2.0", "Apache-2.0"),
        ("License: MIT License", "MIT"),
        ("License: BSD", "BSD"),
        ("License: " + "all the words of a licence " * 9, "NOASSERTION"),
        ("Summary: none stated", "NOASSERTION"),
    ],
)
def test_package_is_found_with_its_licence_and_never_imported(site: Path, stated: str, expected: str) -> None:
    install(site, "carrier", stated)
    found = find("pkg:carrier/data/rows.json", site)
    assert (found.path, found.license) == (str(site / "carrier/data/rows.json"), expected)
    assert find("pkg:carrier/data", site).digest == digest_of_folder(site / "carrier/data")
    assert "carrier" not in sys.modules


def test_licence_of_the_use_case_goes_first(site: Path) -> None:
    install(site, "carrier", "License-Expression: MIT")
    assert find("pkg:carrier/data/rows.json", site, license="CC-BY-4.0").license == "CC-BY-4.0"


@pytest.mark.parametrize(
    "ref", ["pkg:not_there_at_all/x", "pkg:not.there/x", "pkg:with-dash/x", "pkg:/x", "pkg:json.tool"]
)
def test_package_that_is_not_installed_says_so(tmp_path: Path, ref: str) -> None:
    with pytest.raises(UnresolvedReference, match=r"is not installed \(`make demo`"):
        find(ref, tmp_path)


@pytest.mark.parametrize("inner", ["../other/secret.txt", "data/../../other/secret.txt", "/etc/hostname", ".", "data//rows.json", "data\\rows.json"])  # fmt: skip
def test_a_reference_does_not_leave_its_package(site: Path, inner: str) -> None:
    """It would take the package's licence with it."""
    install(site, "carrier", "License-Expression: MIT")
    (site / "other").mkdir()
    (site / "other/secret.txt").write_text("x")
    with pytest.raises(UnresolvedReference, match="leaves its package"):
        find(f"pkg:carrier/{inner}", site)
    with pytest.raises(UnresolvedReference, match="leaves its package"):
        local_path(f"pkg:carrier/{inner}", site)


def test_wrong_file_in_a_package_gets_a_hint(site: Path) -> None:
    install(site, "carrier", "")
    with pytest.raises(UnresolvedReference, match=r"carrier has no data/row\.json; did you mean rows\.json\?"):
        find("pkg:carrier/data/row.json", site)
    with pytest.raises(UnresolvedReference, match=r"carrier has no nowhere/at/all$"):
        find("pkg:carrier/nowhere/at/all", site)


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("hubb:x@y", r"did you mean hub:\?"),
        ("hub-data:x@y", r"did you mean hub-dataset:\?"),
        ("plain/name", "expected pkg:, path:, dir:, hub:, hub-dataset:, sql: or a URL$"),
        ("path:", "expected pkg:.* or a URL$"),
        ("", "expected pkg:"),
    ],
)
def test_unknown_scheme_lists_the_known_ones(tmp_path: Path, ref: str, said: str) -> None:
    with pytest.raises(UnresolvedReference, match=said):
        find(ref, tmp_path)


@pytest.mark.parametrize("ref", ["hub:org/model", "hub:org/model@", "hub-dataset:org/data"])
def test_hub_without_revision_shows_how_to_pin_one(tmp_path: Path, ref: str) -> None:
    with pytest.raises(UnresolvedReference, match=rf"pin a revision, {ref.rstrip('@')}@COMMIT"):
        find(ref, tmp_path)


@pytest.mark.parametrize("revision", ["main", "v1.0", COMMIT[:12], COMMIT.upper()])
def test_model_needs_a_full_commit(tmp_path: Path, revision: str) -> None:
    with pytest.raises(UnresolvedReference, match=f"'{revision}' is a moving name; give the 40-digit commit"):
        find(f"hub:org/model@{revision}", tmp_path)


class Hub:
    """Stands for the hub: one folder under one licence, or no network."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, license: str | None):
        self.calls: list[dict[str, Any]] = []
        self.folder, self.license = folder, license
        monkeypatch.setattr("huggingface_hub.snapshot_download", self.download)
        monkeypatch.setattr("huggingface_hub.HfApi", lambda: self)

    def download(self, name: str, **more: Any) -> str:
        self.calls.append({"name": name, **more})
        if not self.folder.exists():
            raise ConnectionError("no network")
        return str(self.folder)

    def repo_info(self, name: str, **more: Any) -> SimpleNamespace:
        if self.license is None:
            raise ConnectionError("no network")
        return SimpleNamespace(card_data=SimpleNamespace(license=self.license))


@pytest.mark.parametrize(
    ("ref", "kind", "revision"), [(f"hub:org/m@{COMMIT}", "model", COMMIT), ("hub-dataset:org/d@v2", "dataset", "v2")]
)
def test_hub_reference_is_pinned_and_leaves_pickles_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ref: str, kind: str, revision: str
) -> None:
    (tmp_path / "files").mkdir()
    hub = Hub(monkeypatch, tmp_path / "files", "apache-2.0")
    found = find(ref, tmp_path)
    assert (found.path, found.revision, found.license) == (str(tmp_path / "files"), revision, "apache-2.0")
    assert hub.calls[0]["revision"] == revision and hub.calls[0]["repo_type"] == kind
    assert "*.bin" in hub.calls[0]["ignore_patterns"]


def test_cached_model_without_network_has_no_known_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    Hub(monkeypatch, tmp_path / "files", None)
    assert find(f"hub:org/m@{COMMIT}", tmp_path).license == "NOASSERTION"


def test_hub_that_does_not_deliver_points_to_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Hub(monkeypatch, tmp_path / "nowhere", None)
    with pytest.raises(UnresolvedReference, match=r"did not deliver it \(ConnectionError: no network\).*use dir:"):
        find(f"hub:org/m@{COMMIT}", tmp_path)


def test_url_is_copied_and_hashed(tmp_path: Path) -> None:
    with fsspec.open("memory://references/rows.json", "wb") as f:
        f.write(b"[]")
    found = find("memory://references/rows.json", tmp_path)
    assert (Path(found.path).name, Path(found.path).read_bytes()) == ("rows.json", b"[]")
    assert found.digest == digest_of_text("[]")
    assert [p.name for p in Path(found.path).parent.iterdir()] == ["rows.json"]
    assert find("memory://references/rows.json", tmp_path, license="CC0-1.0").license == "CC0-1.0"


@pytest.mark.parametrize("ref", ["memory://references/nothing.json", "nosuch://host/x"])
def test_url_that_cannot_be_read_says_why(tmp_path: Path, ref: str) -> None:
    with pytest.raises(UnresolvedReference, match=f"{ref}: could not be read"):
        find(ref, tmp_path)
