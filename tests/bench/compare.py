#!/usr/bin/env python3
"""Measure the project side by side with its peers, in one run, on this machine.

  tests/bench/compare.py [--rounds 3] [--seconds 3] [--only bulk,small,connect,udp,idle]
                             [--pmmux 'deno run -A main.ts'] [--json FILE]

Run from the project's root. Needs Debian's iperf3 wrk haproxy nginx libnginx-mod-stream sslh.
Peers: haproxy (1 thread, splice on), nginx stream (1 worker), sslh-select (1 process).
Every figure is taken round by round, the peers in turn, so that the ratio holds when the machine drifts;
the ratio printed is the median of the rounds' ratios. CPU is user+system time of the server's whole
process group per unit of work, from /proc, and is steadier than the rates.
Everything listens on 127.0.0.1 and stops with the script.
"""
import argparse, json, os, re, resource, shutil, signal, socket, statistics as st, subprocess, sys, tempfile, threading, time

ap = argparse.ArgumentParser()
ap.add_argument("--rounds", type=int, default=3)
ap.add_argument("--seconds", type=int, default=3)
ap.add_argument("--only", default="bulk,small,connect,udp,idle")
ap.add_argument("--pmmux", default="deno run -A main.ts")
ap.add_argument("--idle-connections", type=int, default=3000)
ap.add_argument("--json")
args = ap.parse_args()
only = set(args.only.split(","))
for tool in ("iperf3", "wrk", "haproxy", "nginx", "sslh-select"):
    if not shutil.which(tool):
        sys.exit(f"compare: {tool} is missing: apt-get install iperf3 wrk haproxy nginx libnginx-mod-stream sslh")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

tmp = tempfile.mkdtemp(prefix="pmmux-bench-")
BULK, WEB, IDLE = 15201, 15301, 15401               # origins
PORT = {"haproxy": 16100, "nginx": 16200, "sslh": 16300, "pmmux": 16400}   # +1 bulk, +2 web, +3 idle
procs = {}

def start(name, cmd):
    p = subprocess.Popen(cmd, stdout=open(f"{tmp}/{name}.log", "w"), stderr=subprocess.STDOUT, start_new_session=True)
    procs[name] = p
    return p

def stop_all():
    for p in procs.values():
        try: os.killpg(p.pid, signal.SIGTERM)
        except ProcessLookupError: pass
    time.sleep(0.5)
    for p in procs.values():
        try: os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError: pass

def pids_of(name):
    """every process of the server's own session: children count"""
    names = [n for n in procs if n == name or n.startswith(name + "-")]
    sids = {procs[n].pid for n in names}
    out = []
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                f = open(f"/proc/{d}/stat").read().rsplit(")", 1)[1].split()
                if int(f[3]) in sids: out.append((int(d), f))
            except (OSError, IndexError, ValueError): pass
    return out

def cpu(name):
    return sum(int(f[11]) + int(f[12]) for _, f in pids_of(name)) / os.sysconf("SC_CLK_TCK")

def rss_kb(name):
    total = 0
    for pid, _ in pids_of(name):
        try:
            for line in open(f"/proc/{pid}/smaps_rollup"):
                if line.startswith("Pss:"): total += int(line.split()[1])
        except OSError: pass
    return total

def wait_port(port, name, secs=30):
    end = time.time() + secs
    while time.time() < end:
        try: socket.create_connection(("127.0.0.1", port), 0.5).close(); return
        except OSError: time.sleep(0.1)
    print(open(f"{tmp}/{name}.log").read()[-2000:], file=sys.stderr)
    stop_all(); sys.exit(f"compare: {name} does not listen on {port}")

open(f"{tmp}/haproxy.cfg", "w").write(f"""global
  maxconn 6000
  nbthread 1
defaults
  mode tcp
  option splice-auto
  timeout connect 5s
  timeout client 300s
  timeout server 300s
listen bulk
  bind 127.0.0.1:{PORT['haproxy']+1}
  server s 127.0.0.1:{BULK}
listen web
  bind 127.0.0.1:{PORT['haproxy']+2}
  server s 127.0.0.1:{WEB}
listen idle
  bind 127.0.0.1:{PORT['haproxy']+3}
  server s 127.0.0.1:{IDLE}
""")
def nginx_conf(body, pidname):
    return f"""daemon off; worker_processes 1; pid {tmp}/{pidname}.pid; error_log {tmp}/{pidname}.err; worker_rlimit_nofile {hard};
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events {{ worker_connections 16384; }}
{body}"""
p = PORT["nginx"]
open(f"{tmp}/nginx.conf", "w").write(nginx_conf(f"""stream {{
 server {{ listen 127.0.0.1:{p+1}; proxy_pass 127.0.0.1:{BULK}; }}
 server {{ listen 127.0.0.1:{p+1} udp; proxy_pass 127.0.0.1:{BULK}; proxy_timeout 20s; }}
 server {{ listen 127.0.0.1:{p+2}; proxy_pass 127.0.0.1:{WEB}; }}
 server {{ listen 127.0.0.1:{p+3}; proxy_pass 127.0.0.1:{IDLE}; proxy_timeout 300s; }}
}}""", "nginx"))
open(f"{tmp}/origin.conf", "w").write(nginx_conf(f"""http {{ access_log off; keepalive_requests 100000000;
 client_body_temp_path {tmp}/a; proxy_temp_path {tmp}/b; fastcgi_temp_path {tmp}/c; uwsgi_temp_path {tmp}/d; scgi_temp_path {tmp}/e;
 server {{ listen 127.0.0.1:{WEB}; location / {{ return 200 "hello world\\n"; }} }} }}""", "origin"))

def launch():
    start("iperf3", ["iperf3", "-s", "-p", str(BULK), "-B", "127.0.0.1"])
    start("origin", ["nginx", "-c", f"{tmp}/origin.conf"])
    start("haproxy", ["haproxy", "-db", "-f", f"{tmp}/haproxy.cfg"])
    start("nginx", ["nginx", "-c", f"{tmp}/nginx.conf"])
    for i, o in ((1, BULK), (2, WEB), (3, IDLE)):
        start(f"sslh-{i}", ["sslh-select", "-f", "-p", f"127.0.0.1:{PORT['sslh']+i}", "--anyprot", f"127.0.0.1:{o}"])
    p = PORT["pmmux"]
    start("pmmux", args.pmmux.split() + [
        "-b", f"bulk:pass:local-port={p+1},target.ip=127.0.0.1,target.port={BULK}",
        "-b", f"web:pass:local-port={p+2},target.ip=127.0.0.1,target.port={WEB}",
        "-b", f"idle:pass:local-port={p+3},target.ip=127.0.0.1,target.port={IDLE}",
        "-p", f"!:{p+1}:bind-address=127.0.0.1",          # no protocol named: TCP and UDP
        "-p", f"!:{p+2}:tcp:bind-address=127.0.0.1",
        "-p", f"!:{p+3}:tcp:bind-address=127.0.0.1",
        "-v", "warning"])
    for n in PORT: wait_port(PORT[n] + 2, n)
    time.sleep(1)

def iperf(port, *more):
    out = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), "-t", str(args.seconds), "-J", *more],
                         capture_output=True, text=True).stdout
    return json.loads(out)

def bulk(n):
    e = iperf(PORT[n] + 1)["end"]["sum_received"]
    return e["bits_per_second"] / 1e9, e["bytes"] / 1e9

def udp(n):
    e = iperf(PORT[n] + 1, "-u", "-b", "0", "-l", "512")["end"]["sum"]
    got = e["packets"] - e["lost_packets"]
    return got / e["seconds"], got / 1e5

def wrk(n, *more):
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{args.seconds}s", *more, f"http://127.0.0.1:{PORT[n]+2}/"],
                         capture_output=True, text=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), int(re.search(r"(\d+) requests in", out).group(1)) / 1e5

TESTS = {
    "bulk": ("one TCP stream, Gbit/s", "CPU s/GB", bulk, ("haproxy", "nginx", "sslh", "pmmux")),
    "small": ("small messages on kept connections, exchanges/s", "CPU s/100k", wrk, ("haproxy", "nginx", "sslh", "pmmux")),
    "connect": ("new connection per exchange, connections/s", "CPU s/100k",
                lambda n: wrk(n, "-H", "Connection: close"), ("haproxy", "nginx", "sslh", "pmmux")),
    "udp": ("512-byte datagrams received, packets/s", "CPU s/100k", udp, ("nginx", "pmmux")),
}
result = {}
try:
    launch()
    if "idle" in only:
        srv = socket.create_server(("127.0.0.1", IDLE), backlog=4096); kept = []
        def accept():
            while True:
                try: kept.append(srv.accept()[0])
                except OSError: return
        threading.Thread(target=accept, daemon=True).start()
        print(f"\nidle: memory per connection held open, KiB ({args.idle_connections} connections)")
        per = {}
        for n in ("haproxy", "nginx", "pmmux"):
            base = rss_kb(n); mine = []
            for _ in range(args.idle_connections): mine.append(socket.create_connection(("127.0.0.1", PORT[n] + 3)))
            time.sleep(1.5); per[n] = (rss_kb(n) - base) / args.idle_connections
            for c in mine: c.close()
            print(f"  {n:8} {per[n]:8.1f}   (process before: {base/1024:.0f} MiB)")
        srv.close(); result["idle"] = {n: round(v, 1) for n, v in per.items()}
    for test, (label, unit, run, names) in TESTS.items():
        if test not in only: continue
        rate = {n: [] for n in names}; cost = {n: [] for n in names}
        for _ in range(args.rounds):
            for n in names:
                before = cpu(n)
                try: r, units = run(n)
                except Exception as err:                       # a peer that fails is shown as such
                    print(f"  {test}/{n}: {type(err).__name__}: {err}"); r, units = float("nan"), float("nan")
                rate[n].append(r); cost[n].append((cpu(n) - before) / units if units else float("nan"))
                time.sleep(0.3)
        print(f"\n{test}: {label}")
        for n in names:
            print(f"  {n:8} {st.median(rate[n]):12.2f}   {unit} {st.median(cost[n]):8.3f}")
        result[test] = {}
        for n in names:
            if n == "pmmux": continue
            rr = st.median(a / b for a, b in zip(rate["pmmux"], rate[n])); cc = st.median(a / b if b else float("nan") for a, b in zip(cost["pmmux"], cost[n]))
            result[test][n] = {"rate": round(rr, 3), "cpu": round(cc, 3)}
            print(f"  pmmux/{n}: rate {rr:.2f}x  cpu {cc:.2f}x")
finally:
    stop_all(); shutil.rmtree(tmp, ignore_errors=True)
if args.json: json.dump(result, open(args.json, "w"), indent=1)
