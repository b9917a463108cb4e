//! British and American spellings, brought together before a word is stemmed.
//!
//! In: a word in ASCII lower case. Out: one spelling for both sides, mostly the American, whose
//! endings the stemmer knows. Pairs that one side tells from a third word are left out: tyre and tire (tired),
//! cheque and check, kerb and curb, storey and story, draught and draft, prologue and Prolog.

use std::borrow::Cow;

/// How a word begins on either side, for words in the table below.
pub(crate) type Spelling = (&'static str, &'static str);

/// The spelling of `word` that stands for both.
pub(super) fn common(word: &str) -> Cow<'_, str> {
    let begun = british(word).map(|(british, american)| american.to_owned() + &word[british.len()..]);
    match (ended(begun.as_deref().unwrap_or(word)), begun) {
        (Some(ended), _) => Cow::Owned(ended),
        (None, Some(begun)) => Cow::Owned(begun),
        (None, None) => Cow::Borrowed(word),
    }
}

/// The word with the other ending, if it has one of those below.
fn ended(word: &str) -> Option<String> {
    // Each has one of these letters in it; most words end here.
    if word.len() < 7 || !word.contains("is") && !word.contains("yz") {
        return None;
    }
    ENDINGS.iter().find_map(|(ending, other)| {
        let root = word.strip_suffix(ending)?;
        let is_long = root.len() >= 4 - usize::from(ending.starts_with('y'));
        let changes = is_long && (ending.starts_with('y') || !keeps_its_s(root));
        changes.then(|| root.to_owned() + other)
    })
}

/// How the other side may begin the word that begins as `word` does.
pub(super) fn spelling(word: &str) -> Option<Spelling> {
    let american = || SPELLINGS.iter().find(|(_, american)| word.starts_with(american));
    british(word).or_else(|| american().copied())
}

fn british(word: &str) -> Option<Spelling> {
    let above = SPELLINGS.partition_point(|(british, _)| *british <= word);
    // A row may be followed by longer ones with the same beginning: centre, centred.
    let rows = SPELLINGS[..above].iter().rev().take(MOST_ROWS);
    rows.copied().find(|(british, _)| word.starts_with(british))
}

/// No more rows than that begin with the same row.
const MOST_ROWS: usize = 4;

/// How a family begins on either side, if the first letters differ: haemoglobin and hemoglobin.
///
/// `stem` is that of [`common`], so it begins as in America. A dictionary has the family behind both beginnings.
pub(crate) fn beginnings(stem: &str) -> Option<Spelling> {
    let begins = |(british, american): &&Spelling| {
        british.as_bytes()[..2] != american.as_bytes()[..2] && stem.starts_with(american)
    };
    SPELLINGS.iter().find(begins).copied()
}

/// Exercise, surprise, otherwise: words that both sides write with s.
fn keeps_its_s(root: &str) -> bool {
    const ROOTS: [&str; 25] = [
        "a", "o", "u", "w", "pr", "adv", "superv", "improv", "telev", "exerc", "prom", "prem", "prec", "rev", "conc",
        "circumc", "desp", "surm", "expert", "franch", "merchand", "parad", "treat", "advert", "chast",
    ];
    ROOTS.iter().any(|end| root.ends_with(end))
}

/// Endings written with s or z: to z as in organize, where the stemmer knows it, but to s in
/// analyse, whose z would part it from its plural noun.
const ENDINGS: [(&str, &str); 19] = [
    ("ise", "ize"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("isers", "izers"),
    ("ises", "izes"),
    ("ising", "izing"),
    ("isation", "ization"),
    ("isations", "izations"),
    ("isable", "izable"),
    ("isably", "izably"),
    ("isingly", "izingly"),
    ("isement", "izement"),
    ("isational", "izational"),
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
const SPELLINGS: [Spelling; 290] = [
    ("abridgement", "abridgment"), ("acknowledgement", "acknowledgment"), ("aeroplan", "airplan"),
    ("aesthet", "esthet"), ("aetiolog", "etiolog"), ("ageing", "aging"), ("aluminium", "aluminum"),
    ("amenorrhoea", "amenorrhea"), ("amphitheatre", "amphitheater"), ("anaem", "anem"), ("anaesth", "anesth"),
    ("analogue", "analog"), ("apnoea", "apnea"), ("arbour", "arbor"), ("archaeolog", "archeolog"),
    ("ardour", "ardor"), ("armour", "armor"), ("artefact", "artifact"), ("backpedalled", "backpedaled"),
    ("backpedalling", "backpedaling"), ("bacteraem", "bacterem"), ("behaviour", "behavior"),
    ("belabour", "belabor"), ("burnt", "burned"), ("caesarean", "cesarean"), ("caesium", "cesium"),
    ("calibre", "caliber"), ("calliper", "caliper"), ("callisthen", "calisthen"), ("cancelled", "canceled"),
    ("canceller", "canceler"), ("cancelling", "canceling"), ("candour", "candor"), ("catalogue", "catalog"),
    ("catalogued", "cataloged"), ("cataloguer", "cataloger"), ("cataloguing", "cataloging"),
    ("centilitre", "centiliter"), ("centimetre", "centimeter"), ("centre", "center"), ("centred", "centered"),
    ("centring", "centering"), ("channelled", "channeled"), ("channelling", "channeling"),
    ("chequered", "checkered"), ("chimaera", "chimera"), ("clamour", "clamor"), ("clangour", "clangor"),
    ("clarinettist", "clarinetist"), ("coeliac", "celiac"), ("colour", "color"), ("connexion", "connection"),
    ("cosier", "cozier"), ("cosily", "cozily"), ("cosiness", "coziness"), ("cosy", "cozy"),
    ("councillor", "councilor"), ("counselled", "counseled"), ("counseller", "counseler"),
    ("counselling", "counseling"), ("counsellor", "counselor"), ("crueller", "crueler"), ("cruellest", "cruelest"),
    ("defence", "defense"), ("demeanour", "demeanor"), ("despatch", "dispatch"), ("dialled", "dialed"),
    ("dialler", "dialer"), ("dialling", "dialing"), ("dialogue", "dialog"), ("diarrhoea", "diarrhea"),
    ("discolour", "discolor"), ("disfavour", "disfavor"), ("dishonour", "dishonor"), ("distill", "distil"),
    ("doughnut", "donut"), ("draughtsm", "draftsm"), ("draughtsw", "draftsw"), ("dreamt", "dreamed"),
    ("duelled", "dueled"), ("duelling", "dueling"), ("dysmenorrhoea", "dysmenorrhea"), ("dyspnoea", "dyspnea"),
    ("enamour", "enamor"), ("encyclopaed", "encycloped"), ("endeavour", "endeavor"), ("enquir", "inquir"),
    ("enroll", "enrol"), ("enthrall", "enthral"), ("epicentre", "epicenter"), ("epicentred", "epicentered"),
    ("epicentring", "epicentering"), ("equalled", "equaled"), ("equalling", "equaling"), ("faecal", "fecal"),
    ("faeces", "feces"), ("favour", "favor"), ("fervour", "fervor"), ("fibre", "fiber"), ("flavour", "flavor"),
    ("focussed", "focused"), ("focussing", "focusing"), ("foetal", "fetal"), ("foetid", "fetid"),
    ("foetus", "fetus"), ("fuelled", "fueled"), ("fueller", "fueler"), ("fuelling", "fueling"),
    ("fulfill", "fulfil"), ("ghettois", "ghettoiz"), ("glamour", "glamor"), ("glycaem", "glycem"),
    ("goitre", "goiter"), ("gonorrhoea", "gonorrhea"), ("grey", "gray"), ("gruelling", "grueling"),
    ("gynaecolog", "gynecolog"), ("haemat", "hemat"), ("haemo", "hemo"), ("harbour", "harbor"),
    ("homoeopath", "homeopath"), ("honour", "honor"), ("humour", "humor"), ("hyperglycaem", "hyperglycem"),
    ("hyperlipidaem", "hyperlipidem"), ("hypoglycaem", "hypoglycem"), ("hypoxaem", "hypoxem"),
    ("inflexion", "inflection"), ("initialled", "initialed"), ("initialling", "initialing"),
    ("instalment", "installment"), ("instill", "instil"), ("ionis", "ioniz"), ("ischaem", "ischem"),
    ("jewellery", "jewelry"), ("judgement", "judgment"), ("kilogramme", "kilogram"), ("kilometre", "kilometer"),
    ("labelled", "labeled"), ("labeller", "labeler"), ("labelling", "labeling"), ("labour", "labor"),
    ("lacklustre", "lackluster"), ("learnt", "learned"), ("leucocyt", "leukocyt"), ("leukaemi", "leukemi"),
    ("levelled", "leveled"), ("leveller", "leveler"), ("levelling", "leveling"), ("libelled", "libeled"),
    ("libelling", "libeling"), ("licenc", "licens"), ("likeable", "likable"), ("litre", "liter"),
    ("liveable", "livable"), ("loveable", "lovable"), ("lustre", "luster"), ("manoeuvrab", "maneuverab"),
    ("manoeuvre", "maneuver"), ("manoeuvred", "maneuvered"), ("manoeuvring", "maneuvering"),
    ("marvelled", "marveled"), ("marvelling", "marveling"), ("marvello", "marvelo"), ("meagre", "meager"),
    ("mediaeval", "medieval"), ("metre", "meter"), ("micrometre", "micrometer"), ("milligramme", "milligram"),
    ("millilitre", "milliliter"), ("millimetre", "millimeter"), ("misbehaviour", "misbehavior"),
    ("misdemeanour", "misdemeanor"), ("misspelt", "misspelled"), ("mitre", "miter"), ("modelled", "modeled"),
    ("modeller", "modeler"), ("modelling", "modeling"), ("mould", "mold"), ("moult", "molt"),
    ("moustach", "mustach"), ("moveable", "movable"), ("multicolour", "multicolor"), ("nanometre", "nanometer"),
    ("neighbour", "neighbor"), ("odour", "odor"), ("oedema", "edema"), ("oesophag", "esophag"), ("oestro", "estro"),
    ("oestrus", "estrus"), ("offence", "offense"), ("omelette", "omelet"), ("orthopaed", "orthoped"),
    ("outmanoeuvre", "outmaneuver"), ("outmanoeuvred", "outmaneuvered"), ("outmanoeuvring", "outmaneuvering"),
    ("paediatr", "pediatr"), ("paedophil", "pedophil"), ("palaeo", "paleo"), ("panelled", "paneled"),
    ("panelling", "paneling"), ("panellist", "panelist"), ("parlour", "parlor"), ("pedalled", "pedaled"),
    ("pedalling", "pedaling"), ("pencilled", "penciled"), ("pencilling", "penciling"),
    ("pharmacopoeia", "pharmacopeia"), ("plough", "plow"), ("practis", "practic"), ("pretence", "pretense"),
    ("primaeval", "primeval"), ("programme", "program"), ("programmed", "programmed"), ("programmer", "programmer"),
    ("pyjama", "pajama"), ("quarrelled", "quarreled"), ("quarreller", "quarreler"), ("quarrelling", "quarreling"),
    ("rancour", "rancor"), ("recognisanc", "recognizanc"), ("reconnoitre", "reconnoiter"),
    ("reconnoitred", "reconnoitered"), ("reconnoitring", "reconnoitering"), ("remould", "remold"),
    ("rigour", "rigor"), ("rivalled", "rivaled"), ("rivalling", "rivaling"), ("rumour", "rumor"),
    ("sabre", "saber"), ("saltpetre", "saltpeter"), ("saviour", "savior"), ("savour", "savor"),
    ("sceptic", "skeptic"), ("sceptre", "scepter"), ("septicaem", "septicem"), ("sepulchre", "sepulcher"),
    ("shovelled", "shoveled"), ("shovelling", "shoveling"), ("signalled", "signaled"), ("signaller", "signaler"),
    ("signalling", "signaling"), ("sizeable", "sizable"), ("skilful", "skillful"), ("smoulder", "smolder"),
    ("snowplough", "snowplow"), ("sombre", "somber"), ("specialities", "specialties"), ("speciality", "specialty"),
    ("spectre", "specter"), ("spiralled", "spiraled"), ("spiralling", "spiraling"), ("splendour", "splendor"),
    ("succour", "succor"), ("sulph", "sulf"), ("technicolour", "technicolor"), ("theatre", "theater"),
    ("titre", "titer"), ("totalled", "totaled"), ("totalling", "totaling"), ("toxaem", "toxem"),
    ("tranquillis", "tranquiliz"), ("tranquillity", "tranquility"), ("travelled", "traveled"),
    ("traveller", "traveler"), ("travelling", "traveling"), ("trialled", "trialed"), ("trialling", "trialing"),
    ("tricolour", "tricolor"), ("tumour", "tumor"), ("tunnelled", "tunneled"), ("tunneller", "tunneler"),
    ("tunnelling", "tunneling"), ("unequalled", "unequaled"), ("unfavour", "unfavor"), ("unravelled", "unraveled"),
    ("unravelling", "unraveling"), ("unrivalled", "unrivaled"), ("unsavour", "unsavor"), ("uraem", "urem"),
    ("useable", "usable"), ("valour", "valor"), ("vapour", "vapor"), ("vigour", "vigor"), ("viraem", "virem"),
    ("watercolour", "watercolor"), ("whisky", "whiskey"), ("woollen", "woolen"), ("worshipp", "worship"),
    ("yoghurt", "yogurt"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(SPELLINGS.is_sorted());
    }

    #[test]
    fn every_row_is_found_from_longer_words() {
        for (british, american) in SPELLINGS {
            assert_eq!(super::british(&format!("{british}zz")), Some((british, american)));
            assert!(british.len() > 3 && british.as_bytes()[..1] != *b" " && american.len() > 2);
        }
    }

    #[test]
    fn families_that_begin_otherwise_are_looked_for_there_too() {
        for (stem, expected) in [
            ("hemoglobin", Some(("haemo", "hemo"))),
            ("pediatr", Some(("paediatr", "pediatr"))),
            ("edema", Some(("oedema", "edema"))),
            ("color", None),
            ("hemispher", None),
        ] {
            assert_eq!(beginnings(stem), expected, "{stem}");
        }
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
            ("haemoglobin", "hemoglobin"),
            ("anaesthetised", "anesthetized"),
            ("organisational", "organizational"),
            ("ischaemia", "ischemia"),
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
