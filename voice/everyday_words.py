"""Words people write when they need help, by language, and the same languages' words in Latin letters.

The voters learned from formal writing; "necesito ayuda", "mne nuzhna pomosh" is what really comes in. Written for this
product from general knowledge; a sign among others, never an answer by itself.
"""

HELP: dict[str, str] = {
    "eng": "help need please speak english someone hurt the you",
    "spa": "ayuda necesito favor hablo español ingles inglés policia policía esposo hijo gracias quiero puede "
    "ayudarme tengo miedo casa señor entiendo usted",
    "por": "ajuda preciso favor falo português inglês polícia marido filho meu minha obrigado obrigada quero pode "
    "tenho medo não você entendo",
    "fra": "aide besoin s'il plaît svp parle français anglais police mari fils mon merci veux pouvez j'ai peur "
    "comprends",
    "hat": "eske èske ede bezwen tanpri pale kreyòl kreyol angle lapolis mari pitit mwen mèsi mesi vle konprann",
    "ita": "aiuto bisogno favore parlo italiano inglese polizia marito figlio mio grazie voglio può paura non capisco",
    "deu": "hilfe brauche bitte spreche deutsch englisch polizei mein meine danke nicht verstehe kann",
    "nld": "hulp nodig alstublieft spreek nederlands engels politie mijn dank niet begrijp",
    "ron": "ajutor nevoie rog vorbesc română romana engleză poliția soțul copilul meu mulțumesc vreau poate mi-e "
    "frică înțeleg",
    "sqi": "ndihmë ndihme nevojë lutem flas shqip anglisht policia burri fëmija faleminderit dua kam frikë nuk kuptoj",
    "pol": "pomocy pomoc potrzebuję potrzebuje proszę prosze mówię polsku angielsku policja mąż dziecko mój moja "
    "dziękuję chcę boję nie rozumiem",
    "ces": "pomoc potřebuji prosím mluvím česky anglicky policie manžel dítě můj děkuji chci bojím nerozumím",
    "slk": "pomoc potrebujem prosím hovorím slovensky anglicky polícia manžel dieťa môj ďakujem chcem bojím nerozumiem",
    "srp": "pomoć pomoc treba molim govorim srpski engleski policija muž dete dijete moj hvala želim bojim razumem "
    "razumijem помоћ молим говорим српски енглески полиција хвала",
    "hun": "segítség segítségre szükségem kérem beszélek magyarul angolul rendőrség férjem gyermekem köszönöm félek "
    "nem értem",
    "tur": "yardım yardim lazım lazim ihtiyacım ihtiyacim lütfen lutfen konuşuyorum türkçe turkce ingilizce polis "
    "kocam çocuğum teşekkürler istiyorum korkuyorum anlamıyorum",
    "aze": "kömək lazımdır xahiş edirəm danışıram azərbaycan ingilis polis ərim uşağım istəyirəm qorxuram başa "
    "düşmürəm",
    "uzb": "yordam kerak iltimos gapiraman o'zbek ingliz politsiya erim bolam rahmat xohlayman qo'rqaman tushunmayman",
    "vie": "giúp tôi cần không biết tiếng việt anh cảnh sát chồng con làm cảm muốn sợ hiểu",
    "ind": "tolong bantuan butuh saya tidak bisa bahasa indonesia inggris polisi suami anak terima kasih takut "
    "mengerti",
    "tgl": "tulong kailangan pakiusap marunong ingles tagalog pulis asawa anak salamat gusto takot hindi naiintindihan",
    "swh": "msaada naomba tafadhali nahitaji sijui kiingereza kiswahili polisi mume mtoto wangu asante nataka "
    "naogopa sielewi",
    "kin": "ubufasha nkeneye nyamuneka mvuga ikinyarwanda icyongereza polisi umugabo umwana wanjye murakoze mfite "
    "ubwoba",
    "run": "ubufasha ndakeneye ndavuga ikirundi icongereza umugabo umwana wanje murakoze",
    "lin": "lisungi nasengi nalobaka lingala lifalanse mobali mwana matondi nabangi",
    "som": "caawimo baahanahay fadlan hadlaa soomaali ingiriisi booliska ninkayga ilmahayga waan rabaa baqayaa "
    "fahmayo kaalay iga",
    "orm": "gargaarsa barbaada maaloo dubbadha oromoo ingiliffa poolisii abbaa ijoollee koo galatoomaa sodaadha",
    "hau": "taimako ina bukatar don allah jin hausa turanci yan sanda mijina ɗana gode tsoro",
    "yor": "ìrànlọ́wọ́ iranlowo nílò nilo jọ̀wọ́ jowo sọ yorùbá gẹ̀ẹ́sì ọlọ́pàá ọkọ ọmọ",
    "ibo": "enyemaka achọrọ biko asụ igbo bekee ndị uwe ojii nwa dalụ egwu",
    "wol": "ndimbal dama soxla ngir yalla wax wolof angale jëkkër doom jërëjëf ragal",
    "kmr": "alîkarî arîkarî hewce kerema xwe kurdî îngilîzî polîs mêrê zarok spas dixwazim ditirsim",
    "kea": "ajuda mesti mesta papia kriolu ingles pulisia maridu fidju obrigadu kre tene medu",
    "hmn": "pab kuv thov hais lus hmoob askiv tub ceev xwm txiv menyuam tsaug xav ntshai tsis taub",
    "rus": "помощь помогите нужна нужен пожалуйста мне я говорю говорит русски английски английский полиция муж "
    "ребёнок ребенок спасибо хочу можете боюсь понимаю меня это что",
    "ukr": "допомога допоможіть потрібна потрібен прошу будь ласка мені розмовляю українською англійською поліція "
    "чоловік дитина дякую хочу боюся розумію мене це що",
    "bel": "дапамога дапамажыце патрэбна калі ласка мне размаўляю беларуску англійску паліцыя муж дзіця дзякуй хачу "
    "баюся",
    "bul": "помощ помогнете трябва нужна моля ми говоря български английски полиция съпруг дете благодаря искам "
    "страх разбирам",
    "mkd": "помош помогнете треба ве молам зборувам македонски англиски полиција маж дете благодарам сакам",
    "kaz": "көмек керек өтінемін сөйлеймін қазақша ағылшынша полиция күйеуім балам рахмет қорқамын",
    "tgk": "кӯмак лозим лутфан гап мезанам тоҷикӣ англисӣ полис шавҳар кӯдак ташаккур метарсам",
    "arb": "مساعدة أحتاج احتاج محتاج من فضلك أتكلم عربي الإنجليزية انجليزي الشرطة زوجي ابني شكرا أريد خائفة أفهم "
    "عندي بدي",
    "pes": "کمک می‌خواهم میخوام می خواهم لطفا فارسی انگلیسی پلیس شوهرم بچه‌ام ممنون می‌ترسم نمی‌فهمم لازم دارم",
    "prs": "کمک ضرورت دارم لطفا دری انگلیسی پولیس شوهرم طفلم تشکر میترسم نمی‌فهمم ترجمان گپ مه",
    "pus": "مرسته مرستې اړتیا لرم مهرباني پښتو انګلیسي پولیس خاوند ماشوم مننه ویریږم پوهیږم زه",
    "urd": "مدد چاہیے براہ کرم مجھے میں اردو انگریزی پولیس شوہر بچہ شکریہ ڈر نہیں سمجھتا ہے",
    "ckb": "یارمەتی پێویستم تکایە کوردی ئینگلیزی پۆلیس مێردەکەم منداڵەکەم سوپاس دەترسم",
    "hin": "मदद चाहिए मुझे कृपया हिन्दी हिंदी अंग्रेज़ी पुलिस पति बच्चा धन्यवाद डर नहीं समझता बोलता है",
    "nep": "मद्दत चाहियो मलाई कृपया नेपाली अंग्रेजी प्रहरी श्रीमान बच्चा धन्यवाद डर बुझ्दिन बोल्छु छ",
    "mar": "मदत हवी पाहिजे मला कृपया मराठी इंग्रजी पोलीस पती मूल धन्यवाद भीती समजत आहे",
    "amh": "እርዳታ እፈልጋለሁ እባክህ እባክዎ አማርኛ እንግሊዝኛ ፖሊስ ባለቤቴ ልጄ አመሰግናለሁ እፈራለሁ አልገባኝም",
    "tir": "ሓገዝ የድልየኒ ደልየ በጃኻ ብጃኹም ትግርኛ እንግሊዝኛ ፖሊስ ሰብኣየይ ቆልዓይ የቐንየለይ ይፈርሕ",
}
"""By ISO 639-3; words apart by blanks, as they are written in the language's own letters."""

IN_LATIN: dict[str, str] = {
    "hin": "mujhe madad chahiye hai hain hoon mera meri mere nahi nahin kya aap kripya bachao pati bachcha samajh "
    "aata bolta hindi mein hum kuch ghar dard dar",
    "urd": "mujhe madad chahiye urdu shukriya meherbani angrezi shohar bacha baraye khuda nahi hai mein",
    "pan": "mainu madad chahidi hai punjabi angrezi nahi aundi mera ghar kirpa sat sri akal tuhanu",
    "ben": "amar sahajjo dorkar ami bangla ingreji jani bujhi swami bachcha doya kore amake sahajya",
    "nep": "malai maddat chahiyo nepali angreji aaudaina shriman bachcha kripaya cha dhanyabad",
    "guj": "mane madad joie chhe gujarati angreji nathi avadtu mari",
    "rus": "mne nuzhna nuzhen pomosh pomoshch pomogite pozhaluysta pozhalusta govoryu po-angliyski angliyski russkiy "
    "russki muzh rebenok spasibo boyus ponimayu menya",
    "ukr": "meni potribna dopomoha dopomozhit bud laska rozmovlyayu anhliyskoyu ukrayinska cholovik dytyna dyakuyu",
    "arb": "ana ahtaj mehtaj musaada musaeada mosa3ada min fadlak 3arabi arabi ingilizi shurta zawji ibni shukran "
    "batkallam bahki 3andi mish atakallam sa3idni urid awez",
    "pes": "man komak mikham mikhaham lotfan farsi engelisi nemidanam nemifahmam balad nistam shoharam bacheam mersi "
    "mitarsam",
    "pus": "zama mrasta marasta ghwaram pashto englisi poheegam mehrabani zma",
    "amh": "irdata erdata efelgalehu ifeligalehu ebakih ebakwo amarinya inglizenya alichilim balebete lije "
    "ameseginalehu",
    "tir": "hagez yedliyeni bejaka tigrinya englizegna aykieln yekenyeley",
    "cmn": "xuyao bangzhu bangmang hui shuo yingwen zhongwen qing jiuming xiexie wode laogong haizi tingbudong",
    "yue": "ngo seoiyiu bongsau sik gong jingman gwongdungwaa goi",
    "kor": "dowajuseyo doum piryohaeyo yeongeo mothaeyo hangukmal hangugeo jebal nampyeon gamsahamnida",
    "jpn": "tasukete kudasai eigo hanasemasen wakarimasen nihongo onegaishimasu otto kodomo arigatou",
    "tha": "chuai chuay duay mai phut pasa angkrit khrap kha khob khun tamruat",
    "khm": "chuoy som khnhom khnyom min cheh niyeay pheasa anglais khmer orkun",
    "vie": "toi giup khong tieng viet nguoi canh sat chong lam cam biet noi xin",
    "ell": "voithia boitheia chreiazomai parakalo milao ellinika agglika astynomia efcharisto den",
    "kat": "dakhmareba mchirdeba gtkhovt kartuli inglisuri vitsi madloba",
    "hye": "ognutyun petq khndrum hayeren angleren chgitem shnorhakalutyun",
    "bul": "pomosht nuzhna trqbva molq govorq bulgarski angliiski razbiram",
}
"""Languages with letters of their own, as they are written on a phone without them; Vietnamese without its marks.

Only words of three letters and more: shorter ones are words of many languages."""
