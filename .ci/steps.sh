# What .ci/run and .ci/nightly share: steps with a heading and a time limit, suites whose tests are counted, services, the closing line.
# shellcheck shell=bash

passed=0
failed=0
skipped=0
faults=()
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fault() { # fault COUNT WHAT
  failed=$((failed + $1))
  faults+=("$2")
  printf '!!! %s\n' "$2"
}

heading() { printf '\n=== %s\n' "$1"; }

# step TITLE SECONDS COMMAND...: counts as one failure when the command fails or takes longer.
step() {
  local title=$1 limit=$2 began=$SECONDS status
  shift 2
  heading "$title"
  timeout --kill-after=10 "$limit" "$@" </dev/null
  status=$?
  printf -- '--- %s: %d s\n' "$title" $((SECONDS - began))
  [ "$status" -eq 0 ] && return 0
  if [ "$status" -eq 124 ]; then fault 1 "$title: not done within $limit s"; else fault 1 "$title: exit code $status"; fi
  return 1
}

# count_suite TITLE SECONDS STATUS FILE TOOK: adds up what a run of mocha with test/support/reporter.ts has left in FILE.
count_suite() {
  local title=$1 limit=$2 status=$3 file=$4 took=$5 good=0 bad=0 pending=0
  [ -s "$file" ] && read -r good bad pending <"$file"
  passed=$((passed + good))
  skipped=$((skipped + pending))
  printf -- '--- %s: %d passed, %d failed, %d skipped: %d s\n' "$title" "$good" "$bad" "$pending" "$took"
  if [ "$bad" -gt 0 ]; then fault "$bad" "$title: $bad tests failed"
  elif [ "$status" -eq 124 ]; then fault 1 "$title: not done within $limit s"
  elif [ "$status" -ne 0 ]; then fault 1 "$title: exit code $status"
  elif [ "$good" -eq 0 ]; then fault 1 "$title: no test ran"
  fi
}

# suite TITLE SECONDS COMMAND...: COMMAND runs mocha with test/support/reporter.ts.
suite() {
  local title=$1 limit=$2 began=$SECONDS
  shift 2
  heading "$title"
  rm -f "$scratch/results"
  MOCHA_RESULTS="$scratch/results" timeout --kill-after=10 "$limit" "$@" </dev/null
  count_suite "$title" "$limit" $? "$scratch/results" $((SECONDS - began))
}

# begin_suite NAME SECONDS COMMAND... / end_suite NAME TITLE: the same beside another suite; its output comes when it has ended.
begin_suite() {
  local name=$1 limit=$2
  shift 2
  printf '%s %s\n' "$limit" "$SECONDS" >"$scratch/$name.began"
  MOCHA_RESULTS="$scratch/$name.results" timeout --kill-after=10 "$limit" "$@" </dev/null >"$scratch/$name.output" 2>&1 &
  echo $! >"$scratch/$name.pid"
}
end_suite() {
  local name=$1 title=$2 limit began status
  read -r limit began <"$scratch/$name.began"
  wait "$(cat "$scratch/$name.pid")"
  status=$?
  heading "$title"
  cat "$scratch/$name.output"
  count_suite "$title" "$limit" "$status" "$scratch/$name.results" $((SECONDS - began))
}

answers() { # answers PORT: whether something listens there.
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

wait_for() { # wait_for SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -ge "$until" ] && return 1
    sleep 0.2
  done
}

# Starts PostgreSQL when it is down and sets postgres_url; counts a failure when there is none.
need_postgres() {
  heading 'PostgreSQL'
  postgres_url=
  if ! command -v psql >/dev/null; then
    fault 1 'PostgreSQL: psql is missing (Debian: apt-get install postgresql)'
    return 1
  fi
  if ! answers 5432; then
    local version
    version=$(ls /etc/postgresql 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$version" ] || ! command -v pg_ctlcluster >/dev/null; then
      fault 1 'PostgreSQL: nothing listens on 127.0.0.1:5432 and there is no cluster to start (Debian: apt-get install postgresql)'
      return 1
    fi
    echo "starting cluster $version main"
    pg_ctlcluster --skip-systemctl-redirect "$version" main start
  fi
  local user
  for user in "${PGUSER:-root}" postgres; do
    if wait_for 10 psql -w -q -h 127.0.0.1 -U "$user" -d postgres -c '\q' 2>/dev/null; then
      postgres_url="postgres://$user@127.0.0.1:5432/postgres"
      psql -w -h 127.0.0.1 -U "$user" -d postgres -Atc 'select version()'
      return 0
    fi
  done
  fault 1 'PostgreSQL: neither root nor postgres may log in on 127.0.0.1:5432 without a password'
  return 1
}

# Starts Redis when it is down and exports TEST_REDIS_URL; counts a failure when there is none.
need_redis() {
  heading 'Redis'
  if ! answers 6379; then
    if ! command -v redis-server >/dev/null; then
      fault 1 'Redis: nothing listens on 127.0.0.1:6379 and redis-server is missing (Debian: apt-get install redis-server)'
      return 1
    fi
    redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no --dir "${TMPDIR:-/tmp}"
  fi
  if ! wait_for 10 answers 6379; then
    fault 1 'Redis: does not answer on 127.0.0.1:6379'
    return 1
  fi
  export TEST_REDIS_URL=redis://127.0.0.1:6379
  echo "$TEST_REDIS_URL"
}

# finish: names what failed, and ends with the line that people and machines read.
finish() {
  heading "Done in $SECONDS s"
  [ "$passed" -eq 0 ] && fault 1 'no test passed'
  [ "$skipped" -gt 0 ] && echo "$skipped skipped"
  [ ${#faults[@]} -gt 0 ] && printf 'failed: %s\n' "${faults[@]}"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
  exit
}
