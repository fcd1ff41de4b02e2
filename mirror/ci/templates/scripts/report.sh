report() { # report NAME FORMAT COMMAND...: keep the output and the exit code of a command
  local name=$1 format=$2 code=0
  shift 2
  mkdir -p "reports/$STACK"
  "$@" </dev/null >"reports/$STACK/$name.$format" 2>"reports/$STACK/$name.messages" || code=$?
  cat "reports/$STACK/$name.messages" >>"reports/$STACK/$name.txt"
  echo "$code" >"reports/$STACK/$name.exit"
}
full_output() { # since 3.194 a diff cuts a new or deleted value (a long list of topics) off after 150 characters
  if pulumi preview --help 2>&1 | grep -e --show-full-output >/dev/null; then echo --show-full-output; fi
}
