/* Networks of IPv4 and IPv6, and whom a request comes from (api only). */
#ifndef LACHAN_NETWORK_H
#define LACHAN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { NETWORKS = 64, ADDRESS = 48 };

struct networks {
	struct network {
		unsigned char bytes[16]; /* of IPv4 as ::ffff:a.b.c.d */
		unsigned bits;		 /* how many of them are its own */
	} list[NETWORKS];
	size_t count;
};

/* The peer's address as text, of IPv4 also when it comes as one of IPv6; "" when it has none. */
void network_address(const struct sockaddr *from, char address[ADDRESS]);

/* "10.0.0.0/8,fd00::/8,192.0.2.7": addresses and networks with commas; false: it is no such list.
 */
bool networks_parse(struct networks *networks, const char *list);
bool networks_have(const struct networks *networks, const char *address);

/* `address` is the peer's. While it is one of the trusted it becomes who that one says it came
 * from: the entry of `forwarded` (X-Forwarded-For) that it put at the end. What no trusted proxy
 * has put there is not looked at. */
void networks_trace(const struct networks *trusted, const char *forwarded, char address[ADDRESS]);

#endif
