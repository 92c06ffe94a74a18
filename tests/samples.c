/* Valid records of every resource, made from its table. */
#include "samples.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a case concerns the young. */
#define BY_HAND "'youth_related': true, 'youth_related_reason': 'x'"
#define BY_ITSELF "'youth_related': null, 'youth_related_reason': null"

/* Every resource that is written. */
const struct sample samples[] = {
	{&people,
	 1,
	 {"'date_of_birth': '1990'", "'date_of_birth': '1991-02'", "'date_of_birth': '1992-03-04'",
	  "'date_of_birth': '2010-05-06'", NULL}},
	{&referrals,
	 1,
	 {"'to_organization': 'so_y_te', 'status': null",
	  "'to_organization': 'so_noi_vu', 'status': null",
	  "'to_organization': 'so_tu_phap', 'status': null",
	  "'to_organization': 'so_tai_chinh', 'status': null",
	  "'to_organization': 'doan_thanh_nien_tinh', 'status': null",
	  "'to_organization': 'hoi_lien_hiep_phu_nu_tinh', 'status': null",
	  "'to_organization': 'ubnd_2025_24121', 'status': null", NULL}},
	{&handovers, 1, {"'to_unit': '" OTHER_UNIT "', 'status': null", NULL}},
	{&break_glasses,
	 1,
	 {"'reason': 'Tìm người mất tích theo tin báo', 'review_status': null", NULL}},
	{&subject_requests,
	 1,
	 {"'kind': 'access', 'requester': 'representative', 'status': null, 'executed_on': null",
	  "'kind': 'correction', 'requester': 'representative', 'status': null, 'executed_on': "
	  "null",
	  NULL}},
	{&restrictions,
	 1,
	 {"'kind': 'hold', 'reason': 'legal_claim', 'request': null, 'status': null", NULL}},
	{&retention_decisions, 1, {"'status': null", NULL}},
	{&person_statuses,
	 1,
	 {"'status': 'at_risk', 'starts_on': '2025-08-01'",
	  "'status': 'user', 'starts_on': '2025-09-01', 'tested_on': '2025-08-30', "
	  "'decision_date': "
	  "'2025-09-01', 'decision_number': '12/QĐ', 'decided_by': 'commune_chair'",
	  "'status': 'addict', 'starts_on': '2025-10-01', 'decided_by': 'facility'",
	  "'status': 'in_rehab', 'starts_on': '2025-11-01', 'rehab_form': 'voluntary_home', "
	  "'term_months': 6",
	  "'status': 'addict', 'starts_on': '2026-02-01'",
	  "'status': 'closed', 'starts_on': '2026-03-01', 'close_reason': 'moved'",
	  "'status': 'at_risk', 'starts_on': '2026-04-01'", NULL}},
	{&person_violations, 1, {"", NULL}},
	{&person_interventions,
	 1,
	 {"'kind': 'counselling', 'status': 'completed', 'ends_on': '2026-02-01'",
	  "'kind': 'rehab', 'status': 'in_progress', 'rehab_form': 'voluntary_home'",
	  "'kind': 'employment', 'status': 'completed', 'ends_on': '2026-03-01', 'employer': 'Tự "
	  "làm', "
	  "'job_until': '2026-12-31', 'confirmed_by_union_on': '2026-03-01'",
	  "'kind': 'loan', 'status': 'planned', 'loan_amount': 50000000", NULL}},
	{&interventions,
	 1,
	 {"'kind': 'screening', 'status': 'completed', 'ends_on': '2026-02-01'",
	  "'kind': 'rehab', 'status': 'planned', 'rehab_form': 'compulsory'",
	  "'kind': 'employment', 'status': 'in_progress', 'employer': 'Tự làm'",
	  "'kind': 'loan', 'status': 'refused', 'loan_amount': 1", NULL}},
	{&crimes,
	 1,
	 {"'article': '249', 'occurred_on': '2026-01-15', 'detected_on': '2026-01-20', " BY_HAND,
	  "'article': '256a', " BY_ITSELF,
	  "'article': '251', 'occurred_on': '2024-05-01', 'unit': '2024-24121', " BY_ITSELF, NULL}},
	{&crime_participants,
	 1,
	 {"'role': 'suspect', 'date_of_birth': '1999-05-17', 'person': null",
	  "'role': 'victim', 'date_of_birth': '2012', 'person': null",
	  "'role': 'witness', 'person': null",
	  "'role': 'lured', 'date_of_birth': null, 'sex': null", NULL}},
	{&crime_stages,
	 1,
	 {"'stage': 'source', 'reached_on': '2026-02-01'",
	  "'stage': 'verification', 'reached_on': '2026-02-02'",
	  "'stage': 'initiated', 'reached_on': '2026-02-03'",
	  "'stage': 'investigation', 'reached_on': '2026-02-04'",
	  "'stage': 'concluded_prosecute', 'reached_on': '2026-02-05'",
	  "'stage': 'indicted', 'reached_on': '2026-02-06'",
	  "'stage': 'first_instance', 'reached_on': '2026-02-07'", NULL}},
	{&hotspots, 1, {"", NULL}},
	{&hotspot_events,
	 1,
	 {"'kind': 'eliminated', 'occurred_on': '2026-02-01'",
	  "'kind': 'reformed', 'occurred_on': '2026-03-01'",
	  "'kind': 'eliminated', 'occurred_on': '2026-04-01'",
	  "'kind': 'reformed', 'occurred_on': '2026-05-01'",
	  "'kind': 'eliminated', 'occurred_on': '2026-06-01'",
	  "'kind': 'reformed', 'occurred_on': '2026-07-01'",
	  "'kind': 'eliminated', 'occurred_on': '2026-08-01'", NULL}},
	{&training_sessions,
	 1,
	 {"'held_on': '2026-03-26', 'status': 'held'",
	  "'held_on': '2027-03-26', 'status': 'planned'", NULL}},
	{&session_attendees,
	 1,
	 {"'staff_code': 'GV-1'", "'staff_code': 'GV-2'", "'staff_code': 'GV-3'",
	  "'staff_code': 'GV-4'", "'staff_code': 'GV-5'", "'staff_code': 'GV-6'",
	  "'staff_code': 'GV-7'", NULL}},
	{&campaigns,
	 1,
	 {"'kind': 'campaign', 'status': 'planned'", "'kind': 'movement', 'status': 'held'",
	  "'kind': 'peak', 'peak': 'youth_month', 'status': 'cancelled'", NULL}},
	{&models,
	 1,
	 {"'status': 'created'", "'status': 'active'",
	  "'status': 'retired', 'ended_on': '2026-06-01'", NULL}},
	{&union_organizations,
	 17,
	 {"'level': 'commune', 'active_to': null",
	  "'level': 'grassroots', 'active_to': '2026-12-31'", NULL}},
	{&key_communes, 1, {"", NULL}},
	{&baselines,
	 1,
	 {"'numerator': 4, 'denominator': 5, 'value': 80", "'numerator': null, 'denominator': null",
	  "'numerator': 1, 'denominator': 3, 'value': null", NULL}},
	{&institution_headcounts,
	 2,
	 {"'staff': 50, 'period': '2024H1', 'counted_on': '2024-05-31'",
	  "'staff': 50, 'period': '2024Y', 'counted_on': '2024-11-30'",
	  "'staff': 50, 'period': '2025H1', 'counted_on': '2025-05-31'",
	  "'staff': 50, 'period': '2025Y', 'counted_on': '2025-11-30'",
	  "'staff': 50, 'period': '2026H1', 'counted_on': '2026-05-31'",
	  "'staff': 50, 'period': '2026Y', 'counted_on': '2026-10-31'",
	  "'staff': 50, 'period': '2026R', 'counted_on': '2026-10-31'", NULL}},
	{&institutions, 2, {"'closed_on': null", "'closed_on': '2026-06-30'", NULL}},
	{&task_assignments,
	 1,
	 {"'assignee': 'cong_an_tinh', 'period': '2026Y'",
	  "'assignee': 'so_y_te', 'period': '2026Y'", "'assignee': 'so_noi_vu', 'period': '2026H1'",
	  "'assignee': 'so_y_te', 'period': '2026H1'",
	  "'assignee': 'so_tu_phap', 'period': '2027Y'", "'assignee': 'so_y_te', 'period': '2027Y'",
	  "'assignee': 'so_noi_vu', 'period': '2027H1'",
	  "'assignee': 'cong_an_tinh', 'period': '2028H1'", NULL}},
	{&reports,
	 1,
	 {"'kind': 'organization', 'period': '2024H1', 'status': null",
	  "'kind': 'organization', 'period': '2024Y', 'status': null",
	  "'kind': 'organization', 'period': '2025H1', 'status': null",
	  "'kind': 'organization', 'period': '2025Y', 'status': null",
	  "'kind': 'organization', 'period': '2026H1', 'status': null",
	  "'kind': 'organization', 'period': '2026Y', 'status': null",
	  "'kind': 'organization', 'period': '2026R', 'status': null",
	  "'period': '2024H1', 'kind': 'consolidated', 'status': null", NULL}},
	{&merges, 1, {"'status': 'merged', 'undo_reason': null", NULL}},
	{&report_entries,
	 1,
	 {"'indicator': 'II.1.a'", "'indicator': 'II.1.b'", "'indicator': 'II.1.c'",
	  "'indicator': 'II.1.d'", "'indicator': 'II.1.e'", "'indicator': 'II.1.f'",
	  "'indicator': 'II.1.g'", NULL}},
	{&task_progress,
	 1,
	 {"'status': 'submitted', 'percent': 50", "'status': 'draft', 'percent': 0", NULL}},
	{0},
};

int sample_count(void)
{
	int count = 0;

	while (samples[count].resource)
		count++;
	return count;
}

const struct sample *sample_of(const struct resource *resource)
{
	for (const struct sample *sample = samples; sample->resource; sample++)
		if (sample->resource == resource)
			return sample;
	return NULL;
}

/* What is made in a fixture is there for the tests that fork from it. */
static struct {
	const struct resource *resource;
	char id[37];
} parents[16];

void samples_forget(void)
{
	memset(parents, 0, sizeof parents);
}

static const char *parent_made(const struct resource *resource)
{
	/* An assignment is there once for each task, organisation and period. */
	if (resource == &tasks)
		return sql(AS_OWNER,
			   "SELECT id FROM tasks WHERE NOT EXISTS (SELECT FROM "
			   "task_assignments WHERE task = tasks.id) ORDER BY random() LIMIT 1");
	/* One that no list of variants has: it may be there once. */
	struct http answer = sample_made(
		sample_of(resource),
		resource == &task_assignments || resource == &reports ? SAMPLE_VARIANTS : 0);

	return http_text(&answer, "id");
}

static size_t place_of(const struct resource *resource)
{
	size_t at = 0;

	while (parents[at].resource && parents[at].resource != resource)
		at++;
	return at;
}

const char *sample_parent(const struct resource *resource)
{
	if (!parents[place_of(resource)].resource) {
		const char *id = parent_made(resource); /* may make a parent of its own first */
		size_t at = place_of(resource);

		snprintf(parents[at].id, sizeof parents[at].id, "%s", id);
		parents[at].resource = resource;
	}
	return parents[place_of(resource)].id;
}

const char *sample_path(const struct resource *resource)
{
	return resource->parent ? text_of("/v1/%s/%s/%s", resource->parent->name,
					  sample_parent(resource->parent), resource->name)
				: text_of("/v1/%s", resource->name);
}

static json_t *a_text(const struct field *field, int variant)
{
	char text[64];
	int max = field->max && field->max < 40 ? (int)field->max : 40;

	if (!strcmp(field->name, "external_id") || !strcmp(field->name, "name"))
		return json_string(unique(""));
	if (!strcmp(field->name, "source"))
		return json_string(variant % 2 ? "vneid" : "lgsp");
	snprintf(text, sizeof text, "%.20s %d", field->name, variant);
	text[max] = '\0';
	return json_string(text);
}

static json_t *a_value(const struct field *field, int variant)
{
	static const char *const names[] = {"Nguyễn Thị Ánh", "H Ê ban", "Đặng Văn Đức",
					    "Y Thủy Niê",     "Ân Bình", "Trần An"};
	static const char *const units_of[] = {COMMUNE_UNIT, OTHER_UNIT, BORDER_UNIT};
	static const char *const organizations_of[] = {"cong_an_tinh", "so_y_te",
						       "ubnd_2025_24121"};
	size_t known = 0;

	while (field->codes && field->codes->codes[known])
		known++;
	switch (field->type) {
	case NAME:
		return json_string(names[variant % 6]);
	case CODE:
		return json_string(field->codes->codes[(size_t)variant % known]);
	case CODES:
		return json_pack("[ss]", field->codes->codes[(size_t)variant % known],
				 field->codes->codes[(size_t)(variant + 1) % known]);
	case DATE:
		return json_string(text_of("2026-01-%02d", variant % 28 + 1));
	case PARTIAL_DATE:
		return json_string(text_of("19%02d-05", 90 + variant % 10));
	case INTEGER:
		return json_integer(field->min + variant);
	case DECIMAL:
		return json_real(variant + 0.5);
	case BOOLEAN:
		return json_boolean(variant % 2);
	case UNIT:
		return json_string(units_of[variant % 3]);
	case ORGANIZATION:
		return json_string(organizations_of[variant % 3]);
	case REFERENCE:
		return json_string(sample_parent(field->references));
	case PHONE:
		return json_string(text_of("+8490512%04d", variant));
	case CITIZEN_NUMBER:
		return json_string(text_of("066%09u", randombytes_uniform(1000000000)));
	default:
		return a_text(field, variant);
	}
}

static void apply(json_t *made_up, const char *changes)
{
	json_t *changed = object("{%s}", changes), *value;
	const char *name;

	json_object_foreach(changed, name, value) {
		if (json_is_null(value))
			json_object_del(made_up, name);
		else
			json_object_set(made_up, name, value);
	}
	json_decref(changed);
}

/* Takes out what a rule forbids with these values. */
static void obey(json_t *made_up, const struct rule *rules)
{
	for (; rules && rules->field; rules++) {
		const char *other = json_string_value(json_object_get(made_up, rules->other));
		const char *own = json_string_value(json_object_get(made_up, rules->field));
		bool is_forbidden = rules->kind == FORBIDDEN_UNLESS &&
				    (!other || strcmp(other, rules->value) != 0);

		if (is_forbidden ||
		    (rules->kind == NOT_BEFORE && own && other && strcmp(own, other) < 0))
			json_object_del(made_up, rules->field);
	}
}

void sample_place(json_t *made_up, const struct resource *resource)
{
	if (resource == &key_communes) {
		char *day = sql(
			AS_OWNER,
			"SELECT coalesce(max(valid_from), '2025-06-30') + 1 FROM key_communes "
			"WHERE unit = '" COMMUNE_UNIT "'");

		json_object_update_new(made_up, json_pack("{ssssss}", "unit", COMMUNE_UNIT,
							  "valid_from", day, "valid_to", day));
	}
	/* Those of former tests become other organisations'. */
	if (resource == &reports)
		sql(AS_OWNER,
		    "UPDATE reports SET organization = (SELECT code FROM organizations WHERE NOT "
		    "EXISTS "
		    "(SELECT FROM reports AS other WHERE other.organization = code AND "
		    "other.period = "
		    "reports.period AND other.kind = reports.kind) ORDER BY random() LIMIT 1) "
		    "WHERE "
		    "organization = '%s' AND period = '%s' AND kind = '%s'",
		    organization_of(sample_of(resource)->agency),
		    json_string_value(json_object_get(made_up, "period")),
		    json_string_value(json_object_get(made_up, "kind")));
	if (resource == &report_entries)
		json_object_set_new(made_up, "definition", json_string(unique("way-")));
	if (resource == &retention_decisions) {
		char *closed = person_made("{'date_of_birth': '1960'}");

		for (int i = 0; i < 2; i++)
			made(token(COMMUNE, OFFICER), text_of("/v1/people/%s/statuses", closed),
			     object(i ? "{'status': 'closed', 'starts_on': '2010-06-01', 'unit': "
					"'2024-24121', "
					"'close_reason': 'completed'}"
				      : "{'status': 'at_risk', 'starts_on': '2010-01-01', 'unit': "
					"'2024-24121'}"));
		json_object_set_new(made_up, "person", json_string(closed));
	}
	if (resource == &merges) {
		json_object_set_new(made_up, "person", json_string(person_made(NULL)));
		json_object_set_new(made_up, "kept", json_string(person_made(NULL)));
	}
	if (resource == &handovers || resource == &restrictions)
		json_object_set_new(made_up, "person", json_string(person_made(NULL)));
	if (resource == &baselines) {
		char *place = sql(
			AS_OWNER,
			"SELECT key || ' ' || year || 'Y' FROM units, "
			"generate_series(2015, 2023) AS year WHERE NOT EXISTS (SELECT FROM "
			"baselines WHERE unit = key AND period = year || 'Y') "
			"ORDER BY random() LIMIT 1");
		char *period = strchr(place, ' ');

		*period++ = '\0';
		json_object_update_new(made_up, json_pack("{ssssss}", "unit", place, "period",
							  period, "indicator", "II.4.a"));
		json_object_del(made_up, "status");
	}
}

json_t *sample_object(const struct sample *sample, int variant)
{
	const struct resource *resource = sample->resource;
	json_t *made_up = json_object();
	int place = 0, changes = 0;

	for (const struct field *field = resource->fields; field->name; field++, place++) {
		bool is_absent = !(field->flags & REQUIRED) && (place + variant) % 4 == 0;
		bool is_own = !field->writers || field->writers & ONE(sample->agency);

		if (!(field->flags & READ_ONLY) && !is_absent && is_own &&
		    field->references != resource)
			json_object_set_new(made_up, field->name, a_value(field, variant));
	}
	while (sample->changes[changes])
		changes++;
	apply(made_up, sample->changes[variant % changes]);
	sample_place(made_up, resource);
	obey(made_up, resource->rules);
	if (resource == &people)
		json_object_set_new(made_up, "guardian_name", json_string("H Bé"));
	return made_up;
}

struct http sample_made(const struct sample *sample, int variant)
{
	struct http answer = http_post(token(sample->agency, ADMIN), sample_path(sample->resource),
				       sample_object(sample, variant));

	assert_status(answer, 201);
	return answer;
}
