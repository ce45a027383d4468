"""Photos come out upright, small and without a trace of place or device."""

import io

import pytest
from PIL import Image

from documents.photos import LONGEST_SIDE, THUMB_SIDE, prepare_photo
from documents.uploads import UploadRejected


def encoded(picture: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4000, 3000), (2560, 1920)), ((3000, 4000), (1920, 2560)), ((800, 600), (800, 600)), ((5, 4000), (3, 2560))],
)
def test_the_longer_side_is_limited(size: tuple[int, int], expected: tuple[int, int]) -> None:
    photo = prepare_photo(encoded(Image.new("RGB", size, "navy")))
    assert (photo.width, photo.height) == opened(photo.data).size
    assert max(photo.width, photo.height) <= LONGEST_SIDE
    assert abs(photo.width - expected[0]) <= 1 and abs(photo.height - expected[1]) <= 1
    assert max(opened(photo.thumb).size) <= THUMB_SIDE
    assert opened(photo.data).format == opened(photo.thumb).format == "JPEG"
    assert photo.mime == "image/jpeg"


def test_metadata_and_place_are_gone() -> None:
    picture = Image.new("RGB", (40, 30), "navy")
    exif = picture.getexif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (21.0, 35.0, 0.0)
    photo = prepare_photo(encoded(picture, exif=exif, comment=b"secret comment") + b"<script>appended</script>")
    for data in (photo.data, photo.thumb):
        again = opened(data)
        assert not dict(again.getexif())
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(again.info)
        assert b"Secret" not in data and b"secret" not in data and b"script" not in data


def test_the_turn_written_in_the_file_is_applied() -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("red", (0, 0, 20, 20))
    exif = picture.getexif()
    exif[0x0112] = 6  # shown turned clockwise: the left half is then the top
    photo = prepare_photo(encoded(picture, exif=exif, quality=95))
    shown = opened(photo.data).convert("RGB")
    assert shown.size == (20, 40)
    top, bottom = shown.getpixel((10, 5)), shown.getpixel((10, 35))
    assert top[1] < 60 and bottom[1] > 200  # type: ignore[index]


def test_transparent_parts_become_white() -> None:
    photo = prepare_photo(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert min(opened(photo.data).convert("RGB").getpixel((10, 10))) > 250  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("mode", "form"), [("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("CMYK", "JPEG"), ("I;16", "PNG"), ("LA", "PNG")]
)
def test_every_mode_becomes_rgb(mode: str, form: str) -> None:
    photo = prepare_photo(encoded(Image.new(mode, (30, 20)), form))
    assert opened(photo.data).mode == "RGB"


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    photo = prepare_photo(encoded(Image.new("I;16", (20, 20), 0x8000), "PNG"))
    assert 118 < opened(photo.data).convert("L").getpixel((10, 10)) < 138  # type: ignore[operator]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        encoded(Image.new("RGB", (200, 200), "red"))[:300],
        encoded(Image.new("RGB", (9, 9)), "GIF"),
    ],
)
def test_what_is_no_whole_photo_is_broken(data: bytes) -> None:
    with pytest.raises(UploadRejected) as caught:
        prepare_photo(data)
    assert caught.value.code == "broken"
