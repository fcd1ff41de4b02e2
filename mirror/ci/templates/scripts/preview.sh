report preview txt pulumi preview --stack "$STACK" --diff $(full_output) --non-interactive --color never &
report plan md .venv/bin/python -m mirror plan --stack "$STACK" --markdown --quiet &
wait
