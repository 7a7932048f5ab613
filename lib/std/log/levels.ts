/**
 * `@std/log/levels`: the severities.
 *
 * @module
 */

/** The severities by name. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** The name of a severity. */
export type LevelName = keyof typeof LogLevels;

/** The number of a severity. */
export type LogLevel = typeof LogLevels[LevelName];

/** The names, least severe first. */
export const LogLevelNames: LevelName[] = Object.keys(LogLevels) as LevelName[];

/** Gives the number of a severity; an unknown name is an error. */
export function getLevelByName(name: LevelName): LogLevel {
  const level = LogLevels[name];
  if (level === undefined) throw new Error(`Cannot get log level: no level named ${name}`);
  return level;
}

/** Gives the name of a severity; an unknown number is an error. */
export function getLevelName(level: LogLevel): LevelName {
  const name = LogLevelNames.find((candidate) => LogLevels[candidate] === level);
  if (name === undefined) throw new Error(`Cannot get log level: no name for level: ${level}`);
  return name;
}
