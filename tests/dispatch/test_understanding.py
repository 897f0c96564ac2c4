"""What officers really write, and what is understood. One line a text: the text, then the reading in a short notation.

Languages joined by "+" are all wanted, by "/" any will do; "-" excluded, "!" urgency, "=" constraint, "*" command,
"@" the place up to the end of the line.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import languages
from dispatch.understanding import Understanding, understand

READINGS = """
need haitian creole at 5th & Main, urgent  =>  hat !urgent @5th & Main
spanish  =>  spa
farsi/dari  =>  pes/prs
russian or ukrainian either ok  =>  rus/ukr
mandarin not cantonese  =>  cmn -yue
spanish and asl  =>  spa+ase
polish guy on 900 Polish Hill rd  =>  pol @900 Polish Hill rd
dv victim, female interpreter preferred, spanish  =>  spa =female
need chinese, mandarin  =>  cmn
Karen called about noise, need spanish  =>  spa
need karen interpreter at 12 Oak St  =>  ksw @12 Oak St
Officer French needs vietnamese  =>  vie
Sgt. German requesting arabic interp  =>  arb
need spansih asap  =>  spa !urgent
portugese please  =>  por
hatian creole female victim  =>  hat
female spanish interpreter please  =>  spa =female
victim is female speaks pashto  =>  pus
need certified cantonese for miranda  =>  yue =certified
never mind  =>  *drop
nvm  =>  *drop
cancel  =>  *drop
cancel the spanish one  =>  -spa *drop
don't need the interpreter anymore  =>  *drop
status  =>  *status
how long  =>  *status
id  =>  *identify
don't know the language  =>  *identify
not urgent, need swahili when possible  =>  swh
he doesn't speak spanish, maybe mam  =>  mam -spa
k'iche'  =>  quc
kiche  =>  quc
Q'anjob'al  =>  kjb
tigrinya or amharic  =>  tir/amh
somali please at Mercy Hospital ER  =>  som @Mercy Hospital ER
deaf male at 22 Elm street  =>  ase @22 Elm street
need sign language interpreter  =>  ase
ASL  =>  ase
hat  =>  hat
es  =>  spa
fa  =>  pes
in  =>  (nothing)
no  =>  (nothing)
speaks little english, need burmese  =>  mya
english speaking? no, nepali  =>  nep
need interpreter in person for french, court  =>  fra =in_person
français  =>  fra
Español  =>  spa
한국어  =>  kor
中文  =>  cmn
kreyol  =>  hat
kreyòl ayisyen  =>  hat
мне нужен переводчик  =>  (nothing)
need russian interp for traffic stop on I-90  =>  rus @I-90
Turkey hunter on route 9, need turkish  =>  tur @route 9
eat danish at cafe  =>  @cafe
not spanish, portuguese  =>  por -spa
not spanish or portuguese, kriolu  =>  kea -spa -por
cape verdean creole  =>  kea
cape verdean  =>  kea
mam or k'iche' , not spanish  =>  mam/quc -spa
french st & broadway, need lao  =>  lao @french st & broadway
looking for hmong or lao speaker asap at the Walmart on Central  =>  hmn/lao !urgent @the Walmart
shots fired, need spanish now  =>  spa !emergency
need spanish. No rush  =>  spa
menu  =>  *menu
languages  =>  *menu
lang: prs  =>  prs
need dari female interp, 14 Cedar Ave apt 3  =>  prs =female @14 Cedar Ave apt 3
arabic speaker stabbed at 40 West 5th St  =>  arb !emergency @40 West 5th St
serbian croatian or bosnian  =>  srp/hrv/bos
serbo-croatian  =>  srp/hrv/bos
kurdish sorani  =>  ckb
kurmanji  =>  kmr
need brazilian portuguese, not from portugal  =>  por
thai food place on main, owner speaks thai  =>  tha
pls send terp for vietnames  =>  vie
ukranian  =>  ukr
phillipino  =>  tgl
tagalog  =>  tgl
creole  =>  hat
yes  =>  (nothing)
ok thanks  =>  (nothing)
what language is this  =>  *identify
subject says 'ayuda por favor'  =>  (nothing)
Chinese food delivery driver speaks fujianese  =>  cdo
looks like he speaks swahili or kinyarwanda  =>  swh/kin
Need Punjabi/Hindi/Urdu  =>  pan/hin/urd
punjabi hindi or urdu, any ok  =>  pan/hin/urd
spanish, male preferred  =>  spa =male
2 languages: spanish and portuguese  =>  spa+por
both french and wolof  =>  fra+wol
anything but spanish - portuguese  =>  por -spa
guy speaks a bit of english and amharic  =>  amh
need a mandarin interpreter not cantonese at 5 Harrison Ave urgent  =>  cmn -yue !urgent @5 Harrison Ave
interpreter for deaf woman, in person  =>  ase =in_person
spanish interpreter for interview  =>  spa
miss Roman at desk, need romanian  =>  ron @desk
finish the report  =>  (nothing)
nail polish remover theft at cvs  =>  @cvs
need lady interpreter for dari  =>  prs =female
oromo  =>  orm
chuukese  =>  chk
marshallese at exit 12  =>  mah @exit 12
need Mam (not Spanish!!)  =>  mam -spa !urgent
Spanish ?  =>  spa
spanish?? or portuguese  =>  spa/por
not sure, spanish or italian  =>  spa/ita
bengali bangla  =>  ben
pashto dari  =>  pus+prs
burmese, karen or rohingya  =>  mya/ksw/rhg
where is my interpreter  =>  *status
drop  =>  *drop
update  =>  *status
any update on spanish  =>  spa *status
lao  =>  lao
maam  =>  (nothing)
yes ma'am spanish  =>  spa
gujrati  =>  guj
swahilli  =>  swh
ethiopian  =>  amh
eritrean  =>  tir
afghan  =>  prs/pus
iranian  =>  pes
persian  =>  pes
chinese  =>  cmn/yue
indian  =>  (nothing)
pakistani  =>  urd/pan
need zapotec, oaxaca  =>  zap
nahuatl  =>  nah
quechua  =>  que
zh  =>  cmn
zh-TW  =>  cmn
pt-br  =>  por
yue  =>  yue
need fr  =>  fra
wolof at Logan airport  =>  wol @Logan airport
Russian-speaking male, 30s, bleeding  =>  rus !emergency
cancel mandarin, need cantonese  =>  yue -cmn
cancel spanish  =>  -spa *drop
nvm he speaks english  =>  *drop
never mind the french guy  =>  -fra *drop
need both spanish and portuguese  =>  spa+por
spanish, portuguese and french  =>  spa+por+fra
spanish or french, female interp  =>  spa/fra =female
a woman interpreter, arabic  =>  arb =female
need a female, tigrinya  =>  tir =female
woman speaks only vietnamese  =>  vie
vietnamese woman at 3 Main st locked out  =>  vie @3 Main st
need interpreter for korean man  =>  kor
mandarin/cantonese  =>  cmn/yue
spanish/english  =>  spa
english to spanish  =>  spa
translator english-spanish  =>  spa
Spanish speaking only, at Broadway and 3rd St  =>  spa @Broadway and 3rd St
on Washington St near the park, french  =>  fra @Washington St near the park
I think its Albanian maybe  =>  sqi
possibly bosnian  =>  bos
either hindi or punjabi  =>  hin/pan
whatever language, dont know, sounds like arabic  =>  arb
sounds like arabic  =>  arb
looks chinese  =>  cmn/yue
vietnamese pls. family of 4  =>  vie
5 people, nepali  =>  nep
need urdu @ 12th & Pine rm 4  =>  urd @12th & Pine
need russain interp, suspect has knife, hurry  =>  rus !urgent
haitian  =>  hat
patient isn't breathing, family speaks khmer  =>  khm !emergency
khmer / cambodian  =>  khm
cambodian  =>  khm
Tigrigna  =>  tir
dari, not farsi  =>  prs -pes
no spanish. needs kaqchikel  =>  cak -spa
guatemalan family, mam  =>  mam
burmese at once  =>  mya
Mandarin at the moment  =>  cmn
spanish at 10pm  =>  spa
need greek and not turkish  =>  ell -tur
polish  =>  pol
i need a polish interpreter  =>  pol
swedish tourist lost passport  =>  swe
french woman lost her purse at the T station  =>  fra @the T station
Roma family speaks romanian  =>  ron
Ms. Karen Lao wants spanish  =>  spa
Mr Lao speaks lao  =>  lao
twi  =>  aka
need twi interp  =>  aka
tagalog/ilocano  =>  tgl
sign language  =>  ase
signing only, deaf  =>  ase
hard of hearing male  =>  ase
can you get me an interpreter  =>  (nothing)
help  =>  (nothing)
interpreter  =>  (nothing)
need an interpreter asap  =>  !urgent
spanish, call her at 617-555-0199  =>  spa
somali @ (617) 555-0199, urgent  =>  som !urgent
need mam at +502 7755 1234  =>  mam
spanish at 1600 Pennsylvania Ave, 617 555 0199  =>  spa @1600 Pennsylvania Ave
spanish @ 1430  =>  spa
mandarin or chinese  =>  cmn
looks chinese, maybe cantonese  =>  yue
pakistani, urdu or punjabi  =>  urd/pan
dari or pashto, afghan family  =>  prs/pus
mam or mayan  =>  mam
mam but not spanish  =>  mam -spa
speaks a little spanish, needs mam  =>  mam
spanish is not his first language, speaks mixteco  =>  mix
spanish 2nd language, first is zapotec  =>  zap
spanish not first language  =>  spa
his spanish is limited, speaks quechua  =>  que
spanish fort exit 35, need vietnamese  =>  vie
need mixteco in Spanish Harlem  =>  mix
Turkey Creek need mam  =>  mam
spanish town rd, need creole  =>  hat
need spanish at the lake  =>  spa @the lake
need spanish river patrol  =>  spa
spanish sign language  =>  ase
asl or spanish  =>  ase/spa
Det Sgt French requesting german  =>  deu
no male interpreter, spanish  =>  spa =female
women only, pashto  =>  pus =female
no, female interp, dari  =>  prs =female
certified not needed, spanish  =>  spa
doesn't have to be certified, spanish  =>  spa
in emergency room, spanish, not urgent  =>  spa
at the emergency room need spanish  =>  spa @the emergency room
he is not bleeding, spanish  =>  spa
not breathing, spanish  =>  spa !emergency
no shots fired, need spanish  =>  spa
rush hour crash, spanish  =>  spa
cv creole  =>  kea
portuguese creole  =>  kea
Need Haïtian Créole  =>  hat
french creole  =>  hat
si  =>  (nothing)
da  =>  (nothing)
nah  =>  (nothing)
need interp rn  =>  (nothing)
need rn  =>  (nothing)
low priority, spanish  =>  spa
cpr in progress, spanish  =>  spa !emergency
@ station 4 need nepali  =>  nep @station 4
lang: si  =>  sin
language=nah  =>  nah
"""
PAIRS = [tuple(line.split("  =>  ")) for line in READINGS.strip().splitlines()]


def notation(read: Understanding) -> str:
    """The reading, written as in READINGS."""
    parts = ["+".join(read.languages), "/".join(read.alternatives), *(f"-{code}" for code in read.excluded)]
    parts.append("" if read.urgency == "routine" else f"!{read.urgency}")
    parts += [f"={constraint}" for constraint in read.constraints]
    parts += [f"*{read.command}" if read.command else "", f"@{read.place}" if read.place else ""]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("text", "expected"), PAIRS, ids=[text for text, _ in PAIRS])
def test_texts_are_read_as_officers_mean_them(text: str, expected: str) -> None:
    assert (notation(understand(text)) or "(nothing)") == expected.strip()


@pytest.mark.parametrize(
    "text", ["SPANISH", "Need Haitian Creole At 5th & Main", "Farsi/Dari", "MANDARIN NOT CANTONESE"]
)
def test_capitals_make_no_difference(text: str) -> None:
    read, small = understand(text), understand(text.lower())
    assert (read.languages, read.alternatives, read.excluded) == (small.languages, small.alternatives, small.excluded)


@given(st.text(max_size=200))
def test_nothing_that_people_type_is_an_error(text: str) -> None:
    read = understand(text)
    known = languages.all_languages()
    assert all(code in known for code in (*read.languages, *read.alternatives, *read.excluded))
    assert not set(read.languages) & set(read.excluded)


@pytest.mark.parametrize("code", [c for c, one in languages.all_languages().items() if not one.signed])
def test_every_language_is_understood_by_its_english_name(code: str) -> None:
    read = understand(f"need {languages.get(code).english} interpreter")
    assert code in (*read.languages, *read.alternatives)


@pytest.mark.parametrize("text", ["no longer need spanish", "dont need spanish anymore", "scratch spanish"])
def test_an_officer_who_needs_no_more_is_understood(text: str) -> None:
    found = understand(text)
    assert (found.command, found.languages, found.excluded) == ("drop", (), ("spa",))


def test_neighbouring_words_for_or_and_apostrophes() -> None:
    assert understand("zapoteco o mixteco").alternatives == ("zap", "mix")
    assert understand("need q'anjobal interp").languages == ("kjb",)
    assert understand("don't need certified, spanish").languages == ("spa",)
