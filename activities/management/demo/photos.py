"""Generated pictures for the demo: drawn once each, then linked, so that no real photo is needed."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from core import files
from core.models import StoredFile

if TYPE_CHECKING:
    from core.models import User

SCENES = 8
SIZE = (960, 660)
_drawn: dict[tuple[int, int, str], StoredFile] = {}


def picture(user: User, scene: int) -> StoredFile:
    """Return a new stored photo of one of the scenes, with its thumbnail; bytes are shared by hard links."""
    thumb = _stored(user, scene, 320)
    return _stored(user, scene, SIZE[0], thumb)


def _stored(user: User, scene: int, width: int, thumbnail: StoredFile | None = None) -> StoredFile:
    data = drawn(scene, width)
    first = _drawn.get((scene, width, str(files.settings.FILES_DIR)))
    name = f"anh-demo-{scene + 1}.jpg"
    size = (width, round(width * SIZE[1] / SIZE[0]))
    if first is None or not files.path_of(first).exists():
        made = files.store(user=user, name=name, data=data, mime="image/jpeg", thumbnail=thumbnail, size=size)
        _drawn[scene, width, str(files.settings.FILES_DIR)] = made
        return made
    made = StoredFile(
        id=uuid.uuid4(),
        original_name=name,
        mime="image/jpeg",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=user,
        thumbnail=thumbnail,
        width=size[0],
        height=size[1],
    )
    target = files.path_of(made)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(files.path_of(first), target)
    made.save(force_insert=True)
    return made


@lru_cache(maxsize=2 * SCENES)
def drawn(scene: int, width: int) -> bytes:
    """Return a JPEG of hills, houses and people in a palette of its own."""
    height = round(width * SIZE[1] / SIZE[0])
    sky = [(222, 235, 248), (246, 232, 214), (225, 240, 228), (236, 230, 246)][scene % 4]
    hill = [(150, 190, 160), (190, 170, 130), (130, 170, 190), (165, 160, 200)][scene % 4]
    image = Image.new("RGB", (width, height), sky)
    pen = ImageDraw.Draw(image)

    def at(x: float, y: float) -> tuple[float, float]:
        return (x * width, y * height)

    pen.polygon(
        [
            at(0, 0.75),
            at(0.25 + scene * 0.02, 0.4),
            at(0.5, 0.66),
            at(0.75 - scene * 0.02, 0.32),
            at(1, 0.7),
            at(1, 1),
            at(0, 1),
        ],
        fill=hill,
    )
    pen.rectangle([at(0, 0.8), at(1, 1)], fill=tuple(max(0, part - 40) for part in hill))
    if scene % 2:
        pen.rectangle([at(0.32, 0.55), at(0.62, 0.82)], fill=(250, 250, 245))
        pen.polygon([at(0.28, 0.56), at(0.47, 0.4), at(0.66, 0.56)], fill=(170, 60, 50))
        pen.rectangle([at(0.44, 0.65), at(0.52, 0.82)], fill=(90, 70, 60))
    for place in range(3 + scene % 4):
        x = 0.12 + place * 0.13
        shirt = [(60, 110, 170), (190, 70, 70), (230, 190, 70), (80, 150, 110)][(place + scene) % 4]
        pen.ellipse([at(x - 0.025, 0.62), at(x + 0.025, 0.69)], fill=(225, 190, 160))
        pen.rounded_rectangle([at(x - 0.04, 0.69), at(x + 0.04, 0.88)], radius=width * 0.02, fill=shirt)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
