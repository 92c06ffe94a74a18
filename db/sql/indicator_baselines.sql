SELECT unit, period, numerator, denominator, hundredths
FROM indicator_baselines($1, $2::boolean)
