from PIL import Image

from tests.pictures import NAMES, load_picture, save_photos, save_pictures


def test_every_picture_comes_with_the_dependencies():
    assert all(min(load_picture(name).shape[:2]) >= 300 for name in NAMES)


def test_folders_of_pictures(tmp_path):
    squares = save_pictures(tmp_path / "squares", 13, 32)
    photos = save_photos(tmp_path / "photos", 20)
    for paths in (squares, photos):
        assert len({path.read_bytes() for path in paths}) == len(set(paths)) == len(paths)
    assert {Image.open(path).size for path in squares} == {(32, 32)}
    assert len({Image.open(path).size for path in photos}) == 20
