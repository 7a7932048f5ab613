/**
 * What the log says about traffic: one line a connection or session when it ends, and failures without
 * drowning in them.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import { LogLimiter } from "../routing/log_limiter.ts";
import type { LazyLogFields, LogFields, Logger, LogLevel } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { ConnectionStatus, TrafficObserver } from "../routing/traffic.ts";

/** The least time between two lines of the same kind about the same thing. */
const REPEAT_MS = 5000;

/**
 * Makes an observer that logs: at info one line for each connection and session that has ended, with client,
 * backend, bytes each way, milliseconds and why; at warn and error what failed, each kind at most every 5 seconds.
 *
 * @example
 * ```ts
 * import { type LazyLogFields, type Logger, Multiplexer, silentLogger, trafficLog } from "@pmmux/cli/mod";
 *
 * const write = (message: string, fields?: LazyLogFields) =>
 *   console.log(message, typeof fields === "function" ? fields() : fields);
 * const logger: Logger = { ...silentLogger, info: write, warn: write, error: write, child: () => logger };
 * await using multiplexer = new Multiplexer({}, { logger, observer: trafficLog(logger) });
 * await multiplexer.start();
 * ```
 */
export function trafficLog(logger: Logger): TrafficObserver {
  const router = logger.child("router");
  const connections = logger.child("connection-broker");
  const sessions = logger.child("message-broker");
  const limiter = new LogLimiter();
  const limited = (level: LogLevel, key: string, ...[message, fields = {}]: [string, LazyLogFields?]) => {
    const suppressed = limiter.limited(key, REPEAT_MS);
    if (suppressed === undefined) return;
    const own = typeof fields === "function" ? fields : () => fields;
    router[level](message, () => ({ ...own(), ...(suppressed > 0 && { suppressed }) }));
  };
  return {
    accepted() {},
    routed(connection, selectionMs) {
      router.debug(
        "routed",
        () => ({ ...describe(connection), "selection-ms": round(selectionMs), ...connection.learnt }),
      );
    },
    dialFailed(connection, { spec, networkProtocol }, error) {
      const key = `dial ${networkProtocol} ${spec.name}`;
      const what = networkProtocol === "tcp"
        ? "backend could not be reached"
        : "backend did not take a datagram";
      limited("warn", key, what, () => ({
        ...describe(connection),
        backend: spec.name,
        reason: messageOf(error),
      }));
    },
    refused(connection, reason, detail) {
      const fields = () => ({ ...describe(connection), reason, detail, ...connection.learnt });
      const expected = connection.networkProtocol === "tcp" && !reason.startsWith("too_many");
      if (expected) connections.info("connection not routed", fields);
      else limited("warn", `refused ${connection.networkProtocol} ${reason}`, "not routed", fields);
    },
    closed(connection) {
      const own = connection.networkProtocol === "tcp" ? connections : sessions;
      own.info(connection.networkProtocol === "tcp" ? "connection closed" : "session ended", () => ({
        ...describe(connection),
        in: connection.bytesIn,
        out: connection.bytesOut,
        ...(connection.networkProtocol === "udp" && {
          "messages-in": connection.messagesIn,
          "messages-out": connection.messagesOut,
        }),
        ms: round(performance.now() - connection.startedAt),
        end: connection.end,
        ...connection.learnt,
      }));
    },
    messagesDropped(count, reason, error) {
      limited("warn", `dropped ${reason}`, "datagrams dropped", {
        count,
        reason,
        ...(error !== undefined && { detail: messageOf(error) }),
      });
    },
    sessionEvicted() {
      limited("warn", "evicted", "session table full: the longest idle session made room");
    },
    measured() {},
    acceptFailed(address, error) {
      limited("error", `accept ${address}`, "cannot accept", {
        address,
        reason: messageOf(error),
      });
    },
  };
}

function describe({ client, backend }: ConnectionStatus): LogFields {
  return {
    client: hostAndPort(client.remote.address, client.remote.port),
    local: hostAndPort(client.local.address, client.local.port),
    ...(backend !== undefined && { backend: backend.spec.name }),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
