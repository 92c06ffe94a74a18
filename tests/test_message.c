/* What the codes say: every code that can be raised has words, every label its translation. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "support.h"
#include "text.h"

static char *file_text(const char *path)
{
	auto_text text = {0};
	char bytes[4096];
	FILE *file = fopen(path, "r");
	size_t length;

	ck_assert_msg(file != NULL, "%s", path);
	while ((length = fread(bytes, 1, sizeof bytes, file)))
		text_add_bytes(&text, bytes, length);
	fclose(file);
	return text_take(&text);
}

/* A function that raises a code, and which of its arguments that is. */
struct raiser {
	const char *call;
	int position;
};

/* The argument of a call, from its opening bracket; commas in literals and brackets do not count.
 */
static const char *argument(const char *open, int position, size_t *length)
{
	const char *start = open + 1, *at = start;
	int depth = 0;

	for (char quote = 0; *at; at++) {
		bool is_end = !quote && depth == 0 && (*at == ',' || *at == ')');

		if (is_end && !position--) {
			*length = (size_t)(at - start);
			return start;
		}
		if (is_end)
			start = at + 1;
		if (quote)
			quote = *at == quote ? 0 : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else
			depth += (*at == '(') - (*at == ')');
		if (depth < 0)
			break;
	}
	return NULL;
}

/* Every literal of the argument is a code: there may be two with a condition. */
static void check_call(const char *path, const char *open, const struct raiser *raiser, int *count)
{
	size_t length = 0;
	const char *at = argument(open, raiser->position, &length);
	char *text = at ? strndup(at, length) : NULL, *rest = NULL;

	for (char *piece = text ? strpbrk(text, "\"'") : NULL; piece;
	     piece = strpbrk(rest, "\"'")) {
		char *code = strtok_r(piece, "\"'", &rest);

		if (!strcmp(code, "idempotency_replayed"))
			continue; /* between the database and db/records.c; not told to anybody */
		ck_assert_msg(message_code(code) != NULL, "%s: no message %s", path, code);
		++*count;
	}
	free(text);
}

static void check_file(const char *path, const struct raiser *raisers, int *count)
{
	char *text = file_text(path);

	for (; raisers->call; raisers++)
		for (const char *at = text; (at = strstr(at, raisers->call)); at++)
			if (at > text && !isalnum((unsigned char)at[-1]) && at[-1] != '_')
				check_call(path, at + strcspn(at, "("), raisers, count);
	free(text);
}

static void check_folder(const char *folder, const char *extension, const struct raiser *raisers,
			 int *count)
{
	DIR *files = opendir(folder);
	struct dirent *file;
	char path[512];

	ck_assert_ptr_nonnull(files);
	while ((file = readdir(files))) {
		const char *dot = strrchr(file->d_name, '.');

		if (!dot || strcmp(dot, extension) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		check_file(path, raisers, count);
	}
	closedir(files);
}

START_TEST(every_code_raised_in_c_has_a_message)
{
	static const struct raiser raisers[] = {
		{"error_set(", 2}, {"error_fault(", 3}, {"fault(", 1}, {"refuse(", 1}, {0}};
	static const char *const folders[] = {"core", "db", "api"};
	int count = 0;

	for (size_t i = 0; i < 3; i++)
		check_folder(folders[i], ".c", raisers, &count);
	ck_assert_int_gt(count, 100);
}
END_TEST

START_TEST(every_code_raised_in_sql_has_a_message)
{
	static const struct raiser raisers[] = {{"refuse(", 1}, {0}};
	int count = 0;

	check_folder("db/migrations", ".sql", raisers, &count);
	ck_assert_int_gt(count, 30);
}
END_TEST

/* people__citizen_number__duplicate: a field of the table and a code. */
START_TEST(every_named_constraint_blames_a_field_with_a_message)
{
	PGresult *rows = PQexec(
		sql_open(AS_OWNER),
		"SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid "
		"= conrelid WHERE conname LIKE '%\\_\\_%' UNION SELECT c.relname, t.relname "
		"FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_class t ON "
		"t.oid = indrelid WHERE c.relname LIKE '%\\_\\_%'");

	ck_assert_int_gt(PQntuples(rows), 15);
	for (int row = 0; row < PQntuples(rows); row++) {
		char *name = PQgetvalue(rows, row, 0), *field = strstr(name, "__"), *code = NULL;
		const struct resource *resource = NULL;

		for (int i = 0; resources[i]; i++)
			if (!strcmp(resources[i]->table, PQgetvalue(rows, row, 1)))
				resource = resources[i];
		*field = '\0';
		field += 2;
		code = strstr(field, "__");
		ck_assert_msg(code != NULL, "%s", name);
		*code = '\0';
		code += 2;
		ck_assert_str_eq(name, PQgetvalue(rows, row, 1));
		ck_assert_msg(resource && resource_field(resource, field), "%s.%s", name, field);
		ck_assert_msg(message_code(code) != NULL, "no message %s", code);
	}
}
END_TEST

START_TEST(a_message_is_said_in_two_languages)
{
	ck_assert_str_eq(message_text("too_long", "vi", "120"), "Dài quá 120 ký tự.");
	ck_assert_str_eq(message_text("too_long", "en", "120"), "Longer than 120 characters.");
	ck_assert_str_eq(message_text("too_long", "fr", "%s%n"), "Dài quá %s%n ký tự.");
	ck_assert_str_eq(message_text("required", "en", "x"), "Required.");
	ck_assert_str_eq(message_text("too_long", "en", NULL), "Longer than  characters.");
}
END_TEST

START_TEST(every_kind_of_error_is_a_problem_document)
{
	for (int kind = ERROR_NONE + 1; kind < ERROR_KINDS; kind++) {
		struct error error = {.kind = (enum error_kind)kind, .code = "required"};
		json_t *problem = error_problem(&error, "vi", "/v1/x", "r");

		ck_assert_int_ge(error_status(&error), 400);
		ck_assert_int_eq(json_integer_value(json_object_get(problem, "status")),
				 error_status(&error));
		ck_assert(json_is_array(json_object_get(problem, "errors")));
		ck_assert(!strncmp(json_string_value(json_object_get(problem, "type")),
				   "/problems/", 10));
		ck_assert_int_gt(json_string_length(json_object_get(problem, "title")), 3);
	}
}
END_TEST

START_TEST(every_code_of_a_list_has_a_label_in_two_languages)
{
	const struct code_list *list = code_lists[_i];
	auto_text ours = {0};

	for (const char *const *code = list->codes; *code; code++)
		text_addf(&ours, "%s%s", ours.length ? "," : "", *code);
	/* The same codes in the same order, none without a label. */
	ck_assert_pstr_eq(sql(AS_OWNER,
			      "SELECT string_agg(code, ',' ORDER BY position) FROM codes WHERE "
			      "list = '%s' AND "
			      "vi <> '' AND en <> ''",
			      list->name),
			  text_string(&ours));
}
END_TEST

Suite *message_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *cases = tcase_create("message");
	int lists = 0;

	while (code_lists[lists])
		lists++;
	tcase_add_test(cases, every_code_raised_in_c_has_a_message);
	tcase_add_test(cases, every_code_raised_in_sql_has_a_message);
	tcase_add_test(cases, every_named_constraint_blames_a_field_with_a_message);
	tcase_add_test(cases, a_message_is_said_in_two_languages);
	tcase_add_test(cases, every_kind_of_error_is_a_problem_document);
	tcase_add_loop_test(cases, every_code_of_a_list_has_a_label_in_two_languages, 0, lists);
	suite_add_tcase(suite, cases);
	return suite;
}
