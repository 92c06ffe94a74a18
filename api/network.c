/* Networks of IPv4 and IPv6, and whom a request comes from. */
#include "network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS_BEFORE_IPV4 = 96 };

/* How many bits an address of its kind may choose, 0 when it is none. */
static unsigned read_address(const char *text, unsigned char bytes[16])
{
	static const unsigned char before[12] = {[10] = 0xff, 0xff};

	memcpy(bytes, before, sizeof before);
	return inet_pton(AF_INET, text, bytes + sizeof before) == 1 ? 32
	       : inet_pton(AF_INET6, text, bytes) == 1		    ? 128
								    : 0;
}

static void write_address(const unsigned char bytes[16], char address[ADDRESS])
{
	struct in6_addr ip;

	memcpy(&ip, bytes, sizeof ip);
	if (IN6_IS_ADDR_V4MAPPED(&ip))
		inet_ntop(AF_INET, bytes + BITS_BEFORE_IPV4 / 8, address, ADDRESS);
	else
		inet_ntop(AF_INET6, bytes, address, ADDRESS);
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
