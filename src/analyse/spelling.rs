//! British and American spellings, brought together before a word is stemmed.
//!
//! In: a word in ASCII lower case. Out: one spelling for both sides, mostly the American, whose
//! endings the stemmer knows. Pairs that differ in their first two letters (oesophagus, esophagus)
//! are left out, since a walk through the dictionary could not reach from one to the other.

use std::borrow::Cow;

/// How a word begins on either side, for words in the table below.
pub(super) type Spelling = (&'static str, &'static str);

/// The spelling of `word` that stands for both.
pub(super) fn common(word: &str) -> Cow<'_, str> {
    if let Some((british, american)) = british(word) {
        return Cow::Owned(american.to_owned() + &word[british.len()..]);
    }
    // Every ending below has one of these letters before it; most words end here.
    if word.len() < 7 || !word.contains("is") && !word.contains("yz") {
        return Cow::Borrowed(word);
    }
    for (ending, other) in ENDINGS {
        if let Some(root) = word.strip_suffix(ending)
            && root.len() >= 4 - usize::from(ending.starts_with('y'))
            && (ending.starts_with('y') || !keeps_its_s(root))
        {
            return Cow::Owned(root.to_owned() + other);
        }
    }
    Cow::Borrowed(word)
}

/// How the other side may begin the word that begins as `word` does.
pub(super) fn spelling(word: &str) -> Option<Spelling> {
    let american = || SPELLINGS.iter().find(|(_, american)| word.starts_with(american));
    british(word).or_else(|| american().copied())
}

fn british(word: &str) -> Option<Spelling> {
    let above = SPELLINGS.partition_point(|(british, _)| *british <= word);
    // A row may be followed by longer ones with the same beginning: centre, centred.
    let rows = SPELLINGS[..above].iter().rev().take(4);
    rows.copied().find(|(british, _)| word.starts_with(british))
}

/// Exercise, surprise, otherwise: words that both sides write with s.
fn keeps_its_s(root: &str) -> bool {
    const ROOTS: [&str; 24] = [
        "a", "o", "u", "w", "pr", "adv", "superv", "improv", "telev", "exerc", "prom", "prem", "prec", "conc",
        "circumc", "desp", "surm", "expert", "franch", "merchand", "parad", "treat", "advert", "chast",
    ];
    ROOTS.iter().any(|end| root.ends_with(end))
}

/// Endings written with s or z: to z as in organize, where the stemmer knows it, but to s in
/// analyse, whose z would part it from its plural noun.
const ENDINGS: [(&str, &str); 15] = [
    ("ise", "ize"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("isers", "izers"),
    ("ises", "izes"),
    ("ising", "izing"),
    ("isation", "ization"),
    ("isations", "izations"),
    ("isable", "izable"),
    ("yze", "yse"),
    ("yzed", "ysed"),
    ("yzer", "yser"),
    ("yzers", "ysers"),
    ("yzes", "yses"),
    ("yzing", "ysing"),
];

/// How words begin in Britain and in America, in the order of the first. Rows that change nothing
/// keep a longer word from being taken for a form of a shorter: programmer, of programme.
#[rustfmt::skip]
const SPELLINGS: [Spelling; 168] = [
    ("acknowledgement", "acknowledgment"), ("ageing", "aging"), ("aluminium", "aluminum"),
    ("amphitheatre", "amphitheater"), ("anaem", "anem"), ("anaesth", "anesth"),
    ("analogue", "analog"), ("arbour", "arbor"), ("archaeolog", "archeolog"), ("ardour", "ardor"),
    ("armour", "armor"), ("artefact", "artifact"), ("behaviour", "behavior"),
    ("caesium", "cesium"), ("calibre", "caliber"), ("cancelled", "canceled"),
    ("canceller", "canceler"), ("cancelling", "canceling"), ("candour", "candor"),
    ("catalogue", "catalog"), ("catalogued", "cataloged"), ("cataloguer", "cataloger"),
    ("cataloguing", "cataloging"), ("centimetre", "centimeter"), ("centre", "center"),
    ("centred", "centered"), ("centring", "centering"), ("channelled", "channeled"),
    ("channelling", "channeling"), ("clamour", "clamor"), ("colour", "color"), ("cosy", "cozy"),
    ("counselled", "counseled"), ("counseller", "counseler"), ("counselling", "counseling"),
    ("counsellor", "counselor"), ("defence", "defense"), ("demeanour", "demeanor"),
    ("dialled", "dialed"), ("dialler", "dialer"), ("dialling", "dialing"), ("dialogue", "dialog"),
    ("diarrhoea", "diarrhea"), ("discolour", "discolor"), ("dishonour", "dishonor"),
    ("draught", "draft"), ("duelled", "dueled"), ("duelling", "dueling"),
    ("encyclopaed", "encycloped"), ("endeavour", "endeavor"), ("epicentre", "epicenter"),
    ("epicentred", "epicentered"), ("equalled", "equaled"), ("equalling", "equaling"),
    ("favour", "favor"), ("fervour", "fervor"), ("fibre", "fiber"), ("flavour", "flavor"),
    ("focussed", "focused"), ("focussing", "focusing"), ("fuelled", "fueled"),
    ("fueller", "fueler"), ("fuelling", "fueling"), ("fulfill", "fulfil"), ("glamour", "glamor"),
    ("grey", "gray"), ("gynaecolog", "gynecolog"), ("harbour", "harbor"), ("honour", "honor"),
    ("humour", "humor"), ("instalment", "installment"), ("jewellery", "jewelry"),
    ("judgement", "judgment"), ("kilometre", "kilometer"), ("labelled", "labeled"),
    ("labeller", "labeler"), ("labelling", "labeling"), ("labour", "labor"),
    ("leukaemi", "leukemi"), ("levelled", "leveled"), ("leveller", "leveler"),
    ("levelling", "leveling"), ("libelled", "libeled"), ("libelling", "libeling"),
    ("licence", "license"), ("litre", "liter"), ("lustre", "luster"),
    ("manoeuvrab", "maneuverab"), ("manoeuvre", "maneuver"), ("manoeuvred", "maneuvered"),
    ("manoeuvring", "maneuvering"), ("marvelled", "marveled"), ("marvelling", "marveling"),
    ("marvello", "marvelo"), ("meagre", "meager"), ("mediaeval", "medieval"), ("metre", "meter"),
    ("micrometre", "micrometer"), ("millimetre", "millimeter"), ("misbehaviour", "misbehavior"),
    ("modelled", "modeled"), ("modeller", "modeler"), ("modelling", "modeling"),
    ("mould", "mold"), ("moult", "molt"), ("multicolour", "multicolor"),
    ("nanometre", "nanometer"), ("neighbour", "neighbor"), ("odour", "odor"),
    ("offence", "offense"), ("orthopaed", "orthoped"), ("palaeo", "paleo"),
    ("panelled", "paneled"), ("panelling", "paneling"), ("parlour", "parlor"),
    ("pedalled", "pedaled"), ("pedalling", "pedaling"), ("pencilled", "penciled"),
    ("pencilling", "penciling"), ("plough", "plow"), ("practis", "practic"),
    ("pretence", "pretense"), ("programme", "program"), ("programmed", "programmed"),
    ("programmer", "programmer"), ("quarrelled", "quarreled"), ("quarreller", "quarreler"),
    ("quarrelling", "quarreling"), ("rancour", "rancor"), ("rigour", "rigor"),
    ("rivalled", "rivaled"), ("rivalling", "rivaling"), ("rumour", "rumor"), ("sabre", "saber"),
    ("saviour", "savior"), ("savour", "savor"), ("shovelled", "shoveled"),
    ("shovelling", "shoveling"), ("signalled", "signaled"), ("signaller", "signaler"),
    ("signalling", "signaling"), ("skilful", "skillful"), ("smoulder", "smolder"),
    ("sombre", "somber"), ("spectre", "specter"), ("spiralled", "spiraled"),
    ("spiralling", "spiraling"), ("splendour", "splendor"), ("succour", "succor"),
    ("sulph", "sulf"), ("theatre", "theater"), ("totalled", "totaled"), ("totalling", "totaling"),
    ("travelled", "traveled"), ("traveller", "traveler"), ("travelling", "traveling"),
    ("tumour", "tumor"), ("tunnelled", "tunneled"), ("tunneller", "tunneler"),
    ("tunnelling", "tunneling"), ("unfavour", "unfavor"), ("unravelled", "unraveled"),
    ("unravelling", "unraveling"), ("valour", "valor"), ("vapour", "vapor"), ("vigour", "vigor"),
    ("whisky", "whiskey"),  ("yoghurt", "yogurt"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(SPELLINGS.is_sorted());
    }

    #[test]
    fn both_sides_have_one_spelling() {
        for (british, american) in [
            ("neighbouring", "neighboring"),
            ("colours", "colors"),
            ("centred", "centered"),
            ("theatres", "theaters"),
            ("programmes", "programs"),
            ("programmers", "programmers"),
            ("travelling", "traveling"),
            ("organisations", "organizations"),
            ("realised", "realized"),
            ("analyse", "analyze"),
            ("analysing", "analyzing"),
            ("grey", "gray"),
        ] {
            assert_eq!(common(british), common(american), "{british}");
        }
    }

    #[test]
    fn other_words_stay() {
        for word in ["exercise", "promised", "surprising", "otherwise", "noise", "this", "wise", "totally", "is"] {
            assert_eq!(common(word), word);
        }
    }
}
