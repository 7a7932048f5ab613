/**
 * The part of a change of configuration that can fail, done before anything is taken away.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import type { BackendSpec, BindingSpec, Config } from "../config/types.ts";
import type { BackendSet, BuiltBackend } from "./backend_set.ts";
import type { ListenerSet, OpenListener } from "./listener_set.ts";

/** What runs now. */
export interface Running {
  readonly backends: BackendSet;
  readonly listeners: ListenerSet;
}

/** A change that only has to be carried out. */
export interface PreparedChange {
  /** The backends of the new configuration: those that run already, and new ones. */
  readonly backends: readonly BuiltBackend[];
  /** Closes the listeners that nobody wants any more, and tells the others what is wanted of them now. */
  closeListeners(): Promise<void>;
}

/**
 * Builds the backends that are missing, then opens the listeners that are missing.
 *
 * @throws {Error} for the user; everything is then as it was before.
 */
export async function prepareChange(next: Config, running: Running): Promise<PreparedChange> {
  const { listeners } = running;
  const { all, built } = await buildMissing(next.backends, running.backends);
  const wanted = next.portBindings.filter(({ listen }) => listen);
  const opened: OpenListener[] = [];
  try {
    for (const binding of wanted) {
      if (serving(binding, listeners) === undefined) opened.push(listeners.add(binding));
    }
  } catch (error) {
    await Promise.all(opened.map((listener) => listeners.remove(listener)));
    await running.backends.discard(built);
    throw error;
  }
  return { backends: all, closeListeners: () => closeUnwanted(wanted, listeners) };
}

async function buildMissing(
  specs: readonly BackendSpec[],
  backends: BackendSet,
): Promise<{ all: readonly BuiltBackend[]; built: readonly BuiltBackend[] }> {
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

async function closeUnwanted(wanted: readonly BindingSpec[], listeners: ListenerSet): Promise<void> {
  const kept = new Map(wanted.map((binding) => [serving(binding, listeners), binding]));
  for (const listener of listeners.open) {
    const binding = kept.get(listener);
    if (binding === undefined) await listeners.remove(listener);
    else if (binding !== listener.binding) listeners.rebind(listener, binding);
  }
}

function serving(binding: BindingSpec, listeners: ListenerSet): OpenListener | undefined {
  return listeners.find(binding) ?? listeners.open.find((open) => isEqual(open.binding, binding));
}
