from underpaint.datagen.pictures.names import GUIDES, is_guide_name, is_picture_name, picture_stems


def test_endings_tell():
    assert all(is_picture_name(name) for name in ("a.jpg", "A.PNG", "in/a.b.webp", "x.JP2"))
    assert not any(is_picture_name(name) for name in ("jpg", ".jpg", "a.jpg.txt", "a.mp4", "a."))


def test_a_guide_needs_its_picture():
    stems = picture_stems(["cat.jpg", "dog.x.png", "notes.txt"])
    assert stems == {"cat", "dog.x"}
    for guide in GUIDES:
        assert is_guide_name(f"cat.{guide}.png", stems)
        assert is_guide_name(f"dog.x.{guide}.png", stems)
        assert not is_guide_name(f"notes.{guide}.png", stems)
        assert not is_guide_name(f"cat.{guide}.jpg", stems)
