/* The closed code lists; their vi and en labels are in db/seed/ and served at /v1/codes. */
#include "codes.h"

#include <stddef.h>
#include <string.h>

#define LIST(list, ...)                                                                            \
	const struct code_list codes_##list = {                                                    \
		.name = #list,                                                                     \
		.codes = (const char *const[]){__VA_ARGS__, NULL},                                 \
	}

LIST(sex, "female", "male", "unknown");
LIST(no_number_reason, "not_issued", "unknown", "foreigner", "stateless");
/* QĐ 121-TCTK/PPCĐ 1979; 55 foreigner, 99 unknown */
LIST(ethnicity, "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14",
     "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30",
     "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46",
     "47", "48", "49", "50", "51", "52", "53", "54", "55", "99");
LIST(education_level, "illiterate", "primary", "lower_secondary", "upper_secondary",
     "elementary_vocational", "intermediate_vocational", "college", "university", "postgraduate",
     "unknown");
LIST(employment, "employed", "self_employed", "unemployed", "student", "homemaker", "unable",
     "unknown");
LIST(guardian_relationship, "father", "mother", "grandparent", "sibling", "relative",
     "legal_guardian", "institution", "other");
LIST(person_status, "at_risk", "user", "addict", "in_rehab", "substitution", "post_rehab",
     "serving_sentence", "released", "closed");
/* Drug law 73/2021/QH14, article 23.5, and how files end otherwise */
LIST(end_reason, "expired", "determined_addict", "commune_education", "reformatory", "imprisoned",
     "deceased", "missing", "moved", "completed", "relapsed", "quit", "superseded", "other");
LIST(decision_maker, "commune_chair", "court", "facility", "police", "other");
LIST(rehab_form, "voluntary_home", "voluntary_facility", "compulsory");
/* Drug law 73/2021/QH14, article 29, stages a to đ */
LIST(rehab_stage, "reception", "detox", "behaviour", "vocational", "return");
LIST(post_rehab_origin, "voluntary", "substitution", "compulsory", "compulsory_minor");
LIST(substance_group, "opioid", "ats", "ketamine", "cannabis", "synthetic_cannabinoid", "cocaine",
     "hallucinogen", "disguised", "prescription", "other", "unknown");
LIST(use_method, "oral", "smoking", "inhaling", "injection", "sublingual", "e_cigarette", "other",
     "unknown");
LIST(intervention_kind, "counselling", "screening", "assessment", "behaviour_education",
     "treatment", "substitution", "rehab", "psychological", "legal_aid", "vocational_training",
     "employment", "loan", "mentoring", "community_support");
LIST(intervention_status, "planned", "in_progress", "completed", "refused", "cancelled");
LIST(intervention_outcome, "positive", "unchanged", "negative", "unknown");
/* Penal Code 2015, chapter XX */
LIST(crime_article, "247", "248", "249", "250", "251", "252", "253", "254", "255", "256", "256a",
     "257", "258", "259");
LIST(participant_role, "suspect", "victim", "lured", "witness");
LIST(crime_stage, "source", "verification", "initiated", "not_initiated", "suspended",
     "investigation", "concluded_prosecute", "investigation_dropped", "indicted", "returned",
     "case_dropped", "diverted", "transferred", "administrative", "first_instance", "appeal",
     "in_force", "executing", "executed");
LIST(violation_kind, "illegal_use", "other");
LIST(hotspot_kind, "point", "area");
LIST(hotspot_status, "open", "eliminated", "reformed");
LIST(hotspot_event, "detected", "eliminated", "reformed");
LIST(session_kind, "communication", "training", "family_court", "extracurricular", "study_visit");
LIST(session_status, "planned", "held", "cancelled");
LIST(audience, "students", "staff", "parents", "youth", "community", "officials");
LIST(campaign_kind, "campaign", "movement", "peak");
LIST(campaign_status, "planned", "running", "held", "cancelled");
LIST(campaign_peak, "june_action_month", "drug_day_26_6", "youth_month", "law_day_9_11");
LIST(union_level, "province", "commune", "grassroots");
LIST(model_kind, "club", "self_managed_group", "drug_free_area", "peer_support", "reintegration",
     "communication", "other");
LIST(model_status, "created", "active", "replicated", "retired");
LIST(commune_class, "type_1", "type_2", "type_3");
LIST(institution_type, "thcs", "th_thcs", "thcs_thpt", "th_thcs_thpt", "thpt", "thpt_chuyen",
     "ptdtnt_thcs", "ptdtnt_thpt", "ptdtbt_thcs", "ttgdtx", "tt_gdnn_gdtx", "trung_cap", "cao_dang",
     "dai_hoc", "hoc_vien", "phan_hieu", "tieu_hoc", "mam_non");
LIST(ownership, "public", "private");
LIST(task_recurrence, "continuous", "once", "yearly", "half_yearly", "by_date");
LIST(progress_status, "draft", "submitted", "accepted", "returned");
LIST(baseline_status, "entered", "approved");
LIST(rating, "exceeded", "met", "partly_met", "not_met");
LIST(classification, "unclassified");
LIST(void_reason, "entered_in_error", "duplicate", "not_in_scope", "other");
LIST(referral_status, "open", "closed", "withdrawn");
LIST(report_kind, "organization", "consolidated");
LIST(report_status, "draft", "submitted", "received", "returned", "accepted", "consolidated");
LIST(clock_kind, "user_management", "rehab", "post_rehab", "handover", "break_glass_review",
     "subject_request", "task", "report");
LIST(organization_kind, "department", "police", "military", "court", "procuracy",
     "mass_organization", "media", "bank", "committee");
LIST(clock_state, "running", "due_soon", "breached");
LIST(merge_status, "merged", "undone");
LIST(handover_status, "proposed", "accepted", "refused", "withdrawn");
LIST(review_status, "open", "justified", "not_justified");
LIST(notice_kind, "referral_opened", "referral_closed", "handover_proposed", "handover_accepted",
     "handover_refused", "handover_withdrawn", "break_glass_opened", "break_glass_reviewed",
     "corrected", "restricted", "restriction_lifted", "person_entered");
LIST(subject_request_kind, "access", "correction", "restriction", "erasure", "objection");
LIST(subject_requester, "subject", "representative");
LIST(subject_request_status, "received", "answered", "refused");
LIST(restriction_kind, "processing", "hold");
LIST(restriction_reason, "accuracy_contested", "unlawful_processing", "subject_objects",
     "legal_claim", "juvenile_closed", "other");
LIST(restriction_status, "active", "lifted");
LIST(retention_status, "due", "proposed", "approved");
LIST(retention_decision_status, "proposed", "approved", "withdrawn", "executed");
LIST(purpose, "case_management", "crime_prevention", "health_care", "education_support",
     "reintegration", "statistics", "inspection", "subject_request");
LIST(agency_role, "viewer", "officer", "admin", "operator", "service");
LIST(unit_level, "province", "district", "commune");

const struct code_list *const code_lists[] = {
	&codes_sex,
	&codes_no_number_reason,
	&codes_ethnicity,
	&codes_education_level,
	&codes_employment,
	&codes_guardian_relationship,
	&codes_person_status,
	&codes_end_reason,
	&codes_decision_maker,
	&codes_rehab_form,
	&codes_rehab_stage,
	&codes_post_rehab_origin,
	&codes_substance_group,
	&codes_use_method,
	&codes_intervention_kind,
	&codes_intervention_status,
	&codes_intervention_outcome,
	&codes_crime_article,
	&codes_participant_role,
	&codes_crime_stage,
	&codes_violation_kind,
	&codes_hotspot_kind,
	&codes_hotspot_status,
	&codes_hotspot_event,
	&codes_session_kind,
	&codes_session_status,
	&codes_audience,
	&codes_campaign_kind,
	&codes_campaign_status,
	&codes_campaign_peak,
	&codes_union_level,
	&codes_model_kind,
	&codes_model_status,
	&codes_commune_class,
	&codes_institution_type,
	&codes_ownership,
	&codes_task_recurrence,
	&codes_progress_status,
	&codes_baseline_status,
	&codes_rating,
	&codes_classification,
	&codes_void_reason,
	&codes_referral_status,
	&codes_report_kind,
	&codes_report_status,
	&codes_clock_kind,
	&codes_organization_kind,
	&codes_clock_state,
	&codes_merge_status,
	&codes_handover_status,
	&codes_review_status,
	&codes_notice_kind,
	&codes_subject_request_kind,
	&codes_subject_requester,
	&codes_subject_request_status,
	&codes_restriction_kind,
	&codes_restriction_reason,
	&codes_restriction_status,
	&codes_retention_status,
	&codes_retention_decision_status,
	&codes_purpose,
	&codes_agency_role,
	&codes_unit_level,
	NULL,
};

bool code_list_has(const struct code_list *list, const char *code)
{
	for (const char *const *known = list->codes; *known; known++)
		if (!strcmp(*known, code))
			return true;
	return false;
}
