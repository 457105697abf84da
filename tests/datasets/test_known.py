"""MNIST and its relatives: what is shipped, found, fetched and refused."""

import gzip
import hashlib
import shutil
import urllib.error
import urllib.request
from dataclasses import replace

import numpy as np
import pytest

from kerasae import datasets
from kerasae.config.schema import validated
from kerasae.datasets import SOURCES, DatasetError, known

SHIPPED = known.SHIPPED / "mnist"
SMALL = bytes.fromhex("00000802 00000002 00000003 010203040506")
"""An IDX file that none of the sources has."""


@pytest.fixture(autouse=True)
def asked(monkeypatch, tmp_path):
    """Keep tests off the network and the real home; the list of URLs that were asked for."""
    urls, urlopen = [], urllib.request.urlopen

    def only_files(url, **settings):
        urls.append(url)
        if not url.startswith("file:"):
            raise urllib.error.URLError("no network in the tests")
        return urlopen(url, **settings)

    monkeypatch.setattr(urllib.request, "urlopen", only_files)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KERASAE_DATA", raising=False)
    return urls


@pytest.fixture(params=["fashion_mnist", "kuzushiji_mnist"])
def relative(request, mnist, monkeypatch, tmp_path):
    """Return the name of a relative of MNIST, and its web: 64 and 32 images of MNIST."""
    web = tmp_path / "web"
    web.mkdir()
    train, test = mnist.x_train[:64, 2:-2, 2:-2, 0], mnist.x_test[:32, 2:-2, 2:-2, 0]
    digests = []
    for file, array in zip(
        known.FILES, (train, mnist.y_train[:64], test, mnist.y_test[:32]), strict=True
    ):
        content = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        content += array.tobytes()
        archive = gzip.compress(content)
        (web / f"{file}.gz").write_bytes(archive)
        digested = archive if SOURCES[request.param].digest_compressed else content
        digests.append(hashlib.sha256(digested).hexdigest())
    source = replace(
        SOURCES[request.param],
        digests=tuple(digests),
        url=web.as_uri(),
        folders=(tmp_path / "share",),
    )
    monkeypatch.setitem(SOURCES, request.param, source)
    return request.param, web


def test_a_data_set_is_one_line_of_the_sources(monkeypatch):
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    source = replace(SOURCES["mnist"], train=124_800, test=20_800, side=24, classes=letters)
    monkeypatch.setitem(SOURCES, "letters", source)
    assert datasets.sizes("letters", pad=1, train=1000) == (1000, 20_800, 26 * 26, 26)
    assert datasets.classes("letters") == letters
    settings = validated({"datasets": {"letters": {}}})
    assert settings["datasets"]["letters"] == {}


def test_mnist_comes_with_the_package_as_it_was_published(mnist, asked):
    assert known.find_folder("mnist") == SHIPPED
    assert asked == []
    assert (mnist.x_train.shape, mnist.x_test.shape) == ((60000, 32, 32, 1), (10000, 32, 32, 1))
    assert {array.dtype for array in mnist[:4]} == {np.dtype(np.uint8)}
    assert mnist.classes == tuple("0123456789")
    assert mnist.anomalies is None
    assert mnist.x_train.max() == mnist.x_test.max() == 255
    assert mnist.x_train.sum(dtype=int) == mnist.x_train[:, 2:-2, 2:-2].sum(dtype=int)
    bare = datasets.load("mnist", pad=0)
    np.testing.assert_array_equal(bare.x_test, mnist.x_test[:, 2:-2, 2:-2])
    assert mnist.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    of_class = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.y_test).tolist() == of_class


def damaged(path, change):
    """Change the content of an archive, and return what it then holds."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[1000] ^= 1
    path.write_bytes(gzip.compress(content) if change == "a byte" else path.read_bytes()[:2000])
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("change", ["a byte", "the end"])
def test_a_damaged_file_is_refused_by_name_and_checksum(tmp_path, change):
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    received = damaged(path, change)
    with pytest.raises(DatasetError) as error:
        datasets.load("mnist", path=tmp_path)
    wanted = "is damaged and cannot be decompressed"
    if change == "a byte":
        wanted = f"Expected SHA-256: {SOURCES['mnist'].digests[1]}. Received: {received}"
    assert wanted in str(error.value)
    assert str(path) in str(error.value)


def test_decompression_stops_at_a_limit(tmp_path, monkeypatch):
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(known, "MOST_BYTES", 1 << 20)
    with pytest.raises(DatasetError, match=f"{known.FILES[0]}.gz is damaged, or another file"):
        datasets.load("mnist", path=tmp_path)


@pytest.mark.parametrize("function", [datasets.load, datasets.classes, datasets.sizes])
def test_an_unknown_name_is_answered_with_the_known_names(function):
    with pytest.raises(
        DatasetError, match=r"mnist, fashion_mnist, .* or a path\. Received: emnist"
    ):
        function("emnist")


def test_a_data_set_that_is_nowhere_names_every_place_tried(monkeypatch, tmp_path, asked):
    name = "fashion_mnist"
    source = replace(SOURCES[name], folders=(tmp_path / "share",))
    monkeypatch.setitem(SOURCES, name, source)
    monkeypatch.setenv("KERASAE_DATA", str(tmp_path / "env"))
    with pytest.raises(DatasetError) as error:
        datasets.load(name)
    cache = tmp_path / "home" / ".cache" / "kerasae" / name
    for place in (tmp_path / "env" / name, tmp_path / "share", cache):
        assert f"{place};" in str(error.value)
    assert f"{source.url} (no network in the tests)" in str(error.value)
    assert asked == [f"{source.url}/{known.FILES[0]}.gz"]


def test_places_are_searched_in_the_documented_order(relative, monkeypatch, tmp_path, asked):
    name, web = relative
    monkeypatch.setenv("KERASAE_DATA", str(tmp_path / "env"))
    places = [tmp_path / "env" / name, tmp_path / "share"]
    places.append(tmp_path / "home" / ".cache" / "kerasae" / name)
    for place in places:
        shutil.copytree(web, place)
    for place in places:
        assert known.find_folder(name) == place
        (place / f"{known.FILES[3]}.gz").unlink()  # an incomplete place does not count
    with pytest.raises(DatasetError, match=f"Received: none in {places[0]}$"):
        known.find_folder(name, path=places[0])  # an explicit folder is the only place
    assert asked == []


def test_a_download_is_checked_cached_and_not_repeated(relative, mnist, tmp_path, asked):
    name, web = relative
    loaded = datasets.load(name)
    assert np.array_equal(loaded.x_train, mnist.x_train[:64])
    assert np.array_equal(loaded.y_test, mnist.y_test[:32])
    assert asked == [f"{web.as_uri()}/{file}.gz" for file in known.FILES]
    cache = tmp_path / "home" / ".cache" / "kerasae" / name
    assert sorted(path.name for path in cache.iterdir()) == sorted(
        f"{file}.gz" for file in known.FILES
    )
    again = datasets.load(name)
    assert np.array_equal(again.x_test, loaded.x_test)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("relative", "damaged"),
    [
        ("fashion_mnist", b"<html>Please log in</html>"),
        ("kuzushiji_mnist", gzip.compress(SMALL, mtime=0)),
    ],
    indirect=["relative"],
    ids=["html", "another file"],
)
def test_a_damaged_download_is_not_kept(relative, damaged, tmp_path):
    name, web = relative
    path = web / f"{known.FILES[1]}.gz"
    path.write_bytes(damaged)
    with pytest.raises(DatasetError, match="damaged") as error:
        datasets.load(name)
    cache = tmp_path / "home" / ".cache" / "kerasae" / name
    assert [file.name for file in cache.iterdir()] == [f"{known.FILES[0]}.gz"]
    assert path.as_uri() in str(error.value)


def test_uncompressed_files_are_read_unless_their_archives_are_digested(relative, mnist, tmp_path):
    name, web = relative
    for path in web.iterdir():
        (tmp_path / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    if SOURCES[name].digest_compressed:
        with pytest.raises(DatasetError, match=r"as distributed.*Received: .*train-images"):
            datasets.load(name, path=tmp_path)
    else:
        loaded = datasets.load(name, path=tmp_path)
        np.testing.assert_array_equal(loaded.x_train, mnist.x_train[:64])
