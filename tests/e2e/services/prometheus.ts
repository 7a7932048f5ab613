/**
 * A Prometheus server that scrapes one target.
 *
 * @module
 */

import { type Service, startService } from "./service.ts";

/** Starts Prometheus, which reads `/metrics` of a port of 127.0.0.1 five times a second. */
export function startPrometheus({ port, target }: { port: number; target: number }): Promise<Service> {
  return startService("prometheus", (directory) => {
    const config = directory.write(
      "prometheus.yml",
      `
global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs:
  - job_name: pmmux
    static_configs: [{ targets: ["127.0.0.1:${target}"] }]
`,
    );
    return {
      port,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${directory.file("data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      ready: /Server is ready to receive web requests/,
    };
  });
}

/** The value of an expression that has one series; undefined while it has none. */
export async function query(port: number, expression: string): Promise<number | undefined> {
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { data } = await (await fetch(url)).json();
  const [series] = data.result as { value: [number, string] }[];
  return series === undefined ? undefined : Number(series.value[1]);
}
