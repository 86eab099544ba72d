#!/usr/bin/env bash
# The application tier: Tomcat with a small page about orders. Run once at a server's first start (user data of EC2).
#
# From the architecture: ORDERS_HOST, ORDERS_PORT, SESSIONS_HOST, SESSIONS_PORT.
# INSTALL and WEBAPPS are what Amazon Linux 2023 needs; a test says where else.
set -euo pipefail
INSTALL="${INSTALL-dnf install -y -q tomcat10 java-21-amazon-corretto-headless}"
START="${START-systemctl enable --now tomcat10}"
WEBAPPS="${WEBAPPS-/var/lib/tomcat10/webapps}"

$INSTALL
app="$WEBAPPS/app"
mkdir -p "$app/WEB-INF"

# Answers as long as Tomcat itself does: the load balancer must not take every server out when the database is away.
cat >"$app/health.jsp" <<'JSP'
<%@ page contentType="text/plain; charset=UTF-8" session="false" %>ok
JSP

cat >"$app/index.jsp" <<'JSP'
<%@ page contentType="text/html; charset=UTF-8" session="false" import="java.net.*" %><%!
    String answers(String host, String port) {
        long began = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, Integer.parseInt(port)), 1000);
            return "answers, " + (System.nanoTime() - began) / 1000 + " µs";
        } catch (Exception error) {
            return "is away: " + error.getClass().getSimpleName();
        }
    }
    String from(String name) {
        String value = System.getenv(name);
        return value == null ? "" : value;
    }
%><!doctype html>
<html lang="en">
<title>Orders</title>
<h1>Orders</h1>
<dl>
<dt>Served by</dt><dd id="server"><%= InetAddress.getLocalHost().getHostName() %></dd>
<dt>Database</dt><dd id="orders"><%= answers(from("ORDERS_HOST"), from("ORDERS_PORT")) %></dd>
<dt>Sessions</dt><dd id="sessions"><%= answers(from("SESSIONS_HOST"), from("SESSIONS_PORT")) %></dd>
</dl>
</html>
JSP

cat >"$app/WEB-INF/web.xml" <<'XML'
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet><servlet-name>health</servlet-name><jsp-file>/health.jsp</jsp-file><load-on-startup>1</load-on-startup></servlet>
  <servlet-mapping><servlet-name>health</servlet-name><url-pattern>/health</url-pattern></servlet-mapping>
</web-app>
XML

# Tomcat's service reads its environment from here.
if [ -d /etc/sysconfig ] && [ -w /etc/sysconfig ]; then
  for name in ORDERS_HOST ORDERS_PORT SESSIONS_HOST SESSIONS_PORT; do
    printf '%s=%s\n' "$name" "${!name-}"
  done >>/etc/sysconfig/tomcat10
fi
$START
