# shellcheck shell=bash disable=SC2034 # variables of the scripts that source it
# Sourced by try-install and try-kills: an empty Debian with its own systemd, officers who report, signed releases.
# It needs root, debootstrap and systemd-nspawn, and uses the ports 80, 443, 5432 and 8000.
for program in debootstrap systemd-nspawn; do
    command -v "$program" >/dev/null || { echo "It needs $program." >&2; exit 69; }
done
suite=${1:-trixie}
root=$(mktemp -d /tmp/bluezone-root.XXXXXX)
chmod 755 "$root" # its users must be able to enter it
host=bluezone.test PWD_INSIDE=/opt/bluezone-report
install=$PWD_INSIDE/deploy/install.sh
machines=() leaders=() leader="" trees=()
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -w "$tree/cgroup.procs" ]; then trees+=("$tree"); fi
done
step() { printf '\n== %s   (at %d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }
leave() {
    for leader in "${leaders[@]}"; do inside systemctl poweroff 2>/dev/null || true; done
    for machine in "${machines[@]}"; do wait "$machine" || true; clear_groups "$machine"; done
    jobs -p | xargs -r kill 2>/dev/null || true
    rm -rf --one-file-system "$root" "$root".*
}
trap leave EXIT
trap 'echo "failed: line $LINENO: $BASH_COMMAND" >&2' ERR
clear_groups() { for tree in "${trees[@]}"; do find "$tree/bluezone-$1" -depth -type d -exec rmdir {} + 2>/dev/null || true; done; }
boot() { # folder; from now on `inside` runs there
    (
        for tree in "${trees[@]}"; do # each systemd needs its own
            mkdir "$tree/bluezone-$BASHPID"
            echo "$BASHPID" >"$tree/bluezone-$BASHPID/cgroup.procs"
        done
        # CAP_NET_ADMIN is for deploy/limits.nft: its table ignores loopback and goes with the machine
        exec systemd-nspawn --quiet --directory="$1" --register=no --keep-unit --capability=CAP_NET_ADMIN --boot
    ) </dev/null >"$root.log" 2>&1 &
    machines+=("$!")
    for _ in $(seq 60); do
        leader=$(pgrep -P "${machines[-1]}" | head -n 1 || true)
        if [ -n "$leader" ] && inside systemctl show --property=Version >/dev/null 2>&1; then break; fi
        sleep 1
    done
    leaders+=("$leader")
}
booted() { inside systemctl is-system-running --wait >/dev/null 2>&1 || true; } # also if a unit has failed
power_cut() { # and the machine boots again
    kill -9 "$leader"
    wait "${machines[-1]}" 2>/dev/null || true
    clear_groups "${machines[-1]}"
    unset "machines[-1]" "leaders[-1]"
    boot "$root"
}
inside() {
    nsenter -t "$leader" -m -u -i -p -C /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$@"
}
asked() { inside curl --silent --fail --insecure --max-time 10 --resolve "$host:443:127.0.0.1" "https://$host$1"; }
in_source() {
    git -C "$root/srv/bluezone-report" -c user.name=x -c user.email=x@x -c gpg.format=ssh -c user.signingkey="$root.key" "$@"
}
release() { # name, message: commits the changes in the source, and signs them as a release
    in_source add --all && in_source commit --quiet --allow-empty -m "$2" && in_source tag -s "$1" -m "$2"
}
migration() { # an operation, a name: adds a migration with it after the last one
    local last; last=$(cd "$root/srv/bluezone-report/reporting/migrations" && basename "$(find . -name '0*.py' -o -name '9*.py' | sort | tail -n 1)" .py)
    printf '%s\n' "from django.db import migrations" "def fail(apps, editor):" "    raise RuntimeError('broken on purpose')" \
        "class Migration(migrations.Migration):" "    dependencies = [('reporting', '$last')]" \
        "    operations = [migrations.RunSQL('CREATE TABLE ${2:+more}${2:-broken_on_purpose} (id integer)'), $1]" \
        >"$root/srv/bluezone-report/reporting/migrations/${2:-9999_broken_on_purpose}.py"
}
running() { pgrep --ns "$leader" --nslist pid -f "$1"; } # the ids of this machine's processes
compared() { inside python3 /opt/try_report.py compare /opt/receipts; }
as_postgres() { inside runuser -u postgres -- "$@"; }

make_machine() { # an empty Debian with a clone, whose releases are signed
    debootstrap --variant=minbase --include=ca-certificates,git,systemd,systemd-sysv,dbus "$suite" "$root" >/dev/null
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    echo "127.0.0.1 localhost $host" >"$root/etc/hosts"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    git clone --quiet . "$root/srv/bluezone-report"
    ssh-keygen -q -t ed25519 -N '' -f "$root.key"
    echo "release@example.vn namespaces=\"git\" $(cat "$root.key.pub")" >"$root/srv/signers"
}
make_people() { # an order, twenty communes and the island; the hour is extended to midnight
    today=$(TZ=Asia/Ho_Chi_Minh date +%F)
    cp reporting/data/haiphong-2020-units.csv "$root/var/lib/bluezone-report/units.csv"
    printf '%s\n' "Thành phố Hải Phòng" 31 0912345678 Hà city | inside bluezone-report first_steps
    officer=$(openssl rand -hex 12)
    inside bluezone-report shell --no-imports -c "
from datetime import datetime
from pathlib import Path
from django.contrib.auth.hashers import make_password
from reporting import acts, clock, deadline
from reporting.imports.kinds.units import import_units
from reporting.models import Directive, Extension, Unit, User
import_units(Path('units.csv').read_bytes())
order = Directive(number='272/UBND-VX', issuer='UBND', title='Bluezone', issued_on='$today', effective_from='$today', recorded_at=clock.now())
order.full_clean(exclude=['by', 'recorded_at'])
acts.record_setting(order, top=Unit.objects.tops().get())
password = make_password('$officer')
units = [*Unit.objects.filter(level='commune').order_by('code')[:20], Unit.objects.get(code='318')]
User.objects.bulk_create(User(username=unit.code, unit=unit, password=password) for unit in units)
day = deadline.reporting_day(clock.now())
until = datetime(day.year, day.month, day.day, 23, 58, tzinfo=deadline.ZONE)
Extension.objects.create(unit=Unit.objects.sealing().get(), day=day, until=until, reason='x', recorded_at=clock.now())"
    codes=$(as_postgres psql -tAc "SELECT username FROM reporting_user WHERE username ~ '^1'" bluezone)
    cp .ci/try_report.py "$root/opt/try_report.py"
}
send_reports() { # two a second, from outside, so that a power cut does not stop them
    # shellcheck disable=SC2086 # one word for each code
    chroot "$root" env SSL_CERT_FILE="${1:-}" python3 /opt/try_report.py send "$host" "$officer" "$today" /opt/receipts $codes >"$root.traffic" 2>&1 &
    traffic=$!
}
stop_reports() {
    kill "$traffic"
    wait "$traffic" || true
    cat "$root.traffic"
}
