#!/usr/bin/env bash
# Installs a site on a bare Debian 12 or 13, and upgrades it. Run as root from a clone:
#   deploy/install.sh --host bluezone.example.vn [--mail OPERATOR] [--certificate FILE --key FILE] [--signers FILE]
#   deploy/install.sh --second 10.0.0.2:8000  one more server for the same database, behind the first one's proxy
#   deploy/install.sh --upgrade [RELEASE]     to the newest or the named release, which must be signed (or: --unsigned)
#   deploy/install.sh --restore FILE [--identity KEY] [--over]   replaces the database by a backup
#   deploy/install.sh --close                 closes the site; a run without it tries the release and opens the site
#   ... --without-nginx --without-postgresql  with a proxy, or a database, of your own; remembered
#   ... --answers FILE                        takes options from a file, one a line
#   ... --dry-run                             says what it would do
# Upgrade and restore close the site, back up, change, try the release, open; what does not work goes back by the same
# steps. If this script or the machine dies meanwhile, the next run or the next boot goes on. A second run changes nothing.
# It writes /opt/bluezone-report, /etc/bluezone-report.env (once), /etc/bluezone-report, /var/lib/bluezone-report,
# /usr/local/bin/bluezone-report, units of systemd, a site of nginx, a role and a database.
set -euo pipefail

HOME_FOLDER=/opt/bluezone-report
STATE=/var/lib/bluezone-report
ENVIRONMENT=/etc/bluezone-report.env
TLS=/etc/bluezone-report/tls
PAIR=$TLS/pair # a link to the folder of the certificate and its key: both change at once
COMMAND=/usr/local/bin/bluezone-report
UNITS=/etc/systemd/system
SITE=/etc/nginx/sites-available/bluezone-report
ENABLED=/etc/nginx/sites-enabled/bluezone-report
ROOM=/etc/nginx/modules-enabled/99-bluezone-report.conf # nginx settings outside any site
NETWORK=$UNITS/bluezone-report.socket.d/network.conf # exists on a second server only
OTHERS=/etc/bluezone-report/servers # has a file for each other server
CLOSED=/etc/bluezone-report/closed # says why the site is closed; while it exists, no unit starts (sandbox.conf)
TRANSACTION=/etc/bluezone-report/transaction # the journal of an upgrade or a restore that is under way
DRIVER=/etc/bluezone-report/install.sh # this script as it was when that began; bluezone-report is beside it
WORKED=/etc/bluezone-report/environment # the environment that was tried last
SIGNERS=/etc/bluezone-report/signers # who may sign a release: lines of ssh-keygen(1), "ALLOWED SIGNERS"
POSTGRESQL=$UNITS/postgresql@.service.d/bluezone-report.conf
SWITCHES=/etc/bluezone-report/switches # --without-..., for every run
COPY=$UNITS/bluezone-report-backup.service.d/copy.conf
PACKAGES=(age ca-certificates curl dbus git openssh-client openssl postgresql-client python3 python3-venv tzdata)

here=$(cd "$(dirname "$0")/.." && pwd)
beside=$(dirname "$(readlink -f "$0")") # where deploy/bluezone-report is
[ -e "$here/manage.py" ] || here=$HOME_FOLDER # run as $DRIVER
host="" mail="" certificate="" key="" dry="" upgrade="" release="" second="" close="" resume="" signers="" unsigned=""
restored="" identity="" over="" nginx=1 postgresql=1
changes=0
asked="$*"
[ ! -e "$SWITCHES" ] || set -- --answers "$SWITCHES" "$@"

die() { echo "install.sh: $*" >&2; exit 1; }
says() { printf '%s\n' "$*"; }
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
        --resume) resume=1; shift ;; # at boot: finishes what was interrupted, and does nothing else
        --signers) signers=${2:?}; shift 2 ;;
        --unsigned) unsigned=1; shift ;;
        --without-nginx) nginx=""; shift ;;
        --without-postgresql) postgresql=""; shift ;;
        --answers)
            mapfile -t words < <(sed -E 's/^ +| +$//g; /^(#|$)/d; s/ +/\n/' "${2:?}")
            shift 2; set -- "${words[@]}" "$@" ;;
        --restore) restored=${2:?}; shift 2 ;;
        --identity) identity=${2:?}; shift 2 ;;
        --over) over=--over; shift ;;
        --others-stopped) export OTHERS_STOPPED=1; shift ;; # for a release that migrates
        --apply) upgrade=apply; shift ;; # the second half of an upgrade, run by the new release's script
        --upgrade) upgrade=1; shift; if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then release=$1; shift; fi ;;
        *) sed -n '2,14p' "$0" >&2; exit 64 ;;
    esac
done
case "$host$mail" in *[!A-Za-z0-9.@_+-]*) die "--host and --mail: only letters, digits and . @ _ + -" ;; esac
[ "$(id -u)" = 0 ] || die "run it as root"
[ -r /etc/debian_version ] && [ -d /run/systemd/system ] || die "only Debian 12 and 13 with systemd are supported"

if [ -z "$second" ]; then second=$(sed -n 's/^ListenStream=//p' "$NETWORK" 2>/dev/null || true); fi
if [ -n "$second" ]; then nginx="" postgresql=""; fi
if [ -n "$nginx" ]; then PACKAGES+=(nftables nginx-light); fi
if [ -n "$postgresql" ]; then PACKAGES+=(postgresql); fi

# The machine.

packages_missing() { for name in "${PACKAGES[@]}"; do dpkg -s "$name" 2>/dev/null | grep -q '^Status: .* installed$' || echo "$name"; done; }
packages_are_there() { [ -z "$(packages_missing)" ]; }
apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" >/dev/null; } # another may run
install_packages() {
    local missing; mapfile -t missing < <(packages_missing)
    apt update && apt install -y --no-install-recommends "${missing[@]}"
}
clock_is_kept() { dpkg -s chrony || dpkg -s ntpsec || dpkg -s systemd-timesyncd; }
keep_clock() { apt install -y --no-install-recommends systemd-timesyncd; }
user_is_there() { id bluezone; }
make_user() { useradd --system --user-group --home-dir "$STATE" --shell /usr/sbin/nologin bluezone; }
state_is_there() { [ "$(stat -c %U:%a "$STATE")" = bluezone:750 ]; }
make_state() { install -d -o bluezone -g bluezone -m 750 "$STATE"; }

switches() { [ -n "$nginx$second" ] || echo --without-nginx; [ -n "$postgresql$second" ] || echo --without-postgresql; }
switches_are_there() { [ -z "$(switches)" ] || switches | cmp -s - "$SWITCHES"; }
keep_switches() { install -d -m 755 "$(dirname "$SWITCHES")"; switches >"$SWITCHES.new"; mv "$SWITCHES.new" "$SWITCHES"; }

# The program: a clone, and a virtual environment for each list of packages. Going back changes one link.

with_environment() { BLUEZONE_ENVIRONMENT=$ENVIRONMENT "$beside/bluezone-report" --with-environment "$@"; }
setting() { env -u "$1" BLUEZONE_ENVIRONMENT="$ENVIRONMENT" "$beside/bluezone-report" --with-environment printenv "$1" 2>/dev/null || true; }
clone_is_there() { [ -e "$HOME_FOLDER/manage.py" ]; }
clone() { git -c safe.directory='*' clone --quiet "$here" "$HOME_FOLDER"; }
REQUIREMENTS=$HOME_FOLDER/deploy/requirements.txt
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
command_is_there() { cmp -s "$HOME_FOLDER/deploy/bluezone-report" "$COMMAND"; }
make_command() { install -m 755 "$HOME_FOLDER/deploy/bluezone-report" "$COMMAND"; }
# The database: a role for the system user, without a password.

database_answers() { as_postgres psql -tAc 'SELECT 1'; }
start_database() { systemctl enable --now postgresql; sleep 2; }
database_is_there() { [ "$(as_postgres psql -tAc "SELECT count(*) FROM pg_database WHERE datname = 'bluezone'")" = 1 ]; }
make_database() {
    as_postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'bluezone'" | grep -q 1 || as_postgres createuser bluezone
    as_postgres createdb --owner bluezone --encoding UTF8 --locale C.UTF-8 --template template0 bluezone
    # An idle session that holds a lock is ended.
    as_postgres psql -qc "ALTER DATABASE bluezone SET idle_in_transaction_session_timeout = '5min'"
}

# The configuration: written once, never changed here.

configuration_is_there() { [ -s "$ENVIRONMENT" ]; }
environment_works() { cmp -s "$ENVIRONMENT" "$WORKED"; }
keep_environment() { install -D -m 600 "$ENVIRONMENT" "$WORKED"; }
try_environment() { # the server goes on with the environment before until the new one has passed a trial
    if with_environment true && try_release; then
        keep_environment
        if site_is_open; then serve_again || says "The server does not answer yet."; fi
        return 0
    fi
    schema_is_there 2>&1 | tail -n 2 || true # why, if it is the database
    [ -e "$WORKED" ] || die "the server does not start with $ENVIRONMENT"
    install -m 600 "$ENVIRONMENT" "$ENVIRONMENT.refused"
    install -o root -g bluezone -m 640 "$WORKED" "$ENVIRONMENT.new" && mv "$ENVIRONMENT.new" "$ENVIRONMENT"
    die "the server does not start with the changed environment, now $ENVIRONMENT.refused; it goes on with the one before"
}
make_configuration() {
    [ -n "$host" ] || die "--host is missing: the name of the site"
    local secret; secret=$(openssl rand -base64 60 | tr -d '\n=+/')
    (umask 027; sed -e "s|^SECRET_KEY=.*|SECRET_KEY=$secret|" -e "s|bluezone.example.vn|$host|" \
        -e "s|^OPERATOR_MAIL=.*|OPERATOR_MAIL=${mail:-root}|" "$HOME_FOLDER/deploy/env.example" >"$ENVIRONMENT.new")
    [ -n "$nginx" ] || sed -i '/^PROXY_CONFIGURATION=/d; /^TRUST_REQUEST_START=/d' "$ENVIRONMENT.new"
    chown root:bluezone "$ENVIRONMENT.new"; chmod 640 "$ENVIRONMENT.new"
    mv "$ENVIRONMENT.new" "$ENVIRONMENT"
    [ -n "$postgresql" ] || die "now write DATABASE_URL of your database into $ENVIRONMENT, then run it again"
}
signers_are_there() { cmp -s "$signers" "$SIGNERS"; }
put_signers() { install -D -m 644 "$signers" "$SIGNERS"; }
network_text() { printf '[Socket]\nListenStream=%s\nFreeBind=yes\n' "$second"; }
network_is_there() { network_text | cmp -s - "$NETWORK"; }
make_network() { install -d "$(dirname "$NETWORK")"; network_text >"$NETWORK"; systemctl daemon-reload; }
known_host() { local hosts; hosts=$(setting ALLOWED_HOSTS); hosts=${hosts%%,*}; echo "${hosts:-$host}"; }
schema_is_there() { manage migrate --check; }
migrate() { manage check >/dev/null && manage migrate --verbosity 0; }
in_clone() { git -c safe.directory='*' -C "$HOME_FOLDER" "$@"; }
collected_release() { in_clone rev-parse HEAD; }
release_name() { # as in /healthz: version and commit
    echo "$(sed -n 's/^version = "\(.*\)"$/\1/p' "$HOME_FOLDER/pyproject.toml")+$(collected_release | cut -c 1-7)"
}
files_are_collected() { [ -s "$HOME_FOLDER/staticfiles/.release" ] && [ "$(cat "$HOME_FOLDER/staticfiles/.release")" = "$(collected_release)" ]; }
collect_files() {
    (cd "$HOME_FOLDER"
        .venv/bin/python -m compileall -q bluezone_report reporting
        with_environment .venv/bin/python manage.py compilemessages
        with_environment .venv/bin/python manage.py collectstatic --noinput --verbosity 0)
    collected_release >"$HOME_FOLDER/staticfiles/.release"
    chmod -R a+rX "$HOME_FOLDER/staticfiles"
}

# The server and its proxy.

unit_files() { (cd "$here/deploy/systemd" && ls -- *.service *.timer *.socket); }
started_units() { # timers run only on the first server
    unit_files | grep -E '^bluezone-report\.(service|socket)$'
    [ -n "$second" ] || unit_files | grep '\.timer$'
    [ -z "$nginx" ] || printf '%s\n' bluezone-limits.service nginx.service
}
unit_places() { # each file, and where systemd reads it
    local name
    for name in $(unit_files); do echo "$name $UNITS/$name"; done
    for name in bluezone-report bluezone-report-; do echo "sandbox.conf $UNITS/$name.service.d/sandbox.conf"; done
    [ -z "$postgresql" ] || echo "postgresql.conf $POSTGRESQL"
}
units_are_there() {
    unit_places | while read -r name place; do cmp -s "$HOME_FOLDER/deploy/systemd/$name" "$place" || return 1; done
}
put_units() {
    unit_places | while read -r name place; do install -D -m 644 "$HOME_FOLDER/deploy/systemd/$name" "$place"; done
    systemctl daemon-reload
}
copy_text() { # the second folder that the nightly backup may write to
    local folder; folder=$(setting BACKUP_COPY)
    [ -z "$folder" ] || printf '[Service]\nReadWritePaths=-%s\n' "$folder"
}
copy_is_there() { if [ -n "$(copy_text)" ]; then copy_text | cmp -s - "$COPY"; else [ ! -e "$COPY" ]; fi; }
put_copy() {
    rm -f "$COPY"
    if [ -n "$(copy_text)" ]; then install -d "$(dirname "$COPY")"; copy_text >"$COPY"; fi
    systemctl daemon-reload
}
certificate_is_there() {
    [ -s "$PAIR/fullchain.pem" ] && [ -s "$PAIR/privkey.pem" ] || return 1
    [ -z "$certificate" ] || { cmp -s "$certificate" "$PAIR/fullchain.pem" && cmp -s "$key" "$PAIR/privkey.pem"; }
}
public_key() { openssl "$@" -passin pass: 2>/dev/null; }
check_certificate() { # before anything is changed
    local of_key begins; of_key=$(public_key pkey -in "$key" -pubout) || die "no private key without a password: $key"
    [ "$(public_key x509 -in "$certificate" -noout -pubkey)" = "$of_key" ] || die "not a pair: $certificate and $key"
    begins=$(date -d "$(openssl x509 -in "$certificate" -noout -startdate | cut -d = -f 2)" +%s)
    [ "$begins" -le "$(date +%s)" ] && openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null ||
        die "not valid today: $certificate ($(openssl x509 -in "$certificate" -noout -dates | tr '\n' ' '))"
    openssl x509 -in "$certificate" -noout -checkhost "$(known_host)" | grep -q 'does match' ||
        die "not for $(known_host): $certificate"
}
put_certificate() {
    local before new
    [ -z "$certificate" ] || check_certificate
    install -d -m 755 "$TLS"
    if [ -z "$certificate" ] && [ -s "$TLS/fullchain.pem" ] && [ -s "$TLS/privkey.pem" ]; then ln -sfn . "$PAIR"; return; fi
    before=$(readlink "$PAIR" || true) new=$(date --utc +%Y%m%dT%H%M%S.%NZ)
    install -d -m 755 "$TLS/$new"
    if [ -n "$certificate" ]; then
        install -m 644 "$certificate" "$TLS/$new/fullchain.pem"; install -m 600 "$key" "$TLS/$new/privkey.pem"
    else
        says "  It is self-signed: browsers do not trust it. Run again with --certificate and --key."
        (umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$(known_host)" \
            -addext "subjectAltName=DNS:$(known_host)" -keyout "$TLS/$new/privkey.pem" -out "$TLS/$new/fullchain.pem" 2>/dev/null)
        chmod a+r "$TLS/$new/fullchain.pem"
    fi
    sync "$TLS/$new"/*
    link_pair "$new"
    if [ -e "$ENABLED" ] && ! nginx -t -q; then
        [ -z "$before" ] || link_pair "$before"
        die "nginx does not take it: nothing was changed"
    fi
}
link_pair() { ln -sfn "$1" "$PAIR.new" && mv -T "$PAIR.new" "$PAIR" && sync "$TLS"; }
fingerprint() { openssl x509 -noout -fingerprint -sha256 2>/dev/null; }
certificate_is_served() {
    [ "$(openssl s_client -connect 127.0.0.1:443 -servername "$(known_host)" </dev/null 2>/dev/null | fingerprint)" = "$(fingerprint <"$PAIR/fullchain.pem")" ]
}
serve_certificate() { nginx -t -q && systemctl reload-or-restart nginx && sleep 1; }
nginx_site_text() {
    local newer=() # nginx 1.25 and later warn about "listen ... http2"; earlier ones know nothing else
    if nginx -v 2>&1 | grep -qE '/1\.(2[5-9]|[3-9][0-9])'; then newer=(-e 's/ ssl http2;/ ssl;/' -e 's/^    ssl_protocols/    http2 on;\n&/'); fi
    sed -e "s/bluezone\.example\.vn/$(known_host)/" "${newer[@]}" "$HOME_FOLDER/deploy/nginx.conf"
}
nginx_site_is_there() { nginx_site_text | cmp -s - "$SITE" && [ "$(readlink "$ENABLED")" = "$SITE" ]; }
put_nginx_site() { nginx_site_text >"$SITE"; ln -sfn "$SITE" "$ENABLED"; nginx -t -q; systemctl reload-or-restart nginx; }
nginx_has_room() { grep -q '^worker_rlimit_nofile 16384;' "$ROOM" && grep -q 'worker_connections 8192;' /etc/nginx/nginx.conf; }
give_nginx_room() {
    echo 'worker_rlimit_nofile 16384;' >"$ROOM"
    sed -i 's/worker_connections [0-9]*;/worker_connections 8192;/' /etc/nginx/nginx.conf
    systemctl reload-or-restart nginx
}
units_are_started() { local name; for name in $(started_units); do systemctl is-enabled -q "$name" && systemctl is-active -q "$name" || return 1; done; }
start_units() {
    started_units | xargs systemctl enable -q bluezone-resume
    started_units | xargs systemctl start # it names a unit that fails
    [ -z "$nginx" ] || systemctl reload bluezone-limits
}

# Closing the site. While it is closed nothing of the product runs, so a backup has every acknowledged report.

site_is_open() { [ ! -e "$CLOSED" ]; }
close_site() { # why
    install -d "$(dirname "$CLOSED")"
    echo "$1" >"$CLOSED"
    systemctl stop bluezone-report.socket 'bluezone-report-*.timer' # first what starts services
    systemctl stop bluezone-report.service 'bluezone-report-*.service' # open requests are answered first
    [ -z "$(systemctl list-units --plain --no-legend --state=active,activating,deactivating,reloading 'bluezone-report*')" ]
}
open_site() { # never without a trial that passed
    try_release || die "the release does not work, and the site stays closed: journalctl; then install.sh again"
    rm -f "$CLOSED"
    systemctl restart bluezone-report.service && start_units && wait_until_healthy
}
try_release() { # while the site is closed, at its own socket: a release that fails here is never opened
    local socket=$STATE/trial.sock pid at_most=$((SECONDS + 60)) code=1
    ( # without the lock of this script, and not for ever, even if this script is killed
        cd "$HOME_FOLDER"
        STATE_DIRECTORY=$STATE HOME=$STATE exec "$beside/bluezone-report" --with-environment \
            setpriv --reuid=bluezone --regid=bluezone --init-groups --no-new-privs --pdeathsig TERM \
            timeout 90 .venv/bin/gunicorn --config deploy/gunicorn.conf.py --workers 1 --bind "unix:$socket" bluezone_report.wsgi
    ) 9>&- &
    pid=$!
    while [ $SECONDS -lt $at_most ] && kill -0 "$pid" 2>/dev/null; do
        if says_release --unix-socket "$socket" "http://$(known_host)/healthz"; then
            curl --silent --fail --output /dev/null --max-time 20 --header "Host: $(known_host)" --header 'X-Forwarded-Proto: https' \
                --unix-socket "$socket" "http://$(known_host)/accounts/login/" && code=0
            break
        fi
        sleep 1
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
    return $code
}
health_address() { if [ -n "$nginx" ]; then echo "https://$(known_host)/healthz"; else echo "http://${second:-$(known_host)}/healthz"; fi; }
says_release() { # options of curl; fails if another release answers than the one installed here
    curl --silent --fail --insecure --max-time 10 --header "Host: $(known_host)" "$@" | grep -qxF "$(release_name)"
}
is_healthy() { # through nginx; else at the second server's address, or at the socket that your proxy asks
    if [ -n "$nginx$second" ]; then says_release --resolve "$(known_host):443:127.0.0.1" "$(health_address)"
    else says_release --unix-socket /run/bluezone-report.sock "$(health_address)"; fi
}
serve_again() { systemctl restart bluezone-report.service; wait_until_healthy; }
wait_until_healthy() { local at_most=$((SECONDS + 60)); until is_healthy; do [ $SECONDS -lt $at_most ] || return 1; sleep 1; done; }

tell_operator() { # whether a mail about a failure arrives; `status` remembers it
    systemctl reset-failed bluezone-failed@test 2>/dev/null || true
    systemctl start bluezone-failed@test || says "No mail reaches the operator: set EMAIL_URL in $ENVIRONMENT or install a mail server with sendmail."
}

install_all() {
    step "remember in $SWITCHES: $(switches | tr '\n' ' ')" switches_are_there keep_switches
    step "install packages: $(packages_missing | tr '\n' ' ')" packages_are_there install_packages
    step "keep the clock by NTP (systemd-timesyncd)" clock_is_kept keep_clock
    step "make the system user bluezone" user_is_there make_user
    step "make $STATE" state_is_there make_state
    step "clone into $HOME_FOLDER" clone_is_there clone
    step "make the virtual environment from deploy/requirements.txt, checking digests" environment_is_there make_environment
    step "make the command $COMMAND" command_is_there make_command
    if [ -e "$WORKED" ]; then step "try the changed $ENVIRONMENT, then use it" environment_works try_environment; fi
    if [ -n "$postgresql" ]; then
        step "start PostgreSQL" database_answers start_database
        step "make the role and the database bluezone" database_is_there make_database
    fi
    step "make $ENVIRONMENT with a new key" configuration_is_there make_configuration
    if [ -n "$signers" ]; then step "write $SIGNERS, who may sign a release" signers_are_there put_signers; fi
    step "check, and migrate the database" schema_is_there migrate
    step "collect the static files" files_are_collected collect_files
    step "install the systemd units" units_are_there put_units
    step "let the backup write to BACKUP_COPY of $ENVIRONMENT" copy_is_there put_copy
    if [ -n "$second" ]; then step "listen at $second" network_is_there make_network; fi
    if [ -n "$nginx" ]; then
        step "install the certificate in $TLS" certificate_is_there put_certificate
        step "let nginx have 8,192 connections" nginx_has_room give_nginx_room
        step "install the nginx site" nginx_site_is_there put_nginx_site
    fi
    step "open the site" site_is_open open_site
    step "start the server, its socket and its timers" units_are_started start_units
    [ -z "$nginx" ] || step "let nginx use the certificate" certificate_is_served serve_certificate
    step "check that $(health_address) names this release" is_healthy serve_again
    step "remember $ENVIRONMENT, which works" environment_works keep_environment
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
    packages_are_there || install_packages
    if [ -n "$nginx" ]; then
        give_nginx_room
        certificate_is_there || put_certificate
        put_nginx_site
    fi
    open_site
    keep_environment
}
turn_to() { # commit
    in_clone checkout --quiet --detach "$1" && bash "$HOME_FOLDER/deploy/install.sh" --apply
}
may_migrate() { # no server of the old release may run during a migration
    is_alone || [ -n "${OTHERS_STOPPED:-}" ] || schema_is_there ||
        die "this release migrates the database: stop the other servers, then add --others-stopped"
}
is_alone() { [ -z "$second" ] && [ -z "$(ls -A "$OTHERS" 2>/dev/null)" ]; }
schema() { # of the database, whatever this release knows of it
    manage dbshell -- -tAc "SELECT md5(string_agg(app || name, ' ' ORDER BY id)) FROM django_migrations" 2>/dev/null
}
lacks() { # commit: prints the first migration of the database after the last one that it has or replaces
    local name lacking=""
    for name in $(manage dbshell -- -tAc "SELECT name FROM django_migrations WHERE app = 'reporting' ORDER BY id"); do
        if in_clone cat-file -e "$1:reporting/migrations/$name.py" 2>/dev/null || in_clone grep -qwF "$name" "$1" -- reporting/migrations
        then lacking=""; else lacking=${lacking:-$name}; fi
    done
    echo "$lacking"
}
newest_release() { in_clone tag --list 'v[0-9]*' --sort=-v:refname | grep -v -- - | head -n 1; }
is_signed() { # tag: by somebody in $SIGNERS, and under this very name
    in_clone -c gpg.format=ssh -c gpg.ssh.allowedSignersFile="$SIGNERS" verify-tag "$1" >/dev/null 2>&1 &&
        [ "$(in_clone cat-file tag "$1" | sed -n 's/^tag //p')" = "$1" ]
}

# The journal.

note() { # name=value...; the last one counts. A power cut leaves the old text or the new one
    { cat "$TRANSACTION" 2>/dev/null || true; printf '%s\n' "$@"; } >"$TRANSACTION.new"
    sync "$TRANSACTION.new"
    mv "$TRANSACTION.new" "$TRANSACTION"
    sync "$(dirname "$TRANSACTION")"
}
noted() { sed -n "s/^$1=//p" "$TRANSACTION" | tail -n 1; }
is_under_way() { [ -e "$TRANSACTION" ]; }
begin() { # what, commit, backup to restore, options of restore
    local schema; schema=$(schema) && [ -n "$schema" ] || die "the database does not answer; nothing was changed"
    install -D -m 755 -t "$(dirname "$DRIVER")" "$beside/install.sh" "$beside/bluezone-report"
    note "what=$1" "from=$(in_clone rev-parse HEAD)" "to=$2" "file=$3" "options=$4" "schema=$schema" "step=begin"
}
end() { rm -f "$TRANSACTION" && rm -rf "$DRIVER" "$STATE/restore" /run/bluezone-identity; }
finish() { # from any step
    local began=$SECONDS at_most=$((SECONDS + 120))
    until schema >/dev/null || [ $SECONDS -ge $at_most ]; do sleep 1; done # at boot
    if [ -n "$(noted backup)" ] && site_is_open; then # it was opened, after its trial
        if wait_until_healthy; then says "- $(noted what): it was done"; end; return 0; fi
        note way=back lose=nothing
    fi
    note "step=close"
    close_site "$(noted what) is under way; deploy/install.sh finishes it" && keep_backup || note way=back
    if [ "$(noted way)" != back ]; then
        if forward; then
            says "- $(noted what): done; the site was closed for $((SECONDS - began)) s"
            [ -z "$(noted file)" ] || says "  Who must send again: bluezone-report went_back $(noted backup).ledger"
            end; return 0
        fi
        says "install.sh: it does not work: going back" >&2
        ! site_is_open || note lose=nothing
        note way=back
    fi
    go_back
}
keep_backup() {
    local made; made=$(noted backup)
    if [ -n "$made" ]; then return 0; fi
    note "step=back up"
    made=$(manage backup --plain "$STATE/before" | sed -n '1,/SHA-256/s/^\(\/[^:]*bluezone-[^:]*\): .*/\1/p') && [ -n "$made" ] || return 1
    note "backup=$made"
    says "- backup: $made"
}
put_back() { # the site is closed: what this machine still does in the database was left by a killed run
    manage dbshell -- -qAtc "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename =
        current_user AND pid <> pg_backend_pid() AND client_addr IS NOT DISTINCT FROM inet_client_addr()" >/dev/null 2>&1 || true
    manage restore "$@"
}
forward() {
    if [ -n "$(noted file)" ] && [ -z "$(noted lose)" ]; then
        note "step=restore"
        # shellcheck disable=SC2046
        put_back "$(noted file)" $(noted options) || return 1
    fi
    note "step=turn to $(noted to)"
    turn_to "$(noted to)"
}
go_back() {
    # Reports sent since the site was opened are not in the backup: without --over `restore` refuses to lose them. It
    # also refuses while another server uses the database.
    local lose=--over backup; backup=$(noted backup)
    [ -z "$(noted lose)" ] || lose=""
    site_is_open && close_site "going back" || true
    note "step=go back"
    in_clone checkout --quiet --detach "$(noted from)"
    make_environment
    if [ -z "$backup" ]; then says "- no backup was made: nothing was changed"
    elif [ -z "$(noted file)" ] && [ "$(schema)" = "$(noted schema)" ]; then says "- no migration was applied: the database is unchanged"
    elif ! put_back "$backup" $lose; then
        note way=forward # only the changed database has all reports
        die "the database was not restored, and the site is closed. Next: docs/operating.md, \"An upgrade that fails\", then install.sh; the backup is $backup"
    fi
    turn_to "$(noted from)" || die "the release before does not work either, and the site is closed: see above, then run install.sh; the backup is $backup"
    end
    die "went back to $(in_clone log -1 --format='%h %s')${backup:+; the backup is $backup}"
}
restore() { # takes the file in, so that the product may read it, with the two beside it
    local plain=${restored%.age} options=$over
    [ -r "$restored" ] && [ -r "$plain.ledger" ] && [ -r "$plain.sha256" ] || die "not readable: $restored, $plain.ledger, $plain.sha256"
    changes=1
    if [ -n "$dry" ]; then says "would: close the site, back up, restore $restored, try it, open; go back if that fails"; return 0; fi
    rm -rf "$STATE/restore"
    install -d -o bluezone -g bluezone -m 700 "$STATE/restore"
    install -o bluezone -g bluezone -m 600 "$restored" "$plain.ledger" "$plain.sha256" "$STATE/restore"
    if [ -n "$identity" ]; then # in memory only
        install -o bluezone -g bluezone -m 600 "$identity" /run/bluezone-identity
        options="$options --identity /run/bluezone-identity"
    fi
    begin "a restore of ${restored##*/}" "${1:-$(in_clone rev-parse HEAD)}" "$STATE/restore/${restored##*/}" "$options"
    finish
}
upgrade() {
    local old new wanted lacking
    clone_is_there && configuration_is_there || die "nothing is installed yet"
    site_is_open || die "the site is closed ($(cat "$CLOSED")): run install.sh without --upgrade to open it"
    in_clone fetch --quiet --tags origin
    wanted=${release:-$(newest_release)}
    old=$(in_clone rev-parse HEAD)
    new=$(in_clone rev-parse --verify --quiet "$wanted^{commit}") || die "no such release: ${release:-none has a tag yet}"
    if [ "$old" = "$new" ]; then says "already installed: $new"; return 0; fi
    if [ -z "$release" ] && in_clone merge-base --is-ancestor "$new" "$old"; then
        says "already newer than the newest release, $(newest_release)"; return 0
    fi
    is_signed "$wanted" || { [ -n "$release" ] && [ -n "$unsigned" ]; } ||
        die "$wanted is not signed by anybody in $SIGNERS. If you know who made it: --upgrade $wanted --unsigned"
    lacking=$(lacks "$new")
    [ -z "$lacking" ] || [ -n "$restored" ] ||
        die "$wanted is older than the database: it lacks $lacking. To go back add: --restore BACKUP"
    changes=1
    says "from $(in_clone log -1 --format='%h %s' "$old")"
    says "to   $(in_clone log -1 --format='%h %s' "$new")"
    if [ -n "$dry" ]; then says "would: close the site, back up, migrate, collect, test, open; go back if that fails"; return 0; fi
    in_clone show "$new:deploy/requirements.txt" >"$HOME_FOLDER/.venvs/requirements.txt"
    fill_environment "$HOME_FOLDER/.venvs/requirements.txt" || die "its packages cannot be installed; nothing was changed"
    if [ -n "$restored" ]; then restore "$new"; return; fi
    begin "an upgrade to $wanted" "$new" "" ""
    finish
}

if [ -n "$certificate$key" ]; then
    [ -n "$nginx" ] || die "without nginx the certificate is your proxy's"
    [ -r "$certificate" ] && [ -r "$key" ] || die "--certificate and --key must both be readable files"
fi
if [ "$upgrade" = apply ]; then
    apply
    exit
fi
exec 9>/run/lock/bluezone-install
if [ -n "$certificate" ] && { is_under_way || ! site_is_open || ! flock -n 9; }; then # it must not open what is closed
    step "install the certificate in $TLS" certificate_is_there put_certificate
    step "let nginx use the certificate" certificate_is_served serve_certificate
    says "The site is closed or install.sh is at work, so nothing else was done."
    exit
fi
flock -w 600 9 || die "another install.sh is at work"
if is_under_way; then
    if [ "${BASH_SOURCE[0]}" != "$DRIVER" ] && [ -e "$DRIVER" ]; then exec bash "$DRIVER" "$@"; fi
    says "- $(noted what) was interrupted (step: $(noted step))"
    [ -z "$dry" ] || { says "would: finish it, or go back"; exit; }
    finish
    [ -n "$resume" ] || [ -z "$asked" ] || says "Run again for: $asked"
    exit
fi
if [ -n "$resume" ]; then
    [ ! -e "$WORKED" ] || environment_works || try_environment
    exit
elif [ -n "$upgrade" ]; then
    upgrade
elif [ -n "$restored" ]; then
    restore
elif [ -n "$close" ]; then
    close_site "closed by hand" || die "a part of the product still runs"
    says "The site is closed. install.sh opens it."
    exit
else
    [ -z "$second" ] || [ -s "$ENVIRONMENT" ] || die "copy the first server's $ENVIRONMENT here first: docs/operating.md"
    [ -n "$host" ] || [ -s "$ENVIRONMENT" ] || die "--host is missing: the name of the site"
    install_all
    [ -n "$dry" ] || manage check --deploy --fail-level WARNING
fi
if [ "$changes" = 0 ]; then says "Nothing to change."; elif [ -z "$dry" ] && [ -z "$upgrade$restored" ]; then
    tell_operator
    [ -n "$second" ] || says "Next: bluezone-report first_steps"
fi
