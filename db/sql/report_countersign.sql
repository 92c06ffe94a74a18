SELECT report_countersign($1::uuid)
