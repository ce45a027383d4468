"""Text typed with the fonts of before Unicode: TCVN3 (ABC, ".VnTime") and VNI. Recognised by its syllables, converted.

Such text holds Latin-1 letters that the font draws as Vietnamese ones: "Uû ban nh©n d©n" in TCVN3 (one code a letter)
and "UÛy ban nhaân daân" in VNI (a letter and its marks). Tables: TCVN 5712:1993 and the character set of VNI-Win.
"""

import re
import unicodedata
from functools import lru_cache

TCVN3, VNI = "legacy_tcvn3", "legacy_vni"
_ENOUGH_WORDS = 3
_SAMPLED = 40_000  # characters looked at before deciding

_TCVN3 = {
    chr(first + step): letter
    for first, letters in (
        (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"), (0xB5, "àảãáạ"), (0xBB, "ằẳẵắ"), (0xC6, "ặầẩẫấậè"), (0xCE, "ẻẽéẹềểễếệìỉ"),
        (0xDC, "ĩíịò"), (0xE1, "ỏõóọồổỗốộờởỡớợù"), (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
    )
    for step, letter in enumerate(letters)
}  # fmt: skip
_TCVN3_TABLE = str.maketrans(_TCVN3)

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_PLAIN = {"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_CIRCUMFLEX = {"â": "", "á": _ACUTE, "à": _GRAVE, "å": _HOOK, "ã": _TILDE, "ä": _DOT}
_BREVE = {"ê": "", "é": _ACUTE, "è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "ë": _DOT}
_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    pairs = dict(_ALONE)
    for letter, shown in {**{vowel: vowel for vowel in "aeouy"}, "ô": "ơ", "ö": "ư"}.items():
        pairs |= {letter + mark: shown + tone for mark, tone in _PLAIN.items()}
        if letter in "aeo":
            pairs |= {letter + mark: shown + "\u0302" + tone for mark, tone in _CIRCUMFLEX.items()}
        if letter == "a":
            pairs |= {letter + mark: shown + "\u0306" + tone for mark, tone in _BREVE.items()}
    made = {written: unicodedata.normalize("NFC", shown) for written, shown in pairs.items()}
    for written, shown in list(made.items()):
        made[written.upper()] = shown.upper()
        made[written[0].upper() + written[1:]] = shown.upper()
    return made


_VNI = _vni()
_VNI_PATTERN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:uyê|uya|uyu|iêu|yêu|uôi|ươi|ươu|oai|oay|oao|oeo|uây|iê|yê|uô|ươ|uâ|uê|uy|uơ|oa|oă|oe|oo|ai|ao|au|ay|âu|ây|eo|êu"
    r"|ia|iu|oi|ôi|ơi|ua|ui|ưa|ưi|ưu|[aăâeêioôơuưy])"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_TONES = re.compile(f"[{_ACUTE}{_GRAVE}{_HOOK}{_TILDE}{_DOT}]")
_EDGES = ".,;:!?()[]{}<>\"'“”‘’…-–—/\\*+=_%&#@|~`^0123456789"


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """True if `word` could be one Vietnamese syllable: onset, nucleus and coda that exist, at most one tone."""
    bare, tones = _TONES.subn("", unicodedata.normalize("NFD", word.lower()))
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def _marked(text: str) -> list[str]:
    """The words with a letter beyond ASCII; hyphens and slashes part words too."""
    words = (word.strip(_EDGES) for word in re.split(r"[\s/\-–]+", text))
    return [word for word in words if not word.isascii() and len(word) <= 12]


def _verdict(text: str) -> str:
    """Which encoding makes sense of `text`: a code, or "" if Unicode does or nothing does."""
    words = _marked(text)
    if not words:
        return ""
    plain = sum(map(is_syllable, words))
    best, code = max((sum(is_syllable(_word(word, code)) for word in words), code) for code in (TCVN3, VNI))
    return code if best >= len(words) * 0.7 and best > plain * 1.5 else ""


def _word(word: str, code: str) -> str:
    if code == TCVN3:
        return word.translate(_TCVN3_TABLE)
    return _VNI_PATTERN.sub(lambda match: _VNI[match[0]], word)


def detect(text: str) -> str:
    """`legacy_tcvn3` or `legacy_vni` if lines of `text` (as it came, before any cleaning) are typed so, else ""."""
    found = {TCVN3: 0, VNI: 0}
    for line in text[:_SAMPLED].split("\n"):
        if not line.isascii() and (code := _verdict(line)):
            found[code] += len(_marked(line))
    code = max(found, key=lambda key: found[key])
    return code if found[code] >= _ENOUGH_WORDS else ""


def convert(text: str, code: str) -> str:
    """`text` in Unicode, line by line; lines that already hold letters of Vietnamese Unicode stay as they are."""
    return "\n".join(line if is_unicode(line) else _word(line, code) for line in text.split("\n"))


def is_unicode(text: str) -> bool:
    """True if `text` holds letters that no legacy text has (đ, ơ, ư, ă or letters with two marks)."""
    return any("\u0102" <= char <= "\u01b0" or "\u1ea0" <= char <= "\u1ef9" for char in text)
