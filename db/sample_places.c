/* The communes of today, the units they were made of, and who made records there when. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"

/* How many people a commune has beside the others; the towns. */
static const struct choice town_weights[] = {
	{"2025-24133", 100}, {"2025-24121", 55}, {"2025-24154", 60}, {"2025-24163", 45},
	{"2025-24169", 50},  {"2025-22015", 60}, {"2025-24305", 30}, {"2025-22240", 30},
	{"2025-24373", 26},  {"2025-24490", 24}, {"2025-24259", 24}, {0},
};
enum { WARD_WEIGHT = 22, LEAST_WEIGHT = 5, MOST_WEIGHT = 14 };

static unsigned weight_of(const struct commune *commune, struct dice *dice)
{
	for (const struct choice *town = town_weights; town->weight; town++)
		if (!strcmp(town->text, commune->key))
			return town->weight;
	return commune->is_ward ? WARD_WEIGHT
				: (unsigned)dice_between(dice, LEAST_WEIGHT, MOST_WEIGHT);
}

static bool is_true(const PGresult *result, int row, int column)
{
	return *PQgetvalue(result, row, column) == 't';
}

static void take(char *to, size_t size, const PGresult *result, int row, int column)
{
	snprintf(to, size, "%s", PQgetvalue(result, row, column));
}

static void commune_read(struct commune *commune, struct dice dice, const PGresult *result, int row)
{
	take(commune->key, sizeof commune->key, result, row, 0);
	take(commune->name, sizeof commune->name, result, row, 1);
	take(commune->committee, sizeof commune->committee, result, row, 2);
	commune->is_ward = is_true(result, row, 3);
	commune->is_border = is_true(result, row, 4);
	commune->is_phu_yen = is_true(result, row, 5);
	commune->weight = weight_of(commune, &dice);
	/* One in eight is behind. */
	commune->service = dice_hits(&dice, 12) ? dice_between(&dice, 36, 56)
						: dice_between(&dice, 74, 94);
}

static bool communes_read(struct sample *sample, struct error *error)
{
	PGresult *result;
	unsigned sum = 0;

	if (!sample_ask(sample, "communes", NULL, &result, error))
		return false;
	sample->commune_count = (size_t)PQntuples(result);
	sample->communes = calloc(sample->commune_count + 1, sizeof *sample->communes);
	for (size_t i = 0; sample->communes && i < sample->commune_count; i++) {
		struct commune *commune = &sample->communes[i];

		commune_read(commune, dice_of(sample->spec->seed, COMMUNE, i), result, (int)i);
		sum += commune->weight;
		commune->weight_until = sum;
	}
	PQclear(result);
	if (!sample->communes || !sample->commune_count)
		return error_internal(error, ERROR_INTERNAL, "sample: no communes: migrate first");
	return true;
}

static void former_read(struct former *former, const PGresult *result, int row)
{
	take(former->key, sizeof former->key, result, row, 1);
	take(former->name, sizeof former->name, result, row, 2);
	take(former->committee, sizeof former->committee, result, row, 3);
	former->valid_from = day_parse(PQgetvalue(result, row, 4));
	former->valid_to = day_parse(PQgetvalue(result, row, 5));
}

/* Both lists are in the order of the commune's key. */
static bool formers_read(struct sample *sample, struct error *error)
{
	PGresult *result;
	size_t at = 0;

	if (!sample_ask(sample, "former_units", NULL, &result, error))
		return false;
	sample->former_count = (size_t)PQntuples(result);
	sample->formers = calloc(sample->former_count + 1, sizeof *sample->formers);
	for (size_t i = 0; sample->formers && i < sample->commune_count; i++) {
		struct commune *commune = &sample->communes[i];

		commune->formers = &sample->formers[at];
		for (; at < sample->former_count &&
		       !strcmp(PQgetvalue(result, (int)at, 0), commune->key);
		     at++, commune->former_count++)
			former_read(&sample->formers[at], result, (int)at);
		if (!commune->former_count)
			error_internal(error, ERROR_INTERNAL, "sample: %s was nothing before",
				       commune->key);
	}
	PQclear(result);
	if (!sample->formers)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	return error->kind == ERROR_NONE;
}

bool sample_places_read(struct sample *sample, struct error *error)
{
	return communes_read(sample, error) && formers_read(sample, error);
}

const struct commune *commune_choose(const struct sample *sample, struct dice *dice)
{
	const struct commune *commune = sample->communes;
	unsigned at = dice_below(dice, commune[sample->commune_count - 1].weight_until);

	while (at >= commune->weight_until)
		commune++;
	return commune;
}

static int reform(void)
{
	return day_of(2025, 7, 1);
}

const struct former *commune_former(const struct commune *commune, unsigned which, int day)
{
	if (day >= reform())
		return NULL;
	for (size_t i = 0; i < commune->former_count; i++) {
		const struct former
			*former = &commune->formers[(which + i) % commune->former_count];

		if ((former->valid_from == NO_DAY || former->valid_from <= day) &&
		    day <= former->valid_to)
			return former;
	}
	return commune->formers;
}

const char *commune_unit(const struct commune *commune, unsigned which, int day)
{
	const struct former *former = commune_former(commune, which, day);

	return former ? former->key : commune->key;
}

const char *maker_code(enum maker maker, const struct commune *commune, unsigned which, int day)
{
	/* The committee is of the place; the rest are of the province, by their name of then and
	 * since `renamed`. */
	static const struct {
		const char *former, *code;
		int renamed[3];
	} makers[MAKERS] = {
		[POLICE] = {NULL, "cong_an_tinh"},
		[HEALTH] = {NULL, "so_y_te"},
		[EDUCATION_DEPARTMENT] = {NULL, "so_giao_duc_dao_tao"},
		[LABOUR] = {"so_lao_dong_thuong_binh_xa_hoi", "so_noi_vu", {2025, 3, 1}},
		[YOUTH_UNION] = {NULL, "doan_thanh_nien_tinh"},
		[WOMEN_UNION] = {NULL, "hoi_lien_hiep_phu_nu_tinh"},
		[FATHERLAND_FRONT] = {NULL, "uy_ban_mttq_tinh"},
		[BORDER_GUARD] = {"bo_chi_huy_bo_doi_bien_phong_tinh",
				  "ban_chi_huy_bo_doi_bien_phong_tinh",
				  {2025, 7, 1}},
	};
	const int *renamed = makers[maker].renamed;

	if (maker == COMMITTEE) {
		const struct former *former = commune_former(commune, which, day);

		return !former		    ? commune->committee
		       : *former->committee ? former->committee
					    : makers[POLICE].code;
	}
	return makers[maker].former && day < day_of(renamed[0], renamed[1], renamed[2])
		       ? makers[maker].former
		       : makers[maker].code;
}
