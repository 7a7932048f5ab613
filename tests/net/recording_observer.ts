import type { RefusalReason, TrafficObserver } from "../../lib/routing/traffic.ts";

type Connection = Parameters<TrafficObserver["accepted"]>[0];

/** Keeps what it is told of connections and sessions. */
export class RecordingObserver implements TrafficObserver {
  readonly acceptedConnections: Connection[] = [];
  readonly routedConnections: Connection[] = [];
  readonly closedConnections: Connection[] = [];
  readonly refusedConnections: Connection[] = [];
  readonly refusals: { readonly reason: RefusalReason; readonly detail: string }[] = [];
  readonly failedDials: { readonly backend: string; readonly error: unknown }[] = [];
  readonly acceptFailures: unknown[] = [];
  dropped = 0;
  evicted = 0;

  /** Why connections and sessions ended, in the order in which they did. */
  get ends(): (string | undefined)[] {
    return this.closedConnections.map(({ end }) => end);
  }

  /** Why connections and sessions reached no backend. */
  get reasons(): RefusalReason[] {
    return this.refusals.map(({ reason }) => reason);
  }

  accepted(connection: Connection): void {
    this.acceptedConnections.push(connection);
  }

  routed(connection: Connection): void {
    this.routedConnections.push(connection);
  }

  closed(connection: Connection): void {
    this.closedConnections.push(connection);
  }

  refused(connection: Connection, reason: RefusalReason, detail: string): void {
    this.refusedConnections.push(connection);
    this.refusals.push({ reason, detail });
  }

  dialFailed(_connection: Connection, { spec }: { spec: { name: string } }, error: unknown): void {
    this.failedDials.push({ backend: spec.name, error });
  }

  messagesDropped(count: number): void {
    this.dropped += count;
  }

  sessionEvicted(): void {
    this.evicted++;
  }

  measured(): void {}

  acceptFailed(_address: string, error: unknown): void {
    this.acceptFailures.push(error);
  }
}
