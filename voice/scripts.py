"""What the letters themselves say: scripts only some languages use, letters only one of them has, telling words.

Scripts are Unicode's. The telling letters and words are common knowledge about each language's spelling; they settle
what the statistical voters do not know (Tigrinya, Dari, Hmong, Wolof...) or mix up.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache

SCRIPT_LANGUAGES: dict[str, tuple[str, ...]] = {
    "ETHIOPIC": ("amh", "tir"),
    "KHMER": ("khm",),
    "THAI": ("tha",),
    "LAO": ("lao",),
    "MYANMAR": ("mya", "ksw"),
    "GEORGIAN": ("kat",),
    "ARMENIAN": ("hye",),
    "HANGUL": ("kor",),
    "HIRAGANA": ("jpn",),
    "KATAKANA": ("jpn",),
    "CJK": ("cmn", "yue", "jpn"),
    "GUJARATI": ("guj",),
    "GURMUKHI": ("pan",),
    "TAMIL": ("tam",),
    "TELUGU": ("tel",),
    "MALAYALAM": ("mal",),
    "KANNADA": ("kan",),
    "SINHALA": ("sin",),
    "BENGALI": ("ben",),
    "HEBREW": ("heb", "yid"),
    "GREEK": ("ell",),
    "TIBETAN": ("bod",),
    "DEVANAGARI": ("hin", "nep", "mar"),
    "ARABIC": ("arb", "pes", "prs", "urd", "pus", "ckb", "uig"),
    "CYRILLIC": ("rus", "ukr", "bel", "bul", "mkd", "srp", "kaz", "tgk", "mon", "uzb"),
    "HANIFI": ("rhg",),
}
"""Unicode script (first word of the character names) to the languages, ISO 639-3, that are written in it."""

_LETTERS: tuple[tuple[str, str], ...] = (
    ("pus", "ټډړښځڅۍېڼ"),
    ("urd", "ٹڈڑےں"),
    ("ckb", "ڵێۆڕە"),
    ("ukr", "їєґ"),
    ("bel", "ў"),
    ("kaz", "әңғұүқһ"),
    ("tgk", "ҷӯӣ"),
    ("mon", "өү"),
    ("srp", "ђћ"),
    ("mkd", "ѓќѕ"),
    ("rus", "ыэё"),
    ("bul", "ъ"),
    ("jpn", "々"),
    ("yue", "嘅唔咗嚟啲佢哋冇乜嗰喺"),
    ("hau", "ɗƙɓ"),
    ("yor", "ṣ"),
    ("ibo", "ụị"),
    ("hat", "òè"),
    ("ksw", "ၣၢၩၤၨ"),
    ("tir", "ኣኸቐኽዅ"),
    ("amh", "ኧ"),
)
_WORDS: dict[str, str] = {
    "tir": "እዩ ናይ ኣብ ካብ ከምኡ ኣነ ንሕና እየ ድማ ሰብ ዘለዎ ዝኾነ ኣለዎ መሰል ቋንቋ",
    "amh": "ነው እና ወይም ውስጥ ላይ ማንኛውም ነኝ እኔ መብት አለው ሰው የሆነ",
    "prs": "گپ ترجمان مه ره میفامم نمیفامم تشکر کمک‌م بخواهم خو نمیدانم جنجال شفاخانه پولیس موتر طفل اطفال",
    "pes": "می‌خواهم نمی‌فهمم مترجم لطفا ممنون بچه ماشین پلیس بیمارستان هست دارم",
    "hmn": "koj kuv lus hmoob tsis nyob yog muaj rau thiab cov tus tau txhua leej lawv ib peb nej pab thov",
    "wol": "dafa rekk mën jàmm nañu bépp ñépp dina yelleef war ndax duñu",
    "kea": "dja kel nha nhos tanbe nton sta pamodi kusa fazi",
    "hat": "mwen nou yo gen ki pou moun tout dwa tanpri bezwen kreyòl kreyol yon ap kapab oswa",
    "mam": "toj tu'n kye kyxol qyol tzan atz ojxe chi' tten kyuj kyoklen xjal tzeex",
    "quc": "xuquje' winaq chech uwach ruk' ronojel utz kech kuya",
    "kek": "laj eb' xb'aan sa' chixjunil naq ut xk'ulub' poyanam kixik",
    "cak": "chuqa' winaqi' nïm ruq'ij ruma",
    "mix": "ña kuu xa'a ja kuatia ñayivi nuu ñuu taka",
    "nah": "tlen ika uan kin ipan tlakatl nochi moneki amo tlaka ken",
    "que": "kay hina runa runakuna llapan kana chay mana hinallataq nisqa ñan derechoyoq allin",
    "aym": "jaqi jaqinaka taqi ukhamaraki janiwa mä uka jakaña derechoniwa",
    "cab": "lau lidan luma hamuga gürigia mutu lubuidun tidan ligía lanina",
    "orm": "akka keessa namni mirga qaba nama hin waan yookaan isaa walii",
    "lin": "mpe moto nyonso ezali makoki bato azali ndenge oyo",
    "aka": "sε wɔ biara yɛ obiara kyerɛ",
    "bam": "bɛ mɔgɔ kɛ bɛɛ",
    "ful": "neɗɗo ina hakkeeji maa mbaawi jogii",
    "rhg": "hók óor manúic maincóre aró beggún ettiar",
    "uzb": "bilan har inson bo'lgan huquqiga ega uchun yoki kerak",
    "kmr": "kes ji bo heye divê xwe mafê yan ez dixwazim",
    "som": "oo qof waxaa ayaa leeyahay waa kasta caawimo rabaa",
    "tgl": "ang mga ay at kong kailangan bawat karapatan tao",
    "kin": "umuntu afite uburenganzira kandi wese bwo cyangwa abantu",
    "srp": "ili pravo svako biti",
}
_TELLING = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "ꞌ": "'", "`": "'"})
_WORD = re.compile(r"[^\W\d_]+(?:['\u200c][^\W\d_]+)*'?")


@lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """The script of one letter, as Unicode names it; "" for anything that is not a letter."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").split(" ")[0]


def main_script(text: str) -> str:
    """The script of most letters; kana beside Chinese characters makes it Japanese. "" without letters."""
    counted = Counter(script for character in text if (script := script_of(character)))
    if counted["HIRAGANA"] + counted["KATAKANA"] and counted["CJK"]:
        return "HIRAGANA"
    return counted.most_common(1)[0][0] if counted else ""


def words(text: str) -> list[str]:
    """The words, lower case; scripts without spaces count every four letters as one word."""
    plain = text.lower().translate(_APOSTROPHES)
    found = _WORD.findall(plain)
    if main_script(text) in ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"):
        letters = sum(1 for character in plain if character.isalpha())
        return found + [""] * max(0, letters // 4 - len(found))
    return found


def signs(text: str) -> dict[str, float]:
    """How strongly letters and telling words point to each language: signs per word, 0 and up."""
    plain = text.lower()
    found = words(text)
    count = max(len(found), 1)
    pointed: dict[str, float] = defaultdict(float)
    for code, letters in _LETTERS:
        pointed[code] += sum(2.0 for letter in letters if letter in plain)
    for code, telling in _TELLING.items():
        pointed[code] += sum(1.0 for word in found if word in telling)
    return {code: value / count for code, value in pointed.items() if value}
