"""Names of bodies that issue documents: where the name behind "của" ends."""

import re

from documents.reading import language

TYPE = re.compile(rf"(?<!\w)(?:{language.alternation(language.words('document-types'))})(?!\w)", re.IGNORECASE)
ISSUER_HEAD = rf"(?:{language.alternation(language.words('issuers'))})(?!\w)"
ISSUER_START = re.compile(ISSUER_HEAD)
_STOP_WORDS = frozenset(language.words("issuers-stops"))
_TERM = re.compile(r"\s?\(?\s?[Kk]h[oó][aáà]\s[IVXLC]{1,6}\)?")
_ISSUER_ANY = re.compile(ISSUER_HEAD, re.IGNORECASE)
_ISSUER_WORD = re.compile(r"\s{1,3}(?P<w>[\w/]+(?:\.(?=\w)\w+)*)")
_ISSUER_JOINT = re.compile(r"\s{0,3}(?:,|-|–|&)\s{1,3}|\s{1,3}và\s{1,3}")
# begin like a stop word and yet belong to names: "Ủy ban", "An toàn giao thông"
_SAFE = re.compile(rf"(?:{language.alternation(language.words('issuers-phrases'))})(?!\w)")
_SAFE_ANY = re.compile(_SAFE.pattern, re.IGNORECASE)


def issuer_end(text: str, start: int, window: int) -> int:
    """Where the name of an issuing body that starts at `start` ends."""
    head = _ISSUER_ANY.match(text, start, window)
    at = head.end() if head else start
    while at < window:
        if term := _TERM.match(text, at, window):
            at = term.end()
            continue
        joint = _ISSUER_JOINT.match(text, at, window)
        if joint:
            rest = text[joint.end() : joint.end() + 40]
            next_type = TYPE.match(text, joint.end(), window)
            comma = "," in joint[0]
            if rest[:1].isupper() and (not next_type or next_type[0][0].islower()) and not re.match(r"\d|số\s", rest):
                if not comma or ISSUER_START.match(rest) or re.match(r"(?:[\w ]{2,30}), (?:[\w ]{2,30}) và ", rest):
                    at = joint.end()
                    inner = ISSUER_START.match(text, at, window) or _ISSUER_WORD.match(text, at - 1, window)
                    at = inner.end() if inner else at
                    continue
                if re.match(r"[\w ]{2,30}\svà\s[A-ZĐ]", rest) and re.search(
                    r"(?:Bộ|Sở|Ban|Vụ|Cục)\s[\w ]{2,30}$", text[start:at]
                ):
                    at = joint.end() - 1
                    continue
            elif (
                rest[:1].islower()
                and not comma
                and re.search(r"(?:Bộ|Sở)\s[\w ,]{2,30}$", text[start:at])
                and rest.split(" ")[0] not in _STOP_WORDS
            ):
                at = joint.end() - 1
                continue
            break
        match = _ISSUER_WORD.match(text, at, window)
        if not match or match["w"].isdigit() and text[at - 3 : at] != "thứ":
            break
        capitals = match["w"].isupper() and text[start : start + 6].isupper()
        stop = match["w"].lower() if capitals else match["w"]
        safe = _SAFE_ANY if capitals else _SAFE
        if stop in _STOP_WORDS and not safe.match(text, match.start("w"), window):
            break
        if TYPE.match(text, match.start("w"), window) and match["w"][0].isupper():
            break
        at = match.end()
    return at
