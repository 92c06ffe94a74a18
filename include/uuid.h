/* UUID version 7 (RFC 9562): ids that sort by time. */
#ifndef LACHAN_UUID_H
#define LACHAN_UUID_H

/* Writes 36 characters and a NUL. Within one process ids rise, also within one millisecond. */
void uuid_make(char uuid[37]);

#endif
