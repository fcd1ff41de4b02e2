failed=0
.venv/bin/python -m mirror ci check --base "$BASE" --markdown >summary.md || failed=1
.venv/bin/python -m mirror ci concerned --base "$BASE" --markdown >>summary.md
.venv/bin/python -m mirror ci concerned --base "$BASE" --names >stacks.txt
while read -r STACK; do
  report settings md .venv/bin/python -m mirror ci check "$STACK" --markdown
  .venv/bin/python -m mirror ci summary "$STACK" >>summary.md || failed=1
done <stacks.txt
cat summary.md
