/* What a unit and the codes of figures are called in Vietnamese. */
#include "labels.h"

#include <string.h>

#include "store.h"
#include "text.h"

bool labels_read(struct pool *pool, const struct caller *caller,
		 const struct indicator_query *query, struct labels *labels, struct error *error)
{
	auto_text lists = {0};
	struct statement statement = {
		"SELECT NULL, key, name FROM units WHERE key = $1 UNION ALL "
		"SELECT list, code, vi FROM codes WHERE list = ANY (string_to_array($2, ','))",
		2,
		{query->unit},
	};

	for (int i = 0; i < DIMENSIONS; i++)
		if (query->by & ONE(i))
			text_addf(&lists, "%s,", dimension_names[i].codes->name);
	statement.values[1] = text_string(&lists);
	return store_one(pool, FAST, caller, true, &statement, &labels->found, error);
}

void labels_release(struct labels *labels)
{
	result_release(&labels->found);
}

const char *labels_of(const struct labels *labels, const char *list, const char *code)
{
	for (int i = 0; i < result_rows(labels->found); i++) {
		const char *of = result_value(labels->found, i, 0);

		if (!strcmp(result_value(labels->found, i, 1), code) &&
		    (list ? of && !strcmp(of, list) : !of))
			return result_value(labels->found, i, 2);
	}
	return code;
}
