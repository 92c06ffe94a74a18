/* The closed code lists; their vi and en labels are in db/seed/ and served at /v1/codes. */
#ifndef LACHAN_CODES_H
#define LACHAN_CODES_H

#include <stdbool.h>

struct code_list {
	const char *name;
	const char *const *codes; /* ends in NULL */
};

/* Every list, ending in NULL. */
extern const struct code_list *const code_lists[];

extern const struct code_list codes_report_kind, codes_report_status;
extern const struct code_list codes_clock_kind, codes_clock_state, codes_organization_kind,
	codes_merge_status;
extern const struct code_list codes_sex, codes_no_number_reason, codes_ethnicity,
	codes_education_level, codes_employment, codes_guardian_relationship, codes_person_status,
	codes_end_reason, codes_decision_maker, codes_rehab_form, codes_rehab_stage,
	codes_post_rehab_origin, codes_substance_group, codes_use_method, codes_intervention_kind,
	codes_intervention_status, codes_intervention_outcome, codes_crime_article,
	codes_participant_role, codes_crime_stage, codes_violation_kind, codes_hotspot_kind,
	codes_hotspot_status, codes_hotspot_event, codes_session_kind, codes_session_status,
	codes_audience, codes_campaign_kind, codes_campaign_status, codes_campaign_peak,
	codes_union_level, codes_model_kind, codes_model_status, codes_commune_class,
	codes_institution_type, codes_ownership, codes_task_recurrence, codes_progress_status,
	codes_baseline_status, codes_rating, codes_classification, codes_void_reason, codes_purpose,
	codes_referral_status, codes_handover_status, codes_review_status, codes_notice_kind,
	codes_subject_request_kind, codes_subject_requester, codes_subject_request_status,
	codes_restriction_kind, codes_restriction_reason, codes_restriction_status,
	codes_retention_status, codes_retention_decision_status, codes_agency_role,
	codes_unit_level;

bool code_list_has(const struct code_list *list, const char *code);

#endif
