failed=0
mkdir -p reports
.venv/bin/python -m mirror ci check --base "$BASE" --reports reports --markdown >reports/summary.md || failed=$?
cat reports/summary.md
