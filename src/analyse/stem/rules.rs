//! Endings by language: what folding took from them, and what Snowball leaves on.
//!
//! Snowball's rules look for accents (Spanish `-ía`, French `-ée`, Czech `-ých`), and the index has none. Where the
//! ending of a folded word can only be, or mostly is, the accented one, [`Rules::before`] puts the accents back.
//! [`Rules::after`] takes off what Snowball leaves on for fear of other words, or for want of an accent inside; in
//! languages without Snowball rules it does all the work, in the manner of Savoy's light stemmers (Savoy 2006,
//! Dolamic and Savoy 2009): inflections of nouns and adjectives and the commonest of verbs, no derivation.
//!
//! The longest ending that fits wins. What the rules do for each language stands at the head of `tests.rs`.

use frostem::Algorithm;

use crate::analyse::language::Language;

/// An ending and what takes its place.
pub(super) type Change = (&'static str, &'static str);

/// How the words of a language are stemmed.
#[derive(Debug)]
pub(super) struct Rules {
    /// Snowball's rules, if there are any worth having.
    pub(super) snowball: Option<Algorithm>,
    /// Changes of the folded word before Snowball sees it.
    pub(super) before: &'static [Change],
    /// Changes of the stem behind Snowball.
    pub(super) after: &'static [Change],
    /// Letters that an ending of `after` leaves at least; one more if the ending is a single letter.
    pub(super) least: usize,
    /// Whether endings are taken off until none is left: languages that string them together.
    pub(super) repeats: bool,
    /// Letters at the end of a stem that may be others in a word of the family.
    pub(super) soft: usize,
    /// What the words of a family may have before the stem: articles and particles written with them, prefixes.
    pub(super) heads: &'static [&'static str],
    /// Whether the heads are taken off first; else Snowball sees to them.
    pub(super) strips: bool,
}

/// The rules of a language, if its words can be stemmed.
pub(super) fn rules(language: Language) -> Option<&'static Rules> {
    Some(match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Italian => &ITALIAN,
        Language::Portuguese => &PORTUGUESE,
        Language::Dutch => &DUTCH,
        Language::Russian => &RUSSIAN,
        Language::Swedish => &SWEDISH,
        Language::Norwegian => &NORWEGIAN,
        Language::Danish => &DANISH,
        Language::Finnish => &FINNISH,
        Language::Hungarian => &HUNGARIAN,
        Language::Romanian => &ROMANIAN,
        Language::Turkish => &TURKISH,
        Language::Greek => &GREEK,
        Language::Arabic => &ARABIC,
        Language::Hindi => &HINDI,
        Language::Polish => &POLISH,
        Language::Czech => &CZECH,
        Language::Slovak => &SLOVAK,
        Language::Ukrainian => &UKRAINIAN,
        Language::Persian => &PERSIAN,
        Language::Indonesian => &INDONESIAN,
        Language::Catalan => &CATALAN,
        Language::Bulgarian => &BULGARIAN,
        Language::Lithuanian => &LITHUANIAN,
        Language::Tamil => &TAMIL,
        Language::Chinese
        | Language::Japanese
        | Language::Korean
        | Language::Thai
        | Language::Hebrew
        | Language::Vietnamese => return None,
    })
}

/// Snowball alone.
const fn snowball(algorithm: Algorithm) -> Rules {
    Rules {
        snowball: Some(algorithm),
        before: &[],
        after: &[],
        least: 3,
        repeats: false,
        soft: 0,
        heads: &[""],
        strips: false,
    }
}

const ENGLISH: Rules = snowball(Algorithm::English);
const RUSSIAN: Rules = snowball(Algorithm::Russian);
const HINDI: Rules = Rules { soft: 1, ..snowball(Algorithm::Hindi) };
const CATALAN: Rules = Rules { before: &[("cions", "ció"), ("cio", "ció")], soft: 1, ..snowball(Algorithm::Catalan) };
const TAMIL: Rules = snowball(Algorithm::Tamil);

/// The third person and the past of verbs (erklärt, erklärte), which Snowball keeps for nouns like Markt.
const GERMAN: Rules = Rules { after: &[("t", "")], least: 4, ..snowball(Algorithm::German) };

/// The participle's é and the third person plural, which Snowball keeps for nouns like client.
const FRENCH: Rules = Rules {
    before: &[("ee", "ée"), ("ees", "ées"), ("erent", "èrent")],
    after: &[("ent", "")],
    least: 4,
    soft: 1,
    ..snowball(Algorithm::French)
};

/// Imperfect, conditional and past have an accent that nouns (historia) have not; the i that nouns keep goes too.
#[rustfmt::skip]
const SPANISH: Rules = Rules {
    before: &[
        ("ia", "ía"), ("ias", "ías"), ("ian", "ían"), ("iamos", "íamos"), ("io", "ió"),
        ("aria", "aría"), ("arias", "arías"), ("arian", "arían"), ("ariamos", "aríamos"),
        ("eria", "ería"), ("erias", "erías"), ("erian", "erían"), ("eriamos", "eríamos"),
        ("iria", "iría"), ("irias", "irías"), ("irian", "irían"), ("iriamos", "iríamos"),
    ],
    after: &[
        ("i", ""), ("ar", ""), ("er", ""), ("ir", ""), ("ari", ""), ("eri", ""), ("iri", ""),
        ("ares", ""), ("eres", ""), ("ires", ""), ("ad", ""),
    ],
    least: 3,
    ..snowball(Algorithm::Spanish)
};

/// The future: parlerà, partirò.
const ITALIAN: Rules = Rules {
    before: &[("era", "erà"), ("ira", "irà"), ("ero", "erò"), ("iro", "irò")],
    ..snowball(Algorithm::Italian)
};

/// Tildes of nouns and futures; the plural of -vel is -veis.
#[rustfmt::skip]
const PORTUGUESE: Rules = Rules {
    before: &[
        ("cao", "ção"), ("coes", "ção"), ("arao", "arão"), ("erao", "erão"), ("irao", "irão"), ("ao", "ão"),
        ("oes", "ão"),
    ],
    after: &[("avel", "av"), ("ivel", "iv")],
    soft: 1,
    ..snowball(Algorithm::Portuguese)
};

/// The t of verbs: werkt, gewerkt.
const DUTCH: Rules =
    Rules { after: &[("t", ""), ("d", "")], soft: 2, heads: &["", "ge"], ..snowball(Algorithm::Dutch) };

/// The article and the neuter behind a stem: flickan, stort.
const SWEDISH: Rules = Rules { after: &[("an", ""), ("t", ""), ("n", "")], ..snowball(Algorithm::Swedish) };
const NORWEGIAN: Rules = Rules { after: &[("t", ""), ("n", "")], ..snowball(Algorithm::Norwegian) };
const DANISH: Rules = Rules { after: &[("t", ""), ("n", "")], ..snowball(Algorithm::Danish) };

/// Words in -nen have -se- before other endings, and words in -s have -kse-; the plural of verbs is -vat.
const FINNISH: Rules =
    Rules { after: &[("in", "is"), ("ks", "s"), ("v", ""), ("iv", "")], soft: 1, ..snowball(Algorithm::Finnish) };

/// Cases with ó, ő and é; the n of infinitives and the t of the past and the object.
#[rustfmt::skip]
const HUNGARIAN: Rules = Rules {
    before: &[
        ("bol", "ból"), ("rol", "ról"), ("tol", "tól"), ("nal", "nál"), ("ert", "ért"), ("kent", "ként"), ("va", "vá"),
        ("ve", "vé"),
    ],
    after: &[("n", ""), ("t", "")],
    soft: 1,
    ..snowball(Algorithm::Hungarian)
};

/// Verbs in -ează, -ește, -ând, -ați.
#[rustfmt::skip]
const ROMANIAN: Rules = Rules {
    before: &[
        ("eaza", "ează"), ("ind", "ând"), ("and", "ând"), ("easca", "ească"), ("esti", "ești"), ("este", "ește"),
        ("ati", "ați"), ("eti", "eți"), ("iti", "iți"),
    ],
    ..snowball(Algorithm::Romanian)
};

/// Cases, possessors and tenses, one after another. Snowball's rules follow the harmony of vowels, which folding
/// (ı to i, ü to u) has broken.
#[rustfmt::skip]
const TURKISH: Rules = Rules {
    snowball: None,
    before: &[],
    after: &[
        ("lar", ""), ("ler", ""), ("lari", ""), ("leri", ""), ("im", ""), ("um", ""), ("in", ""), ("un", ""), ("i", ""),
        ("u", ""), ("si", ""), ("su", ""), ("imiz", ""), ("umuz", ""), ("iniz", ""), ("unuz", ""), ("yi", ""),
        ("yu", ""), ("ni", ""), ("nu", ""), ("a", ""), ("e", ""), ("ya", ""), ("ye", ""), ("na", ""), ("ne", ""),
        ("da", ""), ("de", ""), ("ta", ""), ("te", ""), ("nda", ""), ("nde", ""), ("dan", ""), ("den", ""),
        ("tan", ""), ("ten", ""), ("ndan", ""), ("nden", ""), ("nin", ""), ("nun", ""), ("la", ""), ("le", ""),
        ("yla", ""), ("yle", ""), ("ki", ""), ("dir", ""), ("dur", ""), ("tir", ""), ("tur", ""), ("li", ""),
        ("lu", ""), ("di", ""), ("du", ""), ("ti", ""), ("tu", ""), ("mis", ""), ("mus", ""), ("yor", ""),
        ("iyor", ""), ("uyor", ""), ("acak", ""), ("ecek", ""), ("acag", ""), ("eceg", ""), ("en", ""), ("mak", ""),
        ("mek", ""), ("ma", ""), ("me", ""), ("dik", ""), ("duk", ""), ("dig", ""), ("dug", ""), ("tik", ""),
        ("tuk", ""), ("tig", ""), ("tug", ""), ("ir", ""), ("ur", ""), ("lik", ""), ("luk", ""), ("lig", ""),
        ("lug", ""), ("siz", ""), ("suz", ""), ("g", "k"), ("b", "p"),
    ],
    least: 3,
    repeats: true,
    soft: 1,
    heads: &[""],
    strips: false,
};

/// The article with the particles before it, and the commonest endings: Light10 (Larkey, Ballesteros and Connell 2002).
///
/// Snowball takes the first letter of nouns for a sign of verbs (سيارات), and leaves the article behind و.
#[rustfmt::skip]
const ARABIC: Rules = Rules {
    snowball: None,
    before: &[],
    after: &[
        ("ها", ""), ("ان", ""), ("ات", ""), ("ون", ""), ("ين", ""), ("يه", ""), ("ية", ""), ("ه", ""), ("ة", ""),
        ("ي", ""), ("ى", ""),
    ],
    least: 2,
    repeats: true,
    soft: 0,
    heads: &["", "ال", "و", "وال", "بال", "كال", "فال", "لل"],
    strips: true,
};

/// Plurals, the indefinite and the possessor, comparison; yeh and kaf are folded to those of Arabic.
#[rustfmt::skip]
const PERSIAN: Rules = Rules {
    snowball: None,
    before: &[],
    after: &[
        ("ها", ""), ("هاي", ""), ("هايي", ""), ("هايش", ""), ("هايم", ""), ("هايت", ""), ("هايشان", ""), ("ي", ""),
        ("ان", ""), ("تر", ""), ("ترين", ""), ("اش", ""), ("شان", ""), ("يم", ""), ("يد", ""), ("ند", ""), ("م", ""),
    ],
    least: 2,
    repeats: false,
    soft: 1,
    heads: &["", "مي", "نمي"],
    strips: true,
};

/// Prefixes of verbs and nouns; where they melt with the stem (menulis, of tulis) it is not found.
#[rustfmt::skip]
const INDONESIAN: Rules = Rules {
    soft: 1,
    heads: &[
        "", "be", "me", "mem", "men", "meng", "pe", "pem", "pen", "peng", "di", "ber", "ter", "ke", "se", "per", "memper",
        "diper",
    ],
    ..snowball(Algorithm::Indonesian)
};

/// Adjectives, whose -ικ- and -ι- Snowball takes off before some endings only.
const GREEK: Rules =
    Rules { after: &[("ικ", ""), ("ι", ""), ("στ", ""), ("ατ", "")], ..snowball(Algorithm::Greek) };

/// Nasal vowels, ó, ć and ł of cases, infinitives and the past.
#[rustfmt::skip]
const POLISH: Rules = Rules {
    before: &[
        ("ow", "ów"), ("ac", "ać"), ("iec", "ieć"), ("ic", "ić"), ("yc", "yć"), ("nac", "nąć"), ("al", "ał"),
        ("ala", "ała"), ("alo", "ało"), ("aly", "ały"), ("alem", "ałem"), ("alam", "ałam"), ("ial", "iał"),
        ("iala", "iała"), ("il", "ił"), ("ila", "iła"), ("ilo", "iło"), ("ily", "iły"), ("ilem", "iłem"),
        ("ilam", "iłam"), ("yl", "ył"), ("yla", "yła"), ("ylo", "yło"), ("yly", "yły"), ("aja", "ają"),
        ("aca", "ąca"), ("ace", "ące"), ("acy", "ący"), ("acych", "ących"),
    ],
    ..snowball(Algorithm::Polish)
};

/// The long vowels of adjectives and cases; Slovak has nearly the same endings.
#[rustfmt::skip]
const CZECH: Rules = Rules {
    before: &[
        ("ych", "ých"), ("ym", "ým"), ("eho", "ého"), ("im", "ím"), ("ich", "ích"), ("emu", "ému"), ("ymi", "ými"),
        ("imi", "ími"), ("ach", "ách"), ("am", "ám"), ("um", "ům"), ("iho", "ího"), ("imu", "ímu"),
    ],
    soft: 1,
    ..snowball(Algorithm::Czech)
};

const SLOVAK: Rules = Rules { after: &[("om", "")], ..CZECH };

/// Cases of nouns and adjectives, persons and tenses of verbs, the reflexive; folding makes ї an і.
#[rustfmt::skip]
const UKRAINIAN: Rules = Rules {
    snowball: None,
    before: &[],
    after: &[
        ("а", ""), ("у", ""), ("и", ""), ("і", ""), ("о", ""), ("е", ""), ("я", ""), ("ю", ""), ("ь", ""), ("й", ""),
        ("є", ""), ("в", ""), ("оі", ""), ("ою", ""), ("ею", ""), ("єю", ""), ("ам", ""), ("ами", ""), ("ах", ""),
        ("ом", ""), ("ем", ""), ("єм", ""), ("ів", ""), ("ям", ""), ("ями", ""), ("ях", ""), ("ові", ""), ("еві", ""),
        ("ого", ""), ("ому", ""), ("ий", ""), ("ій", ""), ("им", ""), ("их", ""), ("ими", ""), ("ую", ""), ("ює", ""),
        ("ти", ""), ("ла", ""), ("ло", ""), ("ли", ""), ("ть", ""), ("ють", ""), ("ує", ""), ("ують", ""), ("ати", ""),
        ("ав", ""), ("ала", ""), ("ало", ""), ("али", ""), ("ає", ""), ("ають", ""), ("ить", ""), ("ять", ""),
        ("ив", ""), ("ила", ""), ("ило", ""), ("или", ""), ("ити", ""), ("ся", ""), ("ться", ""), ("тися", ""),
        ("лося", ""), ("лася", ""), ("лись", ""), ("вся", ""),
    ],
    least: 2,
    repeats: false,
    soft: 0,
    heads: &[""],
    strips: false,
};

/// The article behind nouns and adjectives, plurals, persons of verbs.
#[rustfmt::skip]
const BULGARIAN: Rules = Rules {
    snowball: None,
    before: &[],
    after: &[
        ("а", ""), ("я", ""), ("о", ""), ("е", ""), ("и", ""), ("ът", ""), ("ят", ""), ("ете", ""), ("ето", ""),
        ("ите", ""), ("ия", ""), ("ият", ""), ("ата", ""), ("ото", ""), ("ята", ""), ("ове", ""),
        ("овете", ""), ("ам", ""), ("аш", ""), ("ава", ""), ("ява", ""), ("вам", ""), ("ват", ""), ("ах", ""), ("ахме", ""),
        ("аха", ""), ("ал", ""), ("ала", ""), ("али", ""), ("ял", ""), ("яла", ""), ("или", ""), ("ил", ""),
        ("ила", ""), ("на", ""), ("но", ""), ("ни", ""), ("ен", ""), ("ната", ""), ("ното", ""), ("ните", ""),
        ("ният", ""),
    ],
    least: 2,
    repeats: false,
    soft: 0,
    heads: &[""],
    strips: false,
};

/// Cases with ė and ų; t and d before i and another vowel are č and dž.
#[rustfmt::skip]
const LITHUANIAN: Rules = Rules {
    before: &[
        ("eje", "ėje"), ("emis", "ėmis"), ("ese", "ėse"), ("ejo", "ėjo"), ("iu", "ių"), ("uju", "ųjų"), ("es", "ės"),
        ("eti", "ėti"),
    ],
    after: &[("c", "t"), ("dz", "d")],
    least: 2,
    soft: 1,
    ..snowball(Algorithm::Lithuanian)
};
