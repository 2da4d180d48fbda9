import { redactCredentials } from 'agent-identity-core/http';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Members that hold secrets by name, wherever they appear in the log. */
const secretMembers = [
  'authorization',
  'jwt',
  'token',
  'assertion',
  'credential',
  'password',
  'privateKey',
  'masterKey',
];

/**
 * Creates a logger of JSON lines. It never receives headers, bodies or queries. Errors go through `redactCredentials`,
 * because drivers quote connection strings and rows.
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      name: 'agent-identity-authority',
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretMembers.flatMap((name) => [name, `*.${name}`]),
        censor: '[redacted]',
      },
      serializers: { err: describeError },
    },
    destination,
  );
}

interface ErrorDescription {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/** Describes anything that was thrown, without credentials. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'a value that is not an Error was thrown' };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: redact(error.message),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Removes credentials, and the user and password of URLs. */
function redact(text: string): string {
  return redactCredentials(text.replaceAll(/(\w+:\/\/)[^\s/@]*@/g, '$1[redacted]@'));
}
