"""Photos as evidence: re-encoded, turned upright, made small, without place or other metadata."""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from documents.uploads import UploadRejected, open_picture

LONGEST_SIDE = 2_560
THUMB_SIDE = 320
_QUALITY, _THUMB_QUALITY = 85, 75


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo ready to be stored: JPEG bytes with their size in pixels, and a JPEG thumbnail."""

    data: bytes
    width: int
    height: int
    thumb: bytes

    mime = "image/jpeg"


def prepare_photo(data: bytes) -> PreparedPhoto:
    """Re-encodes a JPG or PNG: upright by its EXIF turn, ≤ 2,560 px on the longer side, RGB on white.

    Nothing but pixels survives: no EXIF, GPS, XMP, comment, colour profile, and nothing appended to the file.
    Raises UploadRejected: broken, too_many_pixels.
    """
    picture = open_picture(data)
    try:
        # a JPEG is already unpacked at a fraction of its size when it is far larger than needed
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        photo = _on_white(upright)
        photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        small = photo.copy()
        small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
        return PreparedPhoto(_jpeg(photo, _QUALITY), photo.width, photo.height, _jpeg(small, _THUMB_QUALITY))
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError, TypeError) as error:
        raise UploadRejected("broken") from error


def _on_white(picture: Image.Image) -> Image.Image:
    """RGB copy; transparent parts become white."""
    if picture.mode.startswith("I"):
        # 16-bit grey: Pillow would clip instead of scale
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    return picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)  # a fresh image carries no metadata that the encoder could write
    plain.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
