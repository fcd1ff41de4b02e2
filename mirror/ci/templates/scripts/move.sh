case "$ACTION" in
  cutover) look="cutover --dry-run" act="cutover --yes" ;;
  rollback) look="cutover status" act="cutover rollback --yes" ;;
  *) echo "unknown action" && exit 2 ;;
esac
set -- --stack "$STACK" --markdown --quiet
if [ -n "$MIRROR" ]; then set -- "$@" --mirror "$MIRROR"; fi
