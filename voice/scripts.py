"""What the letters themselves say: scripts only some languages use, letters only one of them has, telling words.

Scripts are Unicode's. The telling letters and words are common knowledge about each language's spelling; they settle
what the statistical voters do not know (Tigrinya, Dari, Hmong, Wolof...) or mix up.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache

from voice import everyday_words

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
_MIXED: dict[str, str] = {
    "eng": "the my with help need please have is are and you want police call someone he she they not don't can house "
    "landlord work car doctor hospital baby money school for",
    "spa": "necesito ayuda con mi por favor el la que una un para quiero tengo hijo hija esposo los las está "
    "mañana hoy muy porque pero su yo no puedo casa dinero señor",
    "por": "preciso ajuda com meu minha por favor uma para quero tenho filho não está você porque mas muito casa",
    "fra": "je besoin aide avec mon ma le une pour veux mon fils est pas vous s'il plaît mais très maison j'ai",
    "hat": "mwen bezwen èd ak yon pou vle gen pitit se pa ou tanpri men anpil kay kay mwen",
    "tgl": "kailangan ko tulong ang ng sa po opo hindi ako ikaw anak bahay asawa kasi mga",
    "hin": "mujhe madad chahiye hai hain mera meri nahi nahin kya ke ki ka mein aap",
    "vie": "tôi cần giúp với của không là và cho con nhà",
    "som": "waxaan u baahanahay caawimo iyo waa aan ma guri",
    "swh": "nahitaji msaada na yangu tafadhali ni sina nyumba",
}
_MIXED_SETS = {code: frozenset(words.split()) for code, words in _MIXED.items()}
_TELLS: dict[str, list[str]] = defaultdict(list)
"""A telling word, to the languages it tells of."""
for _code in dict.fromkeys((*_WORDS, *everyday_words.HELP)):
    for _word in dict.fromkeys(f"{_WORDS.get(_code, '')} {everyday_words.HELP.get(_code, '')}".split()):
        _TELLS[_word].append(_code)
_IN_LATIN = {code: frozenset(words.split()) for code, words in everyday_words.IN_LATIN.items()}
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


def mixed_with(text: str) -> str | None:
    """The other language of a text that mixes English with one ("necesito help con my landlord"); None where it does
    not. Needs two telling words of each, a fifth of the text at least: a borrowed word mixes nothing."""
    found = words(text)
    english = _MIXED_SETS["eng"]
    needed = max(2, len(found) // 5)
    if sum(word in english for word in found) < needed:
        return None
    counted = {
        code: sum(word in telling and word not in english for word in found)
        for code, telling in _MIXED_SETS.items()
        if code != "eng"
    }
    best = max(counted, key=lambda code: counted[code])
    return best if counted[best] >= needed else None


def romanised(text: str) -> str | None:
    """The language of a text in Latin letters whose own letters are others ("mne nuzhna pomosh"), or Vietnamese without
    its marks; None where it is nothing of the kind. Needs two telling words, and two words in five."""
    if main_script(text) != "LATIN":
        return None
    found = [word for word in words(text) if len(word) > 2]
    counted = {code: sum(word in telling for word in found) for code, telling in _IN_LATIN.items()}
    best = max(counted, key=lambda code: counted[code])
    return best if counted[best] >= max(2, 0.4 * len(found)) else None


def signs(text: str) -> dict[str, float]:
    """How strongly letters and telling words point to each language: signs per word, 0 and up."""
    plain = text.lower()
    found = words(text)
    count = max(len(found), 1)
    pointed: dict[str, float] = defaultdict(float)
    for code, letters in _LETTERS:
        pointed[code] += sum(2.0 for letter in letters if letter in plain)
    for word in found:
        for code in _TELLS.get(word, ()):
            pointed[code] += 1.0
    return {code: value / count for code, value in pointed.items() if value}
