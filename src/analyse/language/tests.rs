//! Sentences of each language, and texts that have none.

use super::*;
use crate::analyse::{Analyzer, Kind};

fn language(text: &str) -> Option<Language> {
    let mut detector = Detector::default();
    detector.begin();
    Analyzer::new().tokens(text, |token| {
        if token.kind == Kind::Part {
            detector.take(token.term);
        }
    });
    detector.language()
}

#[test]
fn sentences_are_known_by_the_words_that_hold_them_together() {
    for (code, text) in [
        ("en", "The keeper of the harbour said that they had not been told what was to be done with the lamp."),
        ("de", "Der Wärter im Hafen sagte, dass man ihm nicht gesagt habe, was mit der Lampe zu tun ist und wie."),
        ("fr", "Le gardien du port a dit qu'il ne savait pas ce qu'il fallait faire de la lampe pour les bateaux."),
        ("es", "El guardián del puerto dijo que no sabía lo que había que hacer con la lámpara para los barcos."),
        ("it", "Il guardiano del porto disse che non sapeva che cosa fare della lampada per le barche e gli uomini."),
        ("pt", "O guarda do porto disse que não sabia o que fazer com a lâmpada para os barcos da cidade."),
        ("nl", "De wachter van de haven zei dat hij niet wist wat er met de lamp voor de schepen moest worden gedaan."),
        (
            "sv",
            "Vakten i hamnen sade att han inte visste vad som skulle göras med lampan för båtarna och de som var där.",
        ),
        ("no", "Vakten i havnen sa at han ikke visste hva som skulle gjøres med lampen for båtene og de som var der."),
        ("da", "Vagten i havnen sagde, at han ikke vidste, hvad der skulle gøres med lampen af de folk, som blev der."),
        (
            "fi",
            "Sataman vartija sanoi, että hän ei tiennyt, mitä lampulle olisi tehtävä, mutta se oli jo rikki kun he tulivat.",
        ),
        (
            "hu",
            "A kikötő őre azt mondta, hogy nem tudja, mit kell tenni a lámpával, és ezt a hajók is meg fogják érteni.",
        ),
        ("ro", "Paznicul portului a spus că nu știe ce este de făcut cu lampa pentru vapoarele care sunt în larg."),
        (
            "tr",
            "Liman bekçisi gemiler için olan lamba ile ne yapılacağını bilmediğini ve bunun çok önemli bir iş olduğunu söyledi.",
        ),
        (
            "pl",
            "Strażnik portu powiedział, że nie wie, co zrobić z lampą dla statków, które są już na morzu, i jak to się stało.",
        ),
        (
            "cs",
            "Strážce přístavu řekl, že neví, co se má udělat s lampou pro lodě, které jsou už na moři, ale je to tak.",
        ),
        (
            "sk",
            "Strážca prístavu povedal, že nevie, čo sa má urobiť s lampou pre lode, ktoré sú už na mori, ale je to tak.",
        ),
        (
            "id",
            "Penjaga pelabuhan mengatakan bahwa dia tidak tahu apa yang akan dilakukan dengan lampu untuk kapal di laut itu.",
        ),
        (
            "vi",
            "Người gác cảng nói rằng ông không biết phải làm gì với ngọn đèn cho các con tàu đã ra khơi và những người ở đó.",
        ),
        (
            "ca",
            "El guardià del port va dir que no sabia què fer amb el llum per als vaixells que són al mar i les barques.",
        ),
        (
            "lt",
            "Uosto sargas pasakė, kad jis nežino, ką daryti su lempa, kuri yra laivams, bet tai buvo jau ne jo darbas ir jis.",
        ),
        ("ru", "Сторож гавани сказал, что он не знает, как быть с лампой для кораблей, которые уже вышли в море."),
        (
            "uk",
            "Сторож гавані сказав, що він не знає, як бути з лампою для кораблів, які вже вийшли в море, але це так.",
        ),
        (
            "bg",
            "Пазачът на пристанището каза, че не знае какво да прави с лампата за корабите, които са в морето и се връщат.",
        ),
        ("ar", "قال حارس الميناء إنه لا يعرف ما الذي يجب أن يفعله مع المصباح من أجل السفن التي كانت في البحر على بعد."),
        ("fa", "نگهبان بندر گفت که نمی‌داند با چراغ برای کشتی‌هایی که در دریا هستند چه باید کرد و این را از او پرسید."),
        ("hi", "बंदरगाह के पहरेदार ने कहा कि उसे नहीं पता कि दीपक का क्या करना है।"),
        ("el", "Ο φύλακας του λιμανιού είπε ότι δεν ξέρει τι να κάνει με τη λάμπα."),
        ("he", "שומר הנמל אמר שהוא לא יודע מה לעשות עם המנורה."),
        ("th", "ผู้ดูแลท่าเรือบอกว่าเขาไม่รู้ว่าจะทำอย่างไรกับโคมไฟ"),
        ("zh", "港口的看守人說他不知道該怎麼處理這盞燈。"),
        ("ja", "港の番人はランプをどうすればよいか分からないと言った。"),
        ("ko", "항구의 문지기는 등불을 어떻게 해야 할지 모르겠다고 말했다."),
        ("ta", "துறைமுகக் காவலர் விளக்கை என்ன செய்வது என்று தெரியவில்லை என்றார்."),
    ] {
        assert_eq!(language(text).map(Language::code), Some(code), "{text}");
    }
}

#[test]
fn what_is_no_text_has_no_language() {
    for text in [
        "",
        "the old lamp",
        "der alte Hafen",
        "static int read_all(struct file *f, char *buf, size_t len)\n{\n\tint n = 0;\n\tfor (int i = 0; i < len; i++) {\n\t\t\
         if (f->pos + i >= f->end)\n\t\t\tbreak;\n\t\tbuf[n++] = f->data[f->pos + i];\n\t}\n\tf->pos += n;\n\treturn n;\n}\n",
        "2021 17 3.5 88\n2022 19 4.1 90\n2023 23 4.4 97\n2024 29 5.0 101\nsum 88 17.0 376\nmean 22 4.25 94\n",
        "Anna Berg, Louis Martin, Pedro Gomez, Maria Rossi, Jan Novak, John Smith, Olga Ivanova, Piet de Vries, Ana Silva",
        "0x7f 0x45 0x4c 0x46 0x02 0x01 0x01 0x00 deadbeef cafebabe",
    ] {
        assert_eq!(language(text), None, "{text}");
    }
}

#[test]
fn names_in_another_script_do_not_hide_the_language() {
    for (code, text) in [
        ("ja", "Linux カーネルの make menuconfig を使って CONFIG_NET を有効にする"),
        ("zh", "使用 make menuconfig 配置 Linux 内核的 CONFIG_NET 选项"),
        ("ru", "Команда ls показывает файлы и каталоги, а cp и mv их копирует и переносит, как это и было до сих пор"),
    ] {
        assert_eq!(language(text).map(Language::code), Some(code), "{text}");
    }
}

#[test]
fn a_text_does_not_colour_the_next() {
    let mut detector = Detector::default();
    "der die das und nicht ist ein eine mit sich auf von".split(' ').for_each(|word| detector.take(word));
    assert_eq!(detector.language(), Some(Language::German));
    detector.begin();
    assert_eq!(detector.language(), None);
    "the of and that was were with they have been which would".split(' ').for_each(|word| detector.take(word));
    assert_eq!(detector.language(), Some(Language::English));
}

#[test]
fn numbers_codes_and_names_lead_back_to_their_language() {
    for (at, language) in Language::ALL.into_iter().enumerate() {
        assert_eq!(usize::from(language.number()), at + 1);
        assert_eq!(Language::from_number(language.number()), Some(language));
        assert_eq!(Language::from_code(language.code()), Some(language));
        assert!(!language.name().is_empty());
    }
    assert_eq!(Language::from_number(0), None);
    assert_eq!(Language::from_number(255), None);
    for (code, expected) in [("NB", Some(Language::Norwegian)), ("zh_CN", Some(Language::Chinese)), ("", None)] {
        assert_eq!(Language::from_code(code), expected, "{code}");
    }
}

#[test]
fn the_words_are_written_as_the_index_folds_them() {
    let mut analyzer = Analyzer::new();
    for (language, words) in words::WORDS {
        for word in words.split_whitespace() {
            let mut terms = Vec::new();
            analyzer.tokens(word, |token| terms.push(token.term.to_owned()));
            assert_eq!(terms, [word], "{}", language.name());
        }
    }
}
