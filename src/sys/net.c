#define _GNU_SOURCE
#include "sys/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A name or address as the system's calls want it. False: too long for any. */
static bool host_text(char text[NI_MAXHOST], struct span host)
{
    if (!host.len || host.len >= NI_MAXHOST || span_find_char(host, 0) != SPAN_NOT_FOUND)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = 0;
    return true;
}

bool net_address_parse(struct net_address *a, struct span host, uint16_t port)
{
    char text[NI_MAXHOST];
    *a = (struct net_address){0};
    if (!host_text(text, host))
        return false;
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&a->at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a->at;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        a->len = sizeof *v4;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        a->len = sizeof *v6;
    }
    return a->len > 0;
}

bool net_address_from_bytes(struct net_address *a, struct span bytes, uint16_t port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&a->at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a->at;
    *a = (struct net_address){0};
    if (bytes.len == 4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, bytes.at, 4);
        a->len = sizeof *v4;
    } else if (bytes.len == 16) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        memcpy(&v6->sin6_addr, bytes.at, 16);
        a->len = sizeof *v6;
    }
    return a->len > 0;
}

bool net_address_resolve(struct net_address *a, struct span host, uint16_t port, struct error *e)
{
    char text[NI_MAXHOST], port_text[8];
    if (net_address_parse(a, host, port))
        return true;
    if (!host_text(text, host))
        return error_set(e, "a host name is too long");
    snprintf(port_text, sizeof port_text, "%u", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int failed = getaddrinfo(text, port_text, &hints, &found);
    if (failed)
        return error_set(e, "no address was found for the host %s (%s)", text,
                         gai_strerror(failed));
    memcpy(&a->at, found->ai_addr, found->ai_addrlen);
    a->len = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

uint16_t net_address_port(const struct net_address *a)
{
    return a->at.ss_family == AF_INET
               ? ntohs(((const struct sockaddr_in *)(const void *)&a->at)->sin_port)
               : ntohs(((const struct sockaddr_in6 *)(const void *)&a->at)->sin6_port);
}

void net_address_bytes(const struct net_address *a, unsigned char bytes[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (a->at.ss_family == AF_INET) {
        memcpy(bytes, mapped, 12);
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)&a->at)->sin_addr, 4);
    } else {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)&a->at)->sin6_addr, 16);
    }
}

bool net_address_is_v6(const struct net_address *a)
{
    struct in6_addr bytes;
    net_address_bytes(a, bytes.s6_addr);
    return !IN6_IS_ADDR_V4MAPPED(&bytes);
}

bool net_address_is_any(const struct net_address *a)
{
    static const unsigned char v4[16] = {[10] = 0xff, [11] = 0xff}, v6[16];
    unsigned char bytes[16];
    net_address_bytes(a, bytes);
    return memcmp(bytes, v4, sizeof v4) == 0 || memcmp(bytes, v6, sizeof v6) == 0;
}

static bool is_loopback_v4(const unsigned char bytes[16])
{
    static const unsigned char network[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
    return memcmp(bytes, network, sizeof network) == 0;
}

bool net_address_is_loopback(const struct net_address *a)
{
    static const unsigned char v6[16] = {[15] = 1};
    unsigned char bytes[16];
    net_address_bytes(a, bytes);
    return is_loopback_v4(bytes) || memcmp(bytes, v6, sizeof v6) == 0;
}

/* The system would send to its own address from this same address. (A bind would tell too, but not
 * where net.ipv4.ip_nonlocal_bind is on.) Nothing is sent. */
bool net_address_is_here(const struct net_address *a)
{
    unsigned char there[16], from[16];
    struct net_address source = {.len = sizeof source.at};
    net_address_bytes(a, there);
    if (net_address_is_any(a) || is_loopback_v4(there))
        return true;
    int fd = socket(a->at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_known = fd >= 0 && connect(fd, (const struct sockaddr *)&a->at, a->len) == 0 &&
                    getsockname(fd, (struct sockaddr *)&source.at, &source.len) == 0;
    if (fd >= 0)
        close(fd);
    if (!is_known)
        return false;
    net_address_bytes(&source, from);
    return memcmp(there, from, sizeof from) == 0;
}

bool net_address_equal(const struct net_address *a, const struct net_address *b)
{
    unsigned char x[16], y[16];
    if (a->at.ss_family != b->at.ss_family)
        return false;
    if (a->at.ss_family == AF_UNIX) {
        const struct sockaddr_un *p = (const struct sockaddr_un *)(const void *)&a->at;
        const struct sockaddr_un *q = (const struct sockaddr_un *)(const void *)&b->at;
        return p->sun_path[0] && strncmp(p->sun_path, q->sun_path, sizeof p->sun_path) == 0;
    }
    net_address_bytes(a, x);
    net_address_bytes(b, y);
    return memcmp(x, y, sizeof x) == 0 && net_address_port(a) == net_address_port(b);
}

/* An IPv4 client of an IPv6 socket is an IPv4 client. */
static bool add_host(struct buffer *out, const struct net_address *a, const char *v6_prefix)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr bytes;
    net_address_bytes(a, bytes.s6_addr);
    bool is_v4 = IN6_IS_ADDR_V4MAPPED(&bytes);
    for (int i = 12; is_v4 && i < 16; i++) {
        buffer_add_number(out, bytes.s6_addr[i], 1);
        if (i < 15)
            buffer_add_char(out, '.');
    }
    if (!is_v4) {
        buffer_add_text(out, v6_prefix);
        buffer_add_text(out, inet_ntop(AF_INET6, &bytes, text, sizeof text));
    }
    return is_v4;
}

void net_address_add(struct buffer *out, const struct net_address *a)
{
    add_host(out, a, "IPv6:");
}

void net_address_add_endpoint(struct buffer *out, const struct net_address *a)
{
    if (a->at.ss_family == AF_UNIX) {
        buffer_add_text(out, ((const struct sockaddr_un *)(const void *)&a->at)->sun_path);
        return;
    }
    bool is_v4 = add_host(out, a, "[");
    buffer_add_text(out, is_v4 ? ":" : "]:");
    buffer_add_number(out, net_address_port(a), 1);
}

static void answer_at_once(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* What may wait for us to read it grows as needed, from 128 KB on; but the first time the kernel
 * tells the sender of it by a packet of its own, which is one more for nearly every message. Who
 * begins with twice as much is spared that. SO_RCVBUF would keep it from growing any further. */
static void begin_with_room(int fd)
{
    int room = 128 * 1024, one = 1; /* to be read; with what it costs that is twice as much */
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
}

int net_listen(const struct net_address *a, bool is_v6_only, struct error *e)
{
    int one = 1, only = is_v6_only;
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        goto failed;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    answer_at_once(fd);  /* connections inherit it */
    begin_with_room(fd); /* likewise */
    if (a->at.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    if (bind(fd, (const struct sockaddr *)&a->at, a->len) == 0 && listen(fd, 4096) == 0)
        return fd;
failed:;
    int why = errno;
    struct buffer name = BUFFER_EMPTY;
    net_address_add_endpoint(&name, a);
    error_system(e, why, "cannot listen on %s", buffer_text(&name));
    buffer_free(&name);
    if (fd >= 0)
        close(fd);
    return -1;
}

int net_accept(int listener, struct net_address *peer)
{
    int fd;
    do {
        peer->len = sizeof peer->at;
        fd = accept4(listener, (struct sockaddr *)&peer->at, &peer->len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd >= 0 && peer->at.ss_family == AF_UNIX)
        net_address_parse(peer, SPAN("127.0.0.1"), 0);
    return fd;
}

/* As `fd`, or -1 with its errno. */
static int close_keeping_errno(int fd)
{
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

int net_connect(const struct net_address *a, const struct net_address *source)
{
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (a->at.ss_family != AF_UNIX)
        answer_at_once(fd);
    if (source && bind(fd, (const struct sockaddr *)&source->at, source->len))
        return close_keeping_errno(fd);
    if (connect(fd, (const struct sockaddr *)&a->at, a->len) == 0 || errno == EINPROGRESS)
        return fd;
    return close_keeping_errno(fd);
}

int net_connect_error(int fd)
{
    int why = 0;
    socklen_t len = sizeof why;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) ? errno : why;
}

bool net_address_of(struct net_address *a, int fd)
{
    *a = (struct net_address){.len = sizeof a->at};
    return !getsockname(fd, (struct sockaddr *)&a->at, &a->len);
}

bool net_address_unix(struct net_address *a, struct span path)
{
    struct sockaddr_un *to = (struct sockaddr_un *)(void *)&a->at;
    *a = (struct net_address){0};
    if (path.len >= sizeof to->sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    to->sun_family = AF_UNIX;
    memcpy(to->sun_path, path.at, path.len);
    a->len = sizeof *to;
    return true;
}

int net_duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* What a server that has ended left over is taken away. */
static bool clear_place(const char *path, const struct net_address *a, struct error *e)
{
    struct stat found;
    if (lstat(path, &found))
        return errno == ENOENT || error_system(e, errno, "cannot listen on %s", path);
    if (!S_ISSOCK(found.st_mode))
        return error_set(e,
                         "cannot listen on %s: it is there and is not a socket; remove it, or name "
                         "another path",
                         path);
    int fd = net_connect(a, NULL);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || errno == EAGAIN)
        return error_set(e, "cannot listen on %s: another program listens there", path);
    if (errno != ECONNREFUSED)
        return error_system(e, errno, "cannot listen on %s, nor see who does", path);
    return unlink(path) == 0 || error_system(e, errno, "cannot replace %s", path);
}

static bool give_to_group(const char *path, const char *name, struct error *e)
{
    struct group entry, *found = NULL;
    char room[4096];
    if (getgrnam_r(name, &entry, room, sizeof room, &found) || !found)
        return error_set(e, "cannot give %s to the group %s: there is no such group", path, name);
    return chown(path, (uid_t)-1, found->gr_gid) == 0 ||
           error_system(e, errno, "cannot give %s to the group %s", path, name);
}

bool net_unix_access(const char *path, unsigned mode, const char *group, struct error *e)
{
    if (group[0] && !give_to_group(path, group, e))
        return false;
    return chmod(path, mode) == 0 || error_system(e, errno, "cannot set the mode of %s", path);
}

/* Until it has its group nobody but the owner may connect. */
int net_listen_unix(const char *path, unsigned mode, const char *group, struct error *e)
{
    struct net_address a;
    int fd = -1;
    if (!net_address_unix(&a, span_of(path))) {
        error_system(e, errno, "cannot listen on %s", path);
        return -1;
    }
    if (!clear_place(path, &a, e))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)&a.at, a.len) ||
        listen(fd, 4096)) {
        error_system(e, errno, "cannot listen on %s", path);
    } else if (net_unix_access(path, mode, group, e)) {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

int net_connect_unix(const char *path)
{
    struct net_address a;
    if (!net_address_unix(&a, span_of(path)))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&a.at, a.len))
        return close_keeping_errno(fd);
    return fd;
}
