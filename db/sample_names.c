/* Names of people as the ethnic groups of the province have them. */
#include <stdio.h>
#include <string.h>

#include "sample_parts.h"

/* CLAN_LAST: Y Krông Êban, H'Bia Niê. CLAN_FIRST: Ksor Y Thanh, Siu H'Lan. */
enum order { FAMILY_FIRST, CLAN_LAST, CLAN_FIRST };

struct naming {
	const char *ethnicity;
	unsigned dak_lak, phu_yen; /* of a thousand people there */
	enum order order;
	bool has_villages;
	const struct choice *families;
	const char *const *middles[2], *const *given[2]; /* of men, of women */
};

/* Of a thousand people, by the usual counts of family names. */
static const struct choice kinh_families[] = {
	{"Nguyễn", 315}, {"Trần", 109}, {"Lê", 89},   {"Phạm", 59},  {"Huỳnh", 34}, {"Võ", 34},
	{"Phan", 30},	 {"Hoàng", 26}, {"Đặng", 21}, {"Bùi", 20},   {"Vũ", 19},    {"Đỗ", 19},
	{"Trương", 17},	 {"Hồ", 15},	{"Ngô", 13},  {"Dương", 10}, {"Đoàn", 9},   {"Cao", 8},
	{"Mai", 8},	 {"Trịnh", 7},	{"Hà", 7},    {"Lương", 7},  {"Đinh", 6},   {"Đào", 6},
	{"Lý", 5},	 {"Lưu", 4},	{"Tạ", 3},    {"Châu", 3},   {"Thái", 3},   {"Tô", 3},
	{"Phùng", 3},	 {"Kiều", 2},	{"Tống", 2},  {"Quách", 1},  {"Lâm", 4},    {0},
};
static const char *const kinh_men_middle[] = {
	"Văn",	 "Văn",	  "Văn", "Hữu",	 "Đức",	  "Minh", "Quốc",  "Công", "Thanh", "Ngọc", "Xuân",
	"Hoàng", "Trọng", "Gia", "Đình", "Quang", "Bá",	  "Thành", "Anh",  "Tấn",   NULL,
};
static const char *const kinh_women_middle[] = {
	"Thị",	 "Thị",	 "Thị",	     "Thị Ngọc", "Thị Thanh", "Thị Kim", "Ngọc",
	"Thanh", "Thu",	 "Thị Minh", "Minh",	 "Kim",	      "Khánh",	 "Phương",
	"Bảo",	 "Thùy", "Mỹ",	     "Thị Bích", "Thị Hồng",  NULL,
};
static const char *const kinh_men[] = {
	"Anh",	 "Bảo",	 "Bình",  "Chiến", "Cường", "Danh",  "Dũng",   "Duy",	"Dương",  "Đạt",
	"Điệp",	 "Đức",	 "Giang", "Hải",   "Hậu",   "Hiếu",  "Hiển",   "Hoàng", "Hòa",	  "Huy",
	"Hùng",	 "Hưng", "Khải",  "Khang", "Khánh", "Khoa",  "Kiên",   "Kiệt",	"Lâm",	  "Linh",
	"Long",	 "Lộc",	 "Lợi",	  "Luân",  "Mạnh",  "Minh",  "Nam",    "Nghĩa", "Nguyên", "Nhân",
	"Nhật",	 "Phát", "Phong", "Phú",   "Phúc",  "Phước", "Quân",   "Quang", "Quý",	  "Sang",
	"Sơn",	 "Tài",	 "Tâm",	  "Tân",   "Thái",  "Thắng", "Thành",  "Thiện", "Thịnh",  "Thông",
	"Thuận", "Tiến", "Tín",	  "Toàn",  "Trí",   "Trung", "Trường", "Tú",	"Tuấn",	  "Tùng",
	"Việt",	 "Vinh", "Vũ",	  "Vương", NULL,
};
static const char *const kinh_women[] = {
	"An",	  "Anh",  "Chi",   "Diễm", "Diệu", "Dung",   "Duyên", "Giang", "Hà",	"Hạnh",
	"Hân",	  "Hằng", "Hiền",  "Hoa",  "Hồng", "Huệ",    "Huyền", "Hương", "Khanh", "Lan",
	"Lệ",	  "Liên", "Linh",  "Loan", "Ly",   "Mai",    "My",    "Nga",   "Ngân",	"Ngọc",
	"Nguyệt", "Nhi",  "Nhung", "Như",  "Oanh", "Phương", "Quyên", "Quỳnh", "Tâm",	"Thảo",
	"Thắm",	  "Thi",  "Thu",   "Thủy", "Thư",  "Thương", "Trang", "Trâm",  "Trinh", "Trúc",
	"Tuyết",  "Uyên", "Vân",   "Vy",   "Xuân", "Yến",    NULL,
};

static const struct choice ede_clans[] = {
	{"Niê", 24},	{"Mlô", 14},	 {"Êban", 13},	    {"Byă", 9},	 {"Kbuôr", 8},
	{"Ayun", 7},	{"Niê Kdăm", 7}, {"Hđơk", 5},	    {"Kđoh", 4}, {"Knul", 4},
	{"Êñuôl", 4},	{"Adrơng", 4},	 {"Buôn Krông", 4}, {"Ktla", 3}, {"Hwing", 3},
	{"Buôn Yă", 3}, {"Mjâo", 2},	 {"Arul", 2},	    {"Êjai", 1}, {0},
};
static const char *const ede_men[] = {
	"Krông", "Thim",  "Blô",   "Bhăm",   "Wơn",   "Dhŭn",  "Suan", "Nguyên",
	"Tuấn",	 "Mĩt",	  "Lơng",  "Djuang", "Kuan",  "Đrang", "Sinh", "Ngô",
	"Jut",	 "Luyện", "Khiêm", "Phi",    "Thoại", "Bliu",  "Rin",  "Hoan",
	"Điêu",	 "Siêng", "Thuân", "Nuên",   "Yang",  "Minh",  "Bel",  NULL,
};
static const char *const ede_women[] = {
	"Bia",	"Blă",	   "Nuôl", "Wiên",  "Ngăm",  "Yer",  "Mrâo", "Duyên",  "Linh", "Nga",
	"Juăn", "Lan",	   "Hằng", "Thủy",  "Bliăk", "Đuôn", "Rưng", "Loan",   "Nhi",  "Suê",
	"Yar",	"Nghiêng", "Hoa",  "Tuyết", "Mli",   "Bêñ",  "Uyên", "Phương", NULL,
};
static const struct choice mnong_clans[] = {
	{"Bkrông", 12},	 {"Ông", 9},	 {"Du", 8},	   {"Triek", 8},     {"Bing", 8},
	{"Rơyam", 6},	 {"Rlŭk", 5},	 {"Long Dinh", 5}, {"Liêng Hot", 5}, {"Pang Ting", 5},
	{"Pang Sur", 4}, {"Buôn Ya", 4}, {"Hmŏk", 3},	   {"Lăk", 3},	     {0},
};
static const char *const mnong_men[] = {
	"Krăng",  "Thịnh", "Dơng", "Prak",   "Sơn",   "Lêk",  "Thân", "Mrang",
	"Bhiêng", "Jang",  "Tơ",   "Phương", "Blang", "Khưm", "Nhơn", NULL,
};
static const char *const mnong_women[] = {
	"Brang", "Djrang", "Jông", "Mai",  "Nhung", "Lịch",  "Thương", "Klơng",
	"Sari",	 "Ngơn",   "Ji",   "Thảo", "Uin",   "Tring", NULL,
};
static const struct choice jarai_clans[] = {
	{"Rơ Châm", 14}, {"Siu", 14}, {"Ksor", 13}, {"Rơ Mah", 12}, {"Kpă", 10}, {"Nay", 9},
	{"Rah Lan", 8},	 {"Puih", 5}, {"Rcom", 5},  {"Rơ Ô", 4},    {0},
};
static const char *const jarai_men[] = {
	"Thanh", "Blơt", "Yuh",	 "Klinh", "Hiao", "Phik",
	"Khuê",	 "Tâm",	 "Đoan", "Nhin",  "Luân", NULL,
};
static const char *const jarai_women[] = {
	"Lan", "Yéo", "Nhưn", "Ble", "Uyn", "Xuân", "Hmel", "Phyang", "Bôt", "Ngọc", "Đoen", NULL,
};

static const struct choice tay_families[] = {
	{"Nông", 20}, {"Hoàng", 20}, {"Lý", 8},	   {"Bế", 7},  {"Đàm", 6}, {"Ma", 6},
	{"Hà", 6},    {"Lương", 6},  {"Triệu", 4}, {"Lục", 3}, {0},
};
static const struct choice nung_families[] = {
	{"Nông", 20}, {"Hoàng", 14}, {"Lương", 9}, {"Vi", 8},	{"Lộc", 7},
	{"Mông", 6},  {"Chu", 6},    {"Hứa", 6},   {"Lăng", 4}, {"Sầm", 4},
	{"Phùng", 4}, {"Long", 3},   {0},
};
static const struct choice thai_families[] = {
	{"Lò", 16},   {"Vi", 14}, {"Lô", 10},  {"Hà", 8}, {"Quàng", 7},
	{"Lường", 7}, {"Cầm", 5}, {"Ngân", 5}, {0},
};
static const struct choice muong_families[] = {
	{"Bùi", 26}, {"Đinh", 12}, {"Quách", 10}, {"Phạm", 8},
	{"Hà", 6},   {"Bạch", 5},  {"Trương", 5}, {0},
};
static const struct choice dao_families[] = {
	{"Triệu", 18}, {"Bàn", 15}, {"Đặng", 14}, {"Lý", 10},
	{"Phùng", 7},  {"Chảo", 4}, {"Tẩn", 4},	  {0},
};
static const struct choice hmong_families[] = {
	{"Giàng", 16}, {"Vàng", 14}, {"Thào", 12}, {"Sùng", 12}, {"Lý", 8},  {"Ma", 8},
	{"Hầu", 6},    {"Má", 6},    {"Vừ", 5},	   {"Cư", 5},	 {"Mùa", 3}, {0},
};
static const char *const hmong_men_middle[] = {"A", "A", "A", "Seo", "Văn", NULL};
static const char *const hmong_women_middle[] = {"Thị", NULL};
static const char *const hmong_men[] = {
	"Páo", "Dơ", "Sình", "Chu",  "Lử",  "Phềnh", "Tủa", "Vàng",
	"Sử",  "Dế", "Thái", "Lềnh", "Chứ", "Nhè",   NULL,
};
static const char *const hmong_women[] = {
	"Mỷ", "Dính", "Sua", "Chư", "Máy", "Dợ", "Chía", "Pà", "Xúa", "Vá", "Ly", NULL,
};
static const struct choice cham_families[] = {
	{"La O", 14},	{"La Mo", 14}, {"Mang", 12}, {"So", 10},
	{"La Lan", 10}, {"Ma", 6},     {"Sô", 5},    {0},
};
static const struct choice bahnar_families[] = {
	{"Đinh", 22}, {"La", 10}, {"Mang", 8}, {"Lê Mô", 7}, {"Lê O", 5}, {0},
};
static const char *const plain_men_middle[] = {"Văn", "Văn", "Văn", "Quốc", "Thanh", "Xuân", NULL};
static const char *const plain_women_middle[] = {"Thị", "Thị", "Thị", "Thị Thu", "Hồng", NULL};

#define KINH                                                                                       \
	{kinh_men_middle, kinh_women_middle},                                                      \
	{                                                                                          \
		kinh_men, kinh_women                                                               \
	}
#define PLAIN                                                                                      \
	{plain_men_middle, plain_women_middle},                                                    \
	{                                                                                          \
		kinh_men, kinh_women                                                               \
	}

static const struct naming namings[] = {
	{"01", 640, 930, FAMILY_FIRST, false, kinh_families, KINH},
	{"12", 190, 24, CLAN_LAST, true, ede_clans, {0}, {ede_men, ede_women}},
	{"20", 28, 0, CLAN_LAST, true, mnong_clans, {0}, {mnong_men, mnong_women}},
	{"10", 16, 1, CLAN_FIRST, true, jarai_clans, {0}, {jarai_men, jarai_women}},
	{"07", 42, 3, FAMILY_FIRST, false, nung_families, PLAIN},
	{"02", 30, 5, FAMILY_FIRST, false, tay_families, PLAIN},
	{"08",
	 20,
	 0,
	 FAMILY_FIRST,
	 false,
	 hmong_families,
	 {hmong_men_middle, hmong_women_middle},
	 {hmong_men, hmong_women}},
	{"03", 11, 1, FAMILY_FIRST, false, thai_families, PLAIN},
	{"06", 9, 1, FAMILY_FIRST, false, muong_families, PLAIN},
	{"09", 9, 2, FAMILY_FIRST, false, dao_families, PLAIN},
	{"17", 2, 24, FAMILY_FIRST, true, cham_families, PLAIN},
	{"13", 3, 9, FAMILY_FIRST, true, bahnar_families, PLAIN},
};

const struct naming *naming_choose(struct dice *dice, bool is_phu_yen)
{
	unsigned left = dice_below(dice, 1000);
	const struct naming *naming = namings;

	for (;; naming++) {
		unsigned share = is_phu_yen ? naming->phu_yen : naming->dak_lak;

		if (left < share)
			return naming;
		left -= share;
	}
}

const char *naming_ethnicity(const struct naming *naming)
{
	return naming->ethnicity;
}

bool naming_has_villages(const struct naming *naming)
{
	return naming->has_villages;
}

const char *naming_family(const struct naming *naming, struct dice *dice)
{
	return dice_choose(dice, naming->families);
}

void naming_make(const struct naming *naming, struct dice *dice, bool is_female, const char *family,
		 char name[NAME_SIZE])
{
	const char *given = dice_pick(dice, naming->given[is_female]);
	const char *mark = is_female ? "H'" : "Y ";

	switch (naming->order) {
	case FAMILY_FIRST:
		snprintf(name, NAME_SIZE, "%s %s %s", family,
			 dice_pick(dice, naming->middles[is_female]), given);
		break;
	case CLAN_LAST:
		snprintf(name, NAME_SIZE, "%s%s %s", mark, given, family);
		break;
	case CLAN_FIRST:
		snprintf(name, NAME_SIZE, "%s %s%s", family, mark, given);
		break;
	}
}
