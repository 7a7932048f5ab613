/**
 * Finds the faults of a configuration that only backend modules and matchers can see.
 *
 * @module
 */

import { MissingParameterError, ParameterError, separate } from "../backends/parameters.ts";
import { defaultConfig } from "../config/default_config.ts";
import { ConfigError } from "../config/errors.ts";
import { isModuleUrl } from "../config/module_url.ts";
import { healthCheckSubject } from "../config/origins.ts";
import type { BackendSpec, Config } from "../config/types.ts";
import { isHealthCheckBackend } from "../routing/backend.ts";
import { BackendEntry } from "../routing/backend_entry.ts";
import { compileMatchers } from "../routing/matchers.ts";
import { messageOf } from "../routing/message_of.ts";
import { passiveHealthSpec } from "../routing/passive_health.ts";
import { naming } from "./backend_set.ts";
import { checkParameters } from "./check_parameters.ts";
import { type ExtensionSet, registerExtensions } from "./extension_set.ts";
import { examinedModules, unstartedModules } from "./guest_modules.ts";
import { BackendLoader, workingDirectory } from "./loader.ts";
import { Multiplexer } from "./multiplexer.ts";
import { healthCheckFaults, nameOf } from "./validate_health_checks.ts";

function examiningLoader(): BackendLoader {
  const base = workingDirectory();
  return new BackendLoader({ base, foreign: examinedModules(base) });
}

/**
 * Finds the same faults, but for those that only show when a guest is started: for who starts them next anyway.
 */
export function validateUnstarted(config: Config): Promise<readonly ConfigError[]> {
  const base = workingDirectory();
  return validateBackends(config, { loader: new BackendLoader({ base, foreign: unstartedModules(base) }) });
}

/**
 * Has extensions register and builds every backend, without opening anything, and answers all faults. Their
 * subjects say what they are about.
 */
export async function validateBackends(
  config: Config,
  { loader: backends = examiningLoader() }: { readonly loader?: BackendLoader } = {},
): Promise<readonly ConfigError[]> {
  let added: ExtensionSet;
  try {
    added = await registerExtensions(config, { loader: backends });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [error];
  }
  const { loader, strategies } = added;
  const errors: ConfigError[] = [];
  try {
    // Extensions may bring strategies, so that only now all names are known.
    await new Multiplexer({ ...config, backends: [] }, { strategies })[Symbol.asyncDispose]();
  } catch (error) {
    errors.push(
      error instanceof ConfigError ? error : new ConfigError(messageOf(error), { cause: error }),
    );
  }
  const judged = errors.length === 0 ? config : { ...config, routingStrategy: defaultConfig.routingStrategy };
  for (const spec of config.backends) {
    errors.push(...await backendFaults(spec, { config: judged, loader, strategies }));
  }
  return [...errors, ...await healthCheckFaults(config, loader)];
}

interface Surroundings extends Pick<ExtensionSet, "loader" | "strategies"> {
  readonly config: Config;
}

/** The faults of single parameters first; what else is wrong shows when the backend is built without those. */
async function backendFaults(
  spec: BackendSpec,
  { config, loader, strategies }: Surroundings,
): Promise<readonly ConfigError[]> {
  const { parameters } = spec;
  const module = await loader.load(spec.protocol).catch(() => undefined);
  const unknown = module === undefined ? [] : faultsOfEach(parameters, (alone) => {
    checkParameters({ ...spec, parameters: alone }, module);
  });
  const wrong = [
    ...faultsOfEach(parameters, compileMatchers),
    ...faultsOfEach(parameters, passiveHealthSpec),
  ];
  const single = [...unknown, ...wrong];
  const right = Object.entries(parameters).filter(([key]) => !single.some((fault) => fault.key === key));
  const backends = [{ ...spec, parameters: Object.fromEntries(right) }];
  const alone = { ...config, backends, portBindings: [], healthChecks: [] };
  await using multiplexer = new Multiplexer(alone, { loader, strategies });
  const others = await multiplexer.start().then(() => [], causesOf);
  // One that is unknown may have been meant to be the one that would be missing.
  const certain = unknown.length > 0 ? others.filter(isAboutWhatIsThere) : others;
  const faults = [...single.map(({ error }) => error), ...certain].map((cause) => naming(spec, cause));
  const canJudge = single.length === 0 && others.length === 0;
  return canJudge && !canBeChecked(spec, multiplexer) ? uselessChecks(spec, config) : faults;
}

/** The errors that several parameters of a backend have caused; others have one. */
function causesOf(error: Error): readonly Error[] {
  return error instanceof ConfigError && error.cause instanceof Error ? separate(error.cause) : [error];
}

function isAboutWhatIsThere(error: Error): boolean {
  return error instanceof ParameterError && !(error instanceof MissingParameterError);
}

/** Whether a backend can be checked; of a foreign one, only the running engine knows. */
function canBeChecked({ protocol }: BackendSpec, { backends }: Multiplexer): boolean {
  return isModuleUrl(protocol) ||
    backends.some((entry) => entry instanceof BackendEntry && isHealthCheckBackend(entry.backend));
}

/** The checks that are meant for this backend alone. */
function uselessChecks({ name, protocol }: BackendSpec, { healthChecks }: Config): ConfigError[] {
  return healthChecks.flatMap((check, position) => {
    if (check.backend !== name) return [];
    const message = `Cannot use ${nameOf(check)}: ${protocol} cannot be checked`;
    return new ConfigError(message, { subject: healthCheckSubject(position) });
  });
}

interface ParameterFault {
  readonly key: string;
  readonly error: Error;
}

function faultsOfEach(
  parameters: BackendSpec["parameters"],
  check: (alone: BackendSpec["parameters"]) => unknown,
): ParameterFault[] {
  return Object.entries(parameters).flatMap(([key, value]) => {
    try {
      check({ [key]: value });
      return [];
    } catch (error) {
      return [{ key, error: error as Error }];
    }
  });
}
