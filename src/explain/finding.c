#include "explain/finding.h"

#include "bounce/read.h"

void finding_read(struct finding *f, struct span message, struct arena *a)
{
    notice_read(&f->notice, &f->survey, message, a);
    f->kind_as_read = f->notice.kind;
    f->count_as_read = f->notice.recipient_count;
}

void finding_judge(struct finding *f, const struct evidence *e, struct arena *a)
{
    f->notice.kind = f->kind_as_read;
    f->notice.recipient_count = f->count_as_read;
    notice_judge(&f->verdict, &f->notice, &f->survey, e, a);
    notice_settle(&f->notice, &f->verdict);
}

void finding_advise(struct finding *f, const struct advise_wishes *w, struct arena *a)
{
    notice_advise(&f->advice, &f->notice, &f->verdict, w, a);
}
