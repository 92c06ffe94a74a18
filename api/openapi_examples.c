/* What clients send, shown by operation. People are made up, and ids stand for those of records
 * that are there. */
#include <stddef.h>
#include <string.h>

#include "openapi.h"

#define SOME_ID "\"019a0c3e-6f00-7000-8000-000000000001\""
#define OTHER_ID "\"019a0c3e-6f00-7000-8000-000000000002\""
#define PERSON "\"person\": " SOME_ID
#define INTERVENTION                                                                               \
	"\"kind\": \"counselling\", \"status\": \"completed\", \"starts_on\": \"2026-03-02\", "    \
	"\"ends_on\": \"2026-03-30\", \"outcome\": \"positive\""

static const struct {
	const char *operation, *body;
} examples[] = {
	{"createPerson",
	 "{\"full_name\": \"Y Thủy Niê\", \"date_of_birth\": \"2010-05-06\", \"sex\": \"male\", "
	 "\"no_number_reason\": \"not_issued\", \"ethnicity\": \"12\", \"guardian_name\": \"H Ê "
	 "ban\", \"guardian_relationship\": \"mother\", \"guardian_phone\": \"0905 123 456\", "
	 "\"unit\": \"2025-24121\", \"education_level\": \"lower_secondary\", \"employment\": "
	 "\"student\", \"source\": \"school_register\", \"external_id\": \"HS-2026-0001\"}"},
	{"updatePerson", "{\"address\": \"Buôn Akŏ Dhông\", \"occupation\": null}"},
	{"createPersonStatus",
	 "{\"status\": \"at_risk\", \"starts_on\": \"2026-02-02\", \"note\": \"Theo đề nghị của "
	 "nhà trường\"}"},
	{"updatePersonStatus", "{\"decision_number\": \"12/QĐ-UBND\"}"},
	{"createPersonViolation",
	 "{\"violated_on\": \"2026-02-14\", \"kind\": \"illegal_use\", \"unit\": \"2025-24121\", "
	 "\"decision_number\": \"31/QĐ-XPHC\", \"decision_date\": \"2026-02-20\", "
	 "\"fine_amount\": 1500000}"},
	{"updatePersonViolation", "{\"fine_amount\": 1250000}"},
	{"createPersonIntervention", "{" INTERVENTION "}"},
	{"updatePersonIntervention", "{\"outcome\": \"unchanged\"}"},
	{"createIntervention", "{" PERSON ", " INTERVENTION "}"},
	{"updateIntervention", "{\"outcome\": \"unchanged\"}"},
	{"createReferral", "{" PERSON ", \"to_organization\": \"so_y_te\", \"reason\": \"Cần được "
			   "tư vấn và xác định tình trạng nghiện\"}"},
	{"updateReferral", "{\"status\": \"closed\", \"outcome\": \"Đã tư vấn ba buổi\"}"},
	{"createHandover", "{" PERSON ", \"to_unit\": \"2025-24133\", \"reason\": \"Chuyển nơi cư "
			   "trú\"}"},
	{"updateHandover", "{\"status\": \"accepted\"}"},
	{"createBreakGlass", "{" PERSON ", \"reason\": \"Tìm người mất tích theo tin báo\"}"},
	{"updateBreakGlass",
	 "{\"review_status\": \"justified\", \"review_note\": \"Đúng theo tin báo\"}"},
	{"createMerge",
	 "{" PERSON ", \"kept\": " OTHER_ID ", \"reason\": \"Cùng một người, ghi hai lần\"}"},
	{"updateMerge", "{\"status\": \"undone\", \"undo_reason\": \"Hai người trùng tên\"}"},
	{"updateNotice", "{\"is_seen\": true}"},
	{"createSubjectRequest",
	 "{" PERSON ", \"kind\": \"access\", \"requester\": \"representative\", \"received_on\": "
	 "\"2026-04-01\"}"},
	{"updateSubjectRequest", "{\"status\": \"answered\", \"outcome\": \"Đã cấp bản sao\"}"},
	{"createRestriction", "{" PERSON ", \"kind\": \"hold\", \"reason\": \"legal_claim\"}"},
	{"updateRestriction",
	 "{\"status\": \"lifted\", \"lifting_reason\": \"Vụ việc đã kết thúc\"}"},
	{"createRetentionDecision", "{" PERSON "}"},
	{"updateRetentionDecision", "{\"status\": \"approved\"}"},
	{"createCrime",
	 "{\"number\": \"45/2026/HSST\", \"article\": \"249\", \"occurred_on\": \"2026-01-15\", "
	 "\"detected_on\": \"2026-01-20\", \"unit\": \"2025-24121\", \"detecting_organization\": "
	 "\"cong_an_tinh\"}"},
	{"updateCrime", "{\"article\": \"251\", \"other_articles\": [\"249\"]}"},
	{"createCrimeParticipant",
	 "{\"role\": \"suspect\", \"full_name\": \"Đặng Văn Đức\", \"date_of_birth\": "
	 "\"1999-05-17\", \"sex\": \"male\", \"articles\": [\"249\"]}"},
	{"updateCrimeParticipant", "{\"articles\": [\"251\"]}"},
	{"createCrimeStage", "{\"stage\": \"initiated\", \"reached_on\": \"2026-02-03\", "
			     "\"decision_number\": \"17/QĐ-CSĐT\"}"},
	{"updateCrimeStage", "{\"authority\": \"Cơ quan CSĐT Công an tỉnh\"}"},
	{"createHotspot",
	 "{\"name\": \"Quán net cạnh bến xe\", \"kind\": \"point\", \"unit\": \"2025-24121\", "
	 "\"detected_on\": \"2026-01-12\"}"},
	{"updateHotspot", "{\"address\": \"Đường Lê Duẩn\"}"},
	{"createHotspotEvent", "{\"kind\": \"eliminated\", \"occurred_on\": \"2026-04-01\", "
			       "\"decision_number\": \"8/QĐ-UBND\"}"},
	{"updateHotspotEvent", "{\"note\": \"Đã niêm phong\"}"},
	{"createTrainingSession",
	 "{\"kind\": \"communication\", \"title\": \"Nói không với ma túy\", \"status\": \"held\", "
	 "\"held_on\": \"2026-03-26\", \"audience\": [\"students\", \"staff\"], \"unit\": "
	 "\"2025-24121\", \"students\": 320, \"staff\": 18}"},
	{"updateTrainingSession", "{\"students\": 325}"},
	{"createSessionAttendee", "{\"institution\": " SOME_ID ", \"staff_code\": \"GV-014\"}"},
	{"updateSessionAttendee", "{\"staff_code\": \"GV-015\"}"},
	{"createCampaign",
	 "{\"kind\": \"peak\", \"title\": \"Tháng Thanh niên 2026\", \"status\": \"held\", "
	 "\"starts_on\": \"2026-03-01\", \"ends_on\": \"2026-03-31\", \"unit\": \"2025-24121\", "
	 "\"peak\": \"youth_month\", \"reach\": 1200}"},
	{"updateCampaign", "{\"reach\": 1250}"},
	{"createModel", "{\"name\": \"Câu lạc bộ Bạn giúp bạn\", \"kind\": \"club\", \"status\": "
			"\"created\", \"unit\": \"2025-24121\", \"started_on\": \"2026-03-26\"}"},
	{"updateModel", "{\"status\": \"active\"}"},
	{"createUnionOrganization",
	 "{\"name\": \"Chi đoàn buôn Akŏ Dhông\", \"level\": \"grassroots\", \"unit\": "
	 "\"2025-24121\", \"active_from\": \"2025-07-01\"}"},
	{"updateUnionOrganization", "{\"active_to\": \"2026-06-30\"}"},
	{"createKeyCommune",
	 "{\"unit\": \"2025-24121\", \"class\": \"type_2\", \"decision_number\": \"9/QĐ-UBND\", "
	 "\"decision_date\": \"2025-12-20\", \"valid_from\": \"2026-01-01\"}"},
	{"updateKeyCommune", "{\"valid_to\": \"2026-12-31\"}"},
	{"createInstitution",
	 "{\"code\": \"66-THPT-099\", \"name\": \"THPT Nơ Trang Lơng\", \"type\": \"thpt\", "
	 "\"ownership\": \"public\", \"unit\": \"2025-24121\", \"opened_on\": \"2026-08-15\"}"},
	{"updateInstitution", "{\"name\": \"Trường THPT Nơ Trang Lơng\"}"},
	{"createInstitutionHeadcount",
	 "{\"period\": \"2026H1\", \"staff\": 62, \"staff_trained\": 40, \"students\": 1105, "
	 "\"counted_on\": \"2026-05-31\"}"},
	{"updateInstitutionHeadcount", "{\"staff_trained\": 44}"},
	{"createTaskAssignment", "{\"assignee\": \"so_y_te\", \"period\": \"2026Y\", \"due_on\": "
				 "\"2026-11-30\"}"},
	{"updateTaskAssignment", "{\"due_on\": \"2026-12-05\"}"},
	{"createTaskProgress",
	 "{\"assignment\": " SOME_ID ", \"reported_on\": \"2026-06-10\", \"status\": "
	 "\"submitted\", \"percent\": 60, \"summary\": \"Đã tổ chức sáu trong mười lớp\", "
	 "\"evidence\": \"214/BC-SYT\"}"},
	{"updateTaskProgress", "{\"status\": \"accepted\", \"rating\": \"met\"}"},
	{"createReport", "{\"period\": \"2026H1\", \"kind\": \"organization\"}"},
	{"updateReport", "{\"note\": \"Số liệu đã đối chiếu với cấp xã\"}"},
	{"createReportEntry",
	 "{\"indicator\": \"II.1.a\", \"definition\": \"sector\", \"numerator\": 40, "
	 "\"denominator\": 50, \"reason\": \"Theo sổ của ngành\"}"},
	{"updateReportEntry", "{\"numerator\": 41}"},
	{"createBaseline",
	 "{\"indicator\": \"II.4.a\", \"period\": \"2023Y\", \"unit\": \"2025-24121\", "
	 "\"numerator\": 4, \"denominator\": 5, \"source_document\": \"118/BC-UBND\"}"},
	{"updateBaseline", "{\"status\": \"approved\"}"},
	{"createOrganization",
	 "{\"code\": \"trung_tam_moi\", \"name_vi\": \"Trung tâm Công tác xã hội\", \"name_en\": "
	 "\"Social Work Centre\", \"kind\": \"department\", \"unit\": \"2025-66\", "
	 "\"valid_from\": \"2026-01-01\"}"},
	{"updateOrganization", "{\"valid_to\": \"2027-06-30\"}"},
	{"createSeat", "{\"organization\": \"trung_tam_moi\", \"agency\": 5, \"valid_from\": "
		       "\"2026-01-01\"}"},
	{"updateSeat", "{\"valid_to\": \"2027-06-30\"}"},
	{"createSuccession",
	 "{\"organization\": \"so_noi_vu\", \"successor\": \"trung_tam_moi\", \"effective_on\": "
	 "\"2026-01-01\", \"function\": \"Cai nghiện ma túy\", \"act\": \"15/NQ-HĐND\"}"},
	{"createTransfer", "{\"record\": " SOME_ID ", \"unit\": \"2025-24133\"}"},
	{"createUser", "{\"username\": \"h.nie\", \"title\": \"H Niê\", \"role\": \"officer\", "
		       "\"agency\": 1, \"unit\": \"2025-66\", \"purpose\": \"case_management\"}"},
	{"updateUser", "{\"disabled\": true}"},
	{"createClient", "{\"title\": \"Bảng điều khiển của tỉnh\", \"role\": \"viewer\", "
			 "\"agency\": 1, \"scopes\": [\"read\"]}"},
	{"updateClient", "{\"disabled\": true}"},
	{"login", "{\"username\": \"h.nie\", \"password\": \"as the admin told it\"}"},
	{"refresh", "{\"refresh_token\": \"as the last answer told it\"}"},
	{"logout", "{}"},
	{"changePassword", "{\"old_password\": \"the one until now\", \"new_password\": "
			   "\"bốn con trâu dưới gốc đa\"}"},
};

void openapi_add_example(json_t *operation)
{
	const char *name = json_string_value(json_object_get(operation, "operationId")), *media;
	json_t *content = json_object_get(json_object_get(operation, "requestBody"), "content");
	json_t *described;

	for (size_t i = 0; name && i < sizeof examples / sizeof *examples; i++)
		if (!strcmp(examples[i].operation, name))
			json_object_foreach(content, media, described)
				json_object_set_new(described, "example",
						    json_loads(examples[i].body, 0, NULL));
}
