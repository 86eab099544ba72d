#!/bin/bash
# A Jenkins host, as user data of Amazon Linux 2023. Run again it changes nothing.
# TOOLS: the bucket with jenkins.war, and with the home of the last host under home/. The home is kept there every hour,
# so that a host can be replaced: what a lost one takes along is the last hour.
set -euo pipefail
: "${TOOLS:?the bucket of the tools}"
HOME_DIR=${JENKINS_HOME:-/var/lib/jenkins}
UNITS=${UNITS:-/etc/systemd/system}
WAR=${WAR:-/opt/jenkins.war}

dnf install -y -q java-21-amazon-corretto-headless git docker
id jenkins >/dev/null 2>&1 || useradd --system --home-dir "$HOME_DIR" --groups docker jenkins
install -d -m 0750 -o jenkins -g jenkins "$HOME_DIR"
aws s3 cp --only-show-errors "s3://$TOOLS/jenkins.war" "$WAR"
[ -e "$HOME_DIR/config.xml" ] || aws s3 sync --only-show-errors "s3://$TOOLS/home/" "$HOME_DIR/"
chown -R jenkins:jenkins "$HOME_DIR"

cat >"$UNITS/jenkins.service" <<END
[Unit]
Description=Jenkins, reached through Session Manager only
After=network-online.target docker.service
[Service]
User=jenkins
Environment=JENKINS_HOME=$HOME_DIR
ExecStart=/usr/bin/java -Xmx2g -jar $WAR --httpListenAddress=127.0.0.1 --httpPort=8080 --enable-future-java
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
END
cat >"$UNITS/jenkins-keep.service" <<END
[Unit]
Description=The home of Jenkins, kept in S3
[Service]
Type=oneshot
ExecStart=/usr/bin/aws s3 sync --only-show-errors --delete --exclude "*/workspace/*" --exclude "caches/*" $HOME_DIR/ s3://$TOOLS/home/
END
cat >"$UNITS/jenkins-keep.timer" <<END
[Unit]
Description=Every hour
[Timer]
OnCalendar=hourly
RandomizedDelaySec=300
[Install]
WantedBy=timers.target
END
systemctl daemon-reload
systemctl enable --now docker jenkins jenkins-keep.timer
