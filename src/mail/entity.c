/* The names of HTML 4, and those of HTML 5 that real mail has: sorted by bytes. */
#include "mail/entity.h"

static const struct name {
    const char *name;
    uint32_t code; /* 0: nothing shows */
} names[] = {{"AElig", 0xC6},    {"Aacute", 0xC1},    {"Acirc", 0xC2},    {"Agrave", 0xC0},
             {"Alpha", 0x391},   {"Aring", 0xC5},     {"Atilde", 0xC3},   {"Auml", 0xC4},
             {"Beta", 0x392},    {"Ccaron", 0x10C},   {"Ccedil", 0xC7},   {"Chi", 0x3A7},
             {"Dagger", 0x2021}, {"Delta", 0x394},    {"ETH", 0xD0},      {"Eacute", 0xC9},
             {"Ecirc", 0xCA},    {"Egrave", 0xC8},    {"Epsilon", 0x395}, {"Eta", 0x397},
             {"Euml", 0xCB},     {"Gamma", 0x393},    {"Gbreve", 0x11E},  {"Iacute", 0xCD},
             {"Icirc", 0xCE},    {"Idot", 0x130},     {"Igrave", 0xCC},   {"Iota", 0x399},
             {"Iuml", 0xCF},     {"Kappa", 0x39A},    {"Lambda", 0x39B},  {"Lstrok", 0x141},
             {"Mu", 0x39C},      {"NewLine", 0x20},   {"Ntilde", 0xD1},   {"Nu", 0x39D},
             {"OElig", 0x152},   {"Oacute", 0xD3},    {"Ocirc", 0xD4},    {"Ograve", 0xD2},
             {"Omega", 0x3A9},   {"Omicron", 0x39F},  {"Oslash", 0xD8},   {"Otilde", 0xD5},
             {"Ouml", 0xD6},     {"Phi", 0x3A6},      {"Pi", 0x3A0},      {"Prime", 0x2033},
             {"Psi", 0x3A8},     {"Rho", 0x3A1},      {"Sacute", 0x15A},  {"Scaron", 0x160},
             {"Scedil", 0x15E},  {"Sigma", 0x3A3},    {"THORN", 0xDE},    {"Tab", 0x20},
             {"Tau", 0x3A4},     {"Theta", 0x398},    {"Uacute", 0xDA},   {"Ucirc", 0xDB},
             {"Ugrave", 0xD9},   {"Upsilon", 0x3A5},  {"Uuml", 0xDC},     {"Xi", 0x39E},
             {"Yacute", 0xDD},   {"Yuml", 0x178},     {"Zcaron", 0x17D},  {"Zeta", 0x396},
             {"aacute", 0xE1},   {"acirc", 0xE2},     {"acute", 0xB4},    {"aelig", 0xE6},
             {"agrave", 0xE0},   {"alefsym", 0x2135}, {"alpha", 0x3B1},   {"amp", 0x26},
             {"and", 0x2227},    {"ang", 0x2220},     {"aogon", 0x105},   {"apos", 0x27},
             {"aring", 0xE5},    {"ast", 0x2A},       {"asymp", 0x2248},  {"atilde", 0xE3},
             {"auml", 0xE4},     {"bdquo", 0x201E},   {"beta", 0x3B2},    {"brvbar", 0xA6},
             {"bsol", 0x5C},     {"bull", 0x2022},    {"cacute", 0x107},  {"cap", 0x2229},
             {"ccaron", 0x10D},  {"ccedil", 0xE7},    {"cedil", 0xB8},    {"cent", 0xA2},
             {"chi", 0x3C7},     {"circ", 0x2C6},     {"clubs", 0x2663},  {"colon", 0x3A},
             {"comma", 0x2C},    {"commat", 0x40},    {"cong", 0x2245},   {"copy", 0xA9},
             {"crarr", 0x21B5},  {"cup", 0x222A},     {"curren", 0xA4},   {"dArr", 0x21D3},
             {"dagger", 0x2020}, {"darr", 0x2193},    {"deg", 0xB0},      {"delta", 0x3B4},
             {"diams", 0x2666},  {"divide", 0xF7},    {"dollar", 0x24},   {"eacute", 0xE9},
             {"ecaron", 0x11B},  {"ecirc", 0xEA},     {"egrave", 0xE8},   {"empty", 0x2205},
             {"emsp", 0x2003},   {"ensp", 0x2002},    {"eogon", 0x119},   {"epsilon", 0x3B5},
             {"equals", 0x3D},   {"equiv", 0x2261},   {"eta", 0x3B7},     {"eth", 0xF0},
             {"euml", 0xEB},     {"euro", 0x20AC},    {"excl", 0x21},     {"exist", 0x2203},
             {"fnof", 0x192},    {"forall", 0x2200},  {"frac12", 0xBD},   {"frac14", 0xBC},
             {"frac34", 0xBE},   {"frasl", 0x2044},   {"gamma", 0x3B3},   {"gbreve", 0x11F},
             {"ge", 0x2265},     {"grave", 0x60},     {"gt", 0x3E},       {"hArr", 0x21D4},
             {"harr", 0x2194},   {"hearts", 0x2665},  {"hellip", 0x2026}, {"hyphen", 0x2010},
             {"iacute", 0xED},   {"icirc", 0xEE},     {"iexcl", 0xA1},    {"igrave", 0xEC},
             {"image", 0x2111},  {"infin", 0x221E},   {"inodot", 0x131},  {"int", 0x222B},
             {"iota", 0x3B9},    {"iquest", 0xBF},    {"isin", 0x2208},   {"iuml", 0xEF},
             {"kappa", 0x3BA},   {"lArr", 0x21D0},    {"lambda", 0x3BB},  {"lang", 0x2329},
             {"laquo", 0xAB},    {"larr", 0x2190},    {"lceil", 0x2308},  {"lcub", 0x7B},
             {"ldquo", 0x201C},  {"le", 0x2264},      {"lfloor", 0x230A}, {"lowast", 0x2217},
             {"lowbar", 0x5F},   {"loz", 0x25CA},     {"lpar", 0x28},     {"lrm", 0x0},
             {"lsaquo", 0x2039}, {"lsqb", 0x5B},      {"lsquo", 0x2018},  {"lstrok", 0x142},
             {"lt", 0x3C},       {"macr", 0xAF},      {"mdash", 0x2014},  {"micro", 0xB5},
             {"middot", 0xB7},   {"minus", 0x2212},   {"mu", 0x3BC},      {"nabla", 0x2207},
             {"nacute", 0x144},  {"nbsp", 0x20},      {"ncaron", 0x148},  {"ndash", 0x2013},
             {"ne", 0x2260},     {"ni", 0x220B},      {"not", 0xAC},      {"notin", 0x2209},
             {"nsub", 0x2284},   {"ntilde", 0xF1},    {"nu", 0x3BD},      {"num", 0x23},
             {"oacute", 0xF3},   {"ocirc", 0xF4},     {"odblac", 0x151},  {"oelig", 0x153},
             {"ograve", 0xF2},   {"oline", 0x203E},   {"omega", 0x3C9},   {"omicron", 0x3BF},
             {"oplus", 0x2295},  {"or", 0x2228},      {"ordf", 0xAA},     {"ordm", 0xBA},
             {"oslash", 0xF8},   {"otilde", 0xF5},    {"otimes", 0x2297}, {"ouml", 0xF6},
             {"para", 0xB6},     {"part", 0x2202},    {"percnt", 0x25},   {"period", 0x2E},
             {"permil", 0x2030}, {"perp", 0x22A5},    {"phi", 0x3C6},     {"pi", 0x3C0},
             {"piv", 0x3D6},     {"plus", 0x2B},      {"plusmn", 0xB1},   {"pound", 0xA3},
             {"prime", 0x2032},  {"prod", 0x220F},    {"prop", 0x221D},   {"psi", 0x3C8},
             {"quest", 0x3F},    {"quot", 0x22},      {"rArr", 0x21D2},   {"radic", 0x221A},
             {"rang", 0x232A},   {"raquo", 0xBB},     {"rarr", 0x2192},   {"rcaron", 0x159},
             {"rceil", 0x2309},  {"rcub", 0x7D},      {"rdquo", 0x201D},  {"real", 0x211C},
             {"reg", 0xAE},      {"rfloor", 0x230B},  {"rho", 0x3C1},     {"rlm", 0x0},
             {"rpar", 0x29},     {"rsaquo", 0x203A},  {"rsqb", 0x5D},     {"rsquo", 0x2019},
             {"sacute", 0x15B},  {"sbquo", 0x201A},   {"scaron", 0x161},  {"scedil", 0x15F},
             {"sdot", 0x22C5},   {"sect", 0xA7},      {"semi", 0x3B},     {"shy", 0x0},
             {"sigma", 0x3C3},   {"sigmaf", 0x3C2},   {"sim", 0x223C},    {"sol", 0x2F},
             {"spades", 0x2660}, {"sub", 0x2282},     {"sube", 0x2286},   {"sum", 0x2211},
             {"sup", 0x2283},    {"sup1", 0xB9},      {"sup2", 0xB2},     {"sup3", 0xB3},
             {"supe", 0x2287},   {"szlig", 0xDF},     {"tau", 0x3C4},     {"there4", 0x2234},
             {"theta", 0x3B8},   {"thetasym", 0x3D1}, {"thinsp", 0x2009}, {"thorn", 0xFE},
             {"tilde", 0x2DC},   {"times", 0xD7},     {"trade", 0x2122},  {"uArr", 0x21D1},
             {"uacute", 0xFA},   {"uarr", 0x2191},    {"ucirc", 0xFB},    {"udblac", 0x171},
             {"ugrave", 0xF9},   {"uml", 0xA8},       {"upsih", 0x3D2},   {"upsilon", 0x3C5},
             {"uring", 0x16F},   {"uuml", 0xFC},      {"verbar", 0x7C},   {"weierp", 0x2118},
             {"xi", 0x3BE},      {"yacute", 0xFD},    {"yen", 0xA5},      {"yuml", 0xFF},
             {"zacute", 0x17A},  {"zcaron", 0x17E},   {"zdot", 0x17C},    {"zeta", 0x3B6},
             {"zwj", 0x0},       {"zwnj", 0x0}};

enum { LONGEST_ENTITY = 12 };

/* What HTML says that 128 to 159 mean: Windows-1252. */
static const uint16_t upper_controls[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

static void add_code_point(struct buffer *out, uint32_t c)
{
    if (!c || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        buffer_add_text(out, "\uFFFD");
    } else if (c < 0x80) {
        buffer_add_char(out, (char)c);
    } else {
        unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        buffer_add_char(out, (char)((0xFF00 >> (more + 1)) | c >> (6 * more)));
        while (more--)
            buffer_add_char(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
    }
}

static bool is_hex_digit(char c)
{
    return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* "#8364", "#x20ac" at the start: how many bytes; 0: it is no number. */
static size_t number_length(struct span text, uint32_t *code)
{
    bool is_hex = text.len > 1 && ascii_lower(text.at[1]) == 'x';
    size_t first = is_hex ? 2 : 1, i = first;
    for (*code = 0; i < text.len; i++) {
        char c = ascii_lower(text.at[i]);
        if (is_hex ? !is_hex_digit(c) : !ascii_is_digit(c))
            break;
        *code = *code * (is_hex ? 16 : 10) + (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
        if (*code > 0x10FFFF)
            *code = 0x110000;
    }
    return i > first ? i : 0;
}

static size_t name_length(struct span text)
{
    size_t i = 0;
    while (i < text.len && i < LONGEST_ENTITY && ascii_is_alnum(text.at[i]))
        i++;
    return i;
}

static const struct name *find_name(struct span name)
{
    size_t low = 0, high = sizeof names / sizeof *names;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int c = span_compare(name, span_of(names[middle].name));
        if (c == 0)
            return &names[middle];
        *(c < 0 ? &high : &low) = c < 0 ? middle : middle + 1;
    }
    return NULL;
}

static bool is_known_without_semicolon(struct span name)
{
    static const struct span old[] = {SPAN("amp"), SPAN("lt"), SPAN("gt"), SPAN("quot"),
                                      SPAN("nbsp")};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (span_equal(name, old[i]))
            return true;
    return false;
}

/* Behind "&": how many bytes of `text` a reference takes; 0: it is none. */
static size_t take_reference(struct buffer *out, struct span text)
{
    uint32_t code;
    bool is_number = text.len && text.at[0] == '#';
    size_t n = is_number ? number_length(text, &code) : name_length(text);
    bool has_end = n && n < text.len && text.at[n] == ';';
    if (!n)
        return 0;
    if (is_number) {
        if (code == 0xA0)
            code = ' ';
        add_code_point(out, code >= 0x80 && code < 0xA0 ? upper_controls[code - 0x80] : code);
        return n + has_end;
    }
    const struct name *known = find_name(span_first(text, n));
    bool is_of_query = n < text.len && text.at[n] == '='; /* "?a=1&lt=2" */
    if (!known || (!has_end && (is_of_query || !is_known_without_semicolon(span_first(text, n)))))
        return 0;
    if (known->code)
        add_code_point(out, known->code);
    return n + has_end;
}

void entities_decode(struct buffer *out, struct span text)
{
    while (text.len) {
        size_t amp = span_find_char(text, '&');
        buffer_add_span(out, span_first(text, amp == SPAN_NOT_FOUND ? text.len : amp));
        if (amp == SPAN_NOT_FOUND)
            return;
        text = span_skip(text, amp + 1);
        size_t n = take_reference(out, text);
        if (!n)
            buffer_add_char(out, '&');
        text = span_skip(text, n);
    }
}
