/**
 * The part of a change of configuration that can fail, done before anything is taken away.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import type { BackendSpec, BindingSpec, Config } from "../config/types.ts";
import { messageOf } from "../routing/message_of.ts";
import type { BackendSet, BuiltBackend } from "./backend_set.ts";
import type { ListenerSet, OpenListener } from "./listener_set.ts";
import type { BackendLoader } from "./loader.ts";
import { healthCheckFaults } from "./validate_health_checks.ts";

/** What runs now. */
export interface Running {
  readonly backends: BackendSet;
  readonly listeners: ListenerSet;
  /** Knows the modules of the backends. */
  readonly loader: BackendLoader;
}

/** A change that only has to be carried out. */
export interface PreparedChange {
  /** The backends of the new configuration: those that run already, and new ones. */
  readonly backends: readonly BuiltBackend[];
  /** Closes the listeners that nobody wants any more, and tells the others what is wanted of them now. */
  closeListeners(): Promise<void>;
}

/**
 * Builds the backends that are missing, looks whether their health checks fit, then opens the listeners that are missing.
 *
 * @throws {Error} for the user; everything is then as it was before.
 */
export async function prepareChange(next: Config, running: Running): Promise<PreparedChange> {
  const { backends, listeners, loader } = running;
  const { all, built } = await buildMissing(next.backends, backends);
  const serving = keptListeners(next.portBindings.filter(({ listen }) => listen), listeners);
  try {
    // What guests say of their health checks is known once they run.
    const [fault] = await healthCheckFaults(next, loader);
    if (fault !== undefined) throw fault;
    await openMissing(serving, listeners);
  } catch (error) {
    await backends.discard(built);
    throw error;
  }
  return { backends: all, closeListeners: () => closeUnwanted(serving, listeners) };
}

/** Opens what no listener serves yet; if that fails, nothing has changed. */
async function openMissing(serving: Serving, listeners: ListenerSet): Promise<void> {
  const opened: OpenListener[] = [];
  const closed: OpenListener[] = [];
  try {
    for (const [binding, listener] of serving) {
      if (listener !== undefined) continue;
      // Several bindings of one address differ only in how the router maps them.
      const same = listeners.find(binding);
      if (same === undefined) opened.push(await openInPlace(binding, { serving, listeners, closed }));
      serving.set(binding, same ?? opened.at(-1));
    }
  } catch (error) {
    await Promise.all(opened.map((listener) => listeners.remove(listener)));
    const lost = closed.flatMap((listener) => {
      try {
        listeners.reopen(listener);
        return [];
      } catch (error) {
        return [messageOf(error)];
      }
    });
    if (lost.length === 0) throw error;
    throw new Error([messageOf(error), ...lost].join("; and now: "), { cause: error });
  }
}

/**
 * Opens a listener. A wildcard address and one of those that it stands for exclude each other on one port, so that a
 * listener which is to go anyway may have to go first.
 */
async function openInPlace(
  binding: BindingSpec,
  { serving, listeners, closed }: {
    readonly serving: Serving;
    readonly listeners: ListenerSet;
    readonly closed: OpenListener[];
  },
): Promise<OpenListener> {
  try {
    return listeners.add(binding);
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Deno.errors.AddrInUse)) throw error;
    const wanted = new Set(serving.values());
    const inTheWay = listeners.overlapping(binding).filter((listener) => !wanted.has(listener));
    if (inTheWay.length === 0) throw error;
    for (const listener of inTheWay) await listeners.remove(listener);
    closed.push(...inTheWay);
    return listeners.add(binding);
  }
}

async function buildMissing(
  specs: readonly BackendSpec[],
  backends: BackendSet,
): Promise<{ all: readonly BuiltBackend[]; built: readonly BuiltBackend[] }> {
  const twice = specs.find(({ name }, position) => specs.findIndex((spec) => spec.name === name) < position);
  if (twice !== undefined) throw new Error(`Cannot use two backends of the name "${twice.name}"`);
  const all: BuiltBackend[] = [];
  const built: BuiltBackend[] = [];
  try {
    for (const spec of specs) {
      const running = backends.find(spec.name);
      const keep = running !== undefined && isEqual(running.spec, spec);
      all.push(keep ? running : await backends.build(spec));
      if (!keep) built.push(all.at(-1)!);
    }
  } catch (error) {
    await backends.discard(built);
    throw error;
  }
  return { all, built };
}

/** Which open listener serves which binding; none yet where one is missing. */
type Serving = Map<BindingSpec, OpenListener | undefined>;

/** Finds the listeners that stay, by address and port. */
function keptListeners(wanted: readonly BindingSpec[], listeners: ListenerSet): Serving {
  const serving: Serving = new Map();
  const free = new Set(listeners.open);
  for (const binding of wanted) {
    const listener = listeners.find(binding) ?? free.values().find((open) => isChosenFor(open, binding));
    if (listener !== undefined) free.delete(listener);
    serving.set(binding, listener);
  }
  return serving;
}

/** Whether a listener has the port that the system chose for such a binding. */
function isChosenFor(
  { binding }: OpenListener,
  { networkProtocol, bindAddress, localPort }: BindingSpec,
): boolean {
  return localPort === "auto" && binding.localPort === "auto" &&
    binding.networkProtocol === networkProtocol && binding.bindAddress === bindAddress;
}

async function closeUnwanted(serving: Serving, listeners: ListenerSet): Promise<void> {
  const kept = new Map([...serving].toReversed().map(([binding, listener]) => [listener, binding]));
  for (const listener of listeners.open) {
    const binding = kept.get(listener);
    if (binding === undefined) await listeners.remove(listener);
    else if (binding !== listener.binding) listeners.rebind(listener, binding);
  }
}
