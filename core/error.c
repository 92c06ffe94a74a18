/* What went wrong, and how RFC 9457 tells it. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int status;
	const char *type, *title_vi, *title_en;
} kinds[ERROR_KINDS] = {
	[ERROR_NONE] = {200, "none", "Không có lỗi", "No error"},
	[ERROR_MALFORMED] = {400, "malformed", "Yêu cầu không đúng dạng", "Malformed request"},
	[ERROR_UNAUTHENTICATED] = {401, "unauthenticated", "Chưa xác thực", "Not authenticated"},
	[ERROR_FORBIDDEN] = {403, "forbidden", "Không được phép", "Not allowed"},
	[ERROR_NOT_FOUND] = {404, "not-found", "Không tìm thấy", "Not found"},
	[ERROR_BREAK_GLASS] = {404, "break-glass-available", "Không tìm thấy", "Not found"},
	[ERROR_METHOD] = {405, "method-not-allowed", "Phương thức không được hỗ trợ",
			  "Method not allowed"},
	[ERROR_NOT_ACCEPTABLE] = {406, "not-acceptable", "Không có dạng dữ liệu được yêu cầu",
				  "Not acceptable"},
	[ERROR_TIMEOUT] = {408, "timeout", "Quá thời gian", "Request timeout"},
	[ERROR_CONFLICT] = {409, "conflict", "Xung đột với trạng thái hiện tại", "Conflict"},
	[ERROR_GONE] = {410, "gone", "Không còn được lưu", "Gone"},
	[ERROR_STALE] = {412, "stale", "Bản ghi đã thay đổi", "Precondition failed"},
	[ERROR_TOO_LARGE] = {413, "too-large", "Nội dung quá lớn", "Content too large"},
	[ERROR_URI_TOO_LONG] = {414, "uri-too-long", "Địa chỉ quá dài", "URI too long"},
	[ERROR_MEDIA_TYPE] = {415, "media-type", "Kiểu nội dung không được hỗ trợ",
			      "Unsupported media type"},
	[ERROR_EXPECTATION] = {417, "expectation", "Không đáp ứng được Expect",
			       "Expectation failed"},
	[ERROR_INVALID] = {422, "invalid", "Dữ liệu không hợp lệ", "Invalid content"},
	[ERROR_PRECONDITION] = {428, "precondition-required", "Thiếu điều kiện If-Match",
				"Precondition required"},
	[ERROR_TOO_MANY] = {429, "too-many-requests", "Quá nhiều yêu cầu", "Too many requests"},
	[ERROR_HEADERS_TOO_LARGE] = {431, "headers-too-large", "Phần đầu yêu cầu quá lớn",
				     "Request header fields too large"},
	[ERROR_INTERNAL] = {500, "internal", "Lỗi máy chủ", "Internal error"},
	[ERROR_NOT_IMPLEMENTED] = {501, "not-implemented", "Chưa hỗ trợ", "Not implemented"},
	[ERROR_UNAVAILABLE] = {503, "unavailable", "Tạm thời không phục vụ được", "Unavailable"},
};

/* Text that a client sent, for telling it: cut to a buffer it may end within a character, and what
 * is no UTF-8 at all is not told. */
static json_t *told(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	json_t *string = text ? json_stringn(text, length) : NULL;

	for (size_t cut = 1; text && !string && cut < 4 && cut <= length; cut++)
		string = json_stringn(text, length - cut);
	return string;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

bool error_set(struct error *error, enum error_kind kind, const char *code, const char *argument)
{
	if (error->kind)
		return false; /* the first cause stands */
	error->kind = kind;
	error->code = code;
	copy(error->argument, sizeof error->argument, argument);
	return false;
}

bool error_fault(struct error *error, enum error_kind kind, const char *pointer, const char *code,
		 const char *argument)
{
	if (!error->kind) {
		error->kind = kind;
		error->code = kind == ERROR_MALFORMED ? "request_malformed" : "content_invalid";
	}
	if (!error->faults)
		error->faults = json_array();
	json_t *where = told(pointer);

	json_array_append_new(error->faults,
			      json_pack("{soss so*}", "pointer", where ? where : json_string(""),
					"code", code, "argument", told(argument)));
	return false;
}

bool error_choice(struct error *error, const char *name, const char *const *words)
{
	char all[256] = "";
	size_t length = 0;

	for (; *words && length < sizeof all; words++)
		length += (size_t)snprintf(all + length, sizeof all - length, "%s%s",
					   length ? ", " : "", *words);
	return error_fault(error, ERROR_MALFORMED, name, "value_unknown", all);
}

bool error_internal(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (error->kind)
		return false;
	va_start(arguments, format);
	vsnprintf(error->internal, sizeof error->internal, format, arguments);
	va_end(arguments);
	error->kind = kind;
	error->code = kind == ERROR_UNAVAILABLE ? "unavailable" : "internal";
	if (kind == ERROR_UNAVAILABLE)
		error->retry_after = 2;
	return false;
}

int error_status(const struct error *error)
{
	return kinds[error->kind].status;
}

void error_release(struct error *error)
{
	json_decref(error->faults);
	*error = (struct error){0};
}

static json_t *faults_in(const json_t *faults, const char *language)
{
	json_t *all = json_array();
	size_t i;
	json_t *fault;

	json_array_foreach(faults, i, fault) {
		const char *code = json_string_value(json_object_get(fault, "code"));
		char *detail = message_text(code, language,
					    json_string_value(json_object_get(fault, "argument")));

		json_array_append_new(all, json_pack("{sOssss}", "pointer",
						     json_object_get(fault, "pointer"), "code",
						     code, "detail", detail ? detail : code));
		free(detail);
	}
	return all;
}

json_t *error_problem(const struct error *error, const char *language, const char *instance,
		      const char *request)
{
	bool vietnamese = strcmp(language, "en") != 0;
	const char *title = vietnamese ? kinds[error->kind].title_vi : kinds[error->kind].title_en;
	char *detail = message_text(error->code, language, error->argument);
	json_t *said = told(detail), *where = told(instance);
	char type[64];

	snprintf(type, sizeof type, "/problems/%s", kinds[error->kind].type);
	json_t *problem = json_pack(
		"{ss ss si ss so so ss so}", "type", type, "title", title, "status",
		kinds[error->kind].status, "code", error->code, "detail",
		said ? said : json_string(error->code), "instance", where ? where : json_string(""),
		"request_id", request, "errors",
		error->faults ? faults_in(error->faults, language) : json_array());
	free(detail);
	return problem;
}
