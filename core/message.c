/* What a code of the answers means, in Vietnamese and English. The code itself never changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static const struct message {
	const char *code, *vi, *en;
} messages[] = {
	/* requests */
	{"request_malformed", "Yêu cầu không đúng dạng.", "The request is malformed."},
	{"content_invalid", "Nội dung không hợp lệ; xem errors.",
	 "The content is not valid; see errors."},
	{"json_malformed", "JSON không đúng dạng (dòng:cột %s).",
	 "The JSON is malformed (line:column %s)."},
	{"json_too_deep", "JSON lồng nhau quá %s cấp.",
	 "The JSON is nested deeper than %s levels."},
	{"object_expected", "Cần một đối tượng JSON.", "A JSON object is expected."},
	{"body_required", "Thiếu nội dung.", "A body is expected."},
	{"body_too_large", "Nội dung vượt quá giới hạn %s byte.", "The body is above %s bytes."},
	{"url_too_long", "Địa chỉ vượt quá giới hạn %s byte.", "The URL is above %s bytes."},
	{"url_malformed", "Địa chỉ không đúng dạng.", "The URL is malformed."},
	{"header_malformed", "Tiêu đề %s không đúng dạng.", "The header %s is malformed."},
	{"header_repeated", "Tiêu đề %s chỉ được gửi một lần.", "The header %s may be sent once."},
	{"media_type", "Chỉ nhận nội dung kiểu %s.", "The body must be %s."},
	{"not_acceptable", "Chỉ có thể trả lời bằng %s.", "The answer can only be %s."},
	{"expectation", "Không đáp ứng được Expect: %s.", "Cannot meet Expect: %s."},
	{"no_route", "Không có địa chỉ này.", "There is no such address."},
	{"method_not_allowed", "Địa chỉ này chỉ nhận %s.", "This address takes %s."},
	{"method_unknown", "Phương thức không được hỗ trợ.", "The method is not known."},
	{"territory_too_wide", "Địa bàn %s có quá nhiều đơn vị.",
	 "The territory %s has too many units."},
	{"unknown_parameter", "Không có tham số này.", "There is no such parameter."},
	{"repeated_parameter", "Tham số chỉ được gửi một lần.", "The parameter may be sent once."},
	{"empty_parameter", "Tham số không có giá trị.", "The parameter has no value."},
	{"too_many_parameters", "Có hơn %s tham số.", "There are more than %s parameters."},
	{"invalid_cursor", "Con trỏ trang không dùng được cho truy vấn này.",
	 "The cursor does not belong to this query."},
	{"not_sortable", "Không thể sắp xếp theo %s.", "Cannot sort by %s."},
	{"not_searchable", "Không tìm được theo tên ở đây.", "Names cannot be searched here."},
	{"hidden_field", "Không được xem trường này.", "This field is hidden from you."},
	{"too_many_words", "Tối đa 8 từ.", "At most 8 words."},
	{"dimension_not_applicable", "Chỉ tiêu này không phân tổ theo %s.",
	 "This indicator is not broken down by %s."},
	{"not_with", "Không dùng cùng với %s.", "Not together with %s."},
	{"above_unit", "Cấp cao hơn đơn vị được hỏi (%s).",
	 "Above the level of the unit asked for (%s)."},
	{"csv_only", "Chỉ dùng với CSV.", "Only with CSV."},
	{"purpose_required", "Cần nêu mục đích trong tiêu đề Purpose.",
	 "A purpose is required in the header Purpose."},
	/* values */
	{"required", "Bắt buộc.", "Required."},
	{"required_when", "Bắt buộc khi giá trị là %s.", "Required with %s."},
	{"forbidden_unless", "Chỉ dùng với giá trị %s.", "Only with %s."},
	{"unknown_field", "Không có trường %s.", "There is no field %s."},
	{"read_only", "Chỉ đọc.", "Read only."},
	{"fixed", "Không đổi được sau khi tạo.", "Cannot be changed once created."},
	{"not_yours_to_write", "Cơ quan của bạn không được ghi trường này.",
	 "Your agency may not write this field."},
	{"nothing_to_change", "Không có gì để thay đổi.", "There is nothing to change."},
	{"text_expected", "Cần một chuỗi.", "A string is expected."},
	{"integer_expected", "Cần một số nguyên.", "A whole number is expected."},
	{"number_expected", "Cần một số.", "A number is expected."},
	{"boolean_expected", "Cần true hoặc false.", "true or false is expected."},
	{"array_expected", "Cần một mảng.", "An array is expected."},
	{"wrong_number_of_items", "Số phần tử không đúng.", "Wrong number of items."},
	{"repeated", "Giá trị %s lặp lại.", "%s is repeated."},
	{"too_long", "Dài quá %s ký tự.", "Longer than %s characters."},
	{"too_short", "Cần ít nhất %s ký tự.", "At least %s characters are needed."},
	{"control_character", "Có ký tự không cho phép.", "A character is not allowed."},
	{"out_of_range", "Phải trong khoảng %s.", "Must be in %s."},
	{"unknown_code", "Không có mã %s trong danh mục.", "%s is not in the code list."},
	{"value_unknown", "Không có giá trị này; có: %s.",
	 "There is no such value; there are: %s."},
	{"not_a_date", "Không phải ngày hợp lệ (YYYY-MM-DD).", "Not a date (YYYY-MM-DD)."},
	{"not_an_instant", "Không phải thời điểm hợp lệ (RFC 3339).", "Not an RFC 3339 instant."},
	{"not_a_uuid", "Không phải UUID.", "Not a UUID."},
	{"not_a_unit", "Không phải khóa đơn vị hành chính (ví dụ 2025-24121).",
	 "Not the key of a unit (such as 2025-24121)."},
	{"not_an_organization", "Không phải mã tổ chức.", "Not the code of an organisation."},
	{"not_a_phone", "Không phải số điện thoại Việt Nam.", "Not a Vietnamese phone number."},
	{"not_a_citizen_number", "Phải có 12 chữ số (hoặc 9 với CMND cũ).",
	 "Must have 12 digits (or 9 of the former card)."},
	{"in_future", "Nằm trong tương lai.", "Lies in the future."},
	{"before", "Trước %s.", "Before %s."},
	{"not_after", "Phải sau %s.", "Must be after %s."},
	{"before_birth", "Trước ngày sinh.", "Before birth."},
	{"invalid", "Không hợp lệ.", "Not valid."},
	{"no_such_record", "Không có bản ghi này.", "There is no such record."},
	{"unit_not_valid", "Đơn vị hành chính không tồn tại vào ngày đó.",
	 "The unit did not exist on that day."},
	{"not_a_commune", "Phải là đơn vị cấp xã.", "Must be a commune-level unit."},
	{"wrong_level", "Không đúng cấp.", "Of the wrong level."},
	{"not_active", "Không hoạt động vào ngày đó.", "Was not active on that day."},
	{"overlaps", "Trùng thời gian với bản ghi khác.", "Overlaps another record in time."},
	{"above_total", "Không được lớn hơn tổng số.", "Cannot be more than all of them."},
	{"does_not_fit", "Không khớp với tử số và mẫu số.",
	 "Does not fit the numerator and the denominator."},
	{"not_a_staff_code", "Chỉ gồm chữ cái không dấu, chữ số và . _ / - ; không được là họ tên.",
	 "Letters without diacritics, digits and . _ / - alone; never a name."},
	{"duplicate", "Đã có bản ghi với giá trị này.", "A record with this value exists."},
	/* law */
	{"transition_not_allowed", "Không thể chuyển từ %s.", "Cannot follow %s."},
	{"not_first", "Trước trạng thái hiện tại.", "Before the current status."},
	{"too_young", "Chưa đủ tuổi theo luật.", "Too young by law."},
	{"court_required", "Cần quyết định của tòa án.", "A decision of a court is required."},
	{"opioid_required", "Chỉ dành cho người nghiện chất dạng thuốc phiện.",
	 "For opioid dependence only."},
	{"consent_required", "Cần văn bản đồng ý của người đại diện.",
	 "Written consent of the representative is required."},
	{"guardian_required", "Người dưới 18 tuổi cần người giám hộ hoặc lý do không có.",
	 "A person under 18 needs a guardian or the reason for none."},
	{"stages_missing", "Chưa hoàn thành đủ các giai đoạn cai nghiện.",
	 "Not all stages of rehabilitation are completed."},
	{"still_running", "Thời hạn hiện tại chưa hết.", "The present term is still running."},
	{"article_not_in_force", "Điều luật chưa có hiệu lực vào ngày đó.",
	 "The article was not in force on that day."},
	{"before_previous_stage", "Trước giai đoạn trước đó.", "Before the previous stage."},
	{"after_next_stage", "Sau giai đoạn tiếp theo.", "After the next stage."},
	{"not_diverted", "Chỉ với người dưới 18 tuổi và từ 01/01/2026.",
	 "Only under 18 and from 2026-01-01."},
	{"outside_term", "Ngoài thời hạn theo luật (%s tháng).",
	 "Outside the legal term (%s months)."},
	{"wrong_assignment", "Không phải phân công của nhiệm vụ này.",
	 "Not an assignment of this task."},
	{"not_a_period", "Không có kỳ báo cáo %s.", "There is no period %s."},
	{"not_a_baseline_period", "Phải là kỳ từ 2015 đến 2023, ví dụ 2023Y hoặc 2023H1.",
	 "Must be a period of 2015 to 2023, such as 2023Y or 2023H1."},
	{"is_approved", "Số liệu đã được duyệt, không sửa được.",
	 "What is approved cannot be changed."},
	/* access */
	{"token_required", "Cần đăng nhập.", "An access token is required."},
	{"token_invalid", "Token không dùng được.", "The token is not valid."},
	{"basic_invalid", "Tên hoặc khóa bí mật của hệ thống không đúng.",
	 "The client's name or secret is wrong."},
	{"basic_read_only",
	 "HTTP Basic chỉ dành cho hệ thống chỉ đọc; hãy lấy token tại POST /oauth/token.",
	 "HTTP Basic is for read-only clients; get a token at POST /oauth/token."},
	{"login_invalid", "Tên hoặc mật khẩu không đúng.", "The name or password is wrong."},
	{"refresh_invalid", "Token làm mới không dùng được.", "The refresh token is not valid."},
	{"too_many_attempts", "Quá nhiều lần thử; hãy đợi.", "Too many attempts; please wait."},
	{"too_many_requests", "Quá nhiều yêu cầu; hãy đợi.", "Too many requests; please wait."},
	{"not_allowed", "Cơ quan hoặc vai trò của bạn không được làm việc này.",
	 "Your agency or role may not do this."},
	{"own_entry", "Người nhập số liệu không được tự duyệt.",
	 "Whoever entered the figures may not approve them."},
	{"row_not_allowed", "Không được làm việc này với bản ghi này.",
	 "Not allowed with this record."},
	{"break_glass_available",
	 "Không tìm thấy trong phạm vi của bạn. Nếu khẩn cấp: POST /v1/break-glasses.",
	 "Not found within your reach. In an emergency: POST /v1/break-glasses."},
	{"report_submitted", "Báo cáo đã gửi; Công an tỉnh (cơ quan 1) có thể trả lại để sửa.",
	 "The report is submitted; agency 1 can return it."},
	{"report_accepted",
	 "Báo cáo đã được chấp nhận và khóa; chỉ quản trị viên của Công an tỉnh (cơ quan 1) mở lại "
	 "được, kèm lý do.",
	 "The report is accepted and locked; only an admin of agency 1 can open it again, with a "
	 "reason."},
	{"period_not_over", "Kỳ báo cáo chưa kết thúc.", "The period is not over yet."},
	{"figures_changing", "Số liệu đang thay đổi; hãy thử lại.",
	 "The figures are changing; try again."},
	{"reason_required", "Lệch quá 5 % so với số liệu hệ thống (%s): cần nêu lý do.",
	 "More than 5 % from what the records say (%s): a reason is required."},
	{"unknown_definition", "Chỉ tiêu này không có cách tính đó.",
	 "The indicator is not counted in that way."},
	{"after_whole", "Sau hạn của nhiệm vụ chung (%s).", "After the day of the whole (%s)."},
	{"restricted", "Dữ liệu của người này đang bị hạn chế xử lý; có thể gỡ: %s.",
	 "The data of this person is restricted; who can lift it: %s."},
	{"representative_required", "Người dưới 16 tuổi cần người đại diện yêu cầu.",
	 "Of a child under 16 the representative asks."},
	{"not_correctable", "Bản ghi này không chỉnh sửa theo yêu cầu của một người.",
	 "Such a record is not corrected for a person."},
	{"not_due", "Được lưu giữ đến %s.", "Is kept until %s."},
	{"retention_blocked", "Chưa được xóa: %s.", "Not to be erased yet: %s."},
	{"own_proposal", "Người đề nghị không được tự duyệt.",
	 "Whoever proposed it may not approve it."},
	{"not_to_oneself", "Không thể gửi cho chính mình.", "Not to oneself."},
	{"password_change_required", "Hãy đổi mật khẩu trước khi làm việc khác.",
	 "Change the password before anything else."},
	{"not_yours_to_grant", "Không thể cấp điều mà bạn không có.",
	 "Nobody grants what they do not hold."},
	{"scope_not_held", "Cơ quan này không có quyền mà phạm vi nêu.",
	 "The agency does not hold what the scopes name."},
	{"seat_not_held", "Tổ chức hiện không giữ vai trò của cơ quan này.",
	 "The organisation does not hold the agency's seat today."},
	{"outside_organization", "Ngoài địa bàn của tổ chức.",
	 "Outside the organisation's territory."},
	{"not_for_operators", "Không dùng cho người vận hành.", "Not for an operator."},
	{"not_yourself", "Không thể tự làm việc này với tài khoản của mình.",
	 "Not to one's own account."},
	{"last_operator", "Đây là người vận hành cuối cùng.", "This is the last operator."},
	{"unknown_scope", "Không có phạm vi %s.", "There is no scope %s."},
	{"password_common", "Mật khẩu này dễ đoán hoặc đã bị lộ.",
	 "This password is easily guessed, or known from breaches."},
	{"password_has_username", "Mật khẩu chứa tên đăng nhập.",
	 "The password contains the user name."},
	{"password_unchanged", "Mật khẩu mới giống mật khẩu cũ.",
	 "The new password is the old one."},
	{"password_wrong", "Mật khẩu cũ không đúng.", "The old password is wrong."},
	/* state */
	{"not_a_successor", "Không thuộc các đơn vị hoặc tổ chức kế thừa.",
	 "Not one of those that followed."},
	{"possible_duplicate", "Có thể đã có hồ sơ của người này.",
	 "There may be a file of this person already."},
	{"no_submission", "Chưa có báo cáo nào được nộp cho đơn vị và kỳ này đến thời điểm đó.",
	 "No report had been submitted for the unit and the period by then."},
	{"not_found", "Không tìm thấy.", "Not found."},
	{"changes_too_old", "Các thay đổi sau điểm này không còn được lưu; hãy đọc lại toàn bộ.",
	 "What changed after this place is kept no more; read everything anew."},
	{"if_match_required", "Cần tiêu đề If-Match với ETag của bản ghi.",
	 "The header If-Match with the record's ETag is required."},
	{"stale", "Bản ghi đã thay đổi; hãy đọc lại.", "The record has changed; read it again."},
	{"wildcard_not_allowed", "If-Match: * chỉ dành cho quản trị.",
	 "If-Match: * is for admins only."},
	{"still_referenced", "Bản ghi còn được dùng.", "The record is still in use."},
	{"idempotency_in_progress", "Yêu cầu cùng khóa đang được xử lý.",
	 "A request with this key is in progress."},
	{"idempotency_reused", "Khóa này đã dùng với nội dung khác.",
	 "This key was used with other content."},
	{"idempotency_key_required", "Cần tiêu đề Idempotency-Key, mỗi lần tạo một khóa mới.",
	 "The header Idempotency-Key is required, a new key for each thing made."},
	{"idempotency_key_malformed", "Khóa cần 1 đến 128 ký tự ASCII nhìn thấy được.",
	 "The key needs 1 to 128 visible ASCII characters."},
	/* hints */
	{"province_unknown", "Ba số đầu không thuộc danh mục tỉnh.",
	 "The first three digits are no known province."},
	{"number_does_not_fit", "Số không khớp giới tính hoặc năm sinh.",
	 "The number does not fit sex or year of birth."},
	{"status_order",
	 "Sau khi gộp, trạng thái này theo sau một trạng thái mà luật không cho phép.",
	 "After the merge this status follows one that the law does not let it follow."},
	{"status_left",
	 "Trạng thái này ở lại với hồ sơ kia: hồ sơ được giữ có trạng thái khác vào ngày đó.",
	 "This status stays with the other file: the kept one has another of that day."},
	{"age_article", "Người từ 14 đến dưới 16 tuổi chỉ chịu trách nhiệm với điều 248–252.",
	 "Between 14 and 16 only articles 248–252 apply."},
	/* ours */
	{"internal", "Lỗi máy chủ; đã được ghi lại.", "An error of ours; it has been logged."},
	{"unavailable", "Tạm thời quá tải; hãy thử lại.", "Busy for the moment; try again."},
	{"busy", "Tạm thời quá tải; hãy thử lại.", "Busy for the moment; try again."},
	{"statement_timeout", "Truy vấn quá lâu.", "The query took too long."},
	{"stopping", "Máy chủ đang dừng; hãy thử lại.", "The server is stopping; try again."},
};

static const struct message *message_find(const char *code)
{
	for (size_t i = 0; code && i < sizeof messages / sizeof *messages; i++)
		if (!strcmp(messages[i].code, code))
			return &messages[i];
	return NULL;
}

const char *message_code(const char *code)
{
	const struct message *message = message_find(code);

	return message ? message->code : NULL;
}

char *message_text(const char *code, const char *language, const char *argument)
{
	const struct message *message = message_find(code);

	if (!message)
		return code ? strdup(code) : NULL;
	const char *text = strcmp(language, "en") != 0 ? message->vi : message->en;
	const char *gap = strstr(text, "%s");

	if (!argument)
		argument = "";
	if (!gap)
		return strdup(text);
	size_t size = strlen(text) + strlen(argument) + 1;
	char *filled = malloc(size);
	if (filled)
		snprintf(filled, size, "%.*s%s%s", (int)(gap - text), text, argument, gap + 2);
	return filled;
}
