/* An account of each role for each agency, and accounts.csv that tells their passwords. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "sample_parts.h"

/* One that holds the agency today; of agency 19, two communes. */
static const struct seat {
	int agency;
	const char *prefix, *organization, *unit;
} seats[] = {
	{1, "a01", "cong_an_tinh", "2025-66"},
	{2, "a02", "so_giao_duc_dao_tao", "2025-66"},
	{3, "a03", "ban_chi_huy_bo_doi_bien_phong_tinh", "2025-66"},
	{4, "a04", "so_noi_vu", "2025-66"},
	{5, "a05", "so_y_te", "2025-66"},
	{6, "a06", "so_khoa_hoc_cong_nghe", "2025-66"},
	{7, "a07", "so_van_hoa_the_thao_du_lich", "2025-66"},
	{8, "a08", "so_tai_chinh", "2025-66"},
	{9, "a09", "so_noi_vu", "2025-66"},
	{10, "a10", "so_dan_toc_ton_giao", "2025-66"},
	{11, "a11", "so_tu_phap", "2025-66"},
	{12, "a12", "uy_ban_mttq_tinh", "2025-66"},
	{13, "a13", "chi_cuc_quan_ly_thi_truong", "2025-66"},
	{14, "a14", "ngan_hang_chinh_sach_xa_hoi_tinh", "2025-66"},
	{15, "a15", "bao_phat_thanh_truyen_hinh_dak_lak", "2025-66"},
	{16, "a16", "toa_an_nhan_dan_tinh", "2025-66"},
	{17, "a17", "doan_thanh_nien_tinh", "2025-66"},
	{18, "a18", "hoi_lien_hiep_phu_nu_tinh", "2025-66"},
	{19, "a19.24121", "ubnd_2025_24121", "2025-24121"},
	{19, "a19.24133", "ubnd_2025_24133", "2025-24133"},
};

static const char *const seat_roles[] = {"viewer", "officer", "admin", "service"};

enum {
	SEATS = sizeof seats / sizeof *seats,
	SEAT_ROLES = sizeof seat_roles / sizeof *seat_roles,
	ACCOUNTS = SEATS * SEAT_ROLES + 1, /* and the operator */
	PASSWORD_BYTES = 18,
	PROVISIONERS = 2,
};

struct account {
	char username[64], password[PASSWORD_BYTES * 4 / 3 + 2];
	struct account_spec spec;
};

/* Never with a character first that a shell or a spreadsheet takes for something else. */
static void password_make(char *password)
{
	do
		secret_random(PASSWORD_BYTES, password);
	while (strchr("-_", *password));
}

static void accounts_fill(struct account accounts[ACCOUNTS])
{
	for (size_t i = 0; i < ACCOUNTS; i++) {
		struct account *account = &accounts[i];
		const struct seat *seat = &seats[i / SEAT_ROLES];

		password_make(account->password);
		account->spec = (struct account_spec){
			.username = account->username,
			.password = account->password,
			.role = "operator",
			.organization = "cong_an_tinh",
		};
		snprintf(account->username, sizeof account->username, "operator");
		if (i == ACCOUNTS - 1)
			break;
		account->spec.role = seat_roles[i % SEAT_ROLES];
		account->spec.agency = seat->agency;
		account->spec.organization = seat->organization;
		account->spec.unit = seat->unit;
		snprintf(account->username, sizeof account->username, "%s.%s", seat->prefix,
			 account->spec.role);
	}
}

/* Every second account or so: hashing a password takes its time on purpose. */
struct provisioner {
	pthread_t thread;
	struct pool *pool;
	const struct keyring *keyring;
	const struct account *accounts;
	size_t first;
	bool succeeded;
	struct error error;
};

static void *provision(void *argument)
{
	struct provisioner *own = argument;

	own->succeeded = true;
	for (size_t i = own->first; own->succeeded && i < ACCOUNTS; i += PROVISIONERS)
		own->succeeded = accounts_provision(own->pool, own->keyring, &own->accounts[i].spec,
						    &own->error);
	return NULL;
}

static bool provision_all(struct pool *pool, const struct keyring *keyring,
			  const struct account *accounts, struct error *error)
{
	struct provisioner all[PROVISIONERS] = {{0}};
	bool is_running[PROVISIONERS] = {0}, succeeded = true;

	for (size_t i = 0; i < PROVISIONERS; i++) {
		all[i] = (struct provisioner){
			.pool = pool, .keyring = keyring, .accounts = accounts, .first = i};
		is_running[i] = !pthread_create(&all[i].thread, NULL, provision, &all[i]);
		if (!is_running[i])
			provision(&all[i]);
	}
	for (size_t i = 0; i < PROVISIONERS; i++) {
		if (is_running[i])
			pthread_join(all[i].thread, NULL);
		if (!all[i].succeeded && succeeded)
			*error = all[i].error;
		else
			error_release(&all[i].error);
		succeeded = succeeded && all[i].succeeded;
	}
	return succeeded;
}

static void file_fill(struct text *csv, const struct account accounts[ACCOUNTS])
{
	text_add(csv, "username,password,role,agency,organization,unit\n");
	for (size_t i = 0; i < ACCOUNTS; i++) {
		const struct account_spec *spec = &accounts[i].spec;
		char agency[12] = "";

		if (spec->agency)
			snprintf(agency, sizeof agency, "%d", spec->agency);
		text_addf(csv, "%s,%s,%s,%s,%s,%s\n", spec->username, spec->password, spec->role,
			  agency, spec->organization, spec->unit ? spec->unit : "");
	}
}

static void file_name(const char *home, const char *suffix, char path[4096])
{
	snprintf(path, 4096, "%s/accounts.csv%s", home, suffix);
}

static bool file_write(const char *home, const struct text *csv, struct error *error)
{
	char path[4096];

	file_name(home, ".new", path);
	unlink(path);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return error_internal(error, ERROR_INTERNAL, "%s: %s", path, strerror(errno));
	bool written = !csv->failed &&
		       write(file, csv->data, csv->length) == (ssize_t)csv->length && !fsync(file);
	if (close(file) || !written)
		return error_internal(error, ERROR_INTERNAL, "cannot write %s", path);
	return true;
}

bool sample_accounts_make(const char *owner_url, const struct keyring *keyring, const char *home,
			  struct error *error)
{
	struct account accounts[ACCOUNTS] = {0};
	auto_text csv = {0};
	struct pool *pool = pool_open(owner_url, PROVISIONERS, 1, 60000);

	if (!pool)
		return error_internal(error, ERROR_INTERNAL, "out of memory");
	accounts_fill(accounts);
	file_fill(&csv, accounts);
	bool made = provision_all(pool, keyring, accounts, error) && file_write(home, &csv, error);
	pool_close(pool);
	return made;
}

bool sample_accounts_publish(const char *home, struct error *error)
{
	char from[4096], to[4096];

	file_name(home, ".new", from);
	file_name(home, "", to);
	if (rename(from, to))
		return error_internal(error, ERROR_INTERNAL, "%s: %s", to, strerror(errno));
	int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool kept = directory >= 0 && !fsync(directory);
	if (directory >= 0)
		close(directory);
	return kept || error_internal(error, ERROR_INTERNAL, "cannot keep %s", to);
}
