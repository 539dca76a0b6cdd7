#include "cli/commands.h"

#include <stdlib.h>
#include <unistd.h>

#define STANDARD_CONFIGURATION "/etc/plainpost.conf"

const char *standard_configuration(void)
{
    const char *named = getenv("PLAINPOST_CONFIG");
    if (named && *named)
        return named;
    return access(STANDARD_CONFIGURATION, F_OK) == 0 ? STANDARD_CONFIGURATION : NULL;
}
