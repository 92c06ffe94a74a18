/* The catalogue of computed indicators, and what may be asked of them. */
#include "indicator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "period.h"

static const struct definition counted[] = {
	{"count", "Mỗi người tính một lần", "Each person once"},
	{0},
};

static const struct definition shared[] = {
	{"share", "Mỗi đối tượng tính một lần", "Each subject once"},
	{0},
};

static const struct definition served[] = {
	{"suitable",
	 "Người sử dụng: được tư vấn hoặc giáo dục chuyển đổi hành vi, và được khám sàng lọc hoặc "
	 "đánh giá; người nghiện: thêm điều trị, điều trị thay thế hoặc cai nghiện",
	 "A user: counselling or behaviour education, and screening or assessment; an addict: "
	 "that, "
	 "and treatment, substitution or rehab",
	 "counselling_or_education,screening_or_assessment,treatment_or_rehab"},
	{"any", "Ít nhất một dịch vụ", "At least one service", "any_service"},
	{"all", "Đủ mọi loại dịch vụ", "Every kind of service",
	 "behaviour_education,counselling,screening_or_assessment,treatment_or_rehab"},
	{0},
};

static const struct definition counselled[] = {
	{"share", "Được tư vấn trong kỳ", "Counselled in the window", "counselling"},
	{0},
};

static const struct definition screened[] = {
	{"share", "Được khám sàng lọc hoặc đánh giá trong kỳ", "Screened or assessed in the window",
	 "screening_or_assessment"},
	{0},
};

static const struct definition educated[] = {
	{"share", "Được giáo dục chuyển đổi hành vi trong kỳ",
	 "Given behaviour education in the window", "behaviour_education"},
	{0},
};

static const struct definition treated[] = {
	{"share", "Người nghiện: được điều trị, điều trị thay thế hoặc cai nghiện trong kỳ",
	 "Of addicts: in treatment, substitution or rehab in the window", "treatment_or_rehab"},
	{0},
};

static const struct definition supported[] = {
	{"share",
	 "Ít nhất một hỗ trợ trong kỳ: học nghề, việc làm, vay vốn, kèm cặp hoặc hỗ trợ cộng đồng",
	 "At least one support in the window: vocational training, employment, a loan, mentoring "
	 "or "
	 "community support"},
	{0},
};

/* Article 256a is in force from 2025-07-01, so years around that compare without it. */
static const struct definition offences[] = {
	{"excl_256a", "Không tính Điều 256a", "Without article 256a", NULL, 2025, 2026},
	{"incl_256a", "Tính cả Điều 256a", "With article 256a"},
	{0},
};

static const struct definition eliminated[] = {
	{"eliminated", "Đã triệt xóa trước khi hết kỳ", "Eliminated by the window's end",
	 "elimination"},
	{"within_90_days", "Triệt xóa trong 90 ngày từ khi phát hiện",
	 "Eliminated within 90 days of detection", "elimination_in_time"},
	{0},
};

static const struct definition reformed[] = {
	{"count", "Tụ điểm tái phát trong kỳ", "Hotspots that formed again in the window"},
	{0},
};

static const struct definition concluded[] = {
	{"either", "Đã giải quyết hoặc xét xử", "Resolved or tried", "resolved_or_tried"},
	{"resolved", "Đã giải quyết", "Resolved", "resolved"},
	{"tried", "Đã xét xử sơ thẩm", "Tried in first instance", "tried"},
	{0},
};

static const struct definition reached[] = {
	{"any", "Ít nhất một buổi đã tổ chức trong kỳ cho người học hoặc cán bộ, nhà giáo",
	 "At least one session for students or staff held in the window", "session_held"},
	{"both_audiences", "Có buổi cho người học và buổi cho cán bộ, nhà giáo",
	 "Sessions for both students and staff", "session_of_students,session_of_staff"},
	{0},
};

static const struct definition trained[] = {
	{"cumulative", "Đã được tập huấn từ 02/04/2024", "Trained since 2024-04-02"},
	{"yearly", "Được tập huấn trong kỳ", "Trained in the window", .family = "staff_yearly"},
	{0},
};

enum {
	OF_PEOPLE = ONE(BY_SEX) | ONE(BY_AGE_BAND) | ONE(BY_ETHNICITY),
	OF_SERVICES = OF_PEOPLE | ONE(BY_KIND),
	OF_CASES = ONE(BY_ARTICLE),
	OF_SCHOOLS = ONE(BY_INSTITUTION_TYPE),
};

/* As age_band() of the database has them. */
static const struct code_list age_bands = {
	.name = "age_band",
	.codes = (const char *const[]){"<12", "12-13", "14-15", "16-17", "18-24", "25-30", "31+",
				       NULL},
};

const struct dimension_name dimension_names[DIMENSIONS] = {
	[BY_SEX] = {"sex", &codes_sex},
	[BY_AGE_BAND] = {"age_band", &age_bands},
	[BY_ETHNICITY] = {"ethnicity", &codes_ethnicity},
	[BY_KIND] = {"kind", &codes_intervention_kind, "kind"},
	[BY_ARTICLE] = {"article", &codes_crime_article, "article"},
	[BY_INSTITUTION_TYPE] = {"institution_type", &codes_institution_type, "type"},
};

/* clang-format off */
const struct indicator indicators[] = {
	{"I.1.a", CHANGE, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, counted},
	{"I.1.b", CHANGE, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, counted},
	{"I.1.c", CHANGE, "offenders", FOUND_OFFENDING, &people, OF_PEOPLE | OF_CASES, counted},
	{"I.2.a", GROWTH, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, counted, "I.1.a"},
	{"I.2.b", GROWTH, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, counted, "I.1.b"},
	{"I.2.c", PERCENT, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, shared},
	{"I.2.d", PERCENT, "stock", UNDER_MANAGEMENT, &people, OF_PEOPLE, shared},
	{"I.2.e", PERCENT, "stock", AFTER_REHAB, &people, OF_PEOPLE, shared},
	{"II.1.a", PERCENT, "services", UNDER_MANAGEMENT, &people, OF_SERVICES, served},
	{"II.1.b", PERCENT, "services", UNDER_MANAGEMENT, &people, OF_SERVICES, counselled},
	{"II.1.c", PERCENT, "services", UNDER_MANAGEMENT, &people, OF_SERVICES, screened},
	{"II.1.d", PERCENT, "services", UNDER_MANAGEMENT, &people, OF_SERVICES, educated},
	{"II.1.e", PERCENT, "services", UNDER_MANAGEMENT, &people, OF_SERVICES, treated},
	{"II.1.f", PERCENT, "reintegration", AFTER_REHAB, &people, OF_SERVICES, supported},
	{"II.1.g", PERCENT, "reintegration", AFTER_PRISON, &people, OF_SERVICES, supported},
	{"II.2.a", CHANGE, "cases", NO_PEOPLE, &crimes, OF_CASES, offences},
	{"II.2.b", PERCENT, "hotspots", NO_PEOPLE, &hotspots, 0, eliminated},
	{"II.2.c", COUNT, "hotspots", NO_PEOPLE, &hotspots, 0, reformed},
	{"II.2.d", PERCENT, "cases", NO_PEOPLE, &crimes, OF_CASES, concluded},
	{"II.3.a", PERCENT, "movements", NO_PEOPLE, &union_organizations, 0, shared},
	{"II.3.b", PERCENT, "key_communes", NO_PEOPLE, &key_communes, 0, shared},
	{"II.3.c", EACH, "key_jobs", HELPED_TO_WORK, &key_communes, 0, counted},
	{"II.3.d", PERCENT, "key_people", HELPED_TO_WORK, &key_communes, 0, shared},
	{"II.4.a", PERCENT, "schools", NO_PEOPLE, &institutions, OF_SCHOOLS, reached},
	{"II.4.b", PERCENT, "staff", NO_PEOPLE, &institutions, OF_SCHOOLS, trained},
	{0},
};
/* clang-format on */

static const struct {
	const char *code, *vi, *en;
} labels[] = {
	{"too_old", "Trên độ tuổi thanh niên", "Above the age of youth"},
	{"file_expired", "Hồ sơ đã hết thời hạn", "The file's term is over"},
	{"article_256a", "Điều 256a", "Article 256a"},
	{"no_suspect", "Chưa xác định người bị tình nghi", "No suspect"},
	{"age_unknown", "Chưa rõ tuổi", "Age unknown"},
	{"not_secondary", "Dưới cấp trung học cơ sở", "Below lower secondary level"},
	{"not_open", "Không hoạt động trong kỳ", "Not open in the window"},
	{"counselling_or_education", "Tư vấn hoặc giáo dục chuyển đổi hành vi",
	 "Counselling or behaviour education"},
	{"screening_or_assessment", "Khám sàng lọc hoặc đánh giá", "Screening or assessment"},
	{"treatment_or_rehab", "Điều trị, điều trị thay thế hoặc cai nghiện",
	 "Treatment, substitution or rehab"},
	{"any_service", "Một dịch vụ bất kỳ", "Any service"},
	{"counselling", "Tư vấn", "Counselling"},
	{"behaviour_education", "Giáo dục chuyển đổi hành vi", "Behaviour education"},
	{"not_youth_related", "Không liên quan người trẻ", "No young people"},
	{"not_active", "Không hoạt động trong kỳ", "Not active in the window"},
	{"no_headcount", "Chưa có số liệu nhân sự", "No head count"},
	{"nobody_to_help", "Không có người cần giúp trong kỳ", "Nobody to help in the window"},
	{"resolved", "Giải quyết", "Resolution"},
	{"tried", "Xét xử sơ thẩm", "A judgment in first instance"},
	{"resolved_or_tried", "Giải quyết hoặc xét xử", "Resolution or a judgment"},
	{"elimination", "Triệt xóa", "Elimination"},
	{"elimination_in_time", "Triệt xóa đúng hạn", "Elimination in time"},
	{"movement", "Một phong trào đã phát động", "A movement launched"},
	{"active_model", "Một mô hình đang hoạt động", "An active model"},
	{"steady_job", "Một người có việc làm ổn định", "Somebody with a steady job"},
	{"staff_trained", "Cán bộ, nhà giáo chưa được tập huấn", "Staff yet to be trained"},
	{"session_of_students", "Một buổi cho người học", "A session for students"},
	{"session_of_staff", "Một buổi cho cán bộ, nhà giáo", "A session for staff"},
	{"session_held", "Một buổi đã tổ chức cho người học hoặc cán bộ, nhà giáo",
	 "A session held for students or staff"},
	{"valid_file", "Hồ sơ còn thời hạn", "A file whose term is running"},
	{"reintegration_support", "Hỗ trợ tái hòa nhập", "Support for reintegration"},
};

const char *indicator_family(const struct indicator *indicator, const struct definition *definition)
{
	return definition->family ? definition->family : indicator->family;
}

const struct indicator *indicator_find(const char *code)
{
	for (const struct indicator *indicator = indicators; indicator->code; indicator++)
		if (!strcmp(indicator->code, code))
			return indicator;
	return NULL;
}

const struct definition *indicator_headline(const struct indicator *indicator, int year)
{
	const struct definition *definition = indicator->definitions;

	while (definition->from_year &&
	       (year < definition->from_year || year > definition->to_year))
		definition++;
	return definition;
}

const char *indicator_label(const char *code, const char *language)
{
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (!strcmp(labels[i].code, code))
			return strcmp(language, "en") != 0 ? labels[i].vi : labels[i].en;
	return code;
}

static void window_of_period(const struct period *period, struct indicator_window *window)
{
	*window = (struct indicator_window){.year = period->year};
	memcpy(window->period, period->code, sizeof window->period);
	memcpy(window->start, period->start, sizeof window->start);
	memcpy(window->end, period->end, sizeof window->end);
}

/* The same day a year earlier; 28 February for the 29th. */
static void year_before(const char date[11], char earlier[11])
{
	unsigned year = (unsigned)strtoul(date, NULL, 10) % 10000;

	snprintf(earlier, 11, "%04u%.6s", year ? year - 1 : 0,
		 strcmp(date + 4, "-02-29") != 0 ? date + 4 : "-02-28");
}

bool window_previous(const struct indicator_window *window, struct indicator_window *previous)
{
	struct period period, earlier;

	if (window->period[0]) {
		if (!period_parse(window->period, &period) || !period_previous(&period, &earlier))
			return false;
		window_of_period(&earlier, previous);
		return true;
	}
	*previous = (struct indicator_window){0};
	year_before(window->start, previous->start);
	year_before(window->end, previous->end);
	return true;
}

/* What reading one parameter needs. */
struct reading {
	struct indicator_query *query;
	const char *name, *value, *from, *to;
	bool has_period;
	struct error *error;
};

static bool fault(const struct reading *reading, const char *code, const char *argument)
{
	return error_fault(reading->error, ERROR_MALFORMED, reading->name, code, argument);
}

/* The next item of a comma list, cut to the size; what follows is returned. */
static const char *next_item(const char *list, char *item, size_t size)
{
	size_t length = strcspn(list, ",");

	snprintf(item, size, "%.*s", (int)(length < size ? length : size - 1), list);
	return list[length] ? list + length + 1 : list + length;
}

static bool read_period(struct reading *reading)
{
	struct indicator_query *query = reading->query;
	const char *rest = reading->value;
	struct period period;
	char item[16];

	reading->has_period = true;
	do {
		rest = next_item(rest, item, sizeof item);
		if (!period_parse(item, &period))
			return fault(reading, "not_a_period", item);
		if (query->window_count == INDICATOR_WINDOWS)
			return fault(reading, "wrong_number_of_items", NULL);
		for (size_t i = 0; i < query->window_count; i++)
			if (!strcmp(query->windows[i].period, period.code))
				return fault(reading, "repeated", item);
		window_of_period(&period, &query->windows[query->window_count++]);
	} while (*rest);
	return true;
}

/* One of the words, ending in NULL; NULL and a fault when it is none. */
static const char *read_word(struct reading *reading, const char *const *words)
{
	for (const char *const *word = words; *word; word++)
		if (!strcmp(*word, reading->value))
			return *word;
	error_choice(reading->error, reading->name, words);
	return NULL;
}

static bool read_date(struct reading *reading)
{
	*(strcmp(reading->name, "to") != 0 ? &reading->from : &reading->to) = reading->value;
	return date_is_valid(reading->value) || fault(reading, "not_a_date", NULL);
}

static bool read_unit(struct reading *reading)
{
	static const struct field unit = {"unit", UNIT};
	char *key = field_parses(&unit, reading->value, reading->name, reading->error);

	if (key)
		snprintf(reading->query->unit, sizeof reading->query->unit, "%s", key);
	free(key);
	return key != NULL;
}

static bool read_as_of(struct reading *reading)
{
	static const struct field as_of = {"as_of", INSTANT};
	char *instant = field_parses(&as_of, reading->value, reading->name, reading->error);

	if (instant)
		snprintf(reading->query->as_of, sizeof reading->query->as_of, "%s", instant);
	free(instant);
	return instant != NULL;
}

static bool read_level(struct reading *reading)
{
	static const char *const levels[] = {"province", "district", "commune", NULL};

	return (reading->query->level = read_word(reading, levels)) != NULL;
}

static bool read_map(struct reading *reading)
{
	static const char *const maps[] = {"current", "2024", "as_reported", NULL};

	return (reading->query->map = read_word(reading, maps)) != NULL;
}

static bool read_basis(struct reading *reading)
{
	static const char *const bases[] = {"current", "plan", NULL};

	return (reading->query->basis = read_word(reading, bases)) != NULL;
}

static int dimension_find(const char *name)
{
	int found = 0;

	while (found < DIMENSIONS && strcmp(dimension_names[found].name, name) != 0)
		found++;
	return found;
}

static bool blame_dimension(const struct reading *reading)
{
	const char *names[DIMENSIONS + 1] = {NULL};
	size_t count = 0;

	for (int i = 0; i < DIMENSIONS; i++)
		if (reading->query->indicator->dimensions & ONE(i))
			names[count++] = dimension_names[i].name;
	return error_choice(reading->error, reading->name, names);
}

static bool read_by(struct reading *reading)
{
	struct indicator_query *query = reading->query;
	const char *rest = reading->value;
	char item[24];

	do {
		rest = next_item(rest, item, sizeof item);
		int found = dimension_find(item);

		if (found == DIMENSIONS)
			return blame_dimension(reading);
		if (!(query->indicator->dimensions & ONE(found)))
			return fault(reading, "dimension_not_applicable", item);
		if (query->by & ONE(found))
			return fault(reading, "repeated", item);
		/* A subject may have several tags of each class: only one can be counted by. */
		for (int other = 0; dimension_names[found].tags && other < DIMENSIONS; other++)
			if (query->by & ONE(other) && dimension_names[other].tags)
				return fault(reading, "not_with", dimension_names[other].name);
		query->by |= ONE(found);
	} while (*rest);
	return true;
}

enum { DEFINITIONS_TOLD = 15 };

static bool read_definition(struct reading *reading)
{
	const struct definition *definition = reading->query->indicator->definitions;
	const char *ways[DEFINITIONS_TOLD + 1] = {NULL};

	for (int i = 0; definition->code && i < DEFINITIONS_TOLD; definition++, i++) {
		ways[i] = definition->code;
		if (!strcmp(definition->code, reading->value)) {
			reading->query->definition = definition;
			return true;
		}
	}
	return error_choice(reading->error, reading->name, ways);
}

static bool read_format(struct reading *reading)
{
	static const char *const formats[] = {"json", "csv", "jsonstat", NULL};
	const char *word = read_word(reading, formats);

	reading->query->has_format = word != NULL;
	reading->query->format = word == formats[1] ? CSV : JSON;
	reading->query->is_jsonstat = word == formats[2];
	return word != NULL;
}

static bool read_bom(struct reading *reading)
{
	reading->query->bom = !strcmp(reading->value, "true");
	return reading->query->bom || !strcmp(reading->value, "false") ||
	       fault(reading, "boolean_expected", NULL);
}

enum {
	ROWS = ONE(INDICATOR_ROWS),
	CATALOGUE = ONE(INDICATOR_CATALOGUE),
	EXPLANATION = ONE(INDICATOR_EXPLANATION)
};

static const struct {
	const char *name;
	unsigned views;
	bool (*read)(struct reading *reading);
} readers[] = {
	{"period", ROWS | CATALOGUE | EXPLANATION, read_period},
	{"from", ROWS | CATALOGUE | EXPLANATION, read_date},
	{"to", ROWS | CATALOGUE | EXPLANATION, read_date},
	{"unit", ROWS | CATALOGUE | EXPLANATION, read_unit},
	{"basis", ROWS | CATALOGUE | EXPLANATION, read_basis},
	{"definition", ROWS | EXPLANATION, read_definition},
	{"level", ROWS, read_level},
	{"map", ROWS | CATALOGUE, read_map},
	{"by", ROWS, read_by},
	{"as_of", ROWS | CATALOGUE, read_as_of},
	{"format", ROWS | CATALOGUE, read_format},
	{"bom", ROWS | CATALOGUE, read_bom},
};

static bool read_parameter(struct reading *reading, enum indicator_view view)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (!strcmp(readers[i].name, reading->name) && readers[i].views & ONE(view))
			return *reading->value ? readers[i].read(reading)
					       : fault(reading, "empty_parameter", NULL);
	return fault(reading, "unknown_parameter", NULL);
}

static bool is_repeated(const struct parameter *parameters, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (!strcmp(parameters[i].name, parameters[place].name))
			return true;
	return false;
}

/* from and to are a window together, instead of periods. */
static void settle_windows(struct reading *reading)
{
	struct indicator_query *query = reading->query;
	struct indicator_window *window = query->windows;
	char year[8];
	struct period period;

	if (reading->has_period && (reading->from || reading->to)) {
		reading->name = "period";
		fault(reading, "not_with", reading->from ? "from" : "to");
	} else if (!reading->from != !reading->to) {
		reading->name = reading->from ? "to" : "from";
		fault(reading, "required_when", reading->from ? "from" : "to");
	} else if (reading->from && strcmp(reading->from, reading->to) > 0) {
		reading->name = "to";
		fault(reading, "before", reading->from);
	} else if (reading->from) {
		query->window_count = 1;
		*window = (struct indicator_window){0};
		snprintf(window->start, sizeof window->start, "%s", reading->from);
		snprintf(window->end, sizeof window->end, "%s", reading->to);
	} else if (!reading->has_period) {
		snprintf(year, sizeof year, "%d", period_year_of(query->today));
		if (!period_parse(year, &period))
			return;
		query->window_count = 1;
		window_of_period(&period, window);
	}
}

/* Only one window can be explained. */
static void check_view(struct reading *reading, enum indicator_view view)
{
	if (view != INDICATOR_EXPLANATION || reading->query->window_count <= 1)
		return;
	reading->name = "period";
	fault(reading, "wrong_number_of_items", NULL);
}

/* A report says one period of one unit, on the units of its day. */
static void check_replay(struct reading *reading)
{
	const struct indicator_query *query = reading->query;
	const char *other = query->level			   ? "level"
			    : query->by				   ? "by"
			    : query->is_jsonstat		   ? "format"
			    : strcmp(query->map, "current") != 0   ? "map"
			    : strcmp(query->basis, "current") != 0 ? "basis"
			    : reading->from			   ? "from"
								   : NULL;

	reading->name = "as_of";
	if (other)
		fault(reading, "not_with", other);
	else if (query->window_count > 1) {
		reading->name = "period";
		fault(reading, "wrong_number_of_items", NULL);
	}
}

bool indicator_query_parse(struct indicator_query *query, enum indicator_view view,
			   const struct parameter *parameters, size_t count, struct error *error)
{
	struct reading reading = {.query = query, .error = error};

	snprintf(query->unit, sizeof query->unit, WHOLE_PROVINCE);
	query->map = "current";
	query->basis = "current";
	for (size_t i = 0; i < count; i++) {
		reading.name = parameters[i].name;
		reading.value = parameters[i].value;
		if (is_repeated(parameters, i))
			fault(&reading, "repeated_parameter", NULL);
		else
			read_parameter(&reading, view);
	}
	settle_windows(&reading);
	check_view(&reading, view);
	if (!error->kind && *query->as_of)
		check_replay(&reading);
	return !error->kind;
}

const struct definition *indicator_definition(const struct indicator_query *query,
					      const struct indicator_window *window)
{
	return query->definition
		       ? query->definition
		       : indicator_headline(query->indicator, period_year_of(window->end));
}
