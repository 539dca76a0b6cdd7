#include <stdio.h>

int main(void)
{
    puts("plainpost");
    return 0;
}
