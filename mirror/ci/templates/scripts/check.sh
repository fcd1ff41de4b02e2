failed=0
mkdir -p reports
.venv/bin/python -m mirror ci check --base "$BASE" --reports reports --markdown >reports/summary.md || failed=$?
if [ "$failed" = 0 ]; then
  while read -r STACK; do
    report policy md .venv/bin/python -m mirror policy --stack "$STACK" --markdown --quiet &
    report render md .venv/bin/python -m mirror render --stack "$STACK" --diff "$BASE" --markdown --quiet &
    wait
    echo >>reports/summary.md
    .venv/bin/python -m mirror ci summary "$STACK" >>reports/summary.md || failed=1
  done <reports/stacks.txt
fi
cat reports/summary.md
