SELECT previous, next, end_reason
FROM status_transitions
ORDER BY previous, next
