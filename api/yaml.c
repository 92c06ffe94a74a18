/* JSON values as YAML 1.2, in block style. */
#include "yaml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What some parser takes for something else than a string. */
static bool is_word(const char *string)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no",
					    "on",   "off",  "y",     "n"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(words[i], string))
			return true;
	return false;
}

/* What may begin one: never a number, a date or a sign of YAML's. */
static bool begins_plain(char first)
{
	return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '/' ||
	       first == '_' || first == '$';
}

/* How many bytes an odd character takes, 0 when there is none: DEL, and of UTF-8 the controls of
 * C1, line and paragraph separators, and the byte order mark. */
static size_t odd_character(const char *at, unsigned *code)
{
	const unsigned char *c = (const unsigned char *)at;

	*code = *c;
	if (*c == 0x7f)
		return 1;
	*code = c[1];
	if (c[0] == 0xc2 && c[1] < 0xa0)
		return 2;
	*code = 0xfeff;
	if (!strncmp(at, "\xef\xbb\xbf", 3))
		return 3;
	bool is_line = !strncmp(at, "\xe2\x80\xa8", 3);
	*code = is_line ? 0x2028 : 0x2029;
	return is_line || !strncmp(at, "\xe2\x80\xa9", 3) ? 3 : 0;
}

static bool has_odd_character(const char *string, bool takes_lines)
{
	unsigned code;

	for (const char *c = string; *c; c++)
		if (((unsigned char)*c < 0x20 && !(takes_lines && *c == '\n')) ||
		    odd_character(c, &code))
			return true;
	return false;
}

static bool is_plain(const char *string)
{
	size_t length = strlen(string);

	return begins_plain(*string) && !is_word(string) && !has_odd_character(string, false) &&
	       !strstr(string, ": ") && !strstr(string, " #") && string[length - 1] != ':' &&
	       string[length - 1] != ' ';
}

/* A JSON string is a double-quoted one of YAML, once odd characters are escaped. */
static void add_quoted(struct text *text, const char *string)
{
	auto_text quoted = {0};
	unsigned code;

	text_add_json(&quoted, string);
	for (const char *c = text_string(&quoted); *c; c++) {
		size_t length = odd_character(c, &code);

		if (length) {
			text_addf(text, "\\u%04x", code);
			c += length - 1;
		} else {
			text_add_char(text, *c);
		}
	}
}

static void add_indent(struct text *text, int depth)
{
	for (int i = 0; i < depth; i++)
		text_add(text, "  ");
}

/* Lines that a literal block keeps exactly: none begins or ends with a space, the first and the
 * last are not empty. */
static bool fits_block(const char *string)
{
	size_t length = strlen(string);

	return strchr(string, '\n') && !has_odd_character(string, true) && *string != '\n' &&
	       *string != ' ' && string[length - 1] != '\n' && string[length - 1] != ' ' &&
	       !strstr(string, "\n ") && !strstr(string, " \n");
}

static void add_block(struct text *text, const char *string, int depth)
{
	text_add(text, "|-");
	while (*string) {
		size_t length = strcspn(string, "\n");

		text_add_char(text, '\n');
		if (length)
			add_indent(text, depth);
		text_add_bytes(text, string, length);
		string += length + (string[length] == '\n');
	}
}

static void add_scalar(struct text *text, const json_t *value, int depth)
{
	const char *string = json_string_value(value);

	if (!string) {
		char *plain = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		text_add(text, plain ? plain : "null");
		free(plain);
	} else if (is_plain(string)) {
		text_add(text, string);
	} else if (fits_block(string)) {
		add_block(text, string, depth);
	} else {
		add_quoted(text, string);
	}
}

static bool is_branch(const json_t *value)
{
	return json_object_size(value) || json_array_size(value);
}

static void add_key(struct text *text, const char *key)
{
	if (is_plain(key))
		text_add(text, key);
	else
		add_quoted(text, key);
	text_add_char(text, ':');
}

static void add_node(struct text *text, const json_t *value, int depth);

static void add_members(struct text *text, const json_t *object, int depth)
{
	bool is_first = true;
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member) {
		if (!is_first)
			add_indent(text, depth);
		is_first = false;
		add_key(text, key);
		if (is_branch(member)) {
			text_add_char(text, '\n');
			add_indent(text, depth + 1);
			add_node(text, member, depth + 1);
		} else {
			text_add_char(text, ' ');
			add_scalar(text, member, depth + 1);
			text_add_char(text, '\n');
		}
	}
}

static void add_items(struct text *text, const json_t *array, int depth)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);

		if (i)
			add_indent(text, depth);
		text_add(text, "- ");
		if (is_branch(item)) {
			add_node(text, item, depth + 1);
		} else {
			add_scalar(text, item, depth + 1);
			text_add_char(text, '\n');
		}
	}
}

/* The cursor is where the first member or item goes, `depth` levels in. */
static void add_node(struct text *text, const json_t *value, int depth)
{
	if (json_is_object(value))
		add_members(text, value, depth);
	else
		add_items(text, value, depth);
}

void yaml_add(struct text *text, const json_t *value)
{
	if (is_branch(value)) {
		add_node(text, value, 0);
	} else {
		add_scalar(text, value, 1);
		text_add_char(text, '\n');
	}
}
