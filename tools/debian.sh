#!/usr/bin/env bash
# The Debian packages that tests and benches use as real counterparts: installed when root, otherwise named in one line.
set -eu
packages=(apache2 chromium fonts-noto-cjk iproute2 nginx postgresql prometheus-blackbox-exporter tomcat10 wrk)
missing=()
for p in "${packages[@]}"; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p"); done
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ]; then echo "Tests need these packages: sudo apt-get install -y ${missing[*]}" >&2; exit 1; fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# No service is started: tests start their own, on loopback, in folders of their own.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
