set -o pipefail
mkdir -p "reports/$STACK"
code=0
pulumi up --stack "$STACK" --yes --diff $(full_output) --non-interactive --color never 2>&1 | tee "reports/$STACK/up.txt" || code=$?
echo "$code" >"reports/$STACK/up.exit"
if [ "$code" = 0 ]; then
  report verify md .venv/bin/python -m mirror verify --stack "$STACK" --as-up --wait 300 --markdown --quiet
fi
