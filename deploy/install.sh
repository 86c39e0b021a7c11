#!/usr/bin/env bash
# Installs a site on a bare Debian 12 or 13, and upgrades it. Run as root from a clone:
#   deploy/install.sh --host bluezone.example.vn [--mail OPERATOR] [--certificate FILE --key FILE]
#   deploy/install.sh --second 10.0.0.2:8000  one more server for the same database, behind the first one's proxy
#   deploy/install.sh --upgrade [RELEASE]     to the newest or the named release: closes the site, backs up, migrates,
#                                             tests the release, opens; goes back if the release does not work
#   deploy/install.sh --close                 closes the site for a restore; a run without it opens the site again
#   ... --dry-run                             says what it would do
# A second run changes nothing. It writes /opt/bluezone-report, /etc/bluezone-report.env (once), /etc/bluezone-report/tls,
# /var/lib/bluezone-report, /usr/local/bin/bluezone-report, units of systemd, a site of nginx, a role and a database.
set -euo pipefail

HOME_FOLDER=/opt/bluezone-report
STATE=/var/lib/bluezone-report
ENVIRONMENT=/etc/bluezone-report.env
TLS=/etc/bluezone-report/tls
COMMAND=/usr/local/bin/bluezone-report
UNITS=/etc/systemd/system
SITE=/etc/nginx/sites-available/bluezone-report
ENABLED=/etc/nginx/sites-enabled/bluezone-report
ROOM=/etc/nginx/modules-enabled/99-bluezone-report.conf # nginx settings outside any site
NETWORK=$UNITS/bluezone-report.socket.d/network.conf # exists on a second server only
OTHERS=/etc/bluezone-report/servers # has a file for each other server
CLOSED=/etc/bluezone-report/closed # says why the site is closed; while it exists, no unit starts (sandbox.conf)
POSTGRESQL=$UNITS/postgresql@.service.d/bluezone-report.conf
COPY=$UNITS/bluezone-report-backup.service.d/copy.conf
PACKAGES=(ca-certificates curl git openssl postgresql-client python3 python3-venv tzdata)

here=$(cd "$(dirname "$0")/.." && pwd)
host="" mail="" certificate="" key="" dry="" upgrade="" release="" second="" close=""
changes=0

die() { echo "install.sh: $*" >&2; exit 1; }
says() { printf '%s\n' "$*"; }
has_systemd() { [ -d /run/systemd/system ]; }
manage() { "$COMMAND" "$@"; }
as_postgres() { (cd / && runuser -u postgres -- "$@"); }

step() { # what; a test whether it is done already; the command
    if "$2" >/dev/null 2>&1; then return 0; fi
    changes=$((changes + 1))
    if [ -n "$dry" ]; then says "would: $1"; return 0; fi
    says "- $1"
    "$3"
    "$2" >/dev/null 2>&1 || die "this step ran, but its check still fails: $1"
}

while [ $# -gt 0 ]; do
    case "$1" in
        --host) host=${2:?}; shift 2 ;;
        --mail) mail=${2:?}; shift 2 ;;
        --certificate) certificate=${2:?}; shift 2 ;;
        --key) key=${2:?}; shift 2 ;;
        --second) second=${2:?}; shift 2 ;;
        --dry-run) dry=1; shift ;;
        --close) close=1; shift ;;
        --others-stopped) export OTHERS_STOPPED=1; shift ;; # for a release that migrates
        --apply) upgrade=apply; shift ;; # the second half of an upgrade, run by the new release's script
        --upgrade) upgrade=1; shift; if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then release=$1; shift; fi ;;
        *) sed -n '2,10p' "$0" >&2; exit 64 ;;
    esac
done
[ "$(id -u)" = 0 ] || die "run it as root"
[ -r /etc/debian_version ] || die "only Debian 12 and 13 are supported"

if [ -z "$second" ]; then second=$(sed -n 's/^ListenStream=//p' "$NETWORK" 2>/dev/null || true); fi
if [ -z "$second" ]; then PACKAGES+=(nftables nginx-light postgresql); fi

# The machine.

packages_missing() { for name in "${PACKAGES[@]}"; do dpkg -s "$name" 2>/dev/null | grep -q '^Status: .* installed$' || echo "$name"; done; }
packages_are_there() { [ -z "$(packages_missing)" ]; }
install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2046 - one word for each package
    apt-get install -y -qq --no-install-recommends $(packages_missing) >/dev/null
}
clock_is_kept() { dpkg -s chrony || dpkg -s ntpsec || dpkg -s systemd-timesyncd; }
keep_clock() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd-timesyncd >/dev/null; }
user_is_there() { id bluezone; }
make_user() { useradd --system --user-group --home-dir "$STATE" --shell /usr/sbin/nologin bluezone; }
state_is_there() { [ "$(stat -c %U:%a "$STATE")" = bluezone:750 ]; }
make_state() { install -d -o bluezone -g bluezone -m 750 "$STATE"; }

# The program: a clone, and a virtual environment for each list of packages. Going back changes one link.

clone_is_there() { [ -e "$HOME_FOLDER/manage.py" ]; }
clone() { git -c safe.directory='*' clone --quiet "$here" "$HOME_FOLDER"; }
list_of_packages() { # signing in with office accounts needs more
    if grep -qs '^OIDC_ISSUER=..*' "$ENVIRONMENT"; then echo deploy/requirements-oidc.txt; else echo deploy/requirements.txt; fi
}
REQUIREMENTS=$HOME_FOLDER/$(list_of_packages)
environment_of() { # list of packages; a new Python, after an upgrade of Debian, needs a new environment
    echo "$HOME_FOLDER/.venvs/$( (cat "$1"; python3 -c 'import sys; print(sys.version_info[:2])') | sha256sum | cut -c 1-12)"
}
environment_is_there() { [ "$(readlink "$HOME_FOLDER/.venv")" = "$(environment_of "$REQUIREMENTS")" ]; }
fill_environment() { # list of packages
    local folder; folder=$(environment_of "$1")
    [ ! -e "$folder/ready" ] || return 0
    rm -rf "$folder"
    python3 -m venv "$folder" &&
        "$folder/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$1" && touch "$folder/ready"
}
make_environment() { fill_environment "$REQUIREMENTS"; ln -sfn "$(environment_of "$REQUIREMENTS")" "$HOME_FOLDER/.venv"; }
command_text() {
    cat <<'COMMAND'
#!/bin/sh
# manage.py of bluezone_report, with the user, environment and folder of its server.
set -eu
set -a; . /etc/bluezone-report.env; set +a
cd /var/lib/bluezone-report
export STATE_DIRECTORY="${STATE_DIRECTORY:-/var/lib/bluezone-report}" HOME=/var/lib/bluezone-report
set -- /opt/bluezone-report/.venv/bin/python /opt/bluezone-report/manage.py "$@"
if [ "$(id -u)" = 0 ]; then exec runuser -u bluezone -- "$@"; fi
exec "$@"
COMMAND
}
command_is_there() { [ -x "$COMMAND" ] && command_text | cmp -s - "$COMMAND"; }
make_command() { command_text >"$COMMAND"; chmod 755 "$COMMAND"; }

# The database: a role for the system user, without a password.

database_answers() { as_postgres psql -tAc 'SELECT 1'; }
start_database() { if has_systemd; then systemctl enable --now postgresql; else service postgresql start; fi; sleep 2; }
database_is_there() { [ "$(as_postgres psql -tAc "SELECT count(*) FROM pg_database WHERE datname = 'bluezone'")" = 1 ]; }
make_database() {
    as_postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'bluezone'" | grep -q 1 || as_postgres createuser bluezone
    as_postgres createdb --owner bluezone --encoding UTF8 --locale C.UTF-8 --template template0 bluezone
    # An idle session that holds a lock is ended.
    as_postgres psql -qc "ALTER DATABASE bluezone SET idle_in_transaction_session_timeout = '5min'"
}

# The configuration: written once, never changed here.

configuration_is_there() { [ -s "$ENVIRONMENT" ]; }
make_configuration() {
    [ -n "$host" ] || die "--host is missing: the name of the site"
    local secret; secret=$(openssl rand -base64 60 | tr -d '\n=+/')
    (umask 027; sed -e "s|^SECRET_KEY=.*|SECRET_KEY=$secret|" -e "s|bluezone.example.vn|$host|" \
        -e "s|^OPERATOR_MAIL=.*|OPERATOR_MAIL=${mail:-root}|" "$HOME_FOLDER/deploy/env.example" >"$ENVIRONMENT.new")
    chown root:bluezone "$ENVIRONMENT.new"; chmod 640 "$ENVIRONMENT.new"
    mv "$ENVIRONMENT.new" "$ENVIRONMENT"
}
network_text() { printf '[Socket]\nListenStream=%s\nFreeBind=yes\n' "$second"; }
network_is_there() { network_text | cmp -s - "$NETWORK"; }
make_network() { install -d "$(dirname "$NETWORK")"; network_text >"$NETWORK"; if has_systemd; then systemctl daemon-reload; fi; }
known_host() { sed -n 's/^ALLOWED_HOSTS=\([^,]*\).*/\1/p' "$ENVIRONMENT" 2>/dev/null || echo "$host"; }
schema_is_there() { manage migrate --check; }
migrate() { manage check >/dev/null && manage migrate --verbosity 0; }
in_clone() { git -c safe.directory='*' -C "$HOME_FOLDER" "$@"; }
collected_release() { in_clone rev-parse HEAD; }
release_name() { # as in /healthz: version and commit
    echo "$(sed -n 's/^version = "\(.*\)"$/\1/p' "$HOME_FOLDER/pyproject.toml")+$(collected_release | cut -c 1-7)"
}
files_are_collected() { [ -s "$HOME_FOLDER/staticfiles/.release" ] && [ "$(cat "$HOME_FOLDER/staticfiles/.release")" = "$(collected_release)" ]; }
collect_files() {
    (set -a; . "$ENVIRONMENT"; set +a; cd "$HOME_FOLDER"
        .venv/bin/python -m compileall -q bluezone_report reporting
        .venv/bin/python manage.py compilemessages
        .venv/bin/python manage.py collectstatic --noinput --verbosity 0)
    collected_release >"$HOME_FOLDER/staticfiles/.release"
    chmod -R a+rX "$HOME_FOLDER/staticfiles"
}

# The server and its proxy.

unit_files() { (cd "$here/deploy/systemd" && ls -- *.service *.timer *.socket); }
started_units() { # timers and the proxy's limits run only on the first server
    local wanted='^bluezone-report\.(service|socket)$'
    [ -n "$second" ] || wanted="$wanted|\\.timer\$|^bluezone-limits\\.service\$"
    unit_files | grep -E "$wanted"
}
units_are_there() {
    local name
    for name in $(unit_files); do cmp -s "$HOME_FOLDER/deploy/systemd/$name" "$UNITS/$name" || return 1; done
    for name in bluezone-report.service.d bluezone-report-.service.d; do
        cmp -s "$HOME_FOLDER/deploy/systemd/sandbox.conf" "$UNITS/$name/sandbox.conf" || return 1
    done
    [ -n "$second" ] || cmp -s "$HOME_FOLDER/deploy/systemd/postgresql.conf" "$POSTGRESQL"
}
put_units() {
    local name
    for name in $(unit_files); do install -m 644 "$HOME_FOLDER/deploy/systemd/$name" "$UNITS/$name"; done
    for name in bluezone-report.service.d bluezone-report-.service.d; do
        install -D -m 644 "$HOME_FOLDER/deploy/systemd/sandbox.conf" "$UNITS/$name/sandbox.conf"
    done
    [ -n "$second" ] || install -D -m 644 "$HOME_FOLDER/deploy/systemd/postgresql.conf" "$POSTGRESQL"
    if has_systemd; then systemctl daemon-reload; fi
}
copy_text() { # the second folder that the nightly backup may write to
    local folder; folder=$(sed -n 's/^BACKUP_COPY=//p' "$ENVIRONMENT")
    [ -z "$folder" ] || printf '[Service]\nReadWritePaths=-%s\n' "$folder"
}
copy_is_there() { if [ -n "$(copy_text)" ]; then copy_text | cmp -s - "$COPY"; else [ ! -e "$COPY" ]; fi; }
put_copy() {
    rm -f "$COPY"
    if [ -n "$(copy_text)" ]; then install -d "$(dirname "$COPY")"; copy_text >"$COPY"; fi
    if has_systemd; then systemctl daemon-reload; fi
}
certificate_is_there() { # the product reads when the certificate ends; it must not read the key
    runuser -u bluezone -- test -s "$TLS/fullchain.pem" -a -r "$TLS/fullchain.pem" && [ -s "$TLS/privkey.pem" ] || return 1
    [ -z "$certificate" ] || { cmp -s "$certificate" "$TLS/fullchain.pem" && cmp -s "$key" "$TLS/privkey.pem"; }
}
put_certificate() {
    install -d -m 755 "$TLS"
    if [ -z "$certificate" ] && [ -s "$TLS/fullchain.pem" ] && [ -s "$TLS/privkey.pem" ]; then
        chmod a+r "$TLS/fullchain.pem"; return
    fi
    if [ -n "$certificate" ]; then
        install -m 644 "$certificate" "$TLS/fullchain.pem"; install -m 600 "$key" "$TLS/privkey.pem"
        if has_systemd && systemctl is-active -q nginx; then systemctl reload nginx; fi # it still uses the old one
        return
    fi
    says "  It is self-signed: browsers do not trust it. Run again with --certificate and --key."
    (umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$(known_host)" \
        -addext "subjectAltName=DNS:$(known_host)" -keyout "$TLS/privkey.pem" -out "$TLS/fullchain.pem" 2>/dev/null)
    chmod a+r "$TLS/fullchain.pem"
}
nginx_site_text() { sed "s/bluezone\.example\.vn/$(known_host)/" "$HOME_FOLDER/deploy/nginx.conf"; }
nginx_site_is_there() { nginx_site_text | cmp -s - "$SITE" && [ "$(readlink "$ENABLED")" = "$SITE" ]; }
put_nginx_site() { nginx_site_text >"$SITE"; ln -sfn "$SITE" "$ENABLED"; nginx -t -q; if has_systemd; then systemctl reload-or-restart nginx; fi; }
nginx_has_room() { grep -q '^worker_rlimit_nofile 16384;' "$ROOM" && grep -q 'worker_connections 8192;' /etc/nginx/nginx.conf; }
give_nginx_room() {
    echo 'worker_rlimit_nofile 16384;' >"$ROOM"
    sed -i 's/worker_connections [0-9]*;/worker_connections 8192;/' /etc/nginx/nginx.conf
    if has_systemd; then systemctl reload-or-restart nginx; fi
}
units_are_started() { local name; for name in $(started_units); do systemctl is-enabled -q "$name" && systemctl is-active -q "$name" || return 1; done; }
start_units() {
    started_units | xargs systemctl enable -q
    started_units | xargs systemctl start # it names a unit that fails
    [ -n "$second" ] || systemctl reload bluezone-limits
    [ -n "$second" ] || systemctl is-active -q nginx || systemctl enable --now -q nginx
}

# Closing the site. While it is closed nothing of the product runs, so a backup has every acknowledged report.

site_is_open() { [ ! -e "$CLOSED" ]; }
close_site() { # why
    install -d "$(dirname "$CLOSED")"
    echo "$1" >"$CLOSED"
    has_systemd || return 0
    systemctl stop bluezone-report.socket 'bluezone-report-*.timer' # first what starts services
    systemctl stop bluezone-report.service 'bluezone-report-*.service' # open requests are answered first
    [ -z "$(systemctl list-units --plain --no-legend --state=active,activating,deactivating,reloading 'bluezone-report*')" ]
}
open_site() {
    rm -f "$CLOSED"
    has_systemd || return 0
    systemctl restart bluezone-report.service && start_units && wait_until_healthy
}
try_release() { # while the site is closed, at its own socket: a release that fails here is never opened
    local socket=$STATE/trial.sock pid at_most=$((SECONDS + 60)) code=1
    (
        set -a; . "$ENVIRONMENT"; set +a
        cd "$HOME_FOLDER"
        STATE_DIRECTORY=$STATE HOME=$STATE exec setpriv --reuid=bluezone --regid=bluezone --init-groups --no-new-privs \
            .venv/bin/gunicorn --config deploy/gunicorn.conf.py --workers 1 --bind "unix:$socket" bluezone_report.wsgi
    ) &
    pid=$!
    while [ $SECONDS -lt $at_most ] && kill -0 "$pid" 2>/dev/null; do
        if says_release --unix-socket "$socket" "http://$(known_host)/healthz"; then code=0; break; fi
        sleep 1
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
    return $code
}
health_address() { if [ -n "$second" ]; then echo "http://$second/healthz"; else echo "https://$(known_host)/healthz"; fi; }
says_release() { # options of curl; fails if another release answers than the one installed here
    curl --silent --fail --insecure --max-time 10 --header "Host: $(known_host)" "$@" | grep -qxF "$(release_name)"
}
is_healthy() { says_release --resolve "$(known_host):443:127.0.0.1" "$(health_address)"; }
serve_again() { systemctl restart bluezone-report.service; wait_until_healthy; }
wait_until_healthy() { local at_most=$((SECONDS + 60)); until is_healthy; do [ $SECONDS -lt $at_most ] || return 1; sleep 1; done; }

mail_is_taken() { command -v sendmail >/dev/null || grep -q '^EMAIL_URL=' "$ENVIRONMENT"; }

install_all() {
    step "install packages: $(packages_missing | tr '\n' ' ')" packages_are_there install_packages
    step "keep the clock by NTP (systemd-timesyncd)" clock_is_kept keep_clock
    step "make the system user bluezone" user_is_there make_user
    step "make $STATE" state_is_there make_state
    step "clone into $HOME_FOLDER" clone_is_there clone
    step "make the virtual environment from $(list_of_packages), checking digests" environment_is_there make_environment
    step "make the command $COMMAND" command_is_there make_command
    if [ -z "$second" ]; then
        step "start PostgreSQL" database_answers start_database
        step "make the role and the database bluezone" database_is_there make_database
        step "make $ENVIRONMENT with a new key" configuration_is_there make_configuration
    fi
    step "check, and migrate the database" schema_is_there migrate
    step "collect the static files" files_are_collected collect_files
    step "install the systemd units" units_are_there put_units
    step "let the backup write to BACKUP_COPY of $ENVIRONMENT" copy_is_there put_copy
    if [ -n "$second" ]; then
        step "listen at $second" network_is_there make_network
    else
        step "install the certificate in $TLS" certificate_is_there put_certificate
        step "let nginx have 8,192 connections" nginx_has_room give_nginx_room
        step "install the nginx site" nginx_site_is_there put_nginx_site
    fi
    if has_systemd; then
        step "open the site" site_is_open open_site
        step "start the server, its socket and its timers" units_are_started start_units
        step "check that $(health_address) names this release" is_healthy serve_again
    else
        says "systemd does not run here, so nothing was started. To start: systemctl enable --now $(started_units | tr '\n' ' ')"
    fi
}

# The next release.

apply() { # in this order, until one fails; the site is closed meanwhile
    make_environment
    make_command
    may_migrate
    migrate
    collect_files
    put_units
    put_copy
    if [ -z "$second" ]; then
        packages_are_there || install_packages
        give_nginx_room
        put_certificate
        put_nginx_site
    fi
    try_release
    open_site
}
turn_to() { # commit
    in_clone checkout --quiet --detach "$1" && bash "$HOME_FOLDER/deploy/install.sh" --apply
}
may_migrate() { # no server of the old release may run during a migration
    is_alone || [ -n "${OTHERS_STOPPED:-}" ] || schema_is_there ||
        die "this release migrates the database: stop the other servers, then add --others-stopped"
}
is_alone() { [ -z "$second" ] && [ -z "$(ls -A "$OTHERS" 2>/dev/null)" ]; }
schema() { manage showmigrations --plan --skip-checks 2>/dev/null | sed -n 's/^\[X\]//p'; }
newest_release() { in_clone tag --list 'v[0-9]*' --sort=-v:refname | grep -v -- - | head -n 1; }
go_back() { # release, schema, backup
    # Reports sent since the site was opened are not in the backup: without --over `restore` refuses to lose them. It
    # also refuses while another server uses the database.
    local over=--over
    if site_is_open; then over=""; fi
    close_site "going back to the release before" || die "a part of the product still runs"
    local after; after=$(schema || true)
    in_clone checkout --quiet --detach "$1"
    make_environment
    if [ -n "$2" ] && [ "$after" = "$2" ]; then says "- no migration was applied: the database is unchanged"
    elif ! manage restore "$3" $over; then
        die "the database was not restored, and the site is closed; the backup is $3. docs/operating.md, \"An upgrade that fails\""
    fi
    turn_to "$1" || die "the old release does not work either; the backup is $3"
    die "went back to $(in_clone log -1 --format='%h %s'); the backup is $3"
}
upgrade() {
    local old new began backup before
    clone_is_there && configuration_is_there || die "nothing is installed yet"
    site_is_open || die "the site is closed ($(cat "$CLOSED")): run install.sh without --upgrade to finish and open it"
    in_clone fetch --quiet --tags origin
    old=$(in_clone rev-parse HEAD)
    new=$(in_clone rev-parse --verify --quiet "${release:-$(newest_release)}^{commit}") || die "no such release: ${release:-none has a tag yet}"
    if [ "$old" = "$new" ]; then says "already installed: $new"; return 0; fi
    if [ -z "$release" ] && in_clone merge-base --is-ancestor "$new" "$old"; then
        says "already newer than the newest release, $(newest_release)"; return 0
    fi
    changes=1
    says "from $(in_clone log -1 --format='%h %s' "$old")"
    says "to   $(in_clone log -1 --format='%h %s' "$new")"
    if [ -n "$dry" ]; then says "would: close the site, back up, migrate, collect, test, open; go back if that fails"; return 0; fi
    in_clone show "$new:$(list_of_packages)" >"$HOME_FOLDER/.venvs/requirements.txt"
    fill_environment "$HOME_FOLDER/.venvs/requirements.txt" || die "its packages cannot be installed; nothing was changed"
    before=$(schema || true) began=$SECONDS
    if ! close_site "an upgrade is under way" ||
        ! backup=$(manage backup | sed -n '1,/SHA-256/s/^\(\/[^:]*bluezone-[^:]*\): .*/\1/p') || [ -z "$backup" ]; then
        open_site; die "no backup was made; nothing was changed"
    fi
    says "- backup: $backup"
    if turn_to "$new"; then says "- upgraded; the site was closed for $((SECONDS - began)) s"; return 0; fi
    says "install.sh: the new release does not work: going back" >&2
    go_back "$old" "$before" "$backup"
}

if [ -n "$certificate$key" ]; then [ -r "$certificate" ] && [ -r "$key" ] || die "--certificate and --key must both be readable files"; fi
if [ "$upgrade" = apply ]; then
    apply
    exit
elif [ -n "$upgrade" ]; then
    upgrade
elif [ -n "$close" ]; then
    close_site "closed by hand" || die "a part of the product still runs"
    says "The site is closed. install.sh opens it."
    exit
elif [ -n "$certificate" ] && ! site_is_open; then # a renewal must not open what is closed, nor migrate
    step "install the certificate in $TLS" certificate_is_there put_certificate
    says "The site stays closed ($(cat "$CLOSED")): install.sh without --certificate opens it."
    exit
else
    [ -z "$second" ] || [ -s "$ENVIRONMENT" ] || die "copy the first server's $ENVIRONMENT here first: docs/operating.md"
    [ -n "$host" ] || [ -s "$ENVIRONMENT" ] || die "--host is missing: the name of the site"
    install_all
    [ -n "$dry" ] || manage check --deploy --fail-level WARNING
fi
if [ "$changes" = 0 ]; then says "Nothing to change."; elif [ -z "$dry" ] && [ -z "$upgrade" ]; then
    mail_is_taken || says "No mail can be sent yet: set EMAIL_URL in $ENVIRONMENT, or install a mail server with sendmail."
    [ -n "$second" ] || says "Next: bluezone-report first_steps"
fi
