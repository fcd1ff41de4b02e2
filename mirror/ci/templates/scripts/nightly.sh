# Without the variable a new topic of the source, which the next deployment adds to the baseline, counts as drift.
report preview txt env REGION_MIRROR_LOOK_FOR_DRIFT=true pulumi preview --stack "$STACK" --refresh --expect-no-changes --diff $(full_output) --non-interactive --color never
report plan md .venv/bin/python -m mirror plan --stack "$STACK" --markdown --quiet
report changed-by md .venv/bin/python -m mirror ci changed-by --stack "$STACK" --markdown --quiet
report verify md .venv/bin/python -m mirror verify --stack "$STACK" --as-up --wait 120 --markdown --quiet
