#!/bin/bash
# Initializes an empty PGDATA, then becomes the server; any command but `postgres` is only executed.
# It keeps the contract of the official image's entrypoint: the same variables, folders and refusals.
set -Eeuo pipefail

readonly SCRIPTS=/docker-entrypoint-initdb.d
readonly SOCKETS=/var/run/postgresql

say() { printf 'entrypoint: %s\n' "$*" >&2; }

refuse() { # what, fix
  printf 'entrypoint: error: %s\n  fix: %s\n' "$1" "$2" >&2
  exit 1
}

# A secret may be given as the name of a file: NAME_FILE stands for NAME.
from_file() { # name [default]
  local name=$1 default=${2:-} file=$1_FILE
  if [[ -n ${!name:-} && -n ${!file:-} ]]; then
    refuse "$name and $file are both set" "set one of them"
  fi
  if [[ -n ${!file:-} ]]; then
    printf -v "$name" %s "$(<"${!file}")"
  else
    printf -v "$name" %s "${!name:-$default}"
  fi
  export "${name?}"
  unset "$file"
}

settings() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}" "${POSTGRES_INITDB_WALDIR:=}"
}

wants_words_only() { # words of the server
  local word
  for word; do
    case $word in
      -\? | --help | --describe-config | -V | --version) return 0 ;;
    esac
  done
  return 1
}

directories() {
  local folders=("$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"})
  mkdir --parents "${folders[@]}"
  if ((UID == 0)); then
    find "${folders[@]}" "$SOCKETS" ! -user postgres -exec chown --no-dereference postgres:postgres {} +
  fi
  # Another's folder cannot be closed; initdb and the server say what they think of it.
  chmod 700 "${folders[@]}" 2>/dev/null || true
}

become_postgres() { # the whole command
  export HOME=/var/lib/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
}

verify() {
  if ! id --name --user >/dev/null 2>&1; then
    refuse "uid $UID has no name in this image, and initdb asks for one" "run it as root or as postgres (uid 999)"
  fi
  if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
    say "warning: POSTGRES_HOST_AUTH_METHOD=trust lets everybody in who reaches the port"
  elif [[ -z $POSTGRES_PASSWORD ]]; then
    refuse "there is no database yet, and its superuser has no password" \
      "set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE (or POSTGRES_HOST_AUTH_METHOD=trust: everybody is let in)"
  fi
}

make_database() { # words of the server
  local words=()
  # The variable holds words as a shell reads them, quotes included.
  eval "words=($POSTGRES_INITDB_ARGS)"
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    ${POSTGRES_INITDB_WALDIR:+"--waldir=$POSTGRES_INITDB_WALDIR"} "${words[@]}"
  local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# Nobody from outside may reach a database that is half made: no TCP.
start_temporary_server() { # words of the server
  local words
  words=$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")
  PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --wait --options="$words" start
}

stop_temporary_server() { pg_ctl --pgdata="$PGDATA" --wait --mode=fast stop; }

# By its name, scripts that are sourced know it from the official image.
docker_process_sql() { # words of psql
  PGHOST=$SOCKETS PGHOSTADDR='' psql --no-psqlrc --no-password --set ON_ERROR_STOP=1 \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

create_database() {
  docker_process_sql --dbname postgres --quiet --set name="$POSTGRES_DB" <<'SQL'
SELECT format('CREATE DATABASE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SQL
}

run_scripts() {
  local script
  for script in "$SCRIPTS"/*; do
    case $script in
      *.sh) run_shell "$script" ;;
      *.sql) say "running $script" && docker_process_sql --file "$script" ;;
      *.sql.gz) say "running $script" && gunzip --stdout "$script" | docker_process_sql ;;
      "$SCRIPTS/*") ;;  # there is none
      *) say "ignoring $script" ;;
    esac
  done
}

run_shell() { # a script
  if [[ -x $1 ]]; then
    say "running $1"
    "$1"
  else
    say "sourcing $1"
    set +u  # it was not written for this shell's strictness
    # shellcheck source=/dev/null
    . "$1"
    set -u
  fi
}

initialize() { # words of the server
  verify
  make_database "$@"
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  start_temporary_server "$@"
  create_database
  run_scripts
  stop_temporary_server
  unset PGPASSWORD
  say "the database is made; the server starts"
}

main() { # the whole command
  if [[ ${1:-} == -* ]]; then
    set -- postgres "$@"
  fi
  if [[ ${1:-} == postgres ]] && ! wants_words_only "$@"; then
    settings
    directories
    if ((UID == 0)); then
      become_postgres "$@"
    fi
    if [[ ! -s $PGDATA/PG_VERSION ]]; then
      initialize "${@:2}"
    fi
  fi
  exec "$@"
}

main "$@"
