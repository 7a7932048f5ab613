import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from "../../lib/routing/logger.ts";

/** One message that a {@linkcode RecordingLogger} was given. */
export interface LogRecord {
  level: LogLevel;
  category: string;
  message: string;
  fields: LogFields;
}

/** A logger that keeps what it is given, of its children too. */
export type RecordingLogger = Logger & { records: LogRecord[] };

/** A logger for tests that look at what was logged. */
export function recordingLogger(category = "test", records: LogRecord[] = []): RecordingLogger {
  const entries = LOG_LEVELS.map((level) => [
    level,
    (message: string, fields: LogFields | (() => LogFields) = {}) => {
      records.push({ level, category, message, fields: typeof fields === "function" ? fields() : fields });
    },
  ]);
  const methods = Object.fromEntries(entries);
  return { ...methods, enabled: () => true, child: (name) => recordingLogger(name, records), records };
}
