"""Settings. The environment sets all that differs between machines; docs/operating.md lists its variables."""

import tomllib
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from bluezone_report.logs import as_a_warning

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# A release also names its commit. deploy/install.sh stores it beside the collected files, and an upgrade looks for it.
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
_commit = BASE_DIR / "staticfiles" / ".release"
RELEASE = f"{VERSION}+{_commit.read_text(encoding='ascii')[:7]}" if _commit.exists() else VERSION

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
DRILL = env.bool("DRILL", default=False)  # a restored copy: every page says so, and it sends nothing
DEMO_PASSWORD = "bluezone-demo"  # noqa: S105 - printed at the start: a demonstration has no secrets
DEMO_OFFSET = env.float("DEMO_OFFSET", default=0.0)  # seconds added to the real time
TRUST_REQUEST_START = env.bool("TRUST_REQUEST_START", default=False)
BODY_LONGEST = 6 * 1024**2  # bytes; longer bodies are not read
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024  # bytes of a form's fields; reorganisations are longest
BODY_AT_MOST = env.float("BODY_AT_MOST", default=60)  # seconds to read a body
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # number of our proxies that set X-Forwarded-For
# Gunicorn reads the same variable. A peer that is not in it may send no header of a proxy.
FORWARDED_ALLOW_IPS = env.list("FORWARDED_ALLOW_IPS", default=["127.0.0.1", "::1"])
PROXY_CONFIGURATION = env.str("PROXY_CONFIGURATION", default="")  # the proxy's file; it names the certificate

SECRET_KEY = env.str("SECRET_KEY", default="only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it to a long random text, or DEBUG=1 for development.")
if DEMO_OFFSET and not DEMO:
    raise ImproperlyConfigured("DEMO_OFFSET moves the clock and is refused outside a demonstration (DEMO=1).")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS))

INSTALLED_APPS = [
    "reporting",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_tables2",
]

MIDDLEWARE = [
    "reporting.middleware.requests.EdgeMiddleware",  # first: it notes the time of arrival
    "reporting.middleware.requests.KnownRequestsMiddleware",
    "reporting.middleware.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # safe: no page repeats a secret, as CSRF tokens are masked each time
    "csp.middleware.CSPMiddleware",
    "reporting.middleware.requests.read_once",  # before the session and the account are read
    "django.contrib.sessions.middleware.SessionMiddleware",
    "reporting.middleware.requests.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "reporting.middleware.gate.GateMiddleware",
    "reporting.middleware.sessions.current_site",  # the names of the site
    "django.contrib.messages.middleware.MessageMiddleware",
    "reporting.middleware.sessions.PersonMiddleware",
    "reporting.middleware.sessions.FirstStepsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "reporting.middleware.requests.LimitsMiddleware",
]

ROOT_URLCONF = "bluezone_report.urls"
WSGI_APPLICATION = "bluezone_report.wsgi.application"

LOADERS = ["bluezone_report.templates.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reporting.context_processors.product",
            ],
        },
    },
]

# Database: PostgreSQL in production, SQLite in development. Production has no default: nobody would notice that reports
# go into an empty SQLite file.

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}" if DEBUG else "")
NO_DATABASE = "" if DATABASE_URL else "DATABASE_URL is not set. Set it to postgres://..., or DEBUG=1 for development."
DATABASES = {"default": env.db_url_config(DATABASE_URL) if DATABASE_URL else {"ENGINE": "django.db.backends.dummy"}}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # takes the write lock at the start, so a reader never has to
        "timeout": env.int("LOCK_TIMEOUT", default=20),
        # FULL: a receipt survives a power cut. recursive_triggers: REPLACE fires the append-only triggers too.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
elif DATABASE_URL:
    # Seconds until a request gives up with the page 503; 0 uses the role's own limit.
    TIMEOUTS = {
        "lock_timeout": env.int("LOCK_TIMEOUT", default=5),
        "statement_timeout": env.int("STATEMENT_TIMEOUT", default=30),
        "idle_in_transaction_session_timeout": env.int("IDLE_IN_TRANSACTION_TIMEOUT", default=60),
    }
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    # Compiling (jit) costs a third of the database's time for a country's board; it saves less.
    session = " ".join(["-c jit=off", *(f"-c {name}={seconds}s" for name, seconds in TIMEOUTS.items() if seconds)])
    DATABASES["default"]["OPTIONS"].setdefault("options", session)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People.

AUTH_USER_MODEL = "reporting.User"
AUTHENTICATION_BACKENDS = ["reporting.people.backends.OfficeBackend"]
PASSWORD_HASHERS = ["reporting.people.passwords.GatedHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "first_name", "last_name", "email", "phone"]},
    },
    {"NAME": "reporting.people.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "reporting.people.passwords.LettersValidator"},
    {"NAME": "reporting.people.passwords.BreachedValidator"},
    {"NAME": "reporting.people.passwords.LocalWordsValidator"},
]
LOGIN_REDIRECT_URL = "reporting:home"
LOGOUT_REDIRECT_URL = "login"
SESSION_LASTS = timedelta(hours=12)  # from signing in: a working day
SESSION_COOKIE_AGE = int(SESSION_LASTS.total_seconds())
IDLE_LASTS = timedelta(hours=1)  # for accounts of the city and administrators
PASSWORD_SERVES = timedelta(minutes=15)  # then important acts ask for the password again
SESSION_ENGINE = "reporting.people.sessions"  # stores the keys hashed
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reporting.views.errors.csrf_failure"

# The folder that workers use to take turns at expensive work (`reporting.gate`). Without it each takes its own.
GATE_FOLDER = env.str("GATE_FOLDER", default="")

# Requests of one token a minute: enough to mirror a city; stops a loop by mistake.
TOKEN_REQUESTS_PER_MINUTE = env.int("TOKEN_REQUESTS_PER_MINUTE", default=120)  # 0: no limit

# `manage.py deliver` sends the mails, but not without EMAIL_URL or in a drill.

MAILS = "EMAIL_URL" in env and not DRILL
if MAILS:
    vars().update(env.email_url("EMAIL_URL"))  # smtp+tls://user:password@host:587
elif DRILL:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="bluezone@localhost")
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
SITE_ADDRESS = next(iter(CSRF_TRUSTED_ORIGINS), "")  # for links in mails

# The second factor: anybody may use it. It can be required of city accounts and administrators, or of all.

SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
SECOND_FACTOR_REQUIRED_OF_ALL = env.bool("SECOND_FACTOR_REQUIRED_OF_ALL", default=False)
OTP_TOTP_SYNC = False  # accepts one step early or late, without remembering drift

SECURE_REFERRER_POLICY = "same-origin"  # the CSRF check needs the referrer on this host

# https. Gunicorn reads X-Forwarded-Proto from a proxy in FORWARDED_ALLOW_IPS (by default one on this machine).
# A browser accepts a __Host- cookie only if it is secure and this host set it.

if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^api/v1/"]  # a local supervisor; the API refuses tokens over http
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the domain's owner decides on preloading
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGE_STORAGE = "bluezone_report.messages.HostStorage"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# It has the form of Django 6's own setting, so that it can replace django-csp.
SECURE_CSP = {
    **{name: [NONE] for name in ("default-src", "object-src", "base-uri", "frame-ancestors")},
    **{name: [SELF] for name in ("script-src", "style-src", "font-src", "connect-src", "manifest-src", "worker-src")},
    "img-src": [SELF, "data:"],
    "form-action": [SELF],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": SECURE_CSP}

# Language and time. USE_THOUSAND_SEPARATOR stays off (it would put dots in ids); use the filter `number`.

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "reporting" / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"

# systemd names the folder of backups, ledger and results of nightly jobs. The rest: what /readyz checks.

STATE_FOLDER = Path(folder) if (folder := env.str("STATE_DIRECTORY", default="")) else None
BACKUP_COPY = Path(folder) if (folder := env.str("BACKUP_COPY", default="")) else None  # a second place
BACKUP_KEY = env.str("BACKUP_KEY", default="")  # a recipient of age
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=35)
FREE_AT_LEAST = env.int("FREE_AT_LEAST", default=1024)  # MiB on the disks of database, state and /tmp
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # opens /metrics and /readyz to another machine

# Static files.

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "bluezone_report.static_files.JoinedStaticFilesStorage"
    },
}

DJANGO_TABLES2_TEMPLATE = "reporting/_table.html"
READ_FILES_APART = True  # uploads are read in their own process: `reporting.files.separate_process`

# The operator gets a mail with the log entry of errors.

ADMINS = [("", address)] if (address := env.str("OPERATOR_MAIL", default="")) and not DRILL else []
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[bluezone_report] "
MAIL = {"mail": {"class": "bluezone_report.logs.OperatorMail", "formatter": "line", "level": "ERROR"}} if ADMINS else {}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "bluezone_report.logs.LineFormatter"},
        "journal": {"()": "bluezone_report.logs.JournalFormatter"},
    },
    "filters": {"as_a_warning": {"()": lambda: as_a_warning}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "journal"}, **MAIL},
    "root": {"handlers": ["console", *MAIL], "level": "WARNING"},
    "loggers": {
        "django": {"level": "INFO"},  # not Django's own mail to ADMINS: it quotes the form's fields
        "django.security.DisallowedHost": {"filters": ["as_a_warning"]},
        "reporting.access": {"level": "WARNING" if DEMO else "INFO"},  # a demonstration's terminal stays quiet
    },
}
