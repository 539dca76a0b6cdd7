// The header is C++ too, and its functions link by their C names.
#include <plainpost/auth.h>
#include <plainpost/explain.h>

int main()
{
    plainpost_check *c = plainpost_check_new();
    if (plainpost_check_set_client(c, "192.0.2.7", "") != PLAINPOST_AUTH_OK || !plainpost_check_run(c))
        return 1;
    bool is_none = plainpost_check_spf(c)->outcome == PLAINPOST_NONE && !plainpost_dkim_next(c, nullptr);
    plainpost_check_free(&c);
    return is_none && !c ? 0 : 1;
}
