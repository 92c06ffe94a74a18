/* Networks of IPv4 and IPv6, and whom a request comes from. */
#include "network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an address of IPv4 has before it, written as one of IPv6 (RFC 4291, 2.5.5.2). */
static const unsigned char before_ipv4[12] = {[10] = 0xff, 0xff};

/* How many bits an address of its kind may choose, 0 when it is none. */
static unsigned read_address(const char *text, unsigned char bytes[16])
{
	memcpy(bytes, before_ipv4, sizeof before_ipv4);
	return inet_pton(AF_INET, text, bytes + sizeof before_ipv4) == 1 ? 32
	       : inet_pton(AF_INET6, text, bytes) == 1			 ? 128
									 : 0;
}

static void write_address(const unsigned char bytes[16], char address[ADDRESS])
{
	bool is_ipv4 = !memcmp(bytes, before_ipv4, sizeof before_ipv4);

	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes + (is_ipv4 ? sizeof before_ipv4 : 0), address,
		  ADDRESS);
}

void network_address(const struct sockaddr *from, char address[ADDRESS])
{
	address[0] = '\0';
	if (from && from->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from)->sin_addr,
			  address, ADDRESS);
	else if (from && from->sa_family == AF_INET6)
		write_address(((const struct sockaddr_in6 *)(const void *)from)->sin6_addr.s6_addr,
			      address);
}

/* Copies what is between the two without the white space around it; false: it is too long. */
static bool take_item(const char *from, const char *to, char item[ADDRESS])
{
	while (from < to && strchr(" \t", *from))
		from++;
	while (to > from && strchr(" \t", to[-1]))
		to--;
	snprintf(item, ADDRESS, "%.*s", (int)(to - from < ADDRESS ? to - from : 0), from);
	return to - from < ADDRESS;
}

static bool read_network(char item[ADDRESS], struct network *network)
{
	char *slash = strchr(item, '/');
	size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;

	if (slash)
		*slash++ = '\0';
	unsigned most = read_address(item, network->bytes);
	unsigned bits = slash ? (unsigned)strtoul(slash, NULL, 10) : most;

	network->bits = 128 - most + bits;
	return most && bits <= most && (!slash || (digits && digits < 4 && !slash[digits]));
}

bool networks_parse(struct networks *networks, const char *list)
{
	char item[ADDRESS];

	*networks = (struct networks){0};
	while (*list) {
		const char *end = list + strcspn(list, ",");

		if (networks->count == NETWORKS || !take_item(list, end, item) ||
		    !read_network(item, &networks->list[networks->count++]))
			return false;
		list = end + (*end == ',');
	}
	return true;
}

static bool has(const struct network *network, const unsigned char bytes[16])
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	return !memcmp(network->bytes, bytes, whole) &&
	       (!rest || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}

bool networks_have(const struct networks *networks, const char *address)
{
	unsigned char bytes[16];

	if (!read_address(address, bytes))
		return false;
	for (size_t i = 0; i < networks->count; i++)
		if (has(&networks->list[i], bytes))
			return true;
	return false;
}

void networks_trace(const struct networks *trusted, const char *forwarded, char address[ADDRESS])
{
	const char *end = forwarded + strlen(forwarded);
	unsigned char bytes[16];
	char item[ADDRESS];

	while (end > forwarded && networks_have(trusted, address)) {
		const char *start = end;

		while (start > forwarded && start[-1] != ',')
			start--;
		if (!take_item(start, end, item) || !read_address(item, bytes))
			return;
		write_address(bytes, address);
		end = start - (start > forwarded);
	}
}
