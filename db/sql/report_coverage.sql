SELECT due, submitted, on_time FROM report_coverage($1, $2)
