/**
 * Drives the health checks: one loop for each half of a backend to which a check applies, and none where
 * there is none.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import type { HealthCheckSpec, NetworkProtocol } from "../config/types.ts";
import { delay } from "../net/delay.ts";
import { type Backend, type HealthCheckBackend, isHealthCheckBackend } from "../routing/backend.ts";
import type { BackendEntry } from "../routing/backend_entry.ts";
import { nextDelay } from "../routing/check_schedule.ts";
import { selectHealthCheck } from "../routing/health.ts";
import { type Logger, silentLogger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { BuiltBackend } from "./backend_set.ts";

/** Told of every finished check. */
export type CheckListener = (entry: BackendEntry, result: { healthy: boolean; milliseconds: number }) => void;

/** What a monitor works with. */
export interface HealthMonitorOptions {
  readonly logger?: Logger;
  readonly onCheck?: CheckListener;
  /** Numbers in [0, 1). */
  readonly random?: () => number;
}

interface Watched {
  readonly spec: HealthCheckSpec;
  readonly controller: AbortController;
}

/** Checks backends for as long as a health check applies to them. */
export class HealthMonitor {
  readonly #logger: Logger;
  readonly #onCheck: CheckListener;
  readonly #random: () => number;
  readonly #watched = new Map<BackendEntry, Watched>();
  readonly #told = new WeakSet<Backend>();

  /** A monitor that checks nothing yet. */
  constructor(
    { logger = silentLogger, onCheck = () => {}, random = Math.random }: HealthMonitorOptions = {},
  ) {
    this.#logger = logger;
    this.#onCheck = onCheck;
    this.#random = random;
  }

  /**
   * Checks these backends by these specs from now on, as far as clients can reach them over one of the transports;
   * what stays the same is not disturbed.
   */
  update(
    specs: readonly HealthCheckSpec[],
    backends: readonly BuiltBackend[],
    { transports = ["tcp", "udp"] }: { readonly transports?: readonly NetworkProtocol[] } = {},
  ): void {
    const wanted = new Map<BackendEntry, HealthCheckSpec>();
    for (const { spec, backend, entries } of backends) {
      const check = selectHealthCheck(specs, spec);
      if (check === undefined) continue;
      if (!isHealthCheckBackend(backend)) {
        this.#uncheckable(backend, check);
        continue;
      }
      for (const entry of entries) if (transports.includes(entry.networkProtocol)) wanted.set(entry, check);
    }
    for (const [entry, { spec, controller }] of this.#watched) {
      if (isEqual(wanted.get(entry), spec)) continue;
      this.#watched.delete(entry);
      controller.abort();
      if (!wanted.has(entry)) entry.transition({ type: "checks-removed" });
    }
    for (const [entry, spec] of wanted) {
      if (this.#watched.has(entry)) continue;
      const controller = new AbortController();
      this.#watched.set(entry, { spec, controller });
      this.#run(entry, spec, controller.signal);
    }
  }

  /** Says once that a backend cannot be checked, unless the check is for whatever there is. */
  #uncheckable(backend: Backend, check: HealthCheckSpec): void {
    if (this.#told.has(backend) || (check.protocol ?? check.backend) === undefined) return;
    this.#told.add(backend);
    const { name, protocol } = backend.info.spec;
    this.#logger.warn("backend has a health check, but cannot be checked", { backend: name, protocol });
  }

  async #run(entry: BackendEntry, spec: HealthCheckSpec, signal: AbortSignal): Promise<void> {
    for (let first = true; !signal.aborted; first = false) {
      await delay(nextDelay(spec, { first, random: this.#random }), signal);
      if (signal.aborted) return;
      const began = performance.now();
      const reason = await this.#check(entry, spec, signal);
      if (signal.aborted) return;
      const healthy = reason === undefined;
      const at = Date.now();
      entry.transition(
        healthy ? { type: "check-succeeded", at } : { type: "check-failed", at, reason },
        spec,
      );
      this.#onCheck(entry, { healthy, milliseconds: performance.now() - began });
      this.#logger.trace("health check", {
        backend: entry.spec.name,
        "network-protocol": entry.networkProtocol,
        healthy,
        reason,
      });
    }
  }

  /** Performs one check; answers why it failed, or undefined. */
  async #check(entry: BackendEntry, spec: HealthCheckSpec, signal: AbortSignal): Promise<string | undefined> {
    const either = new AbortController();
    const over = Promise.withResolvers<never>();
    const end = (reason: string) => {
      over.reject(new Error(reason));
      either.abort();
    };
    const timer = setTimeout(() => end(`no result within ${spec.timeout} ms`), spec.timeout);
    const removed = () => end("the check was removed");
    signal.addEventListener("abort", removed, { once: true });
    try {
      const backend = entry.backend as HealthCheckBackend;
      const check = backend.healthCheck(entry.networkProtocol, spec.parameters, either.signal);
      const { healthy, reason } = await Promise.race([check, over.promise]);
      return healthy ? undefined : reason ?? "unhealthy";
    } catch (error) {
      return messageOf(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", removed);
    }
  }
}
