#include "mail/entity.h"

static const struct {
    struct span name;
    const char *text;
} entities[] = {
    {SPAN("amp"), "&"},         {SPAN("lt"), "<"},          {SPAN("gt"), ">"},
    {SPAN("quot"), "\""},       {SPAN("apos"), "'"},        {SPAN("nbsp"), " "},
    {SPAN("copy"), "\u00a9"},   {SPAN("reg"), "\u00ae"},    {SPAN("trade"), "\u2122"},
    {SPAN("hellip"), "\u2026"}, {SPAN("mdash"), "\u2014"},  {SPAN("ndash"), "\u2013"},
    {SPAN("lsquo"), "\u2018"},  {SPAN("rsquo"), "\u2019"},  {SPAN("ldquo"), "\u201c"},
    {SPAN("rdquo"), "\u201d"},  {SPAN("laquo"), "\u00ab"},  {SPAN("raquo"), "\u00bb"},
    {SPAN("bull"), "\u2022"},   {SPAN("middot"), "\u00b7"}, {SPAN("euro"), "\u20ac"},
    {SPAN("pound"), "\u00a3"},  {SPAN("yen"), "\u00a5"},    {SPAN("sect"), "\u00a7"},
    {SPAN("deg"), "\u00b0"},    {SPAN("shy"), ""},          {SPAN("zwnj"), ""},
    {SPAN("zwj"), ""},          {SPAN("iexcl"), "\u00a1"},  {SPAN("iquest"), "\u00bf"},
    {SPAN("auml"), "\u00e4"},   {SPAN("ouml"), "\u00f6"},   {SPAN("uuml"), "\u00fc"},
    {SPAN("Auml"), "\u00c4"},   {SPAN("Ouml"), "\u00d6"},   {SPAN("Uuml"), "\u00dc"},
    {SPAN("szlig"), "\u00df"},  {SPAN("agrave"), "\u00e0"}, {SPAN("aacute"), "\u00e1"},
    {SPAN("acirc"), "\u00e2"},  {SPAN("atilde"), "\u00e3"}, {SPAN("aring"), "\u00e5"},
    {SPAN("aelig"), "\u00e6"},  {SPAN("ccedil"), "\u00e7"}, {SPAN("egrave"), "\u00e8"},
    {SPAN("eacute"), "\u00e9"}, {SPAN("ecirc"), "\u00ea"},  {SPAN("euml"), "\u00eb"},
    {SPAN("igrave"), "\u00ec"}, {SPAN("iacute"), "\u00ed"}, {SPAN("icirc"), "\u00ee"},
    {SPAN("iuml"), "\u00ef"},   {SPAN("ntilde"), "\u00f1"}, {SPAN("ograve"), "\u00f2"},
    {SPAN("oacute"), "\u00f3"}, {SPAN("ocirc"), "\u00f4"},  {SPAN("otilde"), "\u00f5"},
    {SPAN("oslash"), "\u00f8"}, {SPAN("ugrave"), "\u00f9"}, {SPAN("uacute"), "\u00fa"},
    {SPAN("ucirc"), "\u00fb"},  {SPAN("yacute"), "\u00fd"}, {SPAN("yuml"), "\u00ff"},
    {SPAN("Agrave"), "\u00c0"}, {SPAN("Aacute"), "\u00c1"}, {SPAN("Acirc"), "\u00c2"},
    {SPAN("Ccedil"), "\u00c7"}, {SPAN("Egrave"), "\u00c8"}, {SPAN("Eacute"), "\u00c9"},
    {SPAN("Ecirc"), "\u00ca"},  {SPAN("Ntilde"), "\u00d1"}, {SPAN("Oacute"), "\u00d3"},
    {SPAN("Uacute"), "\u00da"}, {SPAN("oelig"), "\u0153"},  {SPAN("OElig"), "\u0152"},
};

enum { LONGEST_ENTITY = 10 };

static void add_code_point(struct buffer *out, uint32_t c)
{
    if (!c || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        buffer_add_text(out, "\uFFFD");
    } else if (c < 0x80) {
        buffer_add_char(out, (char)c);
    } else {
        unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        buffer_add_char(out, (char)((0xF00 >> more) | c >> (6 * more)));
        while (more--)
            buffer_add_char(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
    }
}

/* "#8364", "#x20ac". */
static bool read_number(struct span name, uint32_t *code)
{
    bool is_hex = name.len > 1 && ascii_lower(name.at[1]) == 'x';
    size_t i = is_hex ? 2 : 1;
    *code = 0;
    if (i >= name.len)
        return false;
    for (; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        if (!ascii_is_digit(c) && !(is_hex && c >= 'a' && c <= 'f'))
            return false;
        *code = *code * (is_hex ? 16 : 10) + (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

static bool add_entity(struct buffer *out, struct span name)
{
    uint32_t code;
    if (name.len && name.at[0] == '#') {
        if (!read_number(name, &code))
            return false;
        add_code_point(out, code == 0xA0 ? ' ' : code);
        return true;
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (span_equal(name, entities[i].name)) {
            buffer_add_text(out, entities[i].text);
            return true;
        }
    return false;
}

void entities_decode(struct buffer *out, struct span text)
{
    while (text.len) {
        size_t amp = span_find_char(text, '&');
        buffer_add_span(out, span_first(text, amp == SPAN_NOT_FOUND ? text.len : amp));
        if (amp == SPAN_NOT_FOUND)
            return;
        text = span_skip(text, amp);
        size_t end = span_find_char(span_first(text, LONGEST_ENTITY), ';');
        if (end == SPAN_NOT_FOUND || !add_entity(out, span_first(span_skip(text, 1), end - 1))) {
            buffer_add_char(out, '&');
            end = 0;
        }
        text = span_skip(text, end + 1);
    }
}
