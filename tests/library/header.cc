// The header is C++ too, and its functions link by their C names.
#include <plainpost/explain.h>

int main()
{
    plainpost_message *m = nullptr;
    if (plainpost_message_read(&m, "", 0) != PLAINPOST_OK)
        return 1;
    const plainpost_verdict *v = plainpost_message_verdict(m);
    bool is_none = v->is == PLAINPOST_CLASS_NOT_A_BOUNCE && !plainpost_recipient_next(m, nullptr);
    plainpost_message_free(&m);
    return is_none && !m ? 0 : 1;
}
