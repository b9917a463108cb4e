//! The words that hold sentences together, by language.
//!
//! Articles, pronouns, auxiliaries, prepositions, conjunctions and the commonest adverbs, folded. Words that
//! programming languages use as keywords (`for`, `if`, `while`) are left out, and so are single letters.

use super::Language;

/// The words of each language, parted by spaces.
pub(super) const WORDS: &[(Language, &str)] = &[
    (
        Language::English,
        "the of and to that was were are is be been by with on at from it its he she they their his her you your we \
         our have has had will would can could should may must not which who when what there these those into than \
         then but also an or some any only such each other more about after before between because where how",
    ),
    (
        Language::German,
        "der die das und nicht ist ein eine einer einem einen eines den dem des mit sich auf fur von zu zum zur im \
         auch als wird werden wurde sind oder aber wie nach bei durch uber wenn nur noch kann konnen hat haben war \
         aus es sie er ich wir diese dieser dieses dass sein seine ihre mehr unter sowie bis keine man wer wen wem \
         wessen welche welcher welches welchen welchem wo wohin woher wann warum wieso weshalb womit wozu wodurch \
         viele",
    ),
    (
        Language::French,
        "le la les un une des du de et est en que qui dans pour pas par sur au aux avec ce cette ces il elle ils \
         nous vous je ne se son sa ses leur leurs plus ou mais sont ete etre avoir ont fait comme peut si lors \
         apres ainsi entre sans sous tout tous meme aussi donc dont cet lorsque votre quel quelle quels quelles \
         quand pourquoi comment combien quoi lequel laquelle",
    ),
    (
        Language::Spanish,
        "el la los las un una unos unas de del y en que es por para con no se su sus lo al como mas pero son fue \
         ser esta este estos estas esto ha han hay sobre entre cuando tambien si sin desde hasta donde porque muy \
         ya o le les nos era puede pueden otros otra cada cual cuales quien quienes cuanto cuantos cuanta cuantas",
    ),
    (
        Language::Italian,
        "il lo la gli le un uno una di del della dei delle dello degli e in nel nella nei nelle che per con non si \
         da dal dalla al alla ai alle sul sulla come piu ma sono e essere stato ha hanno questo questa questi \
         queste anche se tra fra suo sua loro quando dove ogni puo cui ed era viene quale quali chi cosa perche \
         quanto quanti quanta quante",
    ),
    (
        Language::Portuguese,
        "o a os as um uma uns de do da dos das e em no na nos nas que por pelo pela para com nao se ao aos como \
         mais mas foi sao ser esta este isso ha tem sobre entre quando tambem sem ate seu sua seus suas ele ela \
         eles voce ou muito ja pode podem onde cada era qual quais quem quanto quantos quanta quantas porque",
    ),
    (
        Language::Dutch,
        "de het een van en in op te is dat die voor met niet zijn aan er om ook als bij door naar uit over maar dan \
         wordt worden werd kan hij zij ze deze dit of tot heeft hebben had was geen nog wel wat meer onder na moet \
         alleen tussen omdat hun mijn jij wij welke wie waar wanneer waarom hoe hoeveel",
    ),
    (
        Language::Swedish,
        "och att det som en ett av den ar for inte pa med till om har de var fran vid eller ska kan man men sig han \
         hon sin sina deras nar efter under mot vad jag vi inom aven detta denna dessa mycket mellan skulle blev \
         blir genom ocksa utan varit finns hur dar alla annan vem vilken vilket vilka varfor",
    ),
    (
        Language::Norwegian,
        "og at det som en et av den er for ikke pa med til om har de var fra ved eller skal kan men seg han hun sin \
         sine deres nar etter under mot hva jeg vi dette denne disse mye mellom skulle ble blir gjennom ogsa uten \
         vaert finnes hvordan der alle noen ut opp meg deg hvis",
    ),
    (
        Language::Danish,
        "og at det som en et af den er for ikke pa med til om har de var fra ved eller skal kan men sig han hun sin \
         sine deres nar efter under mod hvad jeg vi dette denne disse meget mellem skulle blev bliver gennem ogsa \
         uden vaeret findes hvordan der alle nogle ud op mig dig hvis",
    ),
    (
        Language::Finnish,
        "ja on ei ole se han ne he joka jotka mika etta kun jos niin myos mutta tai kuin ovat oli olivat tama nama \
         siita sen sita niiden ettei voi voidaan mukaan kanssa jonka joita jossa koska vain viela sitten jo hyvin \
         kaikki muun muut enemman ennen jalkeen ilman vuoden olla ollut seka",
    ),
    (
        Language::Hungarian,
        "a az es hogy nem is egy ez azt ezt van volt meg csak de ha mint vagy aki ami amely ennek annak ezek azok \
         lesz lehet kell mar el fel ki be minden nagyon mert ezert pedig sem majd utan alatt kozott szerint altal \
         illetve akkor igy ugy voltak nincs ahol amikor",
    ),
    (
        Language::Romanian,
        "si de la in nu cu este un o pe care din sa ca pentru mai sunt fost prin lui ale cel cea cei cele acest \
         aceasta acestea aceste fi au am ai era sau dar daca dupa intre unei unui foarte avea poate fara doar despre \
         cand ei el ea lor isi iar deoarece catre al",
    ),
    (
        Language::Turkish,
        "ve bir bu da de ile icin olarak daha cok gibi olan en ne kadar sonra ama veya her ki o ise degil var yok \
         oldugu olduguna tarafindan ancak sadece uzere gore kendi ilk hem ya bunu onun bunun mi eger once icinde \
         arasinda olur oldu edilir degildir biz siz",
    ),
    (
        Language::Polish,
        "i w na z do nie sie jest to ze o jak po od za przez dla co czy ale oraz ktory ktora ktore ktorych ich jego \
         jej tym tego ten ta te moze sa byl byla bylo byly byc tylko takze tak przed przy pod nad jako lub gdy jesli \
         bez juz jeszcze bardzo zostal tej",
    ),
    (
        Language::Czech,
        "a v na se je ze do s z ve o to i pro jako by byl byla bylo byly jsou aby ale nebo ktery ktera ktere kterych \
         jeho jejich jeji pri po od za az tak jen podle take protoze pokud kdyz ktereho byt neni jsem jsme jste muze \
         mezi nez pouze pred tim teto tento tato toto uz jiz",
    ),
    (
        Language::Slovak,
        "a v na sa je ze do s z vo o to aj pre ako by bol bola bolo boli su aby ale alebo ktory ktora ktore ktorych \
         jeho ich jej pri po od za az tak len podla tiez pretoze ked ktoreho byt nie som sme ste moze medzi nez iba \
         pred tym tejto tento tato toto uz",
    ),
    (
        Language::Indonesian,
        "yang dan di dari dengan untuk pada ini itu dalam adalah tidak ke akan oleh juga sebagai atau ada karena \
         dapat telah bisa lebih mereka kami kita saya anda dia ia saat oleh bahwa tersebut seperti hanya sudah setelah \
         secara para antara menjadi jika maka hingga namun",
    ),
    (
        Language::Vietnamese,
        "va cua la cac co duoc cho trong khong mot voi nhung nay de da den khi tu ra cung nguoi nhu tai ve vao theo \
         do nhieu sau hay hoac nam neu tren lai rang boi phai thi chi con dang",
    ),
    (
        Language::Catalan,
        "el la els les un una uns unes de del dels i en que es per amb no se seu seva seus seves al als com mes pero \
         son va ser aquest aquesta aquests aquestes ha han hi sobre entre quan tambe si sense des fins on perque molt \
         ja o li tot aixo pot era dins qual mitjancant",
    ),
    (
        Language::Lithuanian,
        "ir yra kad su is ne tai kaip bet o i uz nuo iki jis ji jie ju jo jos buvo bus gali apie per prie pagal arba \
         ar kuris kuri kurie kuriu tik taip pat savo sio sis sia po del jei kai dar labai jau buti nera metu",
    ),
    (
        Language::Russian,
        "и в не на что он она они его ее их с по это как а но к из у за от то так же для все было был была были \
         быть если или который которая которые которых при чтобы до когда где только также мы вы я этот эта эти \
         этого может после между более том под ни уже есть со во об кто какой какая какое какие каком какого почему \
         сколько чем кем кого зачем",
    ),
    (
        Language::Ukrainian,
        "і в не на що він вона вони його іі іх з по це як а але к із у за від то так же для все було був була були \
         бути якщо або який яка які яких при щоб до коли де тільки також ми ви я цей ця ці цього може після між більше \
         під ні вже є та й зі про через",
    ),
    (
        Language::Bulgarian,
        "и в не на че той тя те му и им с по това като а но към от у за то така же всички беше бил била били бъде ако \
         или който която които при да до когато къде само също ние вие аз този тази тези може след между повече под \
         вече са е се със във през още има",
    ),
    (
        Language::Arabic,
        "في من على الى الى ان ان ان لا ما عن هذا هذه التي الذي هو هي مع كان كانت قد لم كل بعد بين او او ثم كما حيث ذلك \
         تم عند لها له به بها غير اي اي لكن عام خلال منذ حتى الذين هناك فيها منها قبل اذا اذا",
    ),
    (
        Language::Persian,
        "و در به از كه اين را با است براي ان ان يك تا مي بر شد شده بود هاي كرد كرده اما هم يا خود نيز بايد هر اگر پس \
         شود دارد باشد نمي اي چه بين پيش همه هستند بودند ديگر",
    ),
];
