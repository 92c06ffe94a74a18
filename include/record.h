/* The fields that every record the programme writes has, for the tables in core/resources/. */
#ifndef LACHAN_RECORD_H
#define LACHAN_RECORD_H

#include "resource.h"

#define RECORD_ID                                                                                  \
	{                                                                                          \
		"id", UUID, READ_ONLY | SORT, .about = "UUID version 7: sorts by time of creation" \
	}

#define RECORD_END                                                                                 \
	{"organization", ORGANIZATION, READ_ONLY | FILTER,                                         \
	 .about = "The organisation that made the record"},                                        \
		{"version", INTEGER, READ_ONLY, .about = "Rises with each change; the ETag"},      \
		{"created_at", INSTANT, READ_ONLY}, {"updated_at", INSTANT, READ_ONLY | SORT},     \
	{                                                                                          \
		0                                                                                  \
	}

#endif
