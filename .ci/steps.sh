# What .ci/run and .ci/nightly share: steps with a heading and a time limit, suites whose tests are counted, services, the closing line.
# shellcheck shell=bash

passed=0
failed=0
skipped=0
faults=()
own_postgres=

# in_memory: whether files in memory have room for all that a run leaves there at a time, which is about 3 GB.
in_memory() {
  local free
  [ -w /dev/shm ] && free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null) && [ "${free:-0}" -ge 8000000 ] &&
    free=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1) && [ "${free:-0}" -ge 6000000 ]
}

# Tests make some hundred thousand files that live for seconds: most of the time of a copied database goes into making them on a disk.
own_tmpdir=
if [ -z "${TMPDIR:-}" ] && in_memory; then
  own_tmpdir=$(mktemp -d /dev/shm/sovrane-XXXXXX) && chmod 1777 "$own_tmpdir" && export TMPDIR=$own_tmpdir
fi
scratch=$(mktemp -d)
clean_up() {
  [ -n "$own_postgres" ] && stop_postgres
  rm -rf "$scratch" ${own_tmpdir:+"$own_tmpdir"}
}
trap clean_up EXIT

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
  local title=$1 limit=$2 status=$3 file=$4 took=$5 good=0 bad=0 pending=0 line
  [ -s "$file" ] && read -r good bad pending <"$file"
  passed=$((passed + good))
  skipped=$((skipped + pending))
  printf -- '--- %s: %d passed, %d failed, %d skipped: %d s\n' "$title" "$good" "$bad" "$pending" "$took"
  if [ "$bad" -gt 0 ]; then
    fault "$bad" "$title: $bad tests failed"
    # What is kept of a long log may be its end only.
    while IFS= read -r line; do faults+=("$title: $line"); done < <(tail -n +2 "$file")
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

# part TITLE SECONDS COMMAND...: a suite for run_parts, which runs several at once; the output of each comes when it has ended.
parts=()
part() {
  local number=${#parts[@]} title=$1 limit=$2
  shift 2
  parts+=("$title")
  printf '%s' "$limit" >"$scratch/part$number.limit"
  printf '%s\0' "$@" >"$scratch/part$number.command"
}

# check TITLE SECONDS COMMAND...: the same for a command that has no tests: it counts as one.
check() {
  local title=$1 limit=$2
  shift 2
  part "$title" "$limit" bash -c '"$@" && echo 1 0 0 >"$MOCHA_RESULTS"' check "$@"
}

# run_part NUMBER: in a process of its own.
run_part() {
  local limit command began=$SECONDS status
  limit=$(<"$scratch/part$1.limit")
  mapfile -d '' -t command <"$scratch/part$1.command"
  MOCHA_RESULTS="$scratch/part$1.results" timeout --kill-after=10 "$limit" "${command[@]}" </dev/null >"$scratch/part$1.output" 2>&1
  status=$?
  printf '%d %d\n' "$status" $((SECONDS - began)) >"$scratch/part$1.ended"
}

end_part() { # end_part NUMBER
  local status=1 took=0 title=${parts[$1]}
  heading "$title"
  [ -s "$scratch/part$1.output" ] && cat "$scratch/part$1.output"
  # Without this file its process was ended from outside.
  [ -s "$scratch/part$1.ended" ] && read -r status took <"$scratch/part$1.ended"
  count_suite "$title" "$(<"$scratch/part$1.limit")" "$status" "$scratch/part$1.results" "$took"
}

# run_parts COUNT: all parts in their order, COUNT at once.
run_parts() {
  local next=0 pid number
  local -A running=()
  while [ "$next" -lt ${#parts[@]} ] || [ ${#running[@]} -gt 0 ]; do
    while [ "$next" -lt ${#parts[@]} ] && [ ${#running[@]} -lt "$1" ]; do
      run_part "$next" &
      running[$!]=$next
      next=$((next + 1))
    done
    wait -n -p pid "${!running[@]}"
    number=${running[$pid]}
    unset "running[$pid]"
    end_part "$number"
  done
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

as_postgres() { # PostgreSQL refuses to run as root.
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

# start_postgres: a cluster of the run's own, which does not wait for the disk and tidies up nothing: what is tested is not whether data outlives
# a power cut, and no database lives for long.
start_postgres() {
  local programs port
  programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$programs" ] || programs=$(dirname "$(command -v initdb)" 2>/dev/null)
  [ -x "$programs/initdb" ] || return 1
  if [ "$(id -u)" -eq 0 ] && ! { id postgres >/dev/null 2>&1 && command -v setpriv >/dev/null; }; then return 1; fi
  own_postgres=$(as_postgres mktemp -d "${TMPDIR:-/tmp}/sovrane-postgres-XXXXXX") || { own_postgres=; return 1; }
  postgres_programs=$programs
  port=$(free_port)
  if as_postgres "$programs/initdb" -D "$own_postgres/data" -U root -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$scratch/initdb" 2>&1 &&
    as_postgres "$programs/pg_ctl" -D "$own_postgres/data" -l "$own_postgres/log" -w -t 60 start >>"$scratch/initdb" 2>&1 \
      -o "-p $port -k $own_postgres -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=256MB -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"; then
    postgres_url="postgres://root@127.0.0.1:$port/postgres"
    return 0
  fi
  cat "$scratch/initdb"
  stop_postgres
  return 1
}

stop_postgres() {
  as_postgres "$postgres_programs/pg_ctl" -D "$own_postgres/data" -m immediate stop >/dev/null 2>&1
  rm -rf "$own_postgres"
  own_postgres=
}

# Starts a PostgreSQL of the run's own, or the machine's when that cannot be; sets postgres_url; counts a failure when there is none.
need_postgres() {
  heading 'PostgreSQL'
  postgres_url=
  if start_postgres; then
    echo "a cluster of its own: $postgres_url"
    return 0
  fi
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

# need_chromium: Debian's browser for the tests of pages. Where it is missing and cannot be installed, those tests say so and are skipped.
need_chromium() {
  heading 'Chromium'
  if [ ! -x /usr/bin/chromium ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium >/dev/null 2>&1 ||
      { apt-get update >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium >/dev/null 2>&1; }
  fi
  if [ -x /usr/bin/chromium ]; then /usr/bin/chromium --version 2>/dev/null; else echo 'skipped: there is no /usr/bin/chromium (Debian: apt-get install chromium)'; fi
}
