/**
 * The numbers that backends report about themselves. They appear as `backend.own.<type>.<name>`, with the backend as
 * label.
 *
 * @module
 */

import type { BackendMetrics } from "../routing/backend_module.ts";
import type { MetricDefinition, MetricType } from "./metric_names.ts";
import type { MetricsReporter } from "./metrics.ts";

/** Names that one backend may use; further ones are ignored, because a backend may invent them for ever. */
const MAX_NAMES = 100;
const NAME = /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/;

/** Takes the numbers of one backend. What is no name, or comes under a name of another type, is ignored. */
export function ownMetrics(reporter: MetricsReporter, backend: string): BackendMetrics {
  const types = new Map<string, MetricType>();
  const known = (name: string, type: MetricType): MetricDefinition | undefined => {
    if (!types.has(name) && types.size < MAX_NAMES && NAME.test(name) && name.length <= 64) {
      types.set(name, type);
    }
    return types.get(name) === type ? definition(name, type) : undefined;
  };
  return {
    count(name, by = 1) {
      const metric = known(name, "counter");
      if (metric !== undefined && by >= 0) reporter.counter(metric, { backend }).add(by);
    },
    gauge(name, value) {
      const metric = known(name, "gauge");
      if (metric !== undefined) reporter.gauge(metric, { backend }).set(value);
    },
  };
}

/** The type is part of the name: two backends may use one name differently. */
function definition(name: string, type: MetricType): MetricDefinition {
  return {
    name: `backend.own.${type}.${name}`,
    type,
    category: "backend",
    help: `Reported by backends as ${name}`,
    unit: "1",
    labels: ["backend"],
  };
}
