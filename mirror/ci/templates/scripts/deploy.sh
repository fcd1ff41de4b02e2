pulumi up --stack "$STACK" --yes --diff --non-interactive --color never
report verify md .venv/bin/python -m mirror verify --stack "$STACK" --wait 300 --markdown --quiet
