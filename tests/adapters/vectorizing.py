"""What the tests of the vectorizers share: texts in many scripts, and what a vectorizer does, to compare it."""

# ruff: noqa: RUF001

import warnings
from pydoc_data.topics import topics

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

#: The first article of the Universal Declaration of Human Rights.
ARTICLE_1 = [
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.",
    "ΟΛΟΙ ΟΙ ΑΝΘΡΩΠΟΙ ΓΕΝΝΙΟΥΝΤΑΙ ΕΛΕΥΘΕΡΟΙ ΚΑΙ ΙΣΟΙ ΣΤΗΝ ΑΞΙΟΠΡΕΠΕΙΑ ΚΑΙ ΤΑ ΔΙΚΑΙΩΜΑΤΑ. Είναι λογικοί.",
    "Все люди рождаются свободными и равными в своём достоинстве и правах. ОНИ НАДЕЛЕНЫ РАЗУМОМ И СОВЕСТЬЮ.",
    "Bütün İNSANLAR hür, haysiyet ve haklar bakımından eşit doğarlar. AKIL VE VİCDANA SAHİPTİRLER.",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "يُولَدُ جميعُ الناس أحرارًا متساوين في الكرامة والحقوق.",
    "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
]

#: Python's own documentation of its language, by line.
PYTHON_DOCS = [line for text in topics.values() for line in text.splitlines()]

#: Pieces whose order decides about words, case and accents.
PIECES = [
    *"aAbBkKsSzZ019_ .,-'\n\t\x00\x1c",
    *["the", "of", "cat", "The", "don't", "C++", "_x", "a1"],
    *["é", "e\u0301", "É", "ß", "ẞ", "ﬁ", "Å", "\u212b", "K", "ſ", "ǅ", "½", "²", "Ⅷ", "ªº", "ŉ"],
    *["Σ", "σ", "ς", "ΑΣ", "ΟΔΟΣ", "Σ\u0301", "Σ\u00ad", "Σ'", "\u0345", "ᾳ", "ᾼ", "Ϊ́"],
    *["İ", "ı", "I", "i\u0307", "İstanbul"],
    *["Ж", "ж", "Ё", "й", "и\u0306", "Ѐ"],
    *["日本語", "カタカナ", "ｶ", "々", "한국", "각", "ᄀ"],
    *["हिन्दी", "नि", "يُولَدُ", "أ", "٣", "ـ", "שָׁלוֹם", "ไทย", "ே"],
    *["𝒜", "𐐀", "𐐨", "𞤀", "😀", "👩\u200d💻", "𠀀", "\U000e0041", "\U0010ffff", "\ue000", "\u0378"],
    *["\u200b", "\u200d", "\ufeff", "\u00a0", "\u3000", "\u2028", "\u203f", "\u1e9b\u0323"],
]

#: Texts made of these pieces, texts of any characters, and real texts.
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(ARTICLE_1),
    st.sampled_from(PYTHON_DOCS),
)


#: Documents to learn from.
DOCUMENTS = ["The cat sat on the mat.", "THE DOG, the café", "", "to be or not to be", *ARTICLE_1]

#: Token patterns that the core follows.
FAST_PATTERNS = [
    r"(?u)\b\w\w+\b",
    r"\w+",
    r"\b\w+\b",
    r"(?u)\b\w+\b",
    r"\w\w+",
    r"\w{3,}",
    r"\b\w{2,4}\b",
    r"\b\w{3}\b",
    r"\b\w\b",
    r"\b[a-z]+\b",
    r"\b[a-zA-Z]{2,}\b",
    r"(?u)\b[^\W\d_]+\b",
    r"\b\d\d+\b",
    r"[a-zà-ÿ]+",
    r"[\w'-]+",
    r"\S+",
    r"[^\s,.]+",
    r"\W+",
    r"\d+",
    r"[一-龯]+",
    r"[]x]+",
    r"[^]x]{2,}",
    r"[\]a-c]+",
]
#: Token patterns that `re` matches.
OTHER_PATTERNS = [
    r"(?i)[A-Z]+",
    r"(?a)\w+",
    r"\b[a-z]+",
    r"\w{2,3}",
    r"\w+?",
    r"\w*",
    r"\b[\w'-]+\b",
    r"(\w)\w*",
    r"a|the|\w\w\w",
    r"(?<=\s)\w+",
    r"\b\w[\w'-]*\b",
    r"[a-z]+ing\b",
    r"[^\W\d]\w*",
]
#: Values of every parameter.
PARAMETERS = {
    "lowercase": st.booleans(),
    "strip_accents": st.sampled_from([None, "ascii", "unicode"]),
    "stop_words": st.sampled_from([None, "english", ["the", "of", "ä"], ["The", "don't"], ["σ", "σας", "i̇"]]),
    "token_pattern": st.sampled_from(FAST_PATTERNS + OTHER_PATTERNS),
    "ngram_range": st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 3), (1, 4), (1, 100)]),
    "max_df": st.sampled_from([1.0, 0.5, 0.9, 2, 1, 0.0]),
    "min_df": st.sampled_from([1, 2, 0.3, 0.0, 1.0]),
    "max_features": st.sampled_from([None, 1, 2, 5, 20]),
    "vocabulary": st.sampled_from(
        [
            None,
            None,
            None,
            ["the", "cat"],
            ("b", "a", "a b"),
            {"x": 1, "日本語": 0},
            {"The", "é", "σας"},
            ["a", "a"],
            [],
        ]
    ),
    "binary": st.booleans(),
    "dtype": st.sampled_from([np.int64, np.int32, "uint8", np.float32, np.float64, bool, complex]),
}


def described(result: object) -> object:
    """A result that can be compared: of a matrix, its class, types, shape and arrays."""
    if sparse.issparse(result):
        arrays = (result.indptr, result.indices, result.data)
        return type(result), result.shape, [(array.dtype, array.tolist()) for array in arrays]
    if isinstance(result, np.ndarray):
        return result.dtype, result.tolist()
    return result


def outcome(do, *args) -> tuple:
    """What a call returns or raises, and what it warns about. How often it repeats a warning is left out."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = described(do(*args))
        except Exception as error:
            result = type(error), str(error)
    return result, sorted({(warning.category.__name__, str(warning.message)) for warning in caught})


def all_outcomes(vectorizer, train: list, test: list) -> dict[str, object]:
    """What a vectorizer does: with documents to learn from and with others, its vocabulary and names."""
    return {
        "fit_transform": outcome(vectorizer.fit_transform, train),
        "vocabulary": getattr(vectorizer, "vocabulary_", None),
        "fixed": getattr(vectorizer, "fixed_vocabulary_", None),
        "transform": outcome(vectorizer.transform, test),
        "names": outcome(lambda: vectorizer.get_feature_names_out()),
        "again": outcome(vectorizer.fit_transform, test),
    }
