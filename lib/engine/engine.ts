/**
 * Everything that carries traffic, put together: the multiplexer, what observes it, and where that is told.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import { LogMetricSink } from "../telemetry/log_metric_sink.ts";
import { MetricFlush } from "../telemetry/metric_flush.ts";
import type { MetricSink } from "../telemetry/metric_sink.ts";
import { MetricsReporter } from "../telemetry/metrics.ts";
import { type MetricsServer, serveMetrics } from "../telemetry/metrics_server.ts";
import { ownMetrics } from "../telemetry/backend_metrics.ts";
import { observeHealth } from "../telemetry/health_metrics.ts";
import { trafficLog } from "../telemetry/traffic_log.ts";
import { TrafficMetrics } from "../telemetry/traffic_metrics.ts";
import { ExtensionSet } from "./extension_set.ts";
import { listenError } from "./listen_error.ts";
import { Multiplexer } from "./multiplexer.ts";
import { observeAll } from "./observe_all.ts";
import { hasSameExtensions } from "./same_extensions.ts";

/** What an engine works with beside its configuration. */
export interface EngineOptions {
  readonly logger: Logger;
  /** What extensions add; nothing unless given. */
  readonly extensions?: ExtensionSet;
  /** Lets other engines listen on the same TCP ports. */
  readonly reusePort?: boolean;
  /** Where metrics go beside the log and the Prometheus endpoint. */
  readonly sinks?: readonly MetricSink[];
}

/** A running multiplexer with its logs and metrics. */
export class Engine implements AsyncDisposable {
  /** The multiplexer. */
  readonly multiplexer: Multiplexer;
  /** The metrics. */
  readonly reporter: MetricsReporter;
  readonly #logger: Logger;
  readonly #sinks: readonly MetricSink[];
  readonly #extensions: ExtensionSet;
  #started = new AsyncDisposableStack();
  #server: MetricsServer | undefined;
  #flush: MetricFlush | undefined;
  #isStopping = false;

  /** An engine that does nothing until it is started. */
  constructor(config: Config, { logger, extensions, reusePort, sinks = [] }: EngineOptions) {
    this.#logger = logger;
    this.#extensions = extensions ?? new ExtensionSet({ logger });
    this.#sinks = [...this.#extensions.sinks, ...sinks];
    this.reporter = new MetricsReporter({ logger: logger.child("metrics-reporter") });
    const metrics: TrafficMetrics = new TrafficMetrics({
      reporter: this.reporter,
      strategy: () => this.multiplexer.config.routingStrategy,
    });
    this.reporter.beforeRead(() => metrics.collect(this.multiplexer.connections));
    const backendMetrics = (backend: string) => ownMetrics(this.reporter, backend);
    const observer: TrafficObserver = observeAll(trafficLog(logger), metrics);
    const { loader, events, strategies, negotiators } = this.#extensions;
    const added = { loader, events, strategies, negotiators };
    this.multiplexer = new Multiplexer(config, { logger, reusePort, observer, backendMetrics, ...added });
    observeHealth(this.multiplexer, {
      reporter: this.reporter,
      logger: logger.child("backend-monitor"),
      isStopping: () => this.#isStopping,
    });
  }

  /** The port that metrics are served on. */
  get metricsPort(): number | undefined {
    return this.#server?.port;
  }

  /** What extensions add, a line each. */
  get extensions(): readonly string[] {
    return this.#extensions.lines;
  }

  /** Starts; throws an error for the user, and leaves nothing behind, when that is impossible. */
  async start(): Promise<void> {
    const { config } = this.multiplexer;
    this.#server = this.#serve(config);
    this.#flush = this.#flushTo(config);
    try {
      await this.multiplexer.start();
    } catch (error) {
      await this.#closeMetrics();
      throw error;
    }
    await this.#callStartHooks();
  }

  /** Makes a new configuration the one in force; throws, and changes nothing, when that is impossible. */
  async apply(config: Config): Promise<void> {
    if (!hasSameExtensions(config, this.multiplexer.config)) {
      throw new Error("Cannot change extensions or their options while pmmux runs: start it again");
    }
    const before = this.multiplexer.config;
    await this.#moveMetrics(before, config);
    try {
      await this.multiplexer.apply(config);
    } catch (error) {
      await this.#moveMetrics(config, before);
      throw error;
    }
    if (before.logMetrics === config.logMetrics) return;
    await this.#flush?.[Symbol.asyncDispose]();
    this.#flush = this.#flushTo(config);
  }

  /** Stops as {@linkcode Multiplexer.stop} does. */
  async stop(options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#endStartHooks();
    this.#isStopping = true;
    await this.multiplexer.stop(options);
    await this.#closeMetrics();
  }

  /** Stops, giving connections no time. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ signal: AbortSignal.abort() });
  }

  async #callStartHooks(): Promise<void> {
    for (const { extension, value: hook } of this.#extensions.startHooks) {
      try {
        this.#started.use(await hook(this.multiplexer) ?? undefined);
      } catch (error) {
        await this.stop({ signal: AbortSignal.abort() });
        throw new Error(`Cannot start extension "${extension}": ${messageOf(error)}`, { cause: error });
      }
    }
  }

  async #endStartHooks(): Promise<void> {
    const started = this.#started;
    this.#started = new AsyncDisposableStack();
    try {
      await started.disposeAsync();
    } catch (error) {
      this.#logger.error("an extension has not stopped as it should", { reason: messageOf(error) });
    }
  }

  /** Serves metrics where the other configuration wants it; throws, and changes nothing, if that is impossible. */
  async #moveMetrics(from: Config, to: Config): Promise<void> {
    const samePort = from.metricsPort === to.metricsPort;
    if (samePort && from.metricsBindAddress === to.metricsBindAddress) return;
    const old = this.#server;
    // One address of a port may include the other.
    if (samePort) await old?.[Symbol.asyncDispose]();
    try {
      this.#server = this.#serve(to);
    } catch (error) {
      if (samePort) this.#server = this.#serve(from);
      throw error;
    }
    if (!samePort) await old?.[Symbol.asyncDispose]();
  }

  #serve({ metricsPort: port, metricsBindAddress: hostname }: Config): MetricsServer | undefined {
    if (port === undefined) return undefined;
    try {
      return serveMetrics(this.reporter, { hostname, port });
    } catch (error) {
      throw listenError(`metrics ${hostname}:${port}`, error);
    }
  }

  #flushTo({ logMetrics }: Config): MetricFlush | undefined {
    const sinks = [...this.#sinks, ...(logMetrics ? [new LogMetricSink(this.#logger.child("metrics"))] : [])];
    return sinks.length > 0 ? new MetricFlush(this.reporter, { sinks, logger: this.#logger }) : undefined;
  }

  async #closeMetrics(): Promise<void> {
    await this.#flush?.[Symbol.asyncDispose]();
    await this.#server?.[Symbol.asyncDispose]();
    this.#flush = this.#server = undefined;
  }
}
