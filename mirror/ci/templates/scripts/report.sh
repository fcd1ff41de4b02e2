report() { # report NAME FORMAT COMMAND...: keep the output and the exit code of a command
  local name=$1 format=$2 code=0
  shift 2
  mkdir -p "reports/$STACK"
  "$@" </dev/null >"reports/$STACK/$name.$format" 2>"reports/$STACK/$name.messages" || code=$?
  cat "reports/$STACK/$name.messages" >>"reports/$STACK/$name.txt"
  echo "$code" >"reports/$STACK/$name.exit"
}
