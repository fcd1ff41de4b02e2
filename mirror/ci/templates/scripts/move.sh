case "$ACTION" in
  cutover) look="cutover --dry-run" act="cutover --yes" ;;
  cutover-rollback) look="cutover status" act="cutover rollback --yes" ;;
  drill) look="drill cutover --dry-run" act="drill cutover --yes" ;;
  failover) look="failover --dry-run" act="failover --yes" ;;
  failover-rollback) look="failover status" act="failover rollback --yes" ;;
  *) echo "unknown action" && exit 2 ;;
esac
set -- --stack "$STACK" --markdown
if [ -n "$MIRROR" ]; then set -- "$@" --mirror "$MIRROR"; fi
