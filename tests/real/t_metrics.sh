#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# metrics: what it answers, to whom, and that a real Prometheus reads it; the alerts and the dashboard in contrib/.
. "$(dirname "$0")/../vm/lib.sh"
here=$(dirname "$(realpath "$0")") pids=()
contrib=$here/../../contrib
at_end() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
    "$BOXTOP" rm -f measured wired >/dev/null 2>&1
}
need_root

# ask URL [HEADER...] : prints the status, then the answer
ask() {
    python3 - "$@" <<'PYTHON'
import ssl, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], headers=dict(h.split(": ", 1) for h in sys.argv[2:]))
try:
    answer = urllib.request.urlopen(request, timeout=30, context=ssl._create_unverified_context())
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.headers.get("Content-Type"))
sys.stdout.write(answer.read().decode())
PYTHON
}

serve() { # OPTION... : starts one; its address is in $url
    : >url
    "$BOXTOP" metrics --listen 0 "$@" >url 2>errors &
    pids+=($!)
    within 10 "it listens" grep -q '^http' url
    url=$(head -n 1 url)
}

# ---- wrong words ----
fails 2 "$BOXTOP" metrics --listen nowhere
match "an address" "^boxtop: metrics: --listen nowhere: not an address to listen on" "$output"
fails 1 "$BOXTOP" metrics --listen 0.0.0.0:0
match "not for everybody" "^boxtop: http://0.0.0.0:0/metrics could be read by others \(give a --token-file" "$output"
echo 0123456789abcdef0123 >token
chmod 644 token
fails 2 "$BOXTOP" metrics --token-file token
match "a token that everybody can read" "everybody can read it \(chmod o-r token\)" "$output"
chmod 600 token

# ---- the answer ----
"$BOXTOP" run -d --name measured --network none host sh -c 'while :; do :; done' >/dev/null
serve
port=${url#*:*:} port=${port%/*}
fails 1 "$BOXTOP" metrics --listen "$port"
match "a port that is taken" "^boxtop: listen on $url: Address already in use \(another program has that port" "$output"
text=$(ask "$url")
match "the older format" '^200 text/plain; version=0.0.4' "$text"
match "a container by its name" '^boxtop_cgroup_info\{cgroup=".*/measured",name="measured",manager="boxtop"\} 1$' "$text"
match "and what it used" '^boxtop_cpu_seconds_total\{cgroup=".*/measured",name="measured",mode="user"\} [0-9]+\.[0-9]{6}$' "$text"
text=$(ask "$url" "Accept: application/openmetrics-text; version=1.0.0")
match "OpenMetrics" '^200 application/openmetrics-text' "$text"
same "it has an end" "# EOF" "$(tail -n 1 <<<"$text")"
match "nothing else is there" "^404 " "$(ask "${url%/metrics}/etc")"
used() { ask "$url" | sed -n 's/^boxtop_cpu_seconds_total{.*name="measured",mode="user"} //p'; }
grown() { [ "$(used)" != "$first" ]; }
first=$(used)
within 10 "each answer is a new sample" grown

# ---- the network of a container with one of its own ----
sent() { ask "$url" | sed -n 's/^boxtop_network_transmit_bytes_total{cgroup=".*\/wired",name="wired"} //p'; }
counted() { [ "$(sent)" -ge 20840 ]; }
check "a container with a network" "$BOXTOP" run -d --name wired --network private host sleep 1000
gateway=$("$BOXTOP" inspect wired | awk '$1 == "gateway:" { print $2 }')
check "it sends 20 pings" "$BOXTOP" exec wired sh -c "ping -c 20 -i 0.002 -s 1000 -q $gateway || ping -c 20 -s 1000 -q $gateway"
within 10 "which are counted" counted
same "whoever has none of his own has no figures" 0 "$(ask "$url" | grep -c '^boxtop_network_.*name="\(measured\|/\)"')"

# ---- a real Prometheus ----
# shellcheck source=scripts/lib.sh
prometheus=$(. "$here/../../scripts/lib.sh" && prometheus_path) || skip "there is no Prometheus (scripts/deps test)"
promtool=${prometheus%/*}/promtool
liked() { ask "$url" | tail -n +2 | "$promtool" check metrics; }
check "promtool likes it" liked
cp "$contrib/prometheus-alerts.yml" "$here/alerts-test.yml" .
check "promtool tries the alerts" "$promtool" test rules alerts-test.yml
cat >prometheus.yml <<EOF
global: {scrape_interval: 1s, scrape_timeout: 1s}
rule_files: [prometheus-alerts.yml]
scrape_configs:
  - {job_name: boxtop, static_configs: [{targets: ["127.0.0.1:$port"]}]}
EOF
free=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$prometheus" --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address="127.0.0.1:$free" >prometheus.log 2>&1 &
pids+=($!)
query() { # EXPRESSION : its first value
    python3 - "$free" "$1" <<'PYTHON'
import json, sys, urllib.parse, urllib.request
url = f"http://127.0.0.1:{sys.argv[1]}/api/v1/query?" + urllib.parse.urlencode({"query": sys.argv[2]})
print(json.load(urllib.request.urlopen(url, timeout=20))["data"]["result"][0]["value"][1])
PYTHON
}
scraped() { [ "$(query 'up{job="boxtop"}')" = 1 ]; }
busy() { query 'rate(boxtop_cpu_seconds_total{name="measured",mode="user"}[1m]) > 0.05'; }
within 20 "it scrapes" scraped
within 20 "and has a busy loop's CPU" busy
check "the dashboard is JSON, each of its queries one that Prometheus reads" python3 - "$contrib/grafana-dashboard.json" "$free" <<'PYTHON'
import json, sys, urllib.parse, urllib.request
for panel in json.load(open(sys.argv[1]))["panels"]:
    for target in panel["targets"]:
        query = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*").replace("$name", ".*")
        url = f"http://127.0.0.1:{sys.argv[2]}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        assert json.load(urllib.request.urlopen(url))["status"] == "success", query
PYTHON
kill "${pids[@]}"
wait "${pids[0]}"
same "a signal ends it well" 0 $?
pids=()

# ---- fewer groups, fewer readers ----
serve --match wired
within 10 "matched, it is looked into" counted
serve --match measured --token-file token
match "without the token" "^401 " "$(ask "$url")"
match "with another" "^401 " "$(ask "$url" "Authorization: Bearer 0123456789abcdef0124")"
text=$(ask "$url" "Authorization: Bearer 0123456789abcdef0123")
match "with the token" "^200 " "$text"
same "one group" 1 "$(grep -c '^boxtop_cgroup_info' <<<"$text")"
check "a certificate" openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 1 -subj /CN=localhost
serve --tls-cert certificate --tls-key key
match "its address says so" "^https://" "$url"
match "over TLS" "^200 " "$(ask "$url")"
fails 1 "$BOXTOP" metrics --listen 0 --tls-cert certificate
match "half of TLS" "^boxtop: TLS takes both" "$output"
