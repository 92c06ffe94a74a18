/* JSON values as YAML 1.2. */
#ifndef LACHAN_YAML_H
#define LACHAN_YAML_H

#include <jansson.h>

#include "text.h"

/* Adds the value in block style, members in the order they were set; ends with a newline. */
void yaml_add(struct text *text, const json_t *value);

#endif
