/* The register of schools, and the sessions held in them and in the communes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_parts.h"

static const char schools_copy[] =
	"COPY institutions (id, name, type, ownership, unit, managed_by, opened_on, organization, "
	"created_by, version, created_at, updated_at) FROM STDIN";
static const char sessions_copy[] =
	"COPY training_sessions (id, kind, title, status, held_on, audience, institution, unit, "
	"students, staff, others, topic, organization, created_by, version, created_at, "
	"updated_at) "
	"FROM STDIN";

/* `percent` of the communes have one; of the towns, `in_towns`. */
static const struct pattern {
	const char *type, *title;
	int level, percent, in_towns;
} patterns[] = {
	{"mam_non", "Trường Mầm non", 0, 60, 100},
	{"tieu_hoc", "Trường Tiểu học", 0, 100, 100},
	{"tieu_hoc", "Trường Tiểu học", 0, 25, 80},
	{"thcs", "Trường THCS", 1, 100, 100},
	{"thcs", "Trường THCS", 1, 22, 90},
	{"th_thcs", "Trường TH và THCS", 1, 14, 5},
	{"ptdtbt_thcs", "Trường PTDTBT THCS", 1, 8, 0},
	{"ptdtnt_thcs", "Trường PTDTNT THCS", 1, 10, 0},
	{"thpt", "Trường THPT", 2, 42, 85},
	{"thcs_thpt", "Trường THCS và THPT", 2, 6, 12},
	{"th_thcs_thpt", "Trường TH, THCS và THPT", 2, 0, 14},
	{"tt_gdnn_gdtx", "Trung tâm GDNN - GDTX", 2, 9, 22},
};

/* Those of the whole province, where they are. */
static const struct single {
	const char *type, *name, *commune;
	int level;
	bool is_private;
} singles[] = {
	{"thpt_chuyen", "Trường THPT Chuyên Nguyễn Du", "2025-24133", 2},
	{"thpt_chuyen", "Trường THPT Chuyên Lương Văn Chánh", "2025-22015", 2},
	{"ptdtnt_thpt", "Trường THPT Dân tộc nội trú N'Trang Lơng", "2025-24133", 2},
	{"ptdtnt_thpt", "Trường Phổ thông Dân tộc nội trú tỉnh tại Tuy Hòa", "2025-22015", 2},
	{"ttgdtx", "Trung tâm Giáo dục thường xuyên tỉnh", "2025-24133", 2},
	{"dai_hoc", "Trường Đại học Tây Nguyên", "2025-24169", 3},
	{"dai_hoc", "Trường Đại học Buôn Ma Thuột", "2025-24121", 3, true},
	{"dai_hoc", "Trường Đại học Phú Yên", "2025-22015", 3},
	{"phan_hieu", "Phân hiệu Trường Đại học Luật Hà Nội tại Đắk Lắk", "2025-24154", 3},
	{"hoc_vien", "Học viện Ngân hàng - Phân viện Phú Yên", "2025-22045", 3},
	{"cao_dang", "Trường Cao đẳng Đắk Lắk", "2025-24121", 3},
	{"cao_dang", "Trường Cao đẳng Y tế Đắk Lắk", "2025-24163", 3},
	{"cao_dang", "Trường Cao đẳng Kỹ thuật Tây Nguyên", "2025-24133", 3},
	{"cao_dang", "Trường Cao đẳng Công Thương miền Trung", "2025-22015", 3},
	{"cao_dang", "Trường Cao đẳng Nghề Phú Yên", "2025-22045", 3},
	{"trung_cap", "Trường Trung cấp Đắk Lắk", "2025-24163", 3},
	{"trung_cap", "Trường Trung cấp Tây Nguyên", "2025-24154", 3, true},
};

static const char *const namesakes[] = {
	"Nguyễn Du",
	"Lê Quý Đôn",
	"Trần Hưng Đạo",
	"Phan Chu Trinh",
	"Phan Bội Châu",
	"Lương Thế Vinh",
	"Nguyễn Trãi",
	"Chu Văn An",
	"Lê Hồng Phong",
	"Hoàng Hoa Thám",
	"Võ Thị Sáu",
	"Nguyễn Bỉnh Khiêm",
	"Y Jút",
	"Ama Trang Lơng",
	"Nơ Trang Gưh",
	"Lý Tự Trọng",
	"Ngô Gia Tự",
	"Trường Chinh",
	"Quang Trung",
	"Hùng Vương",
	"Phạm Hồng Thái",
	"Hai Bà Trưng",
	"Trần Phú",
	"Lê Lợi",
	"Nguyễn Thị Định",
	"Nguyễn Văn Trỗi",
	"Trần Quốc Toản",
	"Hồ Tùng Mậu",
	"Đinh Tiên Hoàng",
	"Tô Hiệu",
	"Trần Bình Trọng",
	"Huỳnh Thúc Kháng",
	"Nguyễn Chí Thanh",
	"Y Ngông Niê Kdăm",
	NULL,
};

enum { PATTERNS = sizeof patterns / sizeof *patterns, SINGLES = sizeof singles / sizeof *singles };

static struct school *school_add(struct sample *sample, struct dice *dice)
{
	struct school *school = &sample->schools[sample->school_count++];
	struct stamp stamp = stamp_of(dice, day_of(2024, 4, 8), (int)dice_below(dice, 500));

	memcpy(school->id, stamp.id, sizeof school->id);
	memcpy(school->at, stamp.at, sizeof school->at);
	school->opened_on = dice_hits(dice, 70) ? day_of(dice_between(dice, 1976, 2019), 9, 5)
						: NO_DAY;
	return school;
}

/* Without "Xã", "Phường". */
static const char *place_name(const char *unit)
{
	const char *space = strchr(unit, ' ');

	return space ? space + 1 : unit;
}

static void schools_of_commune(struct sample *sample, const struct commune *commune,
			       struct dice *dice)
{
	for (size_t i = 0; i < PATTERNS; i++) {
		const struct pattern *pattern = &patterns[i];
		int percent = commune->is_ward ? pattern->in_towns : pattern->percent;
		const char *namesake = dice_pick(dice, namesakes);

		if (!dice_hits(dice, percent))
			continue;
		struct school *school = school_add(sample, dice);
		school->type = pattern->type;
		school->level = pattern->level;
		school->commune = commune;
		school->is_private = dice_hits(dice, commune->is_ward ? 10 : 1);
		bool is_second = i && !strcmp(pattern->type, patterns[i - 1].type);
		if (!is_second && (pattern->level == 0 || dice_hits(dice, 35)))
			namesake = place_name(commune->name);
		snprintf(school->name, sizeof school->name, "%s %s", pattern->title, namesake);
	}
}

static void schools_make(struct sample *sample)
{
	struct dice dice = dice_of(sample->spec->seed, SCHOOL, sample->commune_count);

	for (size_t i = 0; i < sample->commune_count; i++) {
		struct dice own = dice_of(sample->spec->seed, SCHOOL, i);

		schools_of_commune(sample, &sample->communes[i], &own);
	}
	for (size_t i = 0; i < SINGLES; i++) {
		struct school *school = school_add(sample, &dice);

		school->type = singles[i].type;
		school->level = singles[i].level;
		school->is_private = singles[i].is_private;
		school->commune = sample->communes;
		for (size_t at = 0; at < sample->commune_count; at++)
			if (!strcmp(sample->communes[at].key, singles[i].commune))
				school->commune = &sample->communes[at];
		snprintf(school->name, sizeof school->name, "%s", singles[i].name);
	}
}

bool sample_schools_load(struct sample *sample, struct error *error)
{
	struct load load;

	sample->schools = calloc(sample->commune_count * PATTERNS + SINGLES, sizeof(struct school));
	if (!sample->schools)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	schools_make(sample);
	if (!load_begin(&load, sample->connection, schools_copy, error))
		return false;
	for (size_t i = 0; i < sample->school_count && !load.failed; i++) {
		const struct school *school = &sample->schools[i];
		enum maker manager = school->level < 2 ? COMMITTEE : EDUCATION_DEPARTMENT;

		load_value(&load, school->id);
		load_value(&load, school->name);
		load_value(&load, school->type);
		load_value(&load, school->is_private ? "private" : "public");
		load_value(&load, school->commune->key);
		load_value(&load, school->level == 3
					  ? NULL
					  : maker_code(manager, school->commune, 0, sample->last));
		load_day(&load, school->opened_on);
		load_end_of_row(&load, "so_giao_duc_dao_tao", 1, school->at, school->at);
	}
	return load_end(&load);
}

/* What can happen where: with a school or, the last ones, in the commune. */
static const struct event {
	const char *kind, *title, *audience;
	bool with_students, with_staff;
} events[] = {
	{"communication", "Tuyên truyền phòng, chống ma túy cho học sinh", "{students}", true,
	 false},
	{"communication", "Tuyên truyền tác hại của thuốc lá điện tử và ma túy núp bóng",
	 "{students,parents}", true, false},
	{"extracurricular", "Ngoại khóa \"Nói không với ma túy\"", "{students}", true, false},
	{"extracurricular", "Hội thi tìm hiểu Luật Phòng, chống ma túy", "{students,staff}", true,
	 true},
	{"training", "Tập huấn kỹ năng nhận biết, phòng ngừa ma túy cho giáo viên", "{staff}",
	 false, true},
	{"study_visit", "Tham quan cơ sở cai nghiện ma túy", "{students,staff}", true, true},
	{"communication", "Tuyên truyền lưu động về phòng, chống ma túy", "{community,youth}"},
	{"communication", "Diễn đàn thanh niên với phòng, chống ma túy", "{youth}"},
	{"family_court", "Phiên tòa gia đình về phòng, chống ma túy", "{parents,youth}"},
	{"training", "Tập huấn cho cán bộ cơ sở về quản lý người sử dụng ma túy", "{officials}"},
};
enum { SCHOOL_EVENTS = 6, COMMUNE_EVENTS = 4 };

static const char *const topics[] = {
	"Ma túy tổng hợp",
	"Thuốc lá điện tử, shisha",
	"Cỏ Mỹ, tem giấy, bùa lưỡi",
	"Luật Phòng, chống ma túy",
	"Kỹ năng từ chối",
	"Ma túy núp bóng",
	NULL,
};

/* Where and with whom; `school` NULL: in the commune. */
struct place {
	const struct school *school;
	const struct commune *commune;
	unsigned which;
};

static void put_session(struct load *load, const struct sample *sample, struct dice *dice,
			const struct place *place, const char *status, int held_on)
{
	size_t at = place->school ? dice_below(dice, SCHOOL_EVENTS)
				  : SCHOOL_EVENTS + dice_below(dice, COMMUNE_EVENTS);
	const struct event *event = &events[at];
	bool was_held = !strcmp(status, "held");
	static const enum maker makers[] = {YOUTH_UNION, POLICE, COMMITTEE, WOMEN_UNION};
	enum maker maker = place->school ? (dice_hits(dice, 70) ? EDUCATION_DEPARTMENT : COMMITTEE)
					 : makers[dice_below(dice, 4)];
	int entered = held_on < sample->last ? held_on : sample->last;
	struct stamp stamp = stamp_of(dice, entered, (int)dice_below(dice, 500));
	int students = dice_between(dice, 60, 640), staff = dice_between(dice, 6, 70);
	const char *topic = dice_pick(dice, topics);

	load_value(load, stamp.id);
	load_value(load, event->kind);
	load_value(load, event->title);
	load_value(load, status);
	load_day(load, held_on);
	load_value(load, event->audience);
	load_value(load, place->school ? place->school->id : NULL);
	load_value(load, commune_unit(place->commune, place->which, held_on));
	load_number(load, was_held && event->with_students ? students : 0);
	load_number(load, was_held && event->with_staff ? staff : 0);
	load_number(load, was_held && !place->school ? students / 2 : 0);
	load_value(load, dice_hits(dice, 60) ? topic : NULL);
	load_end_of_row(load, maker_code(maker, place->commune, place->which, entered), 1, stamp.at,
			stamp.at);
}

/* Not in the summer holidays, unless nothing else is left of the days. */
static int school_day(struct dice *dice, int from, int until)
{
	int day = from;

	for (int tries = 0; tries < 20; tries++) {
		char text[11];

		day = dice_between(dice, from, until);
		day_text(day, text);
		if (strcmp(text + 5, "06-10") < 0 || strcmp(text + 5, "09-05") > 0)
			break;
	}
	return day;
}

/* One plan year in one place: reached or not, once or twice; now and then called off. */
static void put_year(struct load *load, const struct sample *sample, struct dice *dice,
		     const struct place *place, int year)
{
	int from = day_of(year - 1, 12, 15), until = day_of(year, 12, 14);
	int days = (until < sample->last ? until : sample->last) - from;
	bool counts = place->school && place->school->level > 0;
	/* Better from year to year, and hardly anybody in its first weeks. */
	int percent = !place->school ? 80
		      : !counts	     ? 30
				     : 62 + 6 * (year - 2024 < 3 ? year - 2024 : 3);
	percent = days < 200 ? percent * days / 200 : percent;

	if (dice_hits(dice, percent)) {
		put_session(load, sample, dice, place, "held", school_day(dice, from, from + days));
		if (dice_hits(dice, 40))
			put_session(load, sample, dice, place, "held",
				    school_day(dice, from, from + days));
	}
	if (dice_hits(dice, 5))
		put_session(load, sample, dice, place, "cancelled",
			    school_day(dice, from, from + days));
	if (until >= sample->last && dice_hits(dice, 9))
		put_session(load, sample, dice, place, "planned",
			    sample->today + dice_between(dice, 1, 45));
}

static void put_years(struct load *load, const struct sample *sample, size_t index)
{
	struct dice dice = dice_of(sample->spec->seed, SESSION, index);
	struct place place = {.which = dice_below(&dice, 1000)};

	if (index < sample->school_count) {
		place.school = &sample->schools[index];
		place.commune = place.school->commune;
	} else {
		place.commune = &sample->communes[index - sample->school_count];
	}
	for (int year = 2024; day_of(year - 1, 12, 15) <= sample->last; year++)
		put_year(load, sample, &dice, &place, year);
}

bool sample_sessions_load(struct sample *sample, struct error *error)
{
	struct load load;

	if (!load_begin(&load, sample->connection, sessions_copy, error))
		return false;
	for (size_t i = 0; i < sample->school_count + sample->commune_count && !load.failed; i++)
		put_years(&load, sample, i);
	return load_end(&load);
}
