/**
 * Multiplexers for tests: started on ports of loopback that the operating system chooses, and observed.
 *
 * @module
 */

import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { BackendLoader } from "../../lib/engine/loader.ts";
import { Multiplexer } from "../../lib/engine/multiplexer.ts";
import type { MultiplexerConfig, MultiplexerOptions } from "../../lib/engine/multiplexer_options.ts";
import type { BackendModule } from "../../lib/routing/backend_module.ts";
import { FakeBackend, type FakeBackendParts } from "../routing/fake_backend.ts";
import { RecordingObserver } from "./recording_observer.ts";

/** What is special about the multiplexer: specs as users write them. */
export interface Setup extends Omit<MultiplexerConfig, "backends" | "portBindings"> {
  readonly backends?: readonly string[];
  /** One TCP listener on 127.0.0.1 unless given. */
  readonly bindings?: readonly string[];
  /** What the protocols of these names do. */
  readonly fakes?: Readonly<Record<string, FakeBackendParts>>;
  readonly options?: Omit<MultiplexerOptions, "observer" | "loader">;
}

/** A started multiplexer. */
export interface RunningMultiplexer extends AsyncDisposable {
  readonly multiplexer: Multiplexer;
  readonly observer: RecordingObserver;
  /** The port of the first listener. */
  readonly port: number;
  /** The backends of the fake protocols, in the order in which they were built. */
  readonly built: readonly FakeBackend[];
}

/** A TCP listener on a port that the operating system chooses. */
export const TCP = "!:?:tcp:bind-address=127.0.0.1";
/** A UDP listener on a port that the operating system chooses. */
export const UDP = "!:?:udp:bind-address=127.0.0.1";

/** Makes a configuration from specs. */
export function configOf(
  { backends = [], bindings = [TCP], fakes: _fakes, options: _options, ...rest }: Setup,
): MultiplexerConfig {
  return {
    ...rest,
    backends: backends.map(parseBackendSpec),
    portBindings: bindings.flatMap((spec, index) => parseBindingSpec(spec, index)),
  };
}

/** Makes a multiplexer that is not started. */
export function makeMultiplexer(setup: Setup): Omit<RunningMultiplexer, "port"> {
  const built: FakeBackend[] = [];
  const loader = new BackendLoader({ base: import.meta.url });
  for (const [protocol, parts] of Object.entries(setup.fakes ?? {})) {
    loader.register(protocol, fakeModule({ ...parts, protocol }, built));
  }
  const observer = new RecordingObserver();
  const multiplexer = new Multiplexer(configOf(setup), { ...setup.options, observer, loader });
  return { multiplexer, observer, built, [Symbol.asyncDispose]: () => multiplexer[Symbol.asyncDispose]() };
}

/** Makes and starts a multiplexer. */
export async function startMultiplexer(setup: Setup): Promise<RunningMultiplexer> {
  const made = makeMultiplexer(setup);
  await made.multiplexer.start();
  return { ...made, port: made.multiplexer.listeners[0]?.port ?? 0 };
}

/** The spec of a backend that passes on to a port of 127.0.0.1. */
export function passTo({ port }: { readonly port: number }, name = "target"): string {
  return `${name}:pass:target.ip=127.0.0.1,target.port=${port}`;
}

function fakeModule(parts: FakeBackendParts, built: FakeBackend[]): BackendModule {
  return {
    protocol: parts.protocol!,
    createBackend(spec) {
      const backend = new FakeBackend({ ...parts, name: spec.name, parameters: spec.parameters });
      Object.assign(backend.info, { spec });
      built.push(backend);
      return backend;
    },
  };
}
