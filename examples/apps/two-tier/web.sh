#!/usr/bin/env bash
# The web tier: Apache serves what is static and hands /app to the application tier (mod_proxy).
# Run once at a server's first start (user data of EC2).
#
# From the architecture: APP_HOST, the internal load balancer of the application tier.
# INSTALL, CONF and DOCS are what Amazon Linux 2023 needs; a test says where else.
set -euo pipefail
INSTALL="${INSTALL-dnf install -y -q httpd}"
START="${START-systemctl enable --now httpd}"
CONF="${CONF-/etc/httpd/conf.d/app.conf}"
DOCS="${DOCS-/var/www/html}"

$INSTALL
mkdir -p "$DOCS"
# Apache's own health: a dead application tier must not take the web tier out of its load balancer too.
printf 'ok\n' >"$DOCS/healthz"
cat >"$DOCS/index.html" <<'HTML'
<!doctype html>
<html lang="en">
<title>Portal</title>
<h1>Portal</h1>
<p><a href="/app/">Orders</a></p>
</html>
HTML

cat >"$CONF" <<CONFIGURATION
ServerTokens Prod
ExtendedStatus On
<Location "/server-status">
    SetHandler server-status
    Require local
</Location>
# Two seconds to find the application tier, thirty for its answer; a failure is not remembered.
ProxyPreserveHost On
ProxyPass "/app" "http://$APP_HOST/app" connectiontimeout=2 timeout=30 retry=0
ProxyPassReverse "/app" "http://$APP_HOST/app"
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D" timed
CONFIGURATION
$START
