import { ignoringErrors, systemErrorCode } from 'agent-identity-core/http';
import { pino } from 'pino';
import type { BrokerLogEntry } from '../broker-log-entry.js';
import { brokerError } from '../errors.js';

/** A log of requests, without secrets. */
export interface RequestLog {
  readonly write: (entry: BrokerLogEntry) => void;
  readonly close: () => void;
}

/**
 * Opens a log: one JSON line for each request.
 *
 * @param path The file to append to, made with mode 0600 if it is new; `-` for standard error; `undefined` for no log.
 * @throws AgentIdentityError `unwritable_file`
 * @example
 * ```ts
 * import { openRequestLog } from 'agent-identity-broker/run';
 *
 * const { write, close } = openRequestLog('-');
 * ```
 */
export function openRequestLog(path: string | undefined): RequestLog {
  if (path === undefined) return { write: () => {}, close: () => {} };
  const destination = openDestination(path);
  const logger = pino({ name: 'agent-identity-broker', base: null }, destination);
  return {
    write: (entry) => ignoringErrors(() => logger.info(entry, 'request')),
    close: () => void ignoringErrors(() => destination.flushSync()),
  };
}

function openDestination(path: string): ReturnType<typeof pino.destination> {
  try {
    return pino.destination({ dest: path === '-' ? 2 : path, append: true, mode: 0o600, sync: true });
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    throw brokerError('unwritable_file', `--log-file: ${path} cannot be written: ${code}`);
  }
}
