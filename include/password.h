/* What may be a password: its length, and that nobody guesses it; of what it is made is free. */
#ifndef LACHAN_PASSWORD_H
#define LACHAN_PASSWORD_H

#include "error.h"

/* Every fault is blamed on `pointer`. */
bool password_accepts(const char *password, const char *username, const char *pointer,
		      struct error *error) CHECKED;

#endif
