import { assertEquals } from "@std/assert";
import { type MetricDefinition, METRICS } from "../../lib/telemetry/metric_names.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { exposition } from "../../lib/telemetry/prometheus.ts";
import { requireProgram } from "../support/find_program.ts";

/** A reporter in which every metric has two series with values. */
function populatedReporter(): MetricsReporter {
  const reporter = new MetricsReporter();
  for (const metric of METRICS as readonly MetricDefinition[]) {
    for (const [index, suffix] of ["", '"\\\n é'].entries()) {
      const labels = Object.fromEntries(metric.labels.map((label) => [label, `${label}${suffix}`]));
      if (metric.type === "counter") reporter.counter(metric, labels).add(index + 1);
      if (metric.type === "gauge") reporter.gauge(metric, labels).set(index - 0.5);
      if (metric.type === "duration") reporter.duration(metric, labels).record(10 ** index);
    }
  }
  return reporter;
}

async function promtool(text: string): Promise<{ code: number; output: string }> {
  const command = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  await using child = command.spawn();
  const output = child.output();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(text));
  await stdin.close();
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test({
  name: "promtool finds no fault with any metric",
  ...requireProgram("promtool"),
  async fn() {
    assertEquals(await promtool(exposition(populatedReporter().families())), { code: 0, output: "" });
  },
});

Deno.test({
  name: "promtool does find a fault where there is one",
  ...requireProgram("promtool"),
  async fn() {
    const { code } = await promtool("# TYPE pmmux_things counter\npmmux_things 1\n");
    assertEquals(code === 0, false);
  },
});
